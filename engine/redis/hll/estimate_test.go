// Tests of the estimator at its edges, which only forged registers reach.

package hll

import "testing"

func TestEstimateEdges(t *testing.T) {
	for _, c := range []struct {
		value uint8
		want  uint64
	}{{0, 0}, {51, 1 << 63}, {63, 1 << 63}} {
		var h histogram
		h[c.value] = Registers
		if got := h.estimate(); got != c.want {
			t.Errorf("all registers %d: %d, want %d", c.value, got, c.want)
		}
	}
	last := uint64(0)
	for value := range 50 {
		var h histogram
		h[value] = Registers
		n := h.estimate()
		if value > 0 && n <= last {
			t.Errorf("all registers %d: %d, not more than %d", value, n, last)
		}
		last = n
	}
}
