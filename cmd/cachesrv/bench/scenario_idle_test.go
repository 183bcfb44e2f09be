// The idle scenario on Debian's servers.

package bench

import (
	"strings"
	"testing"
)

func TestIdleScenario(t *testing.T) {
	r := result(t, "idle", "--spawn", bothServers(t), "--clients", "300", "--observe", "300ms", "--settle", "50ms", "--keys", "100")
	for i := range r.Targets {
		r.within(t, i, map[string][2]float64{"connections": {300, 300}, "rss_with_mb": {1, 200},
			"bytes_per_connection": {0, 100_000}, "idle_cpu_percent": {0, 50}})
	}
}

func TestIdleScenarioNamesARefusal(t *testing.T) {
	x := spawned(t, "redis-server", "")
	_, err := call(t, "idle", "--spawn", x.recipe.program+" --maxclients 20 --rename-command CONFIG ''", "--clients", "5", "--keys", "100",
		"--observe", "1ms", "--settle", "1ms")
	if err != nil {
		t.Errorf("the limit of the scenario comes last and holds: %v", err)
	}
	f := &fakeRedis{answer: func(words []string, reply string) string {
		if words[0] == "PING" {
			return "-ERR max number of clients reached\r\n"
		}
		return reply
	}}
	if _, err := call(t, "idle", "redis://"+f.serve(t).address, "--clients", "5", "--keys", "10"); err == nil || !strings.Contains(err.Error(), "max number") {
		t.Errorf("%v", err)
	}
}
