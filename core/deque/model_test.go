// The whole deque against a plain slice, under random operations and in an arena that runs full.

package deque

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/pack"
)

// twin is a deque and the slice that it must equal.
type twin struct {
	t       testing.TB
	a       *arena.Arena
	d       Deque
	all     []string
	full    bool // the arena may be full: a refused change must have changed nothing
	refused int
}

func newArena(t testing.TB, size int64) *arena.Arena {
	a, err := arena.New(size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func newTwin(t testing.TB, l Limits) *twin {
	a := newArena(t, 1<<30)
	return &twin{t: t, a: a, d: New(a, l)}
}

var allLimits = []Limits{{Fill: -2}, {Fill: -1, Depth: 1}, {Fill: 4}, {Fill: 0}, {Fill: 128, Depth: 2}, {Fill: 7, Depth: 1}, {Fill: -5}}

func (w *twin) check(ok bool, format string, args ...any) {
	w.t.Helper()
	if !ok {
		w.t.Fatalf(format, args...)
	}
}

// did notes whether a change was refused, and says whether it was made.
func (w *twin) did(ok bool) bool {
	w.t.Helper()
	if !ok {
		w.check(w.full, "refused with %d elements", len(w.all))
		if w.refused++; w.refused%8 == 1 {
			w.same()
		}
	}
	return ok
}

// same compares everything, forwards and backwards.
func (w *twin) same() {
	w.t.Helper()
	if err := w.d.Verify(); err != nil && !(w.full && strings.Contains(err.Error(), "compressed near an end")) {
		w.t.Fatal(err)
	}
	w.check(w.d.Len() == len(w.all), "%d elements, not %d", w.d.Len(), len(w.all))
	w.check(w.d.Bytes() == w.a.Used(), "%d bytes by the root, %d by the arena", w.d.Bytes(), w.a.Used())
	c := w.d.Seek(0)
	for i, s := range w.all {
		e, ok := c.Next()
		w.check(ok && e.Equal([]byte(s)), "element %d is %.40q, not %.40q", i, e.Append(nil), s)
	}
	_, ok := c.Next()
	w.check(!ok, "more elements than %d", len(w.all))
	for i, s := range slices.Backward(w.all) {
		e, ok := c.Prev()
		w.check(ok && e.Equal([]byte(s)), "backwards element %d is %.40q, not %.40q", i, e.Append(nil), s)
	}
	_, ok = c.Prev()
	w.check(!ok, "elements before the first")
}

// empty frees it and wants nothing left.
func (w *twin) empty() {
	w.t.Helper()
	for !w.d.FreeStep(100) {
	}
	w.check(w.d.Len() == 0 && w.d.Bytes() == 0 && w.a.Used() == 0, "%d elements and %d bytes left", w.d.Len(), w.a.Used())
}

func (w *twin) pushBack(s string) {
	if w.did(w.d.PushBack(pack.Text([]byte(s)))) {
		w.all = append(w.all, s)
	}
}

func (w *twin) pushFront(s string) {
	if w.did(w.d.PushFront(pack.Text([]byte(s)))) {
		w.all = slices.Insert(w.all, 0, s)
	}
}

func (w *twin) popBack() {
	e := w.d.Back()
	w.check(e.Equal([]byte(w.all[len(w.all)-1])), "the last is %.40q", e.Append(nil))
	if w.did(w.d.DropBack()) {
		w.all = w.all[:len(w.all)-1]
	}
}

func (w *twin) popFront() {
	e := w.d.Front()
	w.check(e.Equal([]byte(w.all[0])), "the first is %.40q", e.Append(nil))
	if w.did(w.d.DropFront()) {
		w.all = w.all[1:]
	}
}

func (w *twin) insert(i int, after bool, s string) {
	c := w.d.Seek(i)
	if i%2 == 0 {
		c = w.d.Seek(i + 1)
		c.Prev()
	} else {
		c.Next()
	}
	if w.did(w.d.Insert(&c, after, pack.Text([]byte(s)))) {
		if after {
			i++
		}
		w.all = slices.Insert(w.all, i, s)
	}
}

func (w *twin) set(i int, s string) {
	if w.did(w.d.Set(i, pack.Text([]byte(s)))) {
		w.all[i] = s
	}
}

func (w *twin) deleteRange(from, n int) {
	if w.did(w.d.DeleteRange(from, n)) {
		w.all = slices.Delete(w.all, from, from+n)
	}
}

func (w *twin) trim(from, n int) {
	if w.did(w.d.Trim(from, n)) {
		w.all = slices.Clone(w.all[from : from+n])
	}
}

func (w *twin) remove(s string, limit int, fromEnd bool) {
	gone, ok := w.d.Remove([]byte(s), limit, fromEnd)
	if !w.did(ok) {
		return
	}
	want := 0
	for i := 0; i < len(w.all) && want < limit; {
		at := i
		if fromEnd {
			at = len(w.all) - 1 - i
		}
		if w.all[at] != s {
			i++
			continue
		}
		w.all = slices.Delete(w.all, at, at+1)
		want++
	}
	w.check(gone == want, "%d of %.40q removed, not %d", gone, s, want)
}

func (w *twin) pushPack(list []string) {
	var b pack.Builder
	for _, s := range list {
		b.Add(pack.Text([]byte(s)))
	}
	if w.did(w.d.PushPack(b.Done())) {
		w.all = append(w.all, list...)
	}
}

// text is an element: few different ones, numbers, long ones, and some too long for a node.
func text(r *rand.Rand) string {
	switch x := r.IntN(100); {
	case x < 40:
		return fmt.Sprintf("element:%07d", r.IntN(1e7))
	case x < 60:
		return fmt.Sprint(r.IntN(10))
	case x < 70:
		return fmt.Sprint(r.Int64() >> r.IntN(64))
	case x < 80:
		return strings.Repeat(string(rune('a'+r.IntN(4))), r.IntN(4))
	case x < 97:
		return strings.Repeat("x", r.IntN(700)) + fmt.Sprint(r.Uint32())
	case x < 99:
		return strings.Repeat("long ", r.IntN(2_000))
	}
	return strings.Repeat("very long ", r.IntN(9_000))
}

func (w *twin) step(r *rand.Rand, grow int) {
	n := len(w.all)
	if r.IntN(100) < grow || n == 0 {
		switch r.IntN(8) {
		case 0:
			list := make([]string, 1+r.IntN(20))
			for i := range list {
				list[i] = text(r)
			}
			w.pushPack(list)
		case 1, 2:
			w.pushFront(text(r))
		case 3, 4:
			w.pushBack(text(r))
		default:
			if n > 0 {
				w.insert(r.IntN(n), r.IntN(2) == 0, text(r))
			}
		}
		return
	}
	i := r.IntN(n)
	switch x := r.IntN(100); {
	case x < 20:
		w.popBack()
	case x < 40:
		w.popFront()
	case x < 60:
		w.set(i, text(r))
	case x < 70:
		w.remove(w.all[i], 1+r.IntN(3), x%2 == 0)
	case x < 73:
		w.remove(fmt.Sprint(r.IntN(10)), n, x%2 == 0)
	case x < 90:
		w.deleteRange(i, 1+r.IntN(min(n-i, 10)))
	case x < 92:
		w.deleteRange(i, 1+r.IntN(n-i))
	case x < 93:
		w.trim(i, r.IntN(n-i+1))
	default:
		e, ok := func() (pack.Elem, bool) { c := w.d.Seek(i); return c.Next() }()
		w.check(ok && e.Equal([]byte(w.all[i])), "element %d is %.40q", i, e.Append(nil))
	}
}

func TestAgainstSlice(t *testing.T) {
	steps := 2_000
	if arena.Debug || testing.Short() {
		steps = 800
	}
	for _, l := range allLimits {
		for seed := range uint64(2) {
			t.Run(fmt.Sprintf("%d,%d/%d", l.Fill, l.Depth, seed), func(t *testing.T) {
				w := newTwin(t, l)
				r := rand.New(rand.NewPCG(seed, 1))
				var root [RootBytes]byte
				for i := range steps {
					w.step(r, 70-40*(i/(steps/4)%2))
					if i%50 == 0 {
						w.same()
						w.d.Encode(root[:])
						w.d = Open(w.a, root[:])
						w.same()
					}
				}
				w.same()
				w.empty()
			})
		}
	}
}

// TestArenaFull works at the end of a small arena: what is refused must have changed nothing.
func TestArenaFull(t *testing.T) {
	for _, l := range allLimits {
		t.Run(fmt.Sprintf("%d,%d", l.Fill, l.Depth), func(t *testing.T) {
			a := newArena(t, 1<<20)
			w := &twin{t: t, a: a, d: New(a, l), full: true}
			r := rand.New(rand.NewPCG(uint64(l.Depth), uint64(l.Fill+9)))
			for i := range 2_500 {
				w.step(r, 80-20*(i/500%2))
			}
			w.same()
			w.check(w.refused > 20, "the arena was full %d times", w.refused)
			w.empty()
		})
	}
}

func TestPlainNodes(t *testing.T) {
	w := newTwin(t, Limits{Fill: -2})
	big := strings.Repeat("b", 100_000)
	for i := range 1_000 {
		w.pushBack(fmt.Sprint("element ", i))
	}
	w.set(500, big)
	w.insert(200, false, big+"2")
	w.insert(0, false, big+"3")
	w.insert(w.d.Len()-1, true, big+"4")
	w.same()
	w.set(0, "small")
	w.set(201, big)
	w.remove(big, 10, true)
	w.same()
	w.empty()
}

// TestQueue pushes at one end and pops at the other: nothing but the element may move, and no more than the end nodes be half empty.
func TestQueue(t *testing.T) {
	for _, l := range []Limits{{Fill: -2}, {Fill: 100}, {Fill: -5, Depth: 1}} {
		w := newTwin(t, l)
		for i := range 3_000 {
			w.pushFront(fmt.Sprintf("element:%07d", i))
		}
		for i := range 5_000 {
			w.pushFront(fmt.Sprintf("element:%07d", i))
			w.popBack()
		}
		w.same()
		for i := range 5_000 {
			w.pushBack(fmt.Sprintf("element:%07d", i))
			w.popFront()
		}
		w.same()
		w.check(w.d.Bytes() < int64(3_000*20+3*l.blockBytes()), "%d bytes", w.d.Bytes())
		w.empty()
	}
}

// TestMerging deletes most elements at random: what is left must not lie in nearly empty nodes.
func TestMerging(t *testing.T) {
	w := newTwin(t, Limits{Fill: -1})
	r := rand.New(rand.NewPCG(5, 5))
	for i := range 20_000 {
		w.pushBack(fmt.Sprintf("element:%07d", i))
	}
	for len(w.all) > 1_000 {
		w.deleteRange(r.IntN(len(w.all)), 1)
	}
	w.same()
	w.check(w.d.Bytes() < 35*1_000, "%d bytes in %d nodes", w.d.Bytes(), w.d.Nodes())
	w.empty()
}

func TestNoAllocations(t *testing.T) {
	w := newTwin(t, Limits{Fill: -2})
	e := []byte("element:0000001")
	for range 2_000 {
		w.d.PushBack(pack.Text(e))
	}
	n := testing.AllocsPerRun(2_000, func() {
		w.d.PushBack(pack.Text(e))
		w.d.PushFront(pack.Text(e))
		w.d.DropFront()
		w.d.Back()
		c := w.d.Seek(700)
		c.Next()
		w.d.Set(700, pack.Text(e))
	})
	if n != 0 && !arena.Debug {
		t.Errorf("%v allocations", n)
	}
}

func TestSqueezed(t *testing.T) {
	w := newTwin(t, Limits{Fill: -2, Depth: 1})
	plain := New(w.a, Limits{Fill: -2})
	for i := range 10_000 {
		s := fmt.Sprintf("element:%07d", i)
		w.d.PushBack(pack.Text([]byte(s)))
		w.all = append(w.all, s)
		plain.PushBack(pack.Text([]byte(s)))
	}
	w.check(w.d.Bytes()*2 < plain.Bytes(), "%d bytes, %d not compressed", w.d.Bytes(), plain.Bytes())
	plain.FreeStep(10_000)
	w.set(5_000, "other")
	w.same()
	if lp := bytes.Repeat([]byte{1}, 10); !w.d.PushBack(pack.Text(lp)) {
		t.Error("refused")
	}
	w.empty()
}
