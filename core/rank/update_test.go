// An update stays in place where it can, and costs no node.

package rank

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestUpdateRuns moves members among many of equal scores, where places are told by names.
func TestUpdateRuns(t *testing.T) {
	for seed := range uint64(8) {
		w := newTwin(t)
		r := rand.New(rand.NewPCG(seed, 7))
		for range 800 {
			w.insert(float64(r.IntN(4)), name(r))
		}
		for i := range 4_000 {
			w.update(r.IntN(len(w.all)), float64(r.IntN(4)))
			if i%200 == 0 {
				w.verify()
			}
		}
		w.verify()
	}
}

// TestUpdateToNeighbours takes every place of a tree once to just before and just after each of its neighbours.
func TestUpdateToNeighbours(t *testing.T) {
	w := newTwin(t)
	for i := range 400 {
		w.insert(float64(i*4), fmt.Sprintf("%03d", i*7%400))
	}
	for i := range w.all {
		for _, d := range []float64{-9, -8, -4, -3, 3, 4, 8, 9} {
			p := w.all[i]
			at := i
			w.update(i, p.score+d)
			for j, q := range w.all {
				if q.m == p.m {
					at = j
				}
			}
			w.look(at)
			w.update(at, p.score)
		}
		w.same()
	}
	w.verify()
}
