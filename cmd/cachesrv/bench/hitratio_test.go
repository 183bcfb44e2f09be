// The workload hitratio on Debian's servers, and the order in which a replay asks and writes.

package bench

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/evict/sim"
)

// TestHitRatioOnBothServers: what is popular is mostly found. A small memcached refuses a write now and then.
func TestHitRatioOnBothServers(t *testing.T) {
	t.Parallel() // servers of its own
	r := result(t, "--spawn", bothServers(t), "--workload", "hitratio", "--keys", "300", "--value-size", "16000", "--pipeline", "64")
	if want := 2 * (2*6 + 1); len(r.Targets) != want {
		t.Fatalf("%d lines, want %d; notes %q", len(r.Targets), want, r.Notes)
	}
	sum := [2]float64{}
	for i, x := range r.Targets[:24] {
		name, percent, _ := strings.Cut(x.Workload, ", ")
		share := map[string]float64{"10%": 0.10, "50%": 0.50}[percent]
		if share == 0 {
			t.Fatalf("line %d is about %q", i, x.Workload)
		}
		least := map[string]float64{"zipf 0.9": 15, "zipf 1.1": 20, "scans": 8, "drift": 8, "jump": 8}[name]
		r.within(t, i, map[string][2]float64{"hit_percent": {least, 99.9}, "data_mb": {2, 40}, "limit_mb": {2, 20}, "errors": {0, 100}})
		if name == "loop" && percent == "10%" {
			r.within(t, i, map[string][2]float64{"hit_percent": {0, 60}})
		}
		sum[i%2] += *x.Figures["hit_percent"] / 12
	}
	for i := range sum {
		r.within(t, 24+i, map[string][2]float64{"hit_percent": {sum[i] - 1e-6, sum[i] + 1e-6}})
		if v := r.Targets[24+i].Figures["errors"]; r.Targets[24+i].Workload != "mean" || v != nil && *v != 0 {
			t.Errorf("%+v", r.Targets[24+i])
		}
	}
}

func TestHitRatioRefusesWhatItCannotUse(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--workload hitratio,hget", "hitratio"},
		{"--workload hitratio --dist uniform", "--dist"},
		{"--workload hitratio --connections 3", "--connections"},
		{"--workload hitratio --keys 4000000000", "--keys"},
	} {
		_, err := call(t, append(strings.Fields(c.args), "--spawn", "memcached", "--quiet")...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.args, err)
		}
	}
}

// TestReplay: misses are written with the next batch, each once, and a phase ends where it is told to.
func TestReplay(t *testing.T) {
	k, err := newKeyspace(10, 5, 3, 3, "")
	if err != nil {
		t.Fatal(err)
	}
	y := &replay{keys: []uint32{1, 2, 1, 3, 1, 2}}
	g := newLaneGroup(&target{proto: protoText}, 1, false)
	g.phase = &phase{shape: newRequests(k, expiry{}, false, epoch), replay: y, replayTo: 5, pipeline: 3, deadline: math.MaxInt64}
	l := &g.lanes[0]
	var batches []string
	for !g.ended(0) {
		g.fill(l, 0)
		text := ""
		for _, q := range l.batch {
			text += fmt.Sprintf("%s %d ", verbs[q.row].name, q.key)
			g.reply = reply{kind: kindStatus, line: []byte("STORED")}
			if q.row == rowGet {
				g.reply = reply{kind: kindAbsent}
			}
			g.count(&q, 0)
		}
		batches = append(batches, text)
	}
	want := []string{"get 1 get 2 get 1 ", "set 1 set 2 get 3 get 1 "}
	if !slices.Equal(batches, want) || !slices.Equal(y.missed, []uint32{3, 1}) {
		t.Errorf("%q, left to write %v; want %q", batches, y.missed, want)
	}
	if g.tally.hits != 0 || g.tally.misses != 5 || g.tally.wrong != 0 {
		t.Errorf("%+v", g.tally)
	}
}

func TestBytesOfATrace(t *testing.T) {
	k, err := newKeyspace(4, 10, 5, 5, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := bytesOf(sim.Trace{Keys: []uint32{0, 1, 2, 1, 3}, Distinct: 4}, k); got != 60 {
		t.Errorf("%d bytes", got)
	}
}
