// SASL over the binary protocol: the mechanism PLAIN.

package memcached

import "bytes"

// mechanisms is the answer to SASL LIST.
const mechanisms = "PLAIN"

// maxMechanism is the longest name of a mechanism that is looked at, as in the original.
const maxMechanism = 32

func binSASLLIST(x *call) {
	if !x.e.auth.sasl {
		x.refuse(statusUnknown)
		return
	}
	x.s.authed, x.s.stepping = false, false // a new beginning, as in the original
	x.answer(statusOK, mechanisms, 0)
}

// binSASLAUTH begins an exchange. PLAIN may send its message at once, or wait until it is asked for it.
func binSASLAUTH(x *call) {
	if !x.e.auth.sasl {
		x.refuse(statusUnknown)
		return
	}
	x.s.authed, x.s.stepping = false, false
	switch {
	case len(x.f.key) > maxMechanism:
		x.refuse(statusInvalid)
	case string(x.f.key) != mechanisms:
		x.judgePlain(false)
	case len(x.f.value) == 0:
		x.s.stepping = true
		x.answer(statusAuthContinue, "", 0)
	default:
		x.judgePlain(x.plain(x.f.value))
	}
}

// binSASLSTEP goes on with an exchange that waits for it; without one it fails.
func binSASLSTEP(x *call) {
	if !x.e.auth.sasl {
		x.refuse(statusUnknown)
		return
	}
	waiting := x.s.stepping
	x.s.authed, x.s.stepping = false, false
	x.judgePlain(waiting && x.plain(x.f.value))
}

func (x *call) judgePlain(ok bool) {
	if !x.admit(ok) {
		x.refuse(statusAuthError)
		return
	}
	x.answer(statusOK, "Authenticated", 0)
}

// plain checks a message of PLAIN. Nobody may act for somebody else: the first name is empty or the same as the second.
func (x *call) plain(message []byte) bool {
	as, name, password, ok := cutPlain(message)
	return ok && (len(as) == 0 || bytes.Equal(as, name)) && x.e.auth.check(name, password)
}

// cutPlain cuts "[as] NUL name NUL password": three parts, the latter two not empty.
func cutPlain(message []byte) (as, name, password []byte, ok bool) {
	as, rest, ok1 := bytes.Cut(message, []byte{0})
	name, password, ok2 := bytes.Cut(rest, []byte{0})
	ok = ok1 && ok2 && len(name) > 0 && len(password) > 0 && bytes.IndexByte(password, 0) < 0
	return as, name, password, ok
}
