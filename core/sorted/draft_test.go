// Drafts become the sets that inserting one by one makes.

package sorted

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestDraft(t *testing.T) {
	for _, n := range []int{0, 1, 2, 37, 38, 1000, 20_000} {
		r := rand.New(rand.NewPCG(uint64(n), 4))
		w := &twin{t: t, a: newArena(t, 1<<30), model: map[string]float64{}}
		d, ok := NewDraft(w.a)
		w.check(ok, "no memory")
		for range n {
			name, score := someName(r), someScore(r)
			h := w.hash([]byte(name))
			if m := d.Find(h, []byte(name)); m != 0 {
				w.check(d.Score(m) == w.model[name], "score of %q", name)
				d.SetScore(m, score)
			} else {
				w.check(d.Insert(h, []byte(name), score), "no memory")
			}
			w.model[name] = score
		}
		w.check(d.Len() == len(w.model), "%d members, not %d", d.Len(), len(w.model))
		w.set, ok = d.Finish()
		w.check(ok, "no memory")
		w.verify()
		for i := range 500 {
			w.step(r, i)
		}
		w.verify()
		w.empty(1000)
	}
}

// TestDraftFull ends drafts where the arena ends: nothing may stay behind.
func TestDraftFull(t *testing.T) {
	a := newArena(t, 1<<20)
	w := &twin{t: t}
	for fill := 2_000; fill < 40_000; fill += 1_000 {
		d, ok := NewDraft(a)
		w.check(ok, "no memory")
		for i := 0; ok && i < fill; i++ {
			name := []byte(fmt.Sprint("member:", i))
			ok = d.Insert(w.hash(name), name, float64(i%100))
		}
		if !ok {
			d.Drop()
		} else if s, ok := d.Finish(); ok {
			for !s.FreeStep(1 << 20) {
			}
		}
		w.check(a.Used() == 0, "%d bytes left after %d members", a.Used(), fill)
	}
}
