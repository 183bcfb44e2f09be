// The scenario of changing sizes on Debian's servers.

package bench

import "testing"

func TestChurnScenario(t *testing.T) {
	t.Parallel() // servers of its own
	r := result(t, "churn", "--spawn", bothServers(t), "--limit", "16mb", "--settle", "50ms", "--connections", "4")
	for i := range r.Targets {
		r.within(t, i, map[string][2]float64{"limit_mb": {16, 16}, "live_mb": {2, 17}, "items": {500, 100_000}, "rss_added_mb": {4, 100},
			"live_of_rss_percent": {5, 110}, "fresh_live_of_rss_percent": {20, 110}})
	}
}
