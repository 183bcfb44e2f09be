// Freeing in steps, copies, and compaction while the deque changes.

package deque

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func filled(t *testing.T, l Limits, n int) (*twin, *rand.Rand) {
	w := newTwin(t, l)
	r := rand.New(rand.NewPCG(7, uint64(l.Fill+9)))
	for range n {
		w.pushBack(text(r))
	}
	return w, r
}

func TestFreeStepIsBounded(t *testing.T) {
	w, _ := filled(t, Limits{Fill: 50}, 2_000)
	for done := false; !done; {
		before := w.d.Len()
		done = w.d.FreeStep(100)
		w.check(before-w.d.Len() < 150, "a step of %d", before-w.d.Len())
		w.all = w.all[:w.d.Len()]
		if err := w.d.Verify(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestClone(t *testing.T) {
	for _, l := range allLimits {
		w, r := filled(t, l, 1_000)
		copied, ok := w.d.Clone()
		w.check(ok, "no copy")
		twin := &twin{t: t, a: w.a, d: copied, all: append([]string(nil), w.all...)}
		for range 300 {
			w.step(r, 50)
		}
		w.d.FreeStep(w.d.Len())
		twin.same()
		twin.empty()
	}
}

func TestCloneInFullArena(t *testing.T) {
	a := newArena(t, 1<<20)
	w := &twin{t: t, a: a, d: New(a, Limits{Fill: -2}), full: true}
	for i := 0; a.Used() < 600<<10; i++ {
		w.pushBack(fmt.Sprintf("element:%07d", i))
	}
	before := a.Used()
	_, ok := w.d.Clone()
	w.check(!ok && a.Used() == before, "a copy, or %d bytes left of one", a.Used()-before)
}

func TestCompact(t *testing.T) {
	for _, l := range allLimits {
		w, r := filled(t, l, 4_000)
		for range 3_000 {
			w.deleteRange(r.IntN(len(w.all)), 1)
		}
		w.a.Evacuate(1)
		moved, calls := 0, 0
		for next := uint64(0); next != 0 || calls == 0; calls++ {
			w.check(calls < 10_000, "compaction does not end")
			var n int
			next, n = w.d.Compact(next, 50)
			moved += n
			for range r.IntN(4) {
				w.step(r, 50)
			}
			if calls%8 == 0 {
				w.same()
			}
		}
		w.same()
		w.a.Settle()
		w.check(moved > 0 || l.Fill < -1 || l.Depth != 0, "%+v: nothing moved in %d calls", l, calls)
		w.empty()
	}
}

func TestRepack(t *testing.T) {
	w := newTwin(t, Limits{Fill: -1})
	_, ok := w.d.Repack(nil, 100)
	w.check(!ok, "nothing has a listpack")
	for i := 0; w.d.Nodes() < 3; i++ {
		w.pushBack(fmt.Sprintf("element:%07d", i))
	}
	_, ok = w.d.Repack(nil, 1<<20)
	w.check(!ok, "three nodes became a listpack")
	w.deleteRange(0, 200)
	w.deleteRange(100, len(w.all)-100)
	lp, ok := w.d.Repack(nil, 4096)
	w.check(ok && lp.Valid(true) && lp.Len() == 100, "%d elements", lp.Len())
	c := Over(lp, 0)
	for i, s := range w.all {
		e, ok := c.Next()
		w.check(ok && e.Equal([]byte(s)), "element %d is %q", i, e.Text)
	}
	_, ok = w.d.Repack(nil, len(lp)-1)
	w.check(!ok, "it is longer than asked for")
	w.empty()
}
