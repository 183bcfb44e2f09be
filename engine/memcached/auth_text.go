// Authentication in the text protocol: a set command, whose key means nothing and whose body is "user password".

package memcached

import "bytes"

const (
	replyNotAllowed  = "CLIENT_ERROR unauthenticated"
	replyBadSecret   = "CLIENT_ERROR bad authentication token format"
	replyBadEnding   = "CLIENT_ERROR bad command line termination"
	replyLongToken   = "CLIENT_ERROR auth token too long"
	replyAuthFailure = "CLIENT_ERROR authentication failure"
)

var authCommands = []command{
	{name: "refresh_auth", min: 1, max: 1, run: cmdREFRESHAUTH, syntax: "refresh_auth",
		about: "Reads the file of users again, as SIGHUP does. Clients that are in stay in."},
	{name: "refresh_certs", min: 1, run: cmdREFRESHCERTS, syntax: "refresh_certs",
		about: "Reads the certificates of TLS again, as SIGHUP does. If they are no good, the old ones stay in use."},
}

const replyNoTLS = "Error TLS not enabled"

// cmdREFRESHCERTS is refused to nobody either. The file at fault is named in the log.
func cmdREFRESHCERTS(x *call) string {
	reload := x.e.certs.Load()
	if reload == nil {
		return replyNoTLS
	}
	if err := (*reload)(); err != nil {
		return "SERVER_ERROR the certificates cannot be read"
	}
	return replyOK
}

// cmdREFRESHAUTH is refused to nobody: it changes nothing but what the file says.
func cmdREFRESHAUTH(x *call) string {
	if !x.e.auth.required {
		return "SERVER_ERROR authentication is not enabled"
	}
	if err := x.e.auth.reload(); err != nil {
		x.e.log.Error("the file of users is not read again, everybody known stays known", "error", err)
		return "SERVER_ERROR the file of users cannot be read"
	}
	return replyOK
}

// logIn takes one request of a client that has not authenticated: the whole of it, or nothing until it has arrived. No
// more than a line and a token are ever waited for.
func (x *call) logIn(in []byte) int {
	s := x.s
	nl := bytes.IndexByte(in, '\n')
	if nl < 0 {
		if len(in) > maxLine {
			s.close("line too long")
		}
		return 0
	}
	x.args = split(x.w.Args[:0], cutLine(in, nl), 0)
	x.w.Args = x.args
	if len(x.args) < 5 || string(x.args[0]) != "set" {
		x.write(replyNotAllowed)
		return nl + 1
	}
	size, ok := parseU64(x.args[4])
	switch {
	case !ok:
		x.write(replyNotAllowed)
		return nl + 1
	case size > maxToken:
		x.write(replyLongToken)
		s.close("authentication token too long")
		return nl + 1
	}
	end := nl + 1 + int(size) + 2
	if len(in) < end {
		s.want = end
		return 0
	}
	x.write(x.judgeToken(in[nl+1 : end]))
	return end
}

// judgeToken looks at "user password\r\n" and lets the client in or not.
func (x *call) judgeToken(body []byte) string {
	if !bytes.HasSuffix(body, []byte("\r\n")) {
		return replyBadEnding
	}
	body = body[:len(body)-2]
	if z := bytes.IndexByte(body, 0); z >= 0 {
		body = body[:z]
	}
	name, pos := nextWord(body, 0)
	password, _ := nextWord(body, pos)
	if len(password) == 0 {
		return replyBadSecret
	}
	if !x.admit(x.e.auth.check(name, password)) {
		return replyAuthFailure
	}
	return replyStored
}

// admit counts an attempt and makes its outcome the state of the connection: whoever fails is out, whatever was
// before.
func (x *call) admit(ok bool) bool {
	x.tally.inc(authCmds)
	x.s.authed = ok
	if !ok {
		x.tally.inc(authErrors)
		return false
	}
	x.s.settle()
	return true
}
