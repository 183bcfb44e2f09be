// Sorted sets where memory is used up: what fails has changed nothing, and taking members out never fails.

package value

import (
	"fmt"
	"testing"
)

// openSorted is the sorted set as a command finds it.
func (b *bench) openSorted() SortedSet {
	return OpenSortedSet(At(b.tx, b.lim, 0, b.key, b.tx.Find(0, b.key)))
}

func TestSortedSetInAFullArena(t *testing.T) {
	for _, most := range []int{0, 20, 128} {
		b := newBench(t, 2<<20, uint64(most))
		b.limit("zset-max-listpack-entries", most)
		model, fillers, failed := scoreModel{}, 0, 0
		for i := range 1500 {
			if i%100 == 50 {
				fillers = b.fill()
			} else if i%100 == 0 && fillers > 0 {
				b.drain(fillers, fillers/4)
			}
			b.tx.Lock1(b.key)
			z, m := b.openSorted(), b.member()
			if b.r.IntN(5) < 3 {
				score := float64(b.r.IntN(1000)) / float64(1+b.r.IntN(3))
				_, _, err := z.Put([]byte(m), score, 0)
				if z.Finish(); err != nil {
					failed++
				} else {
					model[m] = score
				}
			} else {
				_, there := model[m]
				if ok, err := z.Remove([]byte(m)); ok != there || err != nil {
					t.Fatalf("limit %d, step %d: removing %q: %v %v, there: %v", most, i, m, ok, err, there)
				}
				z.Finish()
				delete(model, m)
			}
			b.compareSorted(model)
			b.tx.Unlock()
		}
		if failed == 0 {
			t.Errorf("limit %d: memory was never used up", most)
		}
	}
}

func (b *bench) compareSorted(model scoreModel) {
	b.t.Helper()
	z := b.openSorted()
	want := model.sorted()
	if z.Len() != len(want) || z.Ok() != (len(want) > 0) {
		b.t.Fatalf("%d members, want %d; there: %v", z.Len(), len(want), z.Ok())
	}
	w := z.From(0, false)
	for i, s := range want {
		e, ok := w.Next()
		if name := fmt.Sprintf("%s", e.Append(nil)); !ok || name != s.name || w.Score() != s.score {
			b.t.Fatalf("member %d is %q %v (%v), want %v", i, name, w.Score(), ok, s)
		}
	}
}
