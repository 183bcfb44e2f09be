// Tests of expiry.go.

package memcached

import (
	"math"
	"testing"
)

func TestDeadline(t *testing.T) {
	const now = 1_800_000_000_123
	for _, c := range []struct{ seconds, want int64 }{
		{0, 0}, {-1, gone}, {math.MinInt64, gone}, {1, now + 1000}, {relativeMax, now + relativeMax*1000},
		{relativeMax + 1, gone}, {1_800_000_000, gone}, {1_800_000_001, 1_800_000_001_000}, {4_294_967_296, 4_294_967_296_000},
		{math.MaxInt64, math.MaxInt64},
	} {
		if got := deadline(c.seconds, now); got != c.want {
			t.Errorf("deadline(%d) = %d, want %d", c.seconds, got, c.want)
		}
	}
}
