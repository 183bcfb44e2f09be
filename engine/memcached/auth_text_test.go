// Tests of auth_text.go.

package memcached

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// token is the request that carries a secret.
func token(secret string) string { return fmt.Sprintf("set key 0 0 %d\r\n%s\r\n", len(secret), secret) }

func TestM9TextLogin(t *testing.T) {
	const denied = "CLIENT_ERROR unauthenticated\r\n"
	long := strings.Repeat("x", maxToken)
	for name, c := range map[string]struct {
		in, out string
		closes  bool
	}{
		"nothing without a token":      {"get k\r\nversion\r\nstats\r\nmn\r\nquit\r\n\r\nmg k v\r\nflush_all\r\nrefresh_auth\r\n", strings.Repeat(denied, 9), false},
		"other storage verbs":          {"add k 0 0 9\r\ncas k 0 0 9 1\r\nset k 0 0\r\nset k 0 0 x\r\nset k 0 0 -1\r\n", strings.Repeat(denied, 5), false},
		"empty lines":                  {"\r\n\n\r\n\n" + token("user pass"), strings.Repeat(denied, 4) + "STORED\r\n", false},
		"good":                         {token("user pass") + "get key\r\nset key 0 0 1\r\nx\r\nget key\r\n", "STORED\r\nEND\r\nSTORED\r\nVALUE key 0 1\r\nx\r\nEND\r\n", false},
		"more words":                   {token("user pass word") + "mn\r\n", "STORED\r\nMN\r\n", false},
		"leading spaces":               {token("  user   pass"), "STORED\r\n", false},
		"line of more words":           {"set a b c 9 d e f\r\nuser pass\r\n", "STORED\r\n", false},
		"noreply is answered":          {"set a 0 0 9 noreply\r\nuser pass\r\n", "STORED\r\n", false},
		"wrong password":               {token("user nope") + "get k\r\n", replyAuthFailure + "\r\n" + denied, false},
		"wrong user":                   {token("nope pass"), replyAuthFailure + "\r\n", false},
		"shorter":                      {token("user pas") + token("use pass") + token("user passs"), strings.Repeat(replyAuthFailure+"\r\n", 3), false},
		"one word":                     {token("userpass"), replyBadSecret + "\r\n", false},
		"empty":                        {token(""), replyBadSecret + "\r\n", false},
		"zero byte":                    {token("user\x00pass") + token("user pass\x00x"), replyBadSecret + "\r\nSTORED\r\n", false},
		"wrong length":                 {"set key 0 0 5\r\nuser pass\r\n", replyBadEnding + "\r\n" + denied, false},
		"failure, then success":        {token("a b") + token("user pass") + "get k\r\n", replyAuthFailure + "\r\nSTORED\r\nEND\r\n", false},
		"token at the limit":           {token(long) + "get k\r\n", replyBadSecret + "\r\n" + denied, false},
		"token over the limit":         {token(long + "x"), replyLongToken + "\r\n", true},
		"2147483646 bytes":             {"set a 0 0 2147483646\r\nx", replyLongToken + "\r\n", true},
		"2^64 - 1 bytes":               {"set a 0 0 18446744073709551615\r\nx", replyLongToken + "\r\n", true},
		"2^64 bytes":                   {"set a 0 0 18446744073709551616\r\n", denied, false},
		"a line without end":           {strings.Repeat("a", maxLine+1), "", true},
		"binary frames are just lines": {request{op: 0x0b}.String() + request{op: 0x21, key: "PLAIN", val: "\x00user\x00pass"}.String() + "\n", denied, false},
	} {
		r, _ := textRig(t, "user:pass\n")
		cl := r.client()
		if got := cl.send(c.in); got != c.out || cl.s.closing != c.closes {
			t.Errorf("%s: got %q, closing %v", name, got, cl.s.closing)
		}
		pieces, cl := "", r.client()
		if len(c.in) > 5000 {
			continue
		}
		r2, _ := textRig(t, "user:pass\n")
		cl = r2.client()
		for i := range len(c.in) {
			pieces += cl.send(c.in[i : i+1])
		}
		if pieces != c.out {
			t.Errorf("%s byte by byte: got %q", name, pieces)
		}
	}
}

func TestM9TextCounts(t *testing.T) {
	r, _ := textRig(t, "user:pass\n")
	c := r.client()
	c.send(token("a b") + token("c") + token("user pass"))
	if s := c.stats(""); s["auth_cmds"] != "2" || s["auth_errors"] != "1" || s["cmd_set"] != "0" {
		t.Errorf("%s attempts, %s failed, %s sets", s["auth_cmds"], s["auth_errors"], s["cmd_set"])
	}
	if c.s.settled != true || r.client().s.settled {
		t.Error("settled")
	}
}

// FuzzLogin: whatever a stranger sends, the store stays as it was and only the right token opens.
func FuzzLogin(f *testing.F) {
	f.Add([]byte(token("user pass")), uint16(4))
	f.Add([]byte("get k\r\nset a 0 0 99999\r\n"+token("u p")), uint16(20))
	f.Add([]byte("\n\n\x00set a 0 0 3\r\n"), uint16(1))
	f.Add([]byte("\x80\x21\x00\x05"), uint16(0))
	path := userFile(f, "user:long-password-that-nobody-guesses\n")
	f.Fuzz(func(t *testing.T, in []byte, at uint16) {
		if len(in) > maxLine {
			return // lines whose fate depends on what has arrived
		}
		r := newRig(t, "CACHESRV_AUTH_FILE="+path)
		c := r.client()
		whole := c.send(string(in))
		if c.s.authed || r.store.Len(0) != 0 {
			t.Fatalf("%q opens", in)
		}
		c = r.client()
		cut := int(at) % (len(in) + 1)
		if pieces := c.send(string(in[:cut])) + c.send(string(in[cut:])); pieces != whole {
			t.Errorf("%q cut at %d\n got %q\nwant %q", in, cut, pieces, whole)
		}
	})
}

func TestRefreshCerts(t *testing.T) {
	r := newRig(t)
	c := r.client()
	if got := c.send("refresh_certs\r\n"); got != replyNoTLS+"\r\n" {
		t.Errorf("without TLS: %q", got)
	}
	var trouble error
	asked := 0
	r.e.SetCertificates(func() error { asked++; return trouble })
	if got := c.send("refresh_certs\r\nrefresh_certs now\r\n"); got != "OK\r\nOK\r\n" || asked != 2 {
		t.Errorf("%q, asked %d times", got, asked)
	}
	trouble = errors.New("/secret/place: no such file")
	if got := c.send("refresh_certs\r\n"); got != "SERVER_ERROR the certificates cannot be read\r\n" {
		t.Errorf("%q", got)
	}
	if s := c.stats("settings"); s["ssl_enabled"] != "yes" || s["ssl_min_version"] != "tlsv1.2" || s["ssl_chain_cert"] != "(null)" {
		t.Errorf("%v", s)
	}
}
