package resp

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestGlanceAgreesWithTheParser: what it reads is what Next reads, and it never reads what is not there yet.
func TestGlanceAgreesWithTheParser(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var in []byte
		argc := 1 + r.IntN(9)
		in = fmt.Appendf(in, "*%d\r\n", argc)
		for range argc {
			arg := strings.Repeat("$\r\n*1"[r.IntN(6):], r.IntN(9)*r.IntN(40))
			in = fmt.Appendf(in, "$%d\r\n%s\r\n", len(arg), arg)
		}
		whole := len(in)
		in = append(in, "*1\r\n$4\r\nPING\r\n"...)
		var p Parser
		args, taken, err := p.Next(in, nil, &Limits{MaxBulk: 1 << 29})
		first, second, last, n := Glance(in)
		if err != nil || taken != whole || n != whole {
			t.Fatalf("%q: %d bytes, the parser has %d of %d (%v)", in, n, taken, whole, err)
		}
		for i, got := range map[int][]byte{1: first, 2: second, argc - 1: last} {
			if i < argc && !bytes.Equal(got, args[i]) {
				t.Errorf("%q: argument %d is %q, want %q", in, i, got, args[i])
			}
		}
		for cut := range whole {
			if _, _, _, n := Glance(in[:cut:cut]); n != 0 {
				t.Fatalf("%q: complete after %d bytes of %d", in, cut, whole)
			}
		}
	}
}

// TestGlanceLeavesTheRest: forms that are rare or wrong are not read.
func TestGlanceLeavesTheRest(t *testing.T) {
	for _, in := range []string{"", "*", "PING\r\n", "*0\r\n", "*-1\r\n", "*10\r\n", "*1\r\n", "*1\r\n$", "*1\r\n$1", "*1\r\n$-1\r\n", "*1\r\n:1\r\n",
		"*2\r\n$3\r\nGET\r\n$x\r\n", "*1\r\n$99999999999999999999\r\nx\r\n", "*1\r\n$4:\r\nPING\r\n"} {
		if _, _, _, n := Glance([]byte(in)); n != 0 {
			t.Errorf("%q was read", in)
		}
	}
}
