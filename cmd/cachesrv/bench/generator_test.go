// Tests of the generator over both transports, against the fake server.

package bench

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// overTransports runs a test with the epoll loop, where there is one, and with the portable transport.
func overTransports(t *testing.T, test func(t *testing.T, portable bool)) {
	if polledLanes {
		t.Run("polled", func(t *testing.T) { test(t, false) })
	}
	t.Run("plain", func(t *testing.T) { test(t, true) })
}

func generatorFor(t *testing.T, x *target, connections, threads int, portable bool) *generator {
	t.Helper()
	g, err := openGenerator(x, connections, threads, true, portable)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.close)
	return g
}

func loadOf(k *keyspace, pipeline int) *phase {
	return &phase{shape: newRequests(k, expiry{}, true, time.Now()), dist: distSequential, keys: k.n, setShare: allSets,
		pipeline: pipeline, requests: int64(k.n)}
}

func mixOf(k *keyspace, pipeline int, requests int64) *phase {
	return &phase{shape: newRequests(k, expiry{}, true, time.Now()), dist: distZipf, zipfS: 0.99, keys: k.n, seed: 1,
		setShare: setShareOf(1, 4), freshVersions: true, pipeline: pipeline, requests: requests}
}

func TestLoadWritesEveryKeyOnce(t *testing.T) {
	overTransports(t, func(t *testing.T, portable bool) {
		for _, c := range []struct{ keys, connections, threads, pipeline int }{
			{1000, 7, 1, 1}, {1000, 7, 3, 16}, {5, 50, 2, 16}, {1, 1, 1, 1}, {999, 10, 4, 7},
		} {
			f := &fakeRedis{}
			g := generatorFor(t, f.serve(t), c.connections, c.threads, portable)
			k := keysFor(t, uint64(c.keys), 16, 10, 40)
			r, err := g.run(context.Background(), loadOf(k, c.pipeline))
			if err != nil || r.done != int64(c.keys) || r.wrong != 0 {
				t.Fatalf("%+v: %+v, %v", c, r, err)
			}
			f.mu.Lock()
			if len(f.keys) != c.keys || f.sets != c.keys {
				t.Errorf("%+v: %d keys by %d writes", c, len(f.keys), f.sets)
			}
			f.mu.Unlock()
			r, err = g.run(context.Background(), mixOf(k, c.pipeline, 3000))
			if err != nil || r.done != 3000 || r.misses != 0 || r.mismatched != 0 || r.wrong != 0 || r.hits < 2000 || r.hits > 2800 {
				t.Errorf("%+v: the mix gave %+v, %v", c, r.tally, err)
			}
			if r.latency.TotalCount() != 3000 || r.latency.Max() == 0 {
				t.Errorf("%+v: %d latencies, the longest %d", c, r.latency.TotalCount(), r.latency.Max())
			}
		}
	})
}

// TestBatchesBeyondTheSocketBuffers: neither side may wait for the other to read first.
func TestBatchesBeyondTheSocketBuffers(t *testing.T) {
	overTransports(t, func(t *testing.T, portable bool) {
		f := &fakeRedis{}
		g := generatorFor(t, f.serve(t), 2, 1, portable)
		k := keysFor(t, 500, 16, 40_000, 50_000)
		if r, err := g.run(context.Background(), loadOf(k, 250)); err != nil || r.done != 500 {
			t.Fatalf("%+v, %v", r, err)
		}
		r, err := g.run(context.Background(), mixOf(k, 250, 1000))
		if err != nil || r.done != 1000 || r.mismatched != 0 || r.wrong != 0 {
			t.Fatalf("%+v, %v", r.tally, err)
		}
	})
}

func TestMissesWrongValuesAndErrorsAreCounted(t *testing.T) {
	overTransports(t, func(t *testing.T, portable bool) {
		var gets atomic.Int64
		f := &fakeRedis{answer: func(words []string, reply string) string {
			if words[0] != "GET" {
				return reply
			}
			switch n := gets.Add(1); {
			case n <= 10:
				return "-LOADING later\r\n"
			case n <= 30:
				return "$16\r\n00000000WRONG!!!\r\n"
			case n <= 60:
				return "$-1\r\n"
			}
			return reply
		}}
		g := generatorFor(t, f.serve(t), 3, 1, portable)
		k := keysFor(t, 50, 16, 16, 16)
		if _, err := g.run(context.Background(), loadOf(k, 4)); err != nil {
			t.Fatal(err)
		}
		p := mixOf(k, 4, 200)
		p.setShare = 0
		r, err := g.run(context.Background(), p)
		if err != nil || r.done != 200 || r.wrong != 10 || r.mismatched != 20 || r.misses != 30 || r.hits != 140 {
			t.Errorf("%+v, %v", r.tally, err)
		}
		if !strings.Contains(r.firstWrong, "LOADING") {
			t.Errorf("first wrong: %q", r.firstWrong)
		}
	})
}

func TestServerThatClosesIsNamed(t *testing.T) {
	overTransports(t, func(t *testing.T, portable bool) {
		var n atomic.Int64
		f := &fakeRedis{answer: func(words []string, reply string) string {
			if n.Add(1) > 500 {
				return "close"
			}
			return reply
		}}
		x := f.serve(t)
		g := generatorFor(t, x, 5, 1, portable)
		_, err := g.run(context.Background(), loadOf(keysFor(t, 10_000, 16, 5, 5), 4))
		if err == nil || !strings.Contains(err.Error(), x.name) || !strings.Contains(err.Error(), "closed the connection") {
			t.Errorf("%v", err)
		}
	})
}

func TestOtherProtocolIsNamed(t *testing.T) {
	overTransports(t, func(t *testing.T, portable bool) {
		for answer, want := range map[string]string{"HELLO?\r\n": "not the redis protocol", "+OK\r\n+OK\r\n": "nobody asked for"} {
			f := &fakeRedis{answer: func(words []string, usual string) string {
				if words[0] == "PING" {
					return usual
				}
				return answer
			}}
			x := f.serve(t)
			g := generatorFor(t, x, 1, 1, portable)
			_, err := g.run(context.Background(), loadOf(keysFor(t, 10, 16, 5, 5), 1))
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), x.name) {
				t.Errorf("%q: %v", answer, err)
			}
		}
	})
}

func TestInterruptedPhaseEnds(t *testing.T) {
	overTransports(t, func(t *testing.T, portable bool) {
		ctx, cancel := context.WithCancel(context.Background())
		var n atomic.Int64
		f := &fakeRedis{answer: func(_ []string, reply string) string {
			if n.Add(1) == 300 {
				cancel()
			}
			return reply
		}}
		g := generatorFor(t, f.serve(t), 5, 1, portable)
		p := mixOf(keysFor(t, 100, 16, 5, 5), 1, 0)
		p.duration = time.Hour
		if _, err := g.run(ctx, p); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

// TestRate: the schedule decides how many requests a phase makes, not the server's speed.
func TestRate(t *testing.T) {
	overTransports(t, func(t *testing.T, portable bool) {
		f := &fakeRedis{}
		g := generatorFor(t, f.serve(t), 4, 2, portable)
		p := mixOf(keysFor(t, 100, 16, 5, 5), 2, 0)
		p.duration, p.rate = 500*time.Millisecond, 2000
		r, err := g.run(context.Background(), p)
		if err != nil || r.done < 700 || r.done > 1010 {
			t.Errorf("%d requests in half a second at 2000 a second, %v", r.done, err)
		}
	})
}

// TestLateScheduleCountsAsLatency: requests that found no free lane have waited since they were due.
func TestLateScheduleCountsAsLatency(t *testing.T) {
	g := newLaneGroup(&target{}, 1, false)
	k := keysFor(t, 10, 16, 5, 5)
	p := mixOf(k, 1, 0)
	p.rate, p.deadline = 1000, 1<<62
	if err := g.begin(p, 0, 1, 0); err != nil {
		t.Fatal(err)
	}
	l := &g.lanes[0]
	g.fill(l, 1000) // due at 0, a lane was free: counts from now
	if l.start != 1000 {
		t.Errorf("start %d, want 1000", l.start)
	}
	g.starved = true
	g.fill(l, 10_000_000) // due at 1 ms, the lane was taken until 10 ms
	if l.start != 1_000_000 {
		t.Errorf("start %d, want 1000000", l.start)
	}
	if g.wait(1_500_000) != 500*time.Microsecond || g.starved { // the schedule has been caught up with
		t.Errorf("starved %v", g.starved)
	}
	if g.fill(l, 4_000_000); l.start != 4_000_000 {
		t.Errorf("start %d, want 4000000", l.start)
	}
	if g.wait(23_500_000); g.tally.skipped != 20 || g.due != 23_500_000 { // 3 to 23 ms went by with a lane free
		t.Errorf("%d left out, next due at %v", g.tally.skipped, g.due)
	}
	if g.starved = true; g.wait(80_000_000) > 0 || g.tally.skipped != 20 { // the server's fault: nothing is left out
		t.Errorf("%d left out", g.tally.skipped)
	}
}

func TestUnixSocket(t *testing.T) {
	overTransports(t, func(t *testing.T, portable bool) {
		f := &fakeRedis{}
		g := generatorFor(t, f.serveOn(t, "unix", filepath.Join(t.TempDir(), "s")), 3, 1, portable)
		if r, err := g.run(context.Background(), loadOf(keysFor(t, 300, 16, 5, 5), 4)); err != nil || r.done != 300 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}
