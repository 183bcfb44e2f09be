// Tests of the made-up traces.
package sim

import (
	"slices"
	"testing"
)

func TestSyntheticTracesAreNumberedByAppearance(t *testing.T) {
	for _, trace := range Synthetic(2000, 1) {
		next := uint32(0)
		for i, k := range trace.Keys {
			if k > next {
				t.Fatalf("%s: key %d at %d, want at most %d", trace.Name, k, i, next)
			}
			if k == next {
				next++
			}
		}
		if int(next) != trace.Distinct || len(trace.Keys) != 2000 {
			t.Errorf("%s: %d keys", trace.Describe(), next)
		}
	}
}

// The traces of a contest are what their names say, and the same for the same seed.
func TestContest(t *testing.T) {
	const keys, n = 1000, 10_000
	again := slices.Collect(Contest(keys, n, 1))
	least := map[string]int{"zipf 0.9": 900, "zipf 1.1": 700, "scans": 1500, "loop": keys, "drift": 1500, "jump": 1500}
	for trace := range Contest(keys, n, 1) {
		same := again[0]
		again = again[1:]
		if trace.Name != same.Name || !slices.Equal(trace.Keys, same.Keys) || len(trace.Keys) != n {
			t.Errorf("%s: another trace the second time, or %d accesses", trace.Describe(), len(trace.Keys))
		}
		if want, ok := least[trace.Name]; !ok || trace.Distinct < want || trace.Distinct > 4*keys {
			t.Errorf("%s, want at least %d keys", trace.Describe(), want)
		}
	}
	if len(again) != 0 {
		t.Errorf("%d traces were made the first time only", len(again))
	}
}
