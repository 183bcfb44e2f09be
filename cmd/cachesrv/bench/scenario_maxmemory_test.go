// The memory limit scenario on Debian's servers.

package bench

import (
	"context"
	"testing"
)

func TestMaxmemoryScenario(t *testing.T) {
	t.Parallel() // servers of its own
	r := result(t, "maxmemory", "--spawn", bothServers(t), "--limit", "4mb", "--keys", "200000", "--duration", "2s")
	for i := range r.Targets {
		r.within(t, i, map[string][2]float64{"limit_mb": {4, 4}, "used_max_mb": {1, 30}, "rss_max_mb": {2, 200},
			"samples": {3, 1000}, "evicted": {1, 1e9}, "errors": {0, 0}})
	}
}

func TestMaxmemoryScenarioOnARunningServer(t *testing.T) {
	t.Parallel() // servers of its own
	for _, program := range []string{"redis-server", "memcached"} {
		x := spawned(t, program, "")
		if err := x.start(context.Background()); err != nil {
			t.Fatal(err)
		}
		scheme := "redis://"
		if x.proto == protoText {
			scheme = "memcache://"
		}
		r := result(t, "maxmemory", scheme+x.address, "--limit", "16mb", "--keys", "200000", "--duration", "700ms")
		r.within(t, 0, map[string][2]float64{"limit_mb": {16, 16}, "used_max_mb": {4, 60}, "errors": {0, 0}})
	}
}
