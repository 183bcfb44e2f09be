// Tests of the option scanner.

package redis

import "testing"

func TestScanner(t *testing.T) {
	words := func(list ...string) (out [][]byte) {
		for _, w := range list {
			out = append(out, []byte(w))
		}
		return out
	}
	s := scanner{args: words("NX", "Count", "5", "count")}
	if s.word("xx") || !s.word("nx") {
		t.Error("word")
	}
	if v, ok := s.option("count"); !ok || s.integer(v, errNotInt) != 5 {
		t.Error("option")
	}
	if _, ok := s.option("count"); ok || !s.more() {
		t.Error("an option without a value was taken")
	}
	s.integer([]byte("x"), errNotInt)
	s.fail(errSyntax)
	if s.err != errNotInt || s.more() || s.word("count") {
		t.Errorf("the first error latches: %v", s.err)
	}
}
