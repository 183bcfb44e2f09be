// Operations as a fuzzer chooses them: three bytes each.

package deque

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func FuzzDeque(f *testing.F) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 9))
		ops := make([]byte, 1+3*120)
		for i := range ops {
			ops[i] = byte(r.Uint32())
		}
		f.Add(ops)
	}
	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) == 0 {
			return
		}
		a := newArena(t, 64<<20)
		w := &twin{t: t, a: a, d: New(a, allLimits[int(ops[0])%len(allLimits)])}
		for ops = ops[1:min(len(ops), 3*300)]; len(ops) >= 3; ops = ops[3:] {
			w.fuzzStep(ops[0], int(ops[1]), int(ops[2]))
		}
		w.same()
		w.empty()
	})
}

func (w *twin) fuzzStep(op byte, x, y int) {
	s := fmt.Sprint(y)
	if x%4 == 0 {
		s = strings.Repeat("text", x*y/60) + s
	}
	n := len(w.all)
	i := (x*256 + y) * n >> 16
	switch op %= 12; {
	case op == 0 || n == 0:
		w.pushBack(s)
	case op == 1:
		w.pushFront(s)
	case op == 2:
		w.insert(i, y%2 == 0, s)
	case op == 3:
		w.set(i, s)
	case op == 4:
		w.popBack()
	case op == 5:
		w.popFront()
	case op == 6:
		w.deleteRange(i, min(n-i, 1+y%8))
	case op == 7:
		w.remove(w.all[i], 1+y%4, x%2 == 0)
	case op == 8 && y < 8:
		w.trim(i, n-i-min(n-i, x))
	case op == 9:
		w.d.Compact(uint64(y%2), 1+x)
	default: // a few at a time, or it stays small
		for j := range 1 + y%8 {
			w.pushBack(fmt.Sprint(s, j))
		}
	}
}
