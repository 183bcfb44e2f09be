// Tests of the made-up traces.
package sim

import "testing"

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
