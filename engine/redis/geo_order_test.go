// Tests of sorting the beginning of a list.

package redis

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSortFirst(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for range 3000 {
		list := make([]ranking, r.IntN(300))
		distinct := 1 + r.IntN(300)
		for i := range list {
			list[i] = ranking{float64(r.IntN(distinct)), int32(i)}
		}
		want := slices.Clone(list)
		slices.SortFunc(want, compareStable)
		n := r.IntN(len(list) + 1)
		if r.IntN(2) == 0 {
			sortWithin(list, n, r.IntN(2000)) // as with a list that is hard
		} else {
			sortFirst(list, n)
		}
		seen := map[int32]bool{}
		for i, x := range list {
			if i < n && x.key != want[i].key {
				t.Fatalf("element %d of %d is %v, want %v", i, n, x.key, want[i].key)
			}
			seen[x.at] = true
		}
		if len(seen) != len(list) {
			t.Fatalf("%d of %d elements are left", len(seen), len(list))
		}
	}
}

// TestSortFirstTies is an order that the real server showed for equal distances.
func TestSortFirstTies(t *testing.T) {
	list := []ranking{{0, 0}, {2, 1}, {1, 2}, {3, 3}, {5, 4}, {4, 5}, {4, 6}, {1, 7}, {3, 8}, {5, 9}, {2, 10}, {3, 11}, {3, 12}}
	sortFirst(list, 4)
	var got []int32
	for _, x := range list[:4] {
		got = append(got, x.at)
	}
	if !slices.Equal(got, []int32{0, 7, 2, 10}) {
		t.Errorf("got %v", got)
	}
}
