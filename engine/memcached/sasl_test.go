// Tests of sasl.go. The answers are those of memcached 1.6.18 with the SASL library's PLAIN.

package memcached

import (
	"strings"
	"testing"
)

func plainFrame(name, password string) request {
	return request{op: 0x21, key: "PLAIN", val: "\x00" + name + "\x00" + password}
}

var (
	listFrame = request{op: 0x20}
	badPlain  = plainFrame("user", "nope")
	goodPlain = plainFrame("user", "pass")
	anyGet    = request{op: 0x00, key: "k"}
)

// TestM9BeforeAuth: a stranger is told its failure and the connection ends, whatever the request was.
func TestM9BeforeAuth(t *testing.T) {
	r, _ := saslRig(t, "user:pass\n")
	c := r.client()
	for code := range 256 {
		switch code {
		case 0x0b, 0x20, 0x21, 0x22:
			continue
		}
		for _, q := range []request{{op: byte(code)}, {op: byte(code), key: "k", ext: strings.Repeat("\x00", 8), val: "v"}} {
			c = r.client()
			got := c.ask(q, anyGet)
			if len(got) != 1 || got[0].st != statusAuthError || got[0].val != "Auth failure." || !c.s.closing {
				t.Errorf("%#02x: %+v", code, got)
			}
		}
		if r.store.Len(0) != 0 || c.s.settled {
			t.Errorf("%#02x had an effect", code)
		}
	}
	c = r.client()
	if got := c.send("set key 0 0 9\r\nuser pass\r\n"); got != "" || !c.s.closing {
		t.Errorf("text: %q", got)
	}
}

func TestM9SASL(t *testing.T) {
	step := func(message string) request { return request{op: 0x22, key: "PLAIN", val: message} }
	auth := func(mech, message string) request { return request{op: 0x21, key: mech, val: message} }
	const ok, no, more = statusOK, statusAuthError, statusAuthContinue
	for name, c := range map[string]struct {
		in  []request
		out []status
	}{
		"list":                           {[]request{listFrame}, []status{ok}},
		"version":                        {[]request{{op: 0x0b}}, []status{ok}},
		"good":                           {[]request{goodPlain, anyGet, {op: 0x0a}}, []status{ok, statusNotFound, ok}},
		"for oneself":                    {[]request{auth("PLAIN", "user\x00user\x00pass"), anyGet}, []status{ok, statusNotFound}},
		"for somebody else":              {[]request{auth("PLAIN", "other\x00user\x00pass"), anyGet}, []status{no, no}},
		"bad":                            {[]request{badPlain, anyGet}, []status{no, no}},
		"bad twice, then good":           {[]request{badPlain, badPlain, goodPlain, anyGet}, []status{no, no, ok, statusNotFound}},
		"CVE-2013-7239: good, then bad":  {[]request{goodPlain, badPlain, anyGet}, []status{ok, no, no}},
		"good, then a bad mechanism":     {[]request{goodPlain, auth("CRAM-MD5", ""), anyGet}, []status{ok, no, no}},
		"good, then a step":              {[]request{goodPlain, step("\x00user\x00pass"), anyGet}, []status{ok, no, no}},
		"good, then a list":              {[]request{goodPlain, listFrame, anyGet}, []status{ok, ok, no}},
		"good, then an empty start":      {[]request{goodPlain, auth("PLAIN", ""), anyGet}, []status{ok, more, no}},
		"two steps":                      {[]request{auth("PLAIN", ""), step("\x00user\x00pass"), anyGet}, []status{more, ok, statusNotFound}},
		"two steps, bad":                 {[]request{auth("PLAIN", ""), step("\x00user\x00nope"), anyGet}, []status{more, no, no}},
		"step without a start":           {[]request{step("\x00user\x00pass"), anyGet}, []status{no, no}},
		"step after a failed step":       {[]request{auth("PLAIN", ""), step(""), step("\x00user\x00pass")}, []status{more, no, no}},
		"second start in mid-step":       {[]request{auth("PLAIN", ""), badPlain, step("\x00user\x00pass")}, []status{more, no, no}},
		"second empty start in mid-step": {[]request{auth("PLAIN", ""), auth("PLAIN", ""), step("\x00user\x00pass")}, []status{more, more, ok}},
		"list in mid-step":               {[]request{auth("PLAIN", ""), listFrame, step("\x00user\x00pass")}, []status{more, ok, no}},
		"mechanisms":                     {[]request{auth("plain", "\x00user\x00pass"), auth("PLAI", "\x00user\x00pass"), auth("PLAIN\x00", "\x00user\x00pass"), auth("ANONYMOUS", "x")}, []status{no, no, no, no}},
		"mechanism of 33":                {[]request{auth(strings.Repeat("P", 33), "\x00user\x00pass"), goodPlain}, []status{statusInvalid, ok}},
		"no message":                     {[]request{auth("PLAIN", "user"), auth("PLAIN", "user\x00pass"), auth("PLAIN", "\x00user\x00pass\x00"), auth("PLAIN", "\x00user\x00"), auth("PLAIN", "\x00\x00pass"), auth("PLAIN", "\x00\x00")}, []status{no, no, no, no, no, no}},
		"at the limit":                   {[]request{auth("PLAIN", strings.Repeat("x", maxToken)), goodPlain}, []status{no, ok}},
		"over the limit":                 {[]request{auth("PLAIN", strings.Repeat("x", maxToken+1)), goodPlain}, []status{statusTooLarge}},
		"no mechanism":                   {[]request{auth("", "\x00user\x00pass"), goodPlain}, []status{statusInvalid}},
		"extras":                         {[]request{{op: 0x21, ext: "abcd", key: "PLAIN", val: "\x00user\x00pass"}, goodPlain}, []status{statusInvalid}},
	} {
		r, _ := saslRig(t, "user:pass\n")
		got := r.client().ask(c.in...)
		if len(got) != len(c.out) {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		for i, g := range got {
			want := g.st.text()
			switch {
			case g.st == ok && g.op == 0x20:
				want = "PLAIN"
			case g.st == ok && g.op == 0x0b:
				want = Version
			case g.st == ok && g.op != 0x0a:
				want = "Authenticated"
			}
			if g.st != c.out[i] || g.val != want {
				t.Errorf("%s, answer %d: %+v", name, i, g)
			}
		}
	}
}

func TestM9SASLCounts(t *testing.T) {
	r, _ := saslRig(t, "user:pass\n")
	c := r.client()
	c.ask(badPlain, goodPlain)
	if m := c.figures(""); m["auth_cmds"] != "2" || m["auth_errors"] != "1" {
		t.Errorf("%s attempts, %s failed", m["auth_cmds"], m["auth_errors"])
	}
}

func TestSASLDisabled(t *testing.T) {
	got := newRig(t).client().ask(listFrame, goodPlain, request{op: 0x22, key: "PLAIN", val: "x"}, anyGet)
	if len(got) != 4 || got[0].st != statusUnknown || got[1].st != statusUnknown || got[2].st != statusUnknown || got[3].st != statusNotFound {
		t.Errorf("%+v", got)
	}
}

// FuzzSASL: no message but the right one opens, and cutting it never loses or invents a byte.
func FuzzSASL(f *testing.F) {
	for _, seed := range []string{"\x00user\x00pass", "user\x00user\x00pass", "", "\x00\x00", "\x00user\x00pass\x00", "user"} {
		f.Add("PLAIN", []byte(seed), false)
		f.Add("PLAIN", []byte(seed), true)
	}
	path := userFile(f, "user:pass\n")
	f.Fuzz(func(t *testing.T, mech string, message []byte, steps bool) {
		if as, name, password, ok := cutPlain(message); ok && string(as)+"\x00"+string(name)+"\x00"+string(password) != string(message) {
			t.Fatalf("%q was cut into %q %q %q", message, as, name, password)
		}
		if len(mech) == 0 || len(mech) > 250 || len(message) > maxToken {
			return
		}
		c := newRig(t, "CACHESRV_ENABLE_SASL=yes", "CACHESRV_SASL_PASSWORD_FILE="+path).client()
		list := []request{{op: 0x21, key: mech, val: string(message)}}
		if steps {
			list = []request{{op: 0x21, key: mech}, {op: 0x22, key: mech, val: string(message)}}
		}
		c.ask(list...)
		right := mech == "PLAIN" && (string(message) == "\x00user\x00pass" || string(message) == "user\x00user\x00pass")
		if c.s.authed != right {
			t.Errorf("%q %q: %v", mech, message, c.s.authed)
		}
	})
}
