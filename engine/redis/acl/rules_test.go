// The grammar: what every rule does to a user's description, what is refused and in which words, and that descriptions read back.

package acl

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// few is a small table of commands.
func few() *Commands {
	config := &Command{Name: "config", ID: 3, Cats: 1 << 2, Subs: []*Command{{Name: "config|get", ID: 4, Cats: 1<<2 | 1<<3}, {Name: "config|set", ID: 5, Cats: 1<<2 | 1<<3}}}
	return NewCommands([]*Command{
		{Name: "get", ID: 0, Cats: 1 << 0}, {Name: "set", ID: 1, Cats: 1 << 1}, {Name: "ping", ID: 2, Cats: 1 << 4},
		config, {Name: "select", ID: 70, Cats: 1 << 4},
	}, []string{"read", "write", "slow", "admin", "fast"})
}

func words(line string) (out [][]byte) {
	for _, w := range strings.Fields(line) {
		out = append(out, []byte(w))
	}
	return out
}

const hashX = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"

func TestRules(t *testing.T) {
	for _, c := range []struct{ rules, want string }{
		{"", "off sanitize-payload resetchannels -@all"},
		{"on nopass", "on nopass sanitize-payload resetchannels -@all"},
		{"ON NoPass skip-sanitize-payload", "on nopass skip-sanitize-payload resetchannels -@all"},
		{"skip-sanitize-payload sanitize-payload", "off sanitize-payload resetchannels -@all"},
		{">x", "off sanitize-payload #" + hashX + " resetchannels -@all"},
		{">x >x #" + hashX, "off sanitize-payload #" + hashX + " resetchannels -@all"},
		{"nopass >x", "off sanitize-payload #" + hashX + " resetchannels -@all"},
		{">x nopass", "off nopass sanitize-payload resetchannels -@all"},
		{">x <x", "off sanitize-payload resetchannels -@all"},
		{">x !" + hashX, "off sanitize-payload resetchannels -@all"},
		{">x resetpass", "off sanitize-payload resetchannels -@all"},
		{"~a ~b ~a", "off sanitize-payload ~a ~b resetchannels -@all"},
		{"%R~a %W~b %rw~c %WR~d", "off sanitize-payload %R~a %W~b ~c ~d resetchannels -@all"},
		{"%R~a %W~a", "off sanitize-payload ~a resetchannels -@all"},
		{"~a allkeys", "off sanitize-payload ~* resetchannels -@all"},
		{"~* resetkeys ~a", "off sanitize-payload ~a resetchannels -@all"},
		{"%RW~*", "off sanitize-payload ~* resetchannels -@all"},
		{"%R~* ~a %W~*", "off sanitize-payload %RW~* ~a resetchannels -@all"},
		{"~", "off sanitize-payload ~ resetchannels -@all"},
		{"&a &b &a", "off sanitize-payload resetchannels &a &b -@all"},
		{"&a &*", "off sanitize-payload &* -@all"},
		{"allchannels resetchannels &a", "off sanitize-payload resetchannels &a -@all"},
		{"+get -set", "off sanitize-payload resetchannels -@all +get -set"},
		{"+get -get +GET", "off sanitize-payload resetchannels -@all +get"},
		{"+@all -set", "off sanitize-payload resetchannels +@all -set"},
		{"+get allcommands", "off sanitize-payload resetchannels +@all"},
		{"+get nocommands", "off sanitize-payload resetchannels -@all"},
		{"+@Read -@read", "off sanitize-payload resetchannels -@all -@read"},
		{"+config|get +config|set", "off sanitize-payload resetchannels -@all +config|get +config|set"},
		{"+config|get +config", "off sanitize-payload resetchannels -@all +config"},
		{"+config -config|set", "off sanitize-payload resetchannels -@all +config -config|set"},
		{"+select|0 +select|1", "off sanitize-payload resetchannels -@all +select|0 +select|1"},
		{"+select|0 -select", "off sanitize-payload resetchannels -@all -select"},
		{"(+get ~a)", "off sanitize-payload resetchannels -@all (~a resetchannels -@all +get)"},
		{"(+get ~a) (%R~b &c) on", "on sanitize-payload resetchannels -@all (~a resetchannels -@all +get) (%R~b resetchannels &c -@all)"},
		{"() clearselectors", "off sanitize-payload resetchannels -@all"},
		{`("~a\\b")`, `off sanitize-payload resetchannels -@all ("~a\x5cb" resetchannels -@all)`},
		{"on >x ~a &b +get (+set) reset", "off sanitize-payload resetchannels -@all"},
	} {
		b := NewBook(few())
		_, _, u, err := b.Set("u", words(c.rules))
		if err != nil {
			t.Errorf("%q: %v", c.rules, err)
			continue
		}
		if got := u.Describe(); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.rules, got, c.want)
		}
	}
}

func TestRulesRefused(t *testing.T) {
	for _, c := range []struct {
		rules string
		rule  string
		why   error
	}{
		{"nosuch", "nosuch", ErrSyntax},
		{"+nosuch", "+nosuch", ErrUnknown},
		{"-nosuch", "-nosuch", ErrUnknown},
		{"+@nosuch", "+@nosuch", ErrUnknown},
		{"+config|nosuch", "+config|nosuch", ErrUnknown},
		{"-select|0", "-select|0", ErrUnknown},
		{"+config|get|x", "+config|get|x", ErrFirstArg},
		{"+get|", "+get|", ErrSyntax},
		{"+", "+", ErrUnknown},
		{"%~a", "%~a", ErrSyntax},
		{"%R", "%R", ErrSyntax},
		{"%RR~a", "%RR~a", ErrSyntax},
		{"%X~a", "%X~a", ErrSyntax},
		{"~* ~a", "~a", ErrAllKeys},
		{"&* &a", "&a", ErrAllChannel},
		{"<x", "<x", ErrNoPassword},
		{"!" + hashX, "!" + hashX, ErrNoPassword},
		{"#abc", "#abc", ErrBadHash},
		{"#" + strings.ToUpper(hashX), "#" + strings.ToUpper(hashX), ErrBadHash},
		{"#" + hashX + "00", "#" + hashX + "00", ErrBadHash},
		{"(on)", "(on)", ErrSyntax},
		{"(+get (~a))", "(+get (~a))", ErrSyntax},
		{`(")`, `(")`, ErrSyntax},
		{")", ")", ErrSyntax},
	} {
		b := NewBook(few())
		_, _, _, err := b.Set("u", words("on +ping "+c.rules))
		var at *RuleError
		if !errors.As(err, &at) || at.Rule != c.rule || at.Why != c.why {
			t.Errorf("%q: %v", c.rules, err)
		}
		if b.Find([]byte("u")) != nil {
			t.Errorf("%q: half of the rules were taken", c.rules)
		}
	}
	for _, rules := range []string{"(", "(+get", "on (~a off"} {
		_, _, _, err := NewBook(few()).Set("u", words(rules))
		var open *OpenError
		if !errors.As(err, &open) || !strings.HasPrefix(open.Rule, "(") {
			t.Errorf("%q: %v", rules, err)
		}
	}
	for _, rule := range []string{"~a b", "~a\x00", "&a\tb", "+select|a b"} {
		if _, _, _, err := NewBook(few()).Set("u", [][]byte{[]byte(rule)}); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: %v", rule, err)
		}
	}
}

// randomRules makes rules of which most are good.
func randomRules(rnd *rand.Rand) (out [][]byte) {
	pool := []string{"on", "off", "nopass", "resetpass", ">x", ">y", "<x", "#" + hashX, "allkeys", "resetkeys", "~*", "~a*", "%R~b", "%W~b", "%RW~c[1-2]", "%RW~*", "%W~*", `~q"q`, "~p)",
		"&*", "&ch", "resetchannels", "+@all", "-@all", "+get", "-get", "+set", "+config", "-config|set", "+config|get", "+select|0", "+@read", "-@slow", "+@admin",
		"(+get ~a)", "(+@all -set %R~x &y)", `("~p\x29" +select|1)`, "clearselectors", "reset", "sanitize-payload", "skip-sanitize-payload", ""}
	for range rnd.IntN(12) {
		out = append(out, []byte(pool[rnd.IntN(len(pool))]))
	}
	return out
}

// TestDescriptionsReadBack: a description makes the same user, with the same rights.
func TestDescriptionsReadBack(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	b, read := NewBook(few()), NewBook(few())
	made := 0
	for range 5000 {
		b.Delete("u")
		read.Delete("u")
		_, _, u, err := b.Set("u", randomRules(rnd))
		if err != nil {
			continue
		}
		made++
		text := u.Describe()
		_, _, again, err := read.Set("u", words(text))
		if err != nil || again.Describe() != text {
			t.Fatalf("%s\nreads as %v, %v", text, again, err)
		}
		for i, s := range u.selectors {
			if !slices.Equal(s.bits, again.selectors[i].bits) {
				t.Fatalf("%s: other commands", text)
			}
		}
	}
	if made < 1000 {
		t.Errorf("only %d users: the test proves little", made)
	}
}

func FuzzRules(f *testing.F) {
	for _, s := range []string{"on >x ~a* +@all", "(+get ~a) %R~b", "((((", "%", "+config|get|", `("~a`, "reset ( on )", strings.Repeat("(", 1000)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		b := NewBook(few())
		if _, _, u, err := b.Set("u", bytes.Split(text, []byte(" "))); err == nil {
			line := u.Describe()
			_, _, again, err := b.Set("v", bytes.Split([]byte(line), []byte(" ")))
			if err != nil || again.Describe() != line {
				t.Errorf("%q reads back as an error: %v", line, err)
			}
		}
	})
}

// TestR30ParenthesisBombs: rules that are nothing but parentheses are refused in time that goes with their length.
func TestR30ParenthesisBombs(t *testing.T) {
	for _, rules := range [][]string{
		{strings.Repeat("(", 64<<10)}, {strings.Repeat("(", 64<<10) + ")"}, {strings.Repeat("()", 32<<10)}, {"(" + strings.Repeat("~a ", 20<<10) + ")" + ")"},
		{strings.Repeat(")", 64<<10)}, {"(", strings.Repeat("(", 1<<10), ")"}, slices.Repeat([]string{"("}, 10000), {"(" + strings.Repeat(`"`, 64<<10) + ")"},
	} {
		var in [][]byte
		for _, r := range rules {
			in = append(in, []byte(r))
		}
		if _, _, _, err := NewBook(few()).Set("u", in); err == nil {
			t.Errorf("%.20q taken", rules)
		}
	}
}
