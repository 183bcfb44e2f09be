// Tests of the weighing of shapes, on Debian's redis-server and on one that knows no types.

package bench

import (
	"strings"
	"testing"
)

func TestShapesOnRedis(t *testing.T) {
	r := result(t, "memory", "--spawn", redisServer(t), "--shape", "all", "--keys", "50000", "--settle", "20ms")
	if len(r.Targets) != len(shapes) || len(r.Notes) != 0 {
		t.Fatalf("%d lines, notes %q", len(r.Targets), r.Notes)
	}
	for i := range r.Targets {
		if r.Targets[i].Workload != shapes[i].name {
			t.Errorf("line %d is %s, want %s", i, r.Targets[i].Workload, shapes[i].name)
		}
		r.within(t, i, map[string][2]float64{"items": {50000, 50000}, "bytes_per_item": {9, 250}, "added_mb": {0.4, 20}})
	}
}

func TestShapesOnAServerWithoutTypes(t *testing.T) {
	f := &fakeRedis{answer: func(words []string, reply string) string {
		if words[0] == "DEL" {
			return ":0\r\n"
		}
		return reply
	}}
	out, err := call(t, "memory", "redis://"+f.serve(t).address, "--shape", "zset", "--keys", "100", "--settle", "1ms", "--quiet")
	if err == nil || !strings.Contains(out, "zset failed on") || polledLanes && !strings.Contains(out, "-ERR unknown command") {
		t.Errorf("%v\n%s", err, out)
	}
}
