// Ids: their order, their neighbours, and that the trees see them in the same order.

package stream

import (
	"bytes"
	"math"
	"testing"
)

func TestIDOrder(t *testing.T) {
	all := []ID{{}, {0, 1}, {0, math.MaxUint64}, {1, 0}, {1 << 53, 0}, {1 << 53, 1}, {1<<53 + 1, 0}, {1 << 63, 0}, {1<<63 + 1, 0}, {math.MaxUint64, 0}, MaxID}
	for i, x := range all {
		for j, y := range all {
			a, b := x.name(), y.name()
			if x.Less(y) != (i < j) || x.Compare(y) < 0 != (i < j) || bytes.Compare(a[:], b[:]) < 0 != (i < j) || i < j && x.score() > y.score() {
				t.Errorf("%v and %v are in the wrong order", x, y)
			}
		}
		name := x.name()
		if idOf(name[:]) != x {
			t.Errorf("%v came back as %v", x, idOf(name[:]))
		}
		next, ok := x.Next()
		if ok != (x != MaxID) || ok && !x.Less(next) {
			t.Errorf("after %v comes %v", x, next)
		}
		if back, _ := next.Prev(); back != x {
			t.Errorf("before %v comes %v", next, back)
		}
		if prev, ok := x.Prev(); ok == x.Zero() || ok && !prev.Less(x) {
			t.Errorf("before %v comes %v", x, prev)
		}
	}
}
