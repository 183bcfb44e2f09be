// Tests of the way for patterns that would take long: the same answers as the plain way, in bounded time.

package glob

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

// TestHardIsThePlainWay: random patterns and names, with no patience at all and with all of it.
func TestHardIsThePlainWay(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 2))
	pick := func(from string, n int) []byte {
		b := make([]byte, rnd.IntN(n))
		for i := range b {
			b[i] = from[rnd.IntN(len(from))]
		}
		return b
	}
	yes, turned := 0, 0
	for range 300_000 {
		long := 1 + rnd.IntN(3)*40
		p, s := pick([]string{"ab*?[]^-\\\\*ab", "aab*", "aB*?a", "a*[ab]?"}[rnd.IntN(4)], 12*long), pick([]string{"ab-]", "aab", "aAbB"}[rnd.IntN(3)], 10*long)
		fold := rnd.IntN(4) == 0
		want := match(p, s, fold, math.MaxInt)
		if got := match(p, s, fold, 0); got != want {
			t.Fatalf("%q %q (fold %v): %v, the plain way says %v", p, s, fold, got, want)
		}
		if want {
			yes++
		}
		if bytes.IndexByte(p, '*') >= 0 {
			turned++
		}
	}
	if yes < 5000 || turned < 100_000 {
		t.Errorf("only %d matches, %d stars: the test proves little", yes, turned)
	}
}

// TestHardBombs: pieces of 64 KB that nearly match everywhere would take minutes together in the plain way.
func TestHardBombs(t *testing.T) {
	const n = 64 << 10
	name := bytes.Repeat([]byte("a"), n)
	half := n / 2
	for _, c := range []struct {
		pattern []byte
		want    bool
	}{
		{append(bytes.Repeat([]byte("a"), half), 'b'), false}, {append(bytes.Repeat([]byte("a"), half), "*"...), true}, {append(bytes.Repeat([]byte("?"), half), "b*"...), false},
		{append(bytes.Repeat([]byte("[ab]"), half/4), "b*"...), false}, {append(bytes.Repeat([]byte("a?"), half/2), "b*a"...), false}, {bytes.Repeat([]byte("aaaaaaaaaaaaaaab*"), half/16), false},
		{append(append(bytes.Repeat([]byte("a"), half), '*'), bytes.Repeat([]byte("?"), half)...), true},
	} {
		for range 2 {
			if got := Match(append([]byte("*"), c.pattern...), name); got != c.want {
				t.Errorf("%.20q…: %v", c.pattern, got)
			}
		}
	}
}
