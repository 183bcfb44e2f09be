// Operations as a fuzzer chooses them: three bytes each.

package rank

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func FuzzTree(f *testing.F) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 9))
		ops := make([]byte, 3*150)
		for i := range ops {
			ops[i] = byte(r.Uint32())
			if i%3 == 0 && i < len(ops)/2 {
				ops[i] %= 4 // first it grows
			}
		}
		f.Add(ops)
	}
	f.Fuzz(func(t *testing.T, ops []byte) {
		w := newTwin(t)
		ops = ops[:min(len(ops), 3*300)]
		for i := 0; len(ops) >= 3; i, ops = i+1, ops[3:] {
			w.fuzzStep(i, ops[0], int(ops[1]), int(ops[2]))
		}
		w.verify()
		w.empty()
	})
}

func (w *twin) fuzzStep(i int, op byte, x, y int) {
	n := len(w.all)
	if op %= 10; op < 4 || n == 0 {
		for j := range 1 + y%16 { // a few at a time, or trees stay small
			w.insert(float64(x-128)/4, fmt.Sprintf("%d.%d", y, i*16+j))
		}
		return
	}
	at := (x*256 + y) * n >> 16
	switch op {
	case 4:
		w.update(at, float64(y-128)/4)
	case 5:
		w.update(at, w.all[min(n-1, at+y%3)].score)
	case 6:
		w.remove(at)
	case 7:
		w.removeRange(at, min(n, at+y))
	case 8:
		w.look(at)
	case 9:
		if x < 16 {
			w.same()
		}
	}
}
