// The restart scenario on Debian's server.

package bench

import (
	"strings"
	"testing"
)

func TestRestartScenario(t *testing.T) {
	r := result(t, "restart", "--spawn", redisServer(t), "--keys", "2000", "--data", "mixed", "--rounds", "1")
	if len(r.Targets) != 2 || r.Targets[0].Workload != "mixed rdb" || r.Targets[1].Workload != "mixed aof" {
		t.Fatalf("%+v", r.Targets)
	}
	for i := range r.Targets {
		r.within(t, i, map[string][2]float64{"file_mb": {0.05, 1}, "seconds": {0.001, 10}, "cpu_seconds": {0.001, 10}, "keys_per_sec": {200, 2e6}})
	}
}

func TestRestartRefusals(t *testing.T) {
	spawn := redisServer(t)
	for want, args := range map[string][]string{
		"--spawn starts": {"redis://127.0.0.1:1"}, `--from "x"`: {"--spawn", spawn, "--from", "x"},
		`--data "x"`: {"--spawn", spawn, "--data", "x"}, "--keys must": {"--spawn", spawn, "--keys", "0"},
	} {
		if strings.HasPrefix(args[0], "redis:") {
			f := &fakeRedis{}
			args = []string{"redis://" + f.serve(t).address}
		}
		if _, err := call(t, append([]string{"restart"}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", args, err, want)
		}
	}
}
