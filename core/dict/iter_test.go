// What walking promises: a scan misses nothing that stays, chance is fair.

package dict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestScanMissesNothing(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 2))
		k := newKeeper(t, Map, 1<<30)
		stay := 200 + r.IntN(2_000)
		for i := range stay {
			k.set(fmt.Sprint("stay", i), "v", int64(i%3))
		}
		seen, extra, grow := map[string]bool{}, 0, seed%2 == 0
		for cursor, calls := uint64(0), 0; ; calls++ {
			k.open()
			cursor = k.d.Scan(cursor, func(e *Entry) {
				k.checkEntry(string(e.Name()), e)
				seen[string(e.Name())] = true
			})
			if cursor == 0 {
				break
			}
			if calls%100 == 0 {
				grow = !grow
			}
			for range r.IntN(40) {
				if grow {
					k.set(fmt.Sprint("extra", extra), "v", 0)
					extra++
				} else if extra > 0 {
					extra--
					k.remove(fmt.Sprint("extra", extra))
				}
			}
		}
		for i := range stay {
			if !seen[fmt.Sprint("stay", i)] {
				t.Fatalf("seed %d: stay%d was there all along and not visited", seed, i)
			}
		}
	}
}

// TestRandomIsFair draws from dicts of several shapes: no entry may come much more or less often than the others.
func TestRandomIsFair(t *testing.T) {
	for _, n := range []int{1, 2, 9, 100, 700} {
		for _, few := range []bool{false, true} {
			if few && n > 20 {
				continue // the table has longer chains than any real hash makes
			}
			k := newKeeper(t, Set, 1<<30)
			k.few = few
			for i := range n {
				k.set(fmt.Sprint("m", i), "", 0)
			}
			k.open()
			const each = 400
			count := map[string]int{}
			for range n * each {
				e := k.d.Random()
				count[string(e.Name())]++
			}
			for i := range n { // eight standard deviations
				if c := count[fmt.Sprint("m", i)]; math.Abs(float64(c)-each) > 8*math.Sqrt(each) {
					t.Errorf("%d entries (few hashes: %v): m%d came %d times, want about %d", n, few, i, c, each)
				}
			}
		}
	}
}
