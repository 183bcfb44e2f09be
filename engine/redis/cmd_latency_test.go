// Tests of LATENCY.

package redis

import (
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

func TestLatencyEvents(t *testing.T) {
	r := newRig(t, core.Options{})
	allowDebug(r.set)
	c := r.client()
	c.want("*0\r\n", "latency", "latest")
	c.do("debug", "sleep", "0.003")
	c.want("*0\r\n", "latency", "latest") // off
	c.want("+OK\r\n", "config", "set", "latency-monitor-threshold", "20")
	r.e.latency.note("command", 19_999*time.Microsecond)
	c.want("*0\r\n", "latency", "latest") // too short
	c.do("debug", "sleep", "0.03")
	if got := c.do("latency", "latest"); !strings.HasPrefix(got, "*1\r\n*4\r\n$7\r\ncommand\r\n:") {
		t.Errorf("%q", got)
	}
	if got := c.do("latency", "history", "command"); !strings.HasPrefix(got, "*1\r\n*2\r\n:") {
		t.Errorf("%q", got)
	}
	if got := c.do("latency", "graph", "command"); !strings.Contains(got, "command - high ") || !strings.Contains(got, strings.Repeat("-", 80)+"\n") {
		t.Errorf("%q", got)
	}
	c.want("-ERR No samples available for event 'nosuch'\r\n", "latency", "graph", "nosuch")
	c.want("*0\r\n", "latency", "history", "nosuch")
	c.want(":0\r\n", "latency", "reset", "nosuch")
	c.want(":1\r\n", "latency", "reset", "command", "nosuch", "command")
	c.want("*0\r\n", "latency", "latest")
	c.want("+OK\r\n", "config", "set", "latency-monitor-threshold", "0")
	c.want("-ERR unknown subcommand 'foo'. Try LATENCY HELP.\r\n", "latency", "foo")
}

func TestLatencyStoreEvents(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.want("+OK\r\n", "config", "set", "latency-monitor-threshold", "1")
	for _, e := range []struct {
		work core.Work
		name string
	}{{core.Sweeping, "expire-cycle"}, {core.Evicting, "eviction-cycle"}} {
		r.e.latency.heard(e.work, 5*time.Millisecond)
		if got := c.do("latency", "history", e.name); !strings.HasSuffix(got, ":5\r\n") {
			t.Errorf("%q", got)
		}
	}
	if got := c.do("latency", "doctor"); !strings.Contains(got, "expire-cycle: 1 spikes kept, on average 5 ms") || !strings.Contains(got, "maxmemory") {
		t.Errorf("%s", got)
	}
	c.want(":2\r\n", "latency", "reset")
	if got := c.do("latency", "doctor"); !strings.Contains(got, "Nothing took longer") {
		t.Errorf("%s", got)
	}
}

func TestLatencySeries(t *testing.T) {
	var l latency
	for at := int64(1); at <= 400; at++ {
		l.add("x", at, at%7)
		l.add("x", at, 3)
	}
	list, worst := l.samples("x")
	if len(list) != latencyKeep || list[0].at != 241 || list[latencyKeep-1].at != 400 || worst != 6 {
		t.Fatalf("%d samples from %d on, the worst %d", len(list), list[0].at, worst)
	}
	for _, s := range list {
		if s.ms != max(s.at%7, 3) {
			t.Errorf("%+v", s)
		}
	}
	mean, spread, period := judge([]latencySample{{10, 100}, {20, 300}, {30, 200}})
	if mean != 200 || spread != 66 || period != 10 {
		t.Errorf("%d %d %v", mean, spread, period)
	}
}

// TestLatencyGraph: the drawing is the one that the original makes of these samples.
func TestLatencyGraph(t *testing.T) {
	got := drawGraph("command", []latencySample{{100, 10}, {3680, 20}, {7205, 100}, {7259, 55}}, 120, 7260)
	want := "command - high 100 ms, low 10 ms (all time high 120 ms)\n" + strings.Repeat("-", 80) + "\n" +
		"  # \n" +
		"  |_\n" +
		"  ||\n" +
		"_o||\n" +
		"    \n" +
		"1551\n" +
		"h95s\n" +
		" ms \n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	many := make([]latencySample, 85)
	for i := range many {
		many[i] = latencySample{int64(i + 1), 7}
	}
	if got := drawGraph("x", many, 7, 100); strings.Count(got, strings.Repeat("_", 80)+"\n") != 1 || !strings.Contains(got, "\n\n     \n") {
		t.Errorf("%s", got)
	}
	for seconds, text := range map[int64]string{0: "0s", 59: "59s", 60: "1m", 3599: "59m", 3600: "1h", 86399: "23h", 86400: "1d"} {
		if got := shortAge(seconds); got != text {
			t.Errorf("%d s: %s, want %s", seconds, got, text)
		}
	}
}

func TestLatencyHistogram(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.want("*0\r\n", "latency", "histogram", "get", "nosuch")
	h := r.e.counters(c.worker.Serial).row(r.e.table.find([]byte("get")).id).histogram()
	for took, n := range map[time.Duration]int{300: 5, 1500: 1, 1600: 2, 200_000: 3, 5 * time.Second: 1} {
		h.add(took, n)
	}
	c.want("*2\r\n$3\r\nget\r\n*4\r\n$5\r\ncalls\r\n:12\r\n$14\r\nhistogram_usec\r\n*8\r\n:1\r\n:5\r\n:2\r\n:8\r\n:264\r\n:11\r\n:1082130\r\n:12\r\n", "latency", "histogram", "get", "nosuch")
	c.do("config", "get", "nosuch")
	c.do("client", "id")
	if got := c.do("latency", "histogram", "config"); !strings.HasPrefix(got, "*2\r\n$10\r\nconfig|get\r\n*4\r\n$5\r\ncalls\r\n:1\r\n") {
		t.Errorf("%q", got)
	}
	if got := c.do("latency", "histogram"); strings.Count(got, "histogram_usec") != 4 {
		t.Errorf("%q", got)
	}
	c.do("hello", "3")
	if got := c.do("latency", "histogram", "get"); !strings.HasPrefix(got, "%1\r\n$3\r\nget\r\n%2\r\n$5\r\ncalls\r\n:12\r\n$14\r\nhistogram_usec\r\n%4\r\n") {
		t.Errorf("%q", got)
	}
}

func TestLatencystatsPercentiles(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.do("get", "k")
	for setting, want := range map[string]string{"99.9 0 100": "latency_percentiles_usec_get:p99.9=", "50": "latency_percentiles_usec_get:p50="} {
		c.want("+OK\r\n", "config", "set", "latency-tracking-info-percentiles", setting)
		if got := c.do("info", "latencystats"); !strings.Contains(got, want) || strings.Count(got, "usec_get") != 1 {
			t.Errorf("%s: %s", setting, got)
		}
	}
	c.want("+OK\r\n", "config", "set", "latency-tracking-info-percentiles", "")
	if got := c.do("info", "latencystats"); got != bulk("# Latencystats\r\n") {
		t.Errorf("%q", got)
	}
}
