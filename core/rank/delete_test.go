// Stretches of ranks, and taking a tree down step by step.

package rank

import (
	"math/rand/v2"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

func TestDeleteRange(t *testing.T) {
	for seed := range uint64(4) {
		w := newTwin(t)
		r := rand.New(rand.NewPCG(seed, 6))
		for i := range 4_000 {
			w.insert(scores[seed%2].pick(r, i), name(r))
		}
		for len(w.all) > 0 {
			from := r.IntN(len(w.all))
			w.removeRange(from, min(len(w.all), from+1+r.IntN(500)))
			w.same()
		}
		w.empty()
	}
}

func TestFreeStepIsBounded(t *testing.T) {
	w := newTwin(t)
	r := rand.New(rand.NewPCG(1, 6))
	for i := range 5_000 {
		w.insert(scores[0].pick(r, i), name(r))
	}
	given := 0
	for done := false; !done; {
		before := given
		done = w.tree.FreeStep(100, func(m arena.Ref) {
			given++
			w.check(m != 0, "no member")
			FreeMember(w.a, m)
		})
		w.check(given-before < 100+leafCap, "a step of %d", given-before)
		w.check(w.tree.Len() == 5_000-given || w.tree.Len() == len(w.all)-given, "%d left after %d", w.tree.Len(), given)
	}
	w.check(given == len(w.all), "%d of %d given", given, len(w.all))
	w.empty()
}
