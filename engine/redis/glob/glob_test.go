// Tests of Match: against a plain recursive matcher, and against patterns made to take for ever.

package glob

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "abc", true}, {"*", "", false}, {"", "", true}, {"", "a", false}, {"**", "a", true},
		{"h?llo", "hello", true}, {"h?llo", "hllo", false}, {"h*llo", "heeeello", true}, {"h*llo", "hllo", true},
		{"h[ae]llo", "hello", true}, {"h[ae]llo", "hillo", false}, {"h[^e]llo", "hallo", true}, {"h[^e]llo", "hello", false},
		{"h[a-b]llo", "hbllo", true}, {"h[b-a]llo", "hallo", true}, {"h[a-b]llo", "hcllo", false},
		{`\*`, "*", true}, {`\*`, "a", false}, {`a\`, `a\`, true}, {`[\]]`, "]", true}, {`[\-a]`, "-", true},
		{"[abc", "a", true}, {"[^", "a", true}, {"[", "a", false}, {"*[^", "xa", true}, {"[a-", "-", true}, {"[]", "a", false},
		{"*a*a*b", "aab", true}, {"*ab*", "xxabyy", true}, {"a*", "a", true}, {"a*?", "a", false}, {"a*?", "ab", true},
		{"foo*bar", "foobarbaz", false}, {"foo*bar", "foobarbazbar", true},
	} {
		if got := Match([]byte(c.pattern), []byte(c.name)); got != c.want {
			t.Errorf("%q %q: %v", c.pattern, c.name, got)
		}
	}
	if !MatchFold([]byte("MAX*[A-C]"), []byte("maxmemoryb")) || Match([]byte("A"), []byte("a")) {
		t.Error("case")
	}
}

// slow is the plain definition: a star is nothing, or a byte and a star.
func slow(p, s []byte) bool {
	if len(p) == 0 {
		return len(s) == 0
	}
	if p[0] == '*' {
		return slow(p[1:], s) || len(s) > 0 && slow(p, s[1:])
	}
	if len(s) == 0 {
		return false
	}
	next, ok := one(p, 0, s[0], false)
	return ok && slow(p[next:], s[1:])
}

func TestMatchModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	pick := func(from string, n int) []byte {
		b := make([]byte, rnd.IntN(n))
		for i := range b {
			b[i] = from[rnd.IntN(len(from))]
		}
		return b
	}
	yes := 0
	for range 200_000 {
		p, s := pick("ab*?[]^-\\*ab", 9), pick("ab-]", 8)
		want := slow(p, s)
		if len(s) == 0 {
			want = len(p) == 0 // Redis: the empty name only matches the empty pattern
		}
		if got := Match(p, s); got != want {
			t.Fatalf("%q %q: %v, the model says %v", p, s, got, want)
		}
		if want {
			yes++
		}
	}
	if yes < 1000 {
		t.Errorf("only %d matches: the test proves little", yes)
	}
}

// TestMatchBombs: the worst case is the product of the lengths, and nothing recurses.
func TestMatchBombs(t *testing.T) {
	name := bytes.Repeat([]byte("a"), 1000)
	for _, p := range []string{
		strings.Repeat("a*", 500) + "b", strings.Repeat("*", 64<<10), strings.Repeat("*a", 32<<10), strings.Repeat("[", 64<<10),
		strings.Repeat("*[a-z", 10<<10), strings.Repeat("?*", 32<<10), strings.Repeat("\\", 64<<10),
	} {
		Match([]byte(p), name)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add([]byte("h[^a-b]*l\\?"), []byte("hello"))
	f.Add([]byte("*a*a*a*b"), []byte("aaaaaaaaa"))
	f.Add([]byte("[^"), []byte("a"))
	f.Fuzz(func(t *testing.T, p, s []byte) {
		if len(p) > 12 || len(s) > 12 {
			Match(p, s)
			return
		}
		if len(s) > 0 && Match(p, s) != slow(p, s) {
			t.Fatalf("%q %q", p, s)
		}
	})
}
