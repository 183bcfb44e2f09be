// The plain model that sets are compared with: a Go map and its sorted slice.

package sorted

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

type pair struct {
	name  string
	score float64
}

func order(x, y pair) int {
	if x.score != y.score {
		return cmp.Compare(x.score, y.score)
	}
	return strings.Compare(x.name, y.name)
}

// twin is a set and the map that it must equal.
type twin struct {
	t     testing.TB
	a     *arena.Arena
	set   Set
	model map[string]float64
	coll  bool // hashes with few bits, so that many collide
}

var seed = maphash.MakeSeed()

func (w *twin) hash(name []byte) uint64 {
	h := maphash.Bytes(seed, name)
	if w.coll {
		h &= 0x70007
	}
	return h
}

func newArena(t testing.TB, size int64) *arena.Arena {
	a, err := arena.New(size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func newTwin(t testing.TB) *twin {
	w := &twin{t: t, a: newArena(t, 1<<30), model: map[string]float64{}}
	var ok bool
	w.set, ok = New(w.a)
	w.check(ok, "no memory")
	return w
}

// check ends the test if something is not so.
func (w *twin) check(ok bool, format string, args ...any) {
	if !ok {
		w.t.Helper()
		w.t.Fatalf(format, args...)
	}
}

func (w *twin) sorted() []pair {
	all := make([]pair, 0, len(w.model))
	for name, score := range w.model {
		all = append(all, pair{name, score})
	}
	slices.SortFunc(all, order)
	return all
}

// put inserts or updates; false, and nothing changed, if memory is out.
func (w *twin) put(name string, score float64) bool {
	h := w.hash([]byte(name))
	m := w.set.Find(h, []byte(name))
	_, has := w.model[name]
	w.check(has == (m != 0), "%q: found %v, want %v", name, m != 0, has)
	var ok bool
	if m != 0 {
		ok = w.set.Update(m, score)
	} else {
		ok = w.set.Insert(h, []byte(name), score)
	}
	if ok {
		w.model[name] = score
	}
	return ok
}

func (w *twin) remove(name string) {
	h := w.hash([]byte(name))
	m := w.set.Find(h, []byte(name))
	w.check(m != 0, "%q is not there", name)
	w.set.Remove(h, m)
	w.check(w.set.Find(h, []byte(name)) == 0, "%q is there still", name)
	delete(w.model, name)
}

// reopen takes the set through its root, as its owner does between two commands.
func (w *twin) reopen() {
	root := make([]byte, RootBytes)
	w.set.Encode(root)
	w.set = Open(w.a, root)
}

// same compares one set with the model.
func (w *twin) same(s *Set) {
	w.t.Helper()
	if err := s.tree.Verify(); err != nil {
		w.t.Fatal(err)
	}
	all := w.sorted()
	w.check(s.Len() == len(all) && s.index.Len() == len(all), "%d members in the tree, %d in the index, not %d", s.Len(), s.index.Len(), len(all))
	up := s.Seek(0)
	for i, p := range all {
		m, score, ok := s.Ascend(&up)
		w.check(ok && string(s.Name(m)) == p.name && score == p.score, "rank %d is %q %v, not %v", i, s.Name(m), score, p)
		w.check(s.Find(w.hash([]byte(p.name)), []byte(p.name)) == m, "%q is another in the index", p.name)
		w.check(s.Rank(m) == i, "rank of %q is %d, not %d", p.name, s.Rank(m), i)
	}
}

// verify is same, and nothing else lives in the arena.
func (w *twin) verify() {
	w.t.Helper()
	w.same(&w.set)
	w.check(w.set.Bytes() == w.a.Used(), "%d bytes, the arena says %d", w.set.Bytes(), w.a.Used())
}

// empty frees everything in steps and looks for leaks.
func (w *twin) empty(budget int) {
	for steps := 0; !w.set.FreeStep(budget); steps++ {
		w.check(steps < 10_000_000, "no end")
		w.check(w.set.Bytes() == w.a.Used(), "%d bytes, the arena says %d", w.set.Bytes(), w.a.Used())
		w.reopen()
	}
	w.check(w.a.Used() == 0, "%d bytes left", w.a.Used())
}

func someName(r *rand.Rand) string {
	switch r.IntN(30) {
	case 0:
		return strings.Repeat("n", r.IntN(600))
	case 1:
		return string([]byte{0xff, byte(r.IntN(256))})
	}
	return fmt.Sprintf("m%d", r.IntN(3000))
}

func someScore(r *rand.Rand) float64 {
	switch r.IntN(4) {
	case 0:
		return float64(r.IntN(5))
	case 1:
		return []float64{math.Inf(1), math.Inf(-1), 0, -1, math.MaxFloat64}[r.IntN(5)]
	}
	return r.NormFloat64() * 1000
}
