// Random operations on a set, against the model; what happens when the arena is full.

package sorted

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

func TestRandomOperations(t *testing.T) {
	for n := range uint64(6) {
		t.Run(fmt.Sprint("seed=", n), func(t *testing.T) {
			r := rand.New(rand.NewPCG(n, 1))
			w := newTwin(t)
			w.coll = n%3 == 2
			for i := range 9_000 {
				w.step(r, i)
				if i%1_500 == 0 {
					w.verify()
				}
			}
			w.verify()
			w.empty(1 + r.IntN(400))
		})
	}
}

func (w *twin) step(r *rand.Rand, i int) {
	grow := 75 - 55*(i/3_000%2)
	switch x := r.IntN(100); {
	case x < grow:
		w.check(w.put(someName(r), someScore(r)), "no memory")
	case x < 94:
		for name := range w.model {
			w.remove(name)
			break
		}
	case x < 95 && i%10 == 0:
		w.removeRange(r.IntN(len(w.model)+1), r.IntN(30))
	case x < 97:
		w.reopen()
	default:
		w.bounds(someScore(r))
	}
}

func (w *twin) removeRange(from, n int) {
	all := w.sorted()
	to := min(len(all), from+n)
	got := w.set.RemoveRange(from, from+n, w.hash)
	w.check(got == to-from, "%d removed, not %d", got, to-from)
	for _, p := range all[from:to] {
		delete(w.model, p.name)
	}
}

func (w *twin) bounds(score float64) {
	less, upTo := 0, 0
	for _, s := range w.model {
		if s < score {
			less++
		}
		if s <= score {
			upTo++
		}
	}
	w.check(w.set.Below(score, false) == less && w.set.Below(score, true) == upTo, "bounds of %v", score)
}

// hog takes all that is left of an arena.
type hog struct{ blocks []arena.Ref }

func (g *hog) fill(a *arena.Arena) {
	for _, n := range []int{4096, 2048, 1024, 512, 256, 128, 64, 32, 16} {
		for r := a.Alloc(n, arena.Movable); r != 0; r = a.Alloc(n, arena.Movable) {
			*a.Word(r) = uint64(n)
			g.blocks = append(g.blocks, r)
		}
	}
}

func (g *hog) clear(a *arena.Arena) {
	for _, r := range g.blocks {
		a.Free(r, int(*a.Word(r)))
	}
	g.blocks = nil
}

// TestFull refuses what needs memory in a full arena, and changes nothing.
func TestFull(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	w := &twin{t: t, a: newArena(t, 1<<20), model: map[string]float64{}}
	w.set, _ = New(w.a)
	refused := 0
	for range 30 {
		for range 60 {
			w.check(w.put(someName(r), someScore(r)), "no memory")
		}
		g := &hog{}
		g.fill(w.a)
		for range 300 {
			if !w.put(someName(r), someScore(r)) {
				refused++
			}
		}
		if _, ok := w.set.Clone(); ok {
			t.Fatal("a clone in a full arena")
		}
		g.clear(w.a)
		w.verify()
	}
	w.check(refused > 1000, "refused %d only", refused)
	w.empty(7)
}
