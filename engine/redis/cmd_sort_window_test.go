// Tests of sorting for a window: what is in it, and what it costs.

package redis

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// TestSortWindowIsTheFullSorts: any window of any vector, by each of the orders, holds what sorting all of it puts there, ties included.
func TestSortWindowIsTheFullSorts(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 2))
		s := sorting{desc: seed&1 > 0, alpha: seed&2 > 0, byValue: seed&4 > 0}
		n := []int{0, 1, 7, 8, 100, 2000}[r.IntN(6)]
		all := make([]sortable, n)
		for i := range all {
			all[i] = sortable{text: []byte(strconv.Itoa(r.IntN(n/2 + 1))), at: i, score: float64(r.IntN(n/8 + 1))}
			if w := r.IntN(n/4 + 2); w > 0 {
				all[i].weight = []byte(strconv.Itoa(w))[1:] // empty ones too
			}
		}
		order := s.order()
		full := slices.Clone(all)
		slices.SortFunc(full, order)
		for range 50 {
			from, to := r.IntN(n+1), r.IntN(n+1)
			if r.IntN(2) == 0 { // near an end
				from, to = from/16, to/16
				if r.IntN(2) == 0 {
					from, to = n-from, n-to
				}
			}
			from, to = min(from, to), max(from, to)
			got := slices.Clone(all)
			sortWindow(got, from, to, order)
			for i := from; i < to; i++ {
				if g, w := &got[i], &full[i]; string(g.text) != string(w.text) || s.alpha && s.byValue && g.at != w.at {
					t.Fatalf("seed %d: window %d-%d of %d: at %d is %s (%d), should be %s (%d)", seed, from, to, n, i, g.text, g.at, w.text, w.at)
				}
			}
		}
	}
}

// TestSortWindowCost: ten of many cost about one comparison for each, at either end.
func TestSortWindowCost(t *testing.T) {
	const n = 100_000
	r := rand.New(rand.NewPCG(1, 3))
	all := make([]sortable, n)
	for i := range all {
		all[i] = sortable{text: []byte(strconv.Itoa(i)), score: r.Float64()}
	}
	order := (&sorting{}).order()
	for _, from := range []int{0, 90, n - 10, n - 100} {
		asked := 0
		sortWindow(slices.Clone(all), from, from+10, func(a, b sortable) int { asked++; return order(a, b) })
		if asked > n+n/5 {
			t.Errorf("%d comparisons for ten of %d from %d on", asked, n, from)
		}
	}
}
