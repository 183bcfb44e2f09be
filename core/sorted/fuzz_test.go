// Operations as a fuzzer chooses them, three bytes each.

package sorted

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func FuzzSet(f *testing.F) {
	for n := range uint64(6) {
		r := rand.New(rand.NewPCG(n, 9))
		ops := make([]byte, 3*200)
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
		ops = ops[:min(len(ops), 3*400)]
		for ; len(ops) >= 3; ops = ops[3:] {
			x, y := int(ops[1]), int(ops[2])
			w.coll = false
			switch op := ops[0] % 10; {
			case op < 4:
				for j := range 1 + y%16 {
					w.put(fmt.Sprint(x, ".", y/16*16+j), float64(x-128)/4)
				}
			case op == 4:
				w.put(fmt.Sprint(x, ".", y), float64(y))
			case op == 5:
				if name := fmt.Sprint(x, ".", y); w.set.Find(w.hash([]byte(name)), []byte(name)) != 0 {
					w.remove(name)
				}
			case op == 6:
				w.removeRange((x*256+y)*len(w.model)>>16, y%8)
			case op == 7:
				w.reopen()
			case op == 8:
				w.bounds(float64(x-128) / 4)
			case op == 9 && x < 8:
				c, ok := w.set.Clone()
				w.check(ok, "no memory")
				w.same(&c)
				for !w.set.FreeStep(1 + y) {
				}
				w.set = c
			}
		}
		w.verify()
		w.empty(50)
	})
}
