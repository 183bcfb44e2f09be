// The promise of Scan, and ranges of names.

package sorted

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestScanMissesNothing grows and shrinks the set between the calls of a scan.
func TestScanMissesNothing(t *testing.T) {
	for n := range uint64(8) {
		r := rand.New(rand.NewPCG(n, 2))
		w := newTwin(t)
		for i := range 200 + r.IntN(1500) {
			w.put(fmt.Sprint("stay", i), someScore(r))
		}
		stay := len(w.model)
		seen := map[string]bool{}
		grow, extra := n%2 == 0, 0
		for cursor, calls := uint64(0), 0; ; calls++ {
			cursor = w.set.Scan(cursor, func(m Member) { seen[string(w.set.Name(m))] = true })
			if cursor == 0 {
				break
			}
			if calls%100 == 0 {
				grow = !grow
			}
			for range r.IntN(40) {
				if grow {
					w.put(fmt.Sprint("extra", extra), 1)
					extra++
				} else if extra > 0 {
					extra--
					w.remove(fmt.Sprint("extra", extra))
				}
			}
		}
		for i := range stay {
			if name := fmt.Sprint("stay", i); !seen[name] {
				t.Fatalf("seed %d: %q was there all along and not visited", n, name)
			}
		}
	}
}

func TestNames(t *testing.T) {
	w := newTwin(t)
	for i := range 1000 {
		w.put(fmt.Sprintf("%04d", 2*i), 3)
	}
	for i := range 2000 {
		name := []byte(fmt.Sprintf("%04d", i))
		if less, upTo := w.set.BelowName(name, false), w.set.BelowName(name, true); less != (i+1)/2 || upTo != i/2+1 {
			t.Fatalf("%s: %d before it, %d up to it", name, less, upTo)
		}
	}
	c := w.set.Seek(999)
	for i := 999; i >= 0; i-- {
		if m, _, ok := w.set.Descend(&c); !ok || w.set.Rank(m) != i {
			t.Fatalf("going down, not at %d", i)
		}
	}
}
