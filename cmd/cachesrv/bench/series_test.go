// Tests of whole series of workloads, on Debian's redis-server and on one that knows no types.

package bench

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func redisServer(t *testing.T) string {
	t.Helper()
	path, _, _ := strings.Cut(bothServers(t), ",")
	return path
}

// TestEveryWorkloadOnRedis: every command is one that the real server takes, and finds what was loaded for it.
func TestEveryWorkloadOnRedis(t *testing.T) {
	t.Parallel() // servers of its own
	x := redisServer(t)
	r := result(t, "--spawn", x, "--workload", "all", "--keys", "5000", "--pipeline", "16", "--connections", "4", "--duration", "20ms", "--rounds", "2")
	if len(r.Targets) != len(workloads) || len(r.Notes) != 0 {
		t.Fatalf("%d lines, notes %q", len(r.Targets), r.Notes)
	}
	for i := range r.Targets {
		w := &workloads[i]
		if r.Targets[i].Workload != w.name || len(r.Targets[i].Rounds) != 2 {
			t.Errorf("line %d: %+v, want %s", i, r.Targets[i], w.name)
		}
		r.within(t, i, map[string][2]float64{"ops_per_sec": {0.5, 1e8}})
		hits := false
		for _, a := range w.asks {
			hits = hits || a.least > 0 || a.want == kindValue
		}
		if hits {
			r.within(t, i, map[string][2]float64{"hit_percent": {99, 100}})
		}
	}
}

func TestWorkloadsPortably(t *testing.T) {
	x := redisServer(t)
	r := result(t, "--spawn", x+","+x, "--workload", "sadd,session", "--keys", "2000", "--connections", "3", "--duration", "20ms", "--rounds", "1", "--portable")
	if len(r.Targets) != 4 || r.Targets[1].Target != r.Targets[3].Target || r.Targets[1].Target == r.Targets[0].Target {
		t.Fatalf("%+v", r)
	}
	for i := range r.Targets {
		r.within(t, i, map[string][2]float64{"hit_percent": {100, 100}})
		if v := r.Targets[i].Ratios["ops_per_sec"]; v == nil || i%2 == 0 && *v != 1 {
			t.Errorf("line %d: ratio %v", i, v)
		}
	}
}

// TestWorkloadsLeaveARunningServerAsItWas: what they wrote goes, what was there stays.
func TestWorkloadsLeaveARunningServerAsItWas(t *testing.T) {
	x := spawned(t, "redis-server", "")
	if err := x.start(context.Background()); err != nil {
		t.Fatal(err)
	}
	k, err := openControl(x)
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	for _, words := range [][]string{{"SET", "theirs", "v"}, {"SET", "key:hash:00000001", "of another type"}} {
		if a, err := k.do(words...); err != nil || a.text != "OK" {
			t.Fatal(a, err)
		}
	}
	r := result(t, "redis://"+x.address, "--workload", "hget,hset-big,queue,zunionstore", "--keys", "3000", "--connections", "2", "--duration", "10ms", "--rounds", "2")
	if len(r.Notes) != 0 {
		t.Errorf("%q", r.Notes)
	}
	if n, err := k.count(); err != nil || n != 1 {
		t.Errorf("%d keys are left, %v", n, err)
	}
}

// TestAFailedWorkloadHasNoFigures: an error is told with its text, the other target and the other workloads go on.
func TestAFailedWorkloadHasNoFigures(t *testing.T) {
	x := redisServer(t)
	f := &fakeRedis{answer: func(words []string, reply string) string {
		if words[0] == "DEL" {
			return ":0\r\n"
		}
		return reply
	}}
	url := "redis://" + f.serve(t).address
	out, err := call(t, "--spawn", x, url, "--workload", "hget,lpush", "--keys", "2000", "--connections", "3", "--duration", "20ms", "--rounds", "2", "--quiet")
	if err == nil || !strings.Contains(err.Error(), "a workload failed: hget on "+url) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 7 {
		t.Fatalf("%d lines:\n%s", len(lines), out)
	}
	for i, want := range []string{"workload", "hget", "hget", "lpush", "lpush"} {
		if !strings.HasPrefix(lines[i], want+" ") {
			t.Errorf("line %d: %s", i, lines[i])
		}
		if failed := strings.Contains(lines[i], url); failed && strings.ContainsAny(strings.ReplaceAll(lines[i], url, ""), "0123456789") {
			t.Errorf("figures of a failed workload: %s", lines[i])
		} else if i > 0 && !failed && !strings.Contains(lines[i], "1.00x") {
			t.Errorf("no figures: %s", lines[i])
		}
	}
	if want := fmt.Sprintf(": %d of %d requests", loadPipeline, loadPipeline); !strings.Contains(lines[5], want) { // of 200
		t.Errorf("it went on after the first error: %s", lines[5])
	}
	for i, want := range []string{"hget failed on " + url, "lpush failed on " + url} {
		if !strings.HasPrefix(lines[5+i], want) || !strings.Contains(lines[5+i], "-ERR unknown command") {
			t.Errorf("note %d: %s", i, lines[5+i])
		}
	}
}

// TestAWorkloadWithoutAServer: one that goes away in a round takes its figures along, not the others'.
func TestAWorkloadWithoutAServer(t *testing.T) {
	f := &fakeRedis{}
	f.answer = func(words []string, reply string) string {
		switch words[0] {
		case "DEL":
			return ":0\r\n"
		case "LPUSH":
			return "close"
		case "PFADD":
			return ":1\r\n"
		}
		return reply
	}
	out, err := call(t, "redis://"+f.serve(t).address, "--workload", "lpush,pfadd", "--keys", "50", "--connections", "2", "--duration", "10ms", "--rounds", "1", "--quiet")
	if err == nil || !strings.Contains(out, "lpush failed on") || !strings.Contains(out, "closed the connection") || strings.Contains(out, "pfadd failed") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestWorkloadsRefuseWhatTheyCannotUse(t *testing.T) {
	f := &fakeRedis{}
	url := "redis://" + f.serve(t).address
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{url, "--workload", "hget,nosuch"}, `"nosuch"`},
		{[]string{url, "--workload", "hget", "--ttl", "3s"}, "--ttl"},
		{[]string{url, "--workload", "hget", "--ratio", "1:1"}, "--ratio"},
		{[]string{url, "--workload", "hget", "--keys", "50000001"}, "--keys"},
		{[]string{"--spawn", "memcached", "--workload", "hget"}, "only Redis"},
		{[]string{"memory", url, "--shape", "nosuch"}, `"nosuch"`},
		{[]string{"memory", url, "--shape", "zset", "--value-size", "3"}, "--value-size"},
	} {
		out, err := call(t, c.args...)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || out != "" {
			t.Errorf("%q: %v, output %q", c.args, err, out)
		}
	}
	if f.sets != 0 {
		t.Error("something was written")
	}
}
