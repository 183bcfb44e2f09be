// Compaction by both ways: the tree's own walk, and members that their owner moves.

package rank

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

func sparse(t *testing.T, pick func(*rand.Rand, int) float64) *twin {
	w := newTwin(t)
	r := rand.New(rand.NewPCG(8, 8))
	for i := range 6_000 {
		w.insert(pick(r, i), fmt.Sprintf("member:%08d", r.IntN(1<<30)))
	}
	for len(w.all) > 1_500 {
		w.remove(r.IntN(len(w.all)))
	}
	return w
}

func TestCompact(t *testing.T) {
	for _, kind := range scores[:3] {
		w := sparse(t, kind.pick)
		before := w.a.Waste()
		w.check(w.a.Evacuate(1) > 0, "nothing to evacuate")
		moves := map[arena.Ref]arena.Ref{}
		total := 0
		for next := 0; next < w.tree.Len(); {
			var n int
			next, n = w.tree.Compact(next, func(m arena.Ref) arena.Ref {
				to := MoveMember(w.a, m)
				moves[m] = to
				return to
			})
			total += n
		}
		w.a.Settle()
		for i := range w.all {
			if to, ok := moves[w.all[i].m]; ok {
				w.all[i].m = to
			}
		}
		w.verify()
		if after := w.a.Waste(); len(moves) == 0 || total <= len(moves) || after*5 > before {
			t.Fatalf("waste %d before, %d after %d moves, %d of them members", before, after, total, len(moves))
		}
		w.empty()
	}
}

func TestMove(t *testing.T) {
	for _, kind := range scores[:3] {
		w := sparse(t, kind.pick)
		r := rand.New(rand.NewPCG(9, 9))
		for range 1_500 {
			i := r.IntN(len(w.all))
			w.all[i].m = w.tree.Move(w.all[i].m)
		}
		w.verify()
		w.empty()
	}
}
