// Keys are in the order of scores; searching is as a plain loop does it.

package rank

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestKeysOrder(t *testing.T) {
	all := []float64{math.Inf(-1), -math.MaxFloat64, -1e300, -2, -1, -math.SmallestNonzeroFloat64, 0, math.SmallestNonzeroFloat64,
		1, math.Nextafter(1, 2), 2, 1e300, math.MaxFloat64, math.Inf(1)}
	for i, x := range all {
		if scoreOf(keyOf(x)) != x {
			t.Errorf("%v became %v", x, scoreOf(keyOf(x)))
		}
		for j, y := range all {
			if (keyOf(x) < keyOf(y)) != (i < j) {
				t.Errorf("the keys of %v and %v are in the wrong order", x, y)
			}
		}
		if keyOf(x)+1 == 0 {
			t.Errorf("nothing can follow the key of %v", x)
		}
	}
	if keyOf(math.Copysign(0, -1)) != keyOf(0) {
		t.Error("the zeroes differ")
	}
}

func TestBelow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range innerCap + 1 {
		for range 300 {
			keys := make([]uint64, n)
			for i := range keys {
				keys[i] = r.Uint64N(50)
				if r.IntN(20) == 0 {
					keys[i] = math.MaxUint64
				}
			}
			slices.Sort(keys)
			k := r.Uint64N(52)
			want := 0
			for _, x := range keys {
				if x < k {
					want++
				}
			}
			if got := below(keys, k); got != want {
				t.Fatalf("%d of %v are below %d, not %d", got, keys, k, want)
			}
		}
	}
}
