// Ranges of names where all scores are equal; an empty tree.

package rank

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for seed := range uint64(2) {
		w := newTwin(t)
		r := rand.New(rand.NewPCG(seed, 4))
		for range 2_000 {
			w.insert(7, name(r))
		}
		for range 1_000 {
			s := w.all[r.IntN(len(w.all))].name
			switch r.IntN(4) {
			case 0:
				s += "\x00"
			case 1:
				s = s[:r.IntN(len(s)+1)]
			}
			lo, upto := 0, 0
			for _, p := range w.all {
				if c := strings.Compare(p.name, s); c < 0 {
					lo++
					upto++
				} else if c == 0 {
					upto++
				}
			}
			got, gotUpto := w.tree.BelowName([]byte(s), false), w.tree.BelowName([]byte(s), true)
			if got != lo || gotUpto != upto {
				t.Fatalf("%d before and %d up to %q, not %d and %d", got, gotUpto, s, lo, upto)
			}
		}
	}
}

func TestBelowEdges(t *testing.T) {
	w := newTwin(t)
	r := rand.New(rand.NewPCG(1, 4))
	for i := range 2_000 {
		w.insert(scores[len(scores)-1].pick(r, i), name(r))
	}
	for _, p := range w.all {
		w.bounds(p.score)
	}
	for _, s := range []float64{0.5, -0.5, 1e308, -1e308, math.Inf(1), math.Inf(-1)} {
		w.bounds(s)
	}
}

func TestEmptyTree(t *testing.T) {
	w := newTwin(t)
	m := NewMember(w.a, 1, []byte("x"))
	if _, ok := w.tree.Rank(m); ok || w.tree.Delete(m) {
		t.Error("an empty tree has a member")
	}
	if n, got := w.tree.RankOf(1, nil); n != 0 || got != 0 {
		t.Error("an empty tree has ranks")
	}
	if w.tree.Below(1, true) != 0 || w.tree.BelowName(nil, true) != 0 || w.tree.DeleteRange(-5, 10, nil) != 0 || !w.tree.FreeStep(1, nil) {
		t.Error("an empty tree has something")
	}
	if next, moved := w.tree.Compact(0, nil); next != 0 || moved != 0 {
		t.Error("an empty tree moved something")
	}
	FreeMember(w.a, m)
	w.verify()
}
