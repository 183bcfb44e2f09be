// The whole command against Debian's servers, as a user calls it.

package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// bothServers is the --spawn value for redis-server and memcached; the test is skipped where one is missing.
func bothServers(t *testing.T) string {
	t.Helper()
	var paths []string
	for _, program := range []string{"redis-server", "memcached"} {
		path, err := exec.LookPath(program)
		if err != nil {
			t.Skipf("%s is not installed: %v", program, err)
		}
		paths = append(paths, path)
	}
	return strings.Join(paths, ",")
}

// call runs the command line and gives its standard output.
func call(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return callWith(context.Background(), args...)
}

func callWith(ctx context.Context, args ...string) (string, error) {
	var out, errors strings.Builder
	c := Command()
	c.SetArgs(args)
	c.SetOut(&out)
	c.SetErr(&errors)
	err := c.ExecuteContext(ctx)
	return out.String(), err
}

// result calls with --json and reads the figures.
func result(t *testing.T, args ...string) jsonResult {
	t.Helper()
	out, err := call(t, append(args, "--json", "--quiet")...)
	if err != nil {
		t.Fatal(err)
	}
	var r jsonResult
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return r
}

type jsonResult struct {
	Options map[string]string
	Notes   []string
	Targets []struct {
		Workload string
		Target   string
		Version  string
		Figures  map[string]*float64
		Ratios   map[string]*float64 `json:"ratio_to_first"`
		Rounds   []map[string]*float64
	}
}

// within checks figures against ranges; nil figures are out of any.
func (r jsonResult) within(t *testing.T, i int, ranges map[string][2]float64) {
	t.Helper()
	for key, span := range ranges {
		v := r.Targets[i].Figures[key]
		if v == nil || *v < span[0] || *v > span[1] {
			text := "unknown"
			if v != nil {
				text = fmt.Sprint(*v)
			}
			t.Errorf("%s: %s is %s, want %v to %v", r.Targets[i].Target, key, text, span[0], span[1])
		}
	}
}

func TestSpeedOnBothServers(t *testing.T) {
	t.Parallel() // servers of its own
	spawn := bothServers(t)
	for _, extra := range [][]string{{}, {"--pipeline", "16", "--threads", "2"}, {"--portable", "--connections", "5"}} {
		r := result(t, append([]string{"--spawn", spawn, "--keys", "5000", "--value-size", "16-300", "--duration", "300ms",
			"--rounds", "2", "--verify"}, extra...)...)
		if len(r.Targets) != 2 || len(r.Targets[0].Rounds) != 2 || r.Options["keys"] != "5000" {
			t.Fatalf("%+v", r)
		}
		for i := range r.Targets {
			if r.Targets[i].Version == "" {
				t.Errorf("%s: no version", r.Targets[i].Target)
			}
			r.within(t, i, map[string][2]float64{"ops_per_sec": {500, 1e8}, "p50_us": {1, 1e6}, "max_us": {1, 1e7},
				"hit_percent": {100, 100}, "errors": {0, 0}, "mismatches": {0, 0}})
			if polledLanes { // where there is /proc, too
				r.within(t, i, map[string][2]float64{"ops_per_cpu_sec": {500, 1e8}, "rss_end_mb": {1, 1000},
					"rss_added_mb": {0.1, 100}, "client_cpu_percent": {1, 1000}, "server_cpu_percent": {1, 1000}})
			}
		}
		if ratio := r.Targets[0].Ratios["ops_per_sec"]; ratio == nil || *ratio != 1 {
			t.Error("the first target is not its own measure")
		}
	}
}

// TestEveryProtocol: all ways to speak to a memcached, with plain and with many keys to a read, every value checked.
func TestEveryProtocol(t *testing.T) {
	t.Parallel() // servers of its own
	spawn := bothServers(t)
	for p := protoText; p < protocols; p++ {
		for _, multi := range []string{"0", "100"} {
			r := result(t, "--spawn", spawn, "--protocol", p.String(), "--multi", multi, "--keys", "5000", "--value-size", "16-300",
				"--connections", "5", "--duration", "100ms", "--rounds", "1", "--ttl", "100s", "--verify")
			for i := range r.Targets {
				r.within(t, i, map[string][2]float64{"hit_percent": {100, 100}, "errors": {0, 0}, "mismatches": {0, 0}, "ops_per_sec": {100, 1e8}})
			}
		}
	}
}

func TestSpeedOfARunningServer(t *testing.T) {
	x := spawned(t, "redis-server", "--requirepass sesame")
	x.password = "sesame"
	if err := x.start(context.Background()); err != nil {
		t.Fatal(err)
	}
	html := filepath.Join(t.TempDir(), "r.html")
	url := "redis://:sesame@" + x.address + "/3"
	out, err := call(t, url, "--keys", "500", "--duration", "200ms", "--rounds", "1", "--ratio", "0:1", "--rate", "2000",
		"--dist", "uniform", "--html", html)
	if err != nil || !strings.Contains(out, "op/CPU-s") == polledLanes || strings.Contains(out, "sesame") {
		t.Errorf("%v\n%s", err, out)
	}
	if text, err := os.ReadFile(html); err != nil || !strings.Contains(string(text), "<svg") || strings.Contains(string(text), "sesame") {
		t.Errorf("%v: %.100s", err, text)
	}
	k, err := openControl(x)
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	if a, err := k.do("SELECT", "3"); err != nil || a.text != "OK" {
		t.Fatal(a, err)
	}
	if n, err := k.count(); err != nil || n != 500 {
		t.Errorf("database 3 holds %d keys, %v", n, err)
	}
}

// TestVerifyFails: a server that gives one key's value for another ends the command with an error.
func TestVerifyFails(t *testing.T) {
	f := &fakeRedis{}
	f.answer = func(words []string, reply string) string {
		if words[0] == "GET" {
			return f.run([]string{"GET", "key:000000000001"})
		}
		return reply
	}
	url := "redis://" + f.serve(t).address
	args := []string{url, "--keys", "100", "--duration", "100ms", "--rounds", "1", "--quiet"}
	if out, err := call(t, args...); err != nil {
		t.Errorf("without --verify: %v\n%s", err, out)
	}
	out, err := call(t, append(args, "--verify")...)
	if err == nil || !strings.Contains(err.Error(), "verification failed") || !strings.Contains(err.Error(), url) {
		t.Errorf("%v", err)
	}
	if !strings.Contains(out, "wrong values") || !strings.Contains(out, "replies were wrong") {
		t.Errorf("the table does not show it:\n%s", out)
	}
}

func TestErrorRepliesAreShown(t *testing.T) {
	f := &fakeRedis{answer: func(words []string, reply string) string {
		if words[0] == "SET" {
			return "-OOM command not allowed\r\n"
		}
		return reply
	}}
	out, err := call(t, "redis://"+f.serve(t).address, "--keys", "100", "--duration", "100ms", "--rounds", "1", "--quiet")
	if err != nil || !strings.Contains(out, "OOM command not allowed") {
		t.Errorf("%v\n%s", err, out)
	}
}

// watcher reads the progress: it notes the servers' process ids, and cancels at the first line about load.
type watcher struct {
	cancel context.CancelFunc
	mu     sync.Mutex
	pids   []int
}

func (w *watcher) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := string(p)
	if _, after, ok := strings.Cut(text, "started, pid "); ok {
		pid, _, _ := strings.Cut(after, ",")
		w.pids = append(w.pids, int(number(pid)))
	}
	if strings.Contains(text, "op/s") {
		w.cancel()
	}
	return len(p), nil
}

// TestInterrupt: a cancelled command stops its servers and says so.
func TestInterrupt(t *testing.T) {
	spawn := bothServers(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out := &watcher{cancel: cancel}
	c := Command()
	c.SetArgs([]string{"--spawn", spawn, "--keys", "1000", "--duration", "1h"})
	c.SetOut(out)
	c.SetErr(out)
	if err := c.ExecuteContext(ctx); err == nil || err.Error() != "interrupted" {
		t.Errorf("%v", err)
	}
	out.mu.Lock()
	defer out.mu.Unlock()
	if len(out.pids) != 2 {
		t.Fatalf("started %v", out.pids)
	}
	for _, pid := range out.pids {
		if p, err := os.FindProcess(pid); err == nil && p.Signal(syscall.Signal(0)) == nil {
			t.Errorf("process %d still runs", pid)
		}
	}
}

func TestUsageErrorsAreOneLine(t *testing.T) {
	for _, args := range [][]string{
		{}, {"--no-such-flag"}, {"memroy"}, {"http://h:1"}, {"--spawn", "nginx"}, {"redis://127.0.0.1:1"}, {"--keys", "0", "redis://127.0.0.1:1"},
		{"--keys", "x", "redis://h"}, {"--dist", "normal", "redis://h"}, {"--ratio", "1", "redis://h"}, {"--pipeline", "0", "redis://h"},
		{"--connections", "0", "redis://h"}, {"--threads", "0", "redis://h"}, {"--rounds", "0", "redis://h"}, {"--duration", "0s", "redis://h"},
		{"--value-size", "9-1", "redis://h"}, {"--key-size", "2", "redis://h"}, {"--ttl", "10ms", "redis://h"}, {"--pid", "1,2", "redis://h"},
		{"--zipf-s", "0", "redis://h"}, {"--json", "--csv", "redis://h"}, {"memory"}, {"idle", "--clients", "0", "redis://h"},
		{"maxmemory", "--limit", "lots", "redis://h"}, {"expire", "--spawn", "redis,"},
		{"--protocol", "redis", "memcache://h"}, {"--multi", "-1", "redis://h"},
	} {
		out, err := call(t, args...)
		if err == nil || strings.Contains(strings.TrimSpace(err.Error()), "\n") || out != "" {
			t.Errorf("%q: %v, output %q", args, err, out)
		}
	}
	_, err := call(t, "redis://127.0.0.1:1")
	if err == nil || !strings.Contains(err.Error(), "redis://127.0.0.1:1: ") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("%v", err)
	}
}

func TestHelpHasExamples(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"memory", "--help"}, {"expire", "--help"}, {"maxmemory", "--help"}, {"idle", "--help"}} {
		if out, err := call(t, args...); err != nil || !strings.Contains(out, "cachesrv bench") || !strings.Contains(out, "Examples:") {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
}
