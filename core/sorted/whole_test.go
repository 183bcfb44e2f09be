// Freeing, compaction and copies, with changes in between.

package sorted

import (
	"math/rand/v2"
	"testing"
)

// thin fills a set and takes most of it out again, so that spans are sparse.
func thin(t *testing.T, n uint64) (*twin, *rand.Rand) {
	r := rand.New(rand.NewPCG(n, 6))
	w := newTwin(t)
	for range 60_000 {
		w.put(someName(r)+someName(r), someScore(r))
	}
	for name := range w.model {
		if r.IntN(5) > 0 {
			w.remove(name)
		}
	}
	return w, r
}

func TestCompact(t *testing.T) {
	w, _ := thin(t, 1)
	before := w.a.Waste()
	w.a.Evacuate(1)
	moved := 0
	for from, calls := uint64(0), 0; ; calls++ {
		next, n := w.set.Compact(from, 50)
		w.reopen()
		moved += n
		w.check(calls < 100_000, "no end")
		if next == 0 {
			break
		}
		w.check(next > from, "from %d to %d", from, next)
		from = next
	}
	w.a.Settle()
	w.verify()
	w.check(moved > 1000 && w.a.Waste()*4 < before, "%d moved, waste %d before, %d after", moved, before, w.a.Waste())
	w.empty(100)
}

// TestCompactMeanwhile changes the set, and then frees it, between the calls.
func TestCompactMeanwhile(t *testing.T) {
	w, r := thin(t, 2)
	for range 5 {
		w.a.Evacuate(1)
		for from := uint64(0); ; {
			from, _ = w.set.Compact(from, 200)
			if from == 0 {
				break
			}
			for i := range 5 {
				w.step(r, i)
			}
		}
		w.a.Settle()
		w.verify()
	}
	w.a.Evacuate(1)
	from, done := uint64(0), false
	for !done {
		from, _ = w.set.Compact(from, 100)
		done = w.set.FreeStep(60)
		w.check(w.set.Bytes() == w.a.Used(), "%d bytes, the arena says %d", w.set.Bytes(), w.a.Used())
		w.reopen()
	}
	w.a.Settle()
	w.check(w.a.Used() == 0, "%d bytes left", w.a.Used())
}

func TestClone(t *testing.T) {
	w, r := thin(t, 3)
	c, ok := w.set.Clone()
	w.check(ok, "no memory")
	w.same(&c)
	w.check(c.Bytes()+w.set.Bytes() == w.a.Used(), "bytes of two sets")
	for i := range 300 {
		w.step(r, i)
	}
	w.same(&w.set)
	for !c.FreeStep(1000) {
	}
	w.verify()
	w.empty(1000)
}
