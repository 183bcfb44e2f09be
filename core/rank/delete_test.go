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

// TestDeleteAtSubtree takes out what lies first below an inner node that is not the first, four levels high: its new first entry must be
// known all the way up.
func TestDeleteAtSubtree(t *testing.T) {
	a := newArena(t)
	const half = leafFill * innerFill * innerFill
	b := NewBuilder(a)
	for i := range half + 3*leafFill {
		b.Add(NewMember(a, float64(i), []byte("x")))
	}
	root, _ := b.Finish()
	tree := Open(a, root)
	if tree.height != 4 {
		t.Fatalf("%d levels", tree.height)
	}
	for i := range 3*leafFill - 1 {
		n := tree.DeleteRange(half, half+1, func(m arena.Ref) { FreeMember(a, m) })
		if n != 1 || tree.Below(float64(half+i+1), false) != half || i%7 == 0 && tree.Verify() != nil {
			t.Fatalf("after %d members: %v", i+1, tree.Verify())
		}
	}
}
