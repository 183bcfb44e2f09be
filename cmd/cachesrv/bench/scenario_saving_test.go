// The saving scenario on Debian's server.

package bench

import "testing"

func TestSavingScenario(t *testing.T) {
	r := result(t, "saving", "--spawn", redisServer(t), "--keys", "20000", "--rounds", "1", "--duration", "300ms", "--rate", "2000")
	r.within(t, 0, map[string][2]float64{"alone_seconds": {0.001, 10}, "alone_cpu_seconds": {0.001, 10}, "beside_seconds": {0.001, 10},
		"rss_before_mb": {2, 100}, "rss_growth_mb": {0, 50}, "p99_before_us": {5, 1e6}, "p99_during_us": {5, 1e6}, "errors": {0, 0}})
}
