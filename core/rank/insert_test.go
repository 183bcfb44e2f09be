// The whole tree under random operations, and an arena that runs full.

package rank

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

func TestAgainstSlice(t *testing.T) {
	seeds, steps := uint64(4), 4_000
	if arena.Debug || testing.Short() {
		seeds, steps = 2, 3_000
	}
	for _, kind := range scores {
		for seed := range seeds {
			t.Run(fmt.Sprintf("%s/%d", kind.name, seed), func(t *testing.T) {
				w := newTwin(t)
				r := rand.New(rand.NewPCG(seed, 1))
				for i := range steps {
					w.step(r, i, 75-45*(i/(steps/3)%2), kind.pick)
					if i%500 == 0 {
						w.verify()
						w.tree = Open(w.a, decoded(w.tree.Root))
					}
				}
				w.verify()
				for len(w.all) > 0 && seed%2 == 0 {
					w.remove(r.IntN(len(w.all)))
				}
				w.verify()
				w.empty()
			})
		}
	}
}

// step is one random operation; grow is how many of a hundred insert.
func (w *twin) step(r *rand.Rand, i, grow int, pick func(*rand.Rand, int) float64) {
	n := len(w.all)
	switch x := r.IntN(100); {
	case x < grow || n == 0:
		w.insert(pick(r, i), name(r))
	case x < 90:
		switch k := r.IntN(n); r.IntN(4) {
		case 0:
			w.update(k, pick(r, i))
		case 1:
			w.update(k, w.all[min(n-1, k+r.IntN(4))].score)
		case 2:
			w.update(k, w.all[k].score+r.NormFloat64())
		default:
			w.remove(k)
		}
	case x < 99:
		w.look(r.IntN(n))
	default:
		from := r.IntN(n)
		w.removeRange(from, min(n, from+r.IntN(1+n/20)))
	}
}

func decoded(r Root) Root {
	var b [RootBytes]byte
	r.Encode(b[:])
	return Decode(b[:])
}

// TestArenaFull fills a small arena to its end: what fails must leave the tree as it was.
func TestArenaFull(t *testing.T) {
	a, err := arena.New(256 << 10)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	w := &twin{t: t, a: a, tree: Open(a, Root{}), names: map[string]bool{}}
	r := rand.New(rand.NewPCG(3, 3))
	var made []pair
	for i := range 6_000 {
		p := pair{r.Float64(), fmt.Sprintf("member:%08d", i), 0}
		p.m = NewMember(a, p.score, []byte(p.name))
		made = append(made, p)
	}
	failed := 0
	for _, p := range made {
		if w.tree.Insert(p.m) {
			w.put(p)
			continue
		}
		FreeMember(a, p.m)
		if failed++; failed%50 == 1 {
			w.same()
		}
	}
	refused := 0
	for range 5_000 {
		k := r.IntN(len(w.all))
		p := w.all[k]
		if !w.tree.Update(p.m, r.Float64()) {
			refused++
			continue
		}
		w.all = slices.Delete(w.all, k, k+1)
		p.score = Score(a, p.m)
		w.put(p)
	}
	w.verify()
	if failed == 0 || refused == 0 {
		t.Fatalf("the arena was never full: %d insertions and %d updates failed of a tree of %d", failed, refused, len(w.all))
	}
	w.empty()
}

// TestFill tells how many bytes of nodes an entry takes, by the order in which scores come and change.
func TestFill(t *testing.T) {
	const n = 50_000
	random := func(r *rand.Rand, _ int) float64 { return r.Float64() }
	for _, kind := range []struct {
		name    string
		pick    func(*rand.Rand, int) float64
		updates int
		most    float64
	}{
		{"up", scores[3].pick, 0, 14.5},
		{"down", scores[4].pick, 0, 14.5},
		{"random", random, 0, 16.6},
		{"updated", random, 2 * n, 17.7},
	} {
		a := newArena(t)
		tree := Open(a, Root{})
		r := rand.New(rand.NewPCG(1, 1))
		all := make([]arena.Ref, n)
		for i := range all {
			all[i] = NewMember(a, kind.pick(r, i), []byte("x"))
			tree.Insert(all[i])
		}
		for range kind.updates {
			tree.Update(all[r.IntN(n)], r.Float64())
		}
		if err := tree.Verify(); err != nil {
			t.Fatal(err)
		}
		if per := float64(tree.NodeBytes()) / n; per > kind.most {
			t.Errorf("%s: %.2f bytes of nodes an entry", kind.name, per)
		}
	}
}
