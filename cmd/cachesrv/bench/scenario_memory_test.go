// The memory scenario on Debian's servers.

package bench

import (
	"strings"
	"testing"
)

func TestMemoryScenario(t *testing.T) {
	t.Parallel() // servers of its own
	spawn := bothServers(t)
	r := result(t, "memory", "--spawn", spawn, "--keys", "20000", "--settle", "50ms")
	for i := range r.Targets {
		r.within(t, i, map[string][2]float64{"bytes_per_key": {48, 500}, "ttl_bytes_per_key": {48, 500},
			"final_fresh_added_mb": {1, 50}, "overwritten_per_fresh": {0.5, 10}})
	}
}

func TestMemoryScenarioRefusesAFullServer(t *testing.T) {
	f := &fakeRedis{}
	x := f.serve(t)
	f.run([]string{"SET", "somebody's", "data"})
	_, err := call(t, "memory", "redis://"+x.address, "--keys", "10", "--settle", "1ms")
	if err == nil || !strings.Contains(err.Error(), "holds 1 keys") {
		t.Errorf("%v", err)
	}
	if f.sets != 1 {
		t.Errorf("wrote to it all the same: %d writes", f.sets)
	}
}

func TestMemoryScenarioRefusesAnEvictingServer(t *testing.T) {
	spawn := bothServers(t)
	memcached := spawn[strings.IndexByte(spawn, ',')+1:]
	_, err := call(t, "memory", "--spawn", memcached+" -m 2 -o no_modern", "--keys", "100000", "--settle", "1ms")
	if err == nil || !strings.Contains(err.Error(), "evicts") {
		t.Errorf("%v", err)
	}
}
