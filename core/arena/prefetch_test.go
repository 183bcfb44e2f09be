package arena

import "testing"

// TestPrefetchTakesAnything: hints name blocks that may be gone, or that never were.
func TestPrefetchTakesAnything(t *testing.T) {
	a := newArena(t)
	r := a.Alloc(64, Movable)
	for i := range a.Words(r) {
		a.Words(r)[i] = uint64(i + 1)
	}
	for _, ref := range []Ref{0, 8, r, r + 64, Ref(a.limit - 64), Ref(a.limit - 8), Ref(a.limit), 1 << RefBits, 1<<64 - 8} {
		a.Prefetch(ref)
		a.PrefetchAll([]Ref{ref, ref + 1})
		a.Glimpse(ref, 7)
	}
	a.PrefetchAll(nil)
	for i := range uint32(8) {
		if w := a.Glimpse(r, i); w != uint64(i+1) {
			t.Errorf("a glimpse of word %d of a block shows %d", i, w)
		}
	}
	a.Free(r, 64)
	a.Glimpse(r, 0)
}
