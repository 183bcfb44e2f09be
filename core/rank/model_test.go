// The plain model that trees are compared with: a sorted slice, and operations driven by random choices.

package rank

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

type pair struct {
	score float64
	name  string
	m     arena.Ref
}

func order(x, y pair) int {
	return cmp.Or(cmp.Compare(x.score, y.score), strings.Compare(x.name, y.name))
}

// twin is a tree and the sorted slice that it must equal.
type twin struct {
	t     testing.TB
	a     *arena.Arena
	tree  Tree
	all   []pair
	names map[string]bool
}

func newArena(t testing.TB) *arena.Arena {
	a, err := arena.New(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func newTwin(t testing.TB) *twin {
	a := newArena(t)
	return &twin{t: t, a: a, tree: Open(a, Root{}), names: map[string]bool{}}
}

// check ends the test if something is not so.
func (w *twin) check(ok bool, format string, args ...any) {
	if !ok {
		w.t.Helper()
		w.t.Fatalf(format, args...)
	}
}

// place is where a pair is or belongs.
func place(all []pair, p pair) int {
	i, _ := slices.BinarySearchFunc(all, p, order)
	return i
}

func (w *twin) insert(score float64, name string) {
	if w.names[name] {
		return
	}
	p := pair{score, name, NewMember(w.a, score, []byte(name))}
	w.check(w.tree.Insert(p.m), "insertion failed")
	w.put(p)
	w.names[name] = true
}

func (w *twin) put(p pair) { w.all = slices.Insert(w.all, place(w.all, p), p) }

func (w *twin) remove(i int) {
	p := w.all[i]
	w.check(w.tree.Delete(p.m), "%q is not there", p.name)
	w.check(!w.tree.Delete(p.m), "%q is there twice", p.name)
	FreeMember(w.a, p.m)
	w.all = slices.Delete(w.all, i, i+1)
	delete(w.names, p.name)
}

func (w *twin) update(i int, score float64) {
	p := w.all[i]
	w.check(w.tree.Update(p.m, score), "update failed")
	if score != p.score {
		w.all = slices.Delete(w.all, i, i+1)
		p.score = score
		w.all = slices.Insert(w.all, place(w.all, p), p)
	}
	w.check(Score(w.a, p.m) == score, "score %v after update to %v", Score(w.a, p.m), score)
}

func (w *twin) removeRange(from, to int) {
	i := from
	n := w.tree.DeleteRange(from, to, func(m arena.Ref) {
		w.check(m == w.all[i].m, "rank %d gave %q, not %q", i, Name(w.a, m), w.all[i].name)
		delete(w.names, w.all[i].name)
		FreeMember(w.a, m)
		i++
	})
	w.check(n == to-from && i == to, "%d members of %d removed", n, to-from)
	w.all = slices.Delete(w.all, from, to)
}

// look asks everything about one rank.
func (w *twin) look(i int) {
	p := w.all[i]
	got, ok := w.tree.Rank(p.m)
	w.check(ok && got == i, "rank of %q is %d (%v), not %d", p.name, got, ok, i)
	got, m := w.tree.RankOf(p.score, []byte(p.name))
	w.check(m == p.m && got == i, "rank of (%v, %q) is %d", p.score, p.name, got)
	other := pair{p.score, p.name + "x", 0}
	got, m = w.tree.RankOf(other.score, []byte(other.name))
	w.check(w.names[other.name] || m == 0 && got == place(w.all, other), "rank of (%v, %q) would be %d", other.score, other.name, got)
	c := w.tree.Seek(i)
	m, score, ok := w.tree.Ascend(&c)
	w.check(ok && m == p.m && math.Float64bits(score) == math.Float64bits(p.score), "rank %d holds %q %v", i, Name(w.a, m), score)
	w.bounds(p.score)
}

// bounds compares where a score's range begins and ends.
func (w *twin) bounds(score float64) {
	lo, _ := slices.BinarySearchFunc(w.all, score, func(p pair, s float64) int {
		if p.score < s {
			return -1
		}
		return 1
	})
	hi, _ := slices.BinarySearchFunc(w.all, score, func(p pair, s float64) int {
		if p.score <= s {
			return -1
		}
		return 1
	})
	w.check(w.tree.Below(score, false) == lo, "%d below %v, not %d", w.tree.Below(score, false), score, lo)
	w.check(w.tree.Below(score, true) == hi, "%d up to %v, not %d", w.tree.Below(score, true), score, hi)
}

// verify compares all of it, and that nothing else lives in the arena.
func (w *twin) verify() {
	w.t.Helper()
	w.same()
	w.check(int64(w.tree.Bytes()) == w.a.Used(), "%d bytes, the arena says %d", w.tree.Bytes(), w.a.Used())
}

func (w *twin) same() {
	w.t.Helper()
	if err := w.tree.Verify(); err != nil {
		w.t.Fatal(err)
	}
	w.check(w.tree.Len() == len(w.all), "%d members, not %d", w.tree.Len(), len(w.all))
	up, down := w.tree.Seek(0), w.tree.Seek(len(w.all)-1)
	for i, p := range w.all {
		m, score, ok := w.tree.Ascend(&up)
		w.check(ok && m == p.m && score == p.score, "going up, rank %d is %v %v %v", i, m, score, ok)
		q := w.all[len(w.all)-1-i]
		m, score, ok = w.tree.Descend(&down)
		w.check(ok && m == q.m && score == q.score, "going down, step %d is %v %v %v", i, m, score, ok)
	}
	_, _, more := w.tree.Ascend(&up)
	_, _, less := w.tree.Descend(&down)
	w.check(!more && !less, "there is something beyond the ends")
}

// empty takes everything out and looks for leaks.
func (w *twin) empty() {
	for step := 100 + w.tree.Len()/20; !w.tree.FreeStep(step, nil); {
		if err := w.tree.Verify(); err != nil {
			w.t.Fatal(err)
		}
	}
	w.check(w.tree.Root == Root{}, "an empty tree's root is %+v", w.tree.Root)
	w.check(w.a.Used() == 0, "%d bytes left", w.a.Used())
}

// scores are ways to choose one: the kinds of sorted sets there are.
var scores = []struct {
	name string
	pick func(r *rand.Rand, i int) float64
}{
	{"fractions", func(r *rand.Rand, _ int) float64 { return r.NormFloat64() * 1e6 }},
	{"few", func(r *rand.Rand, _ int) float64 { return float64(r.IntN(7) - 3) }},
	{"equal", func(*rand.Rand, int) float64 { return 1 }},
	{"up", func(_ *rand.Rand, i int) float64 { return float64(i) }},
	{"down", func(_ *rand.Rand, i int) float64 { return float64(-i) }},
	{"edges", func(r *rand.Rand, _ int) float64 {
		return []float64{math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), math.MaxFloat64, -math.MaxFloat64,
			math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64, 1, -1}[r.IntN(10)]
	}},
}

func name(r *rand.Rand) string {
	switch r.IntN(20) {
	case 0:
		return strings.Repeat("l", r.IntN(600))
	case 1:
		return string([]byte{0, byte(r.IntN(256)), 0xff})
	}
	return fmt.Sprintf("m%d", r.IntN(1<<30))
}
