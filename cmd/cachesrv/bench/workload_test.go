// Tests of the workload and shape rows: that their texts are commands, and that making these costs next to nothing.

package bench

import (
	"bufio"
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// commandsOf gives every command of a row, made ready.
func commandsOf(t testing.TB, w *workload, n uint64) []*phrase {
	t.Helper()
	var all []*phrase
	for _, text := range w.load {
		p, err := newPhrase(text, n)
		if err != nil {
			t.Fatalf("%s: %v", w.name, err)
		}
		all = append(all, p)
	}
	s, err := newScript(w.asks, n)
	if err != nil {
		t.Fatalf("%s: %v", w.name, err)
	}
	return append(all, s.phrases...)
}

func TestEveryWorkloadIsWhole(t *testing.T) {
	seen := map[string]bool{everything: true}
	for _, table := range [][]workload{workloads, shapes} {
		clear(seen)
		for i := range table {
			w := &table[i]
			if w.name == "" || w.about == "" || seen[w.name] {
				t.Errorf("row %q: name or text is missing, or the name is taken", w.name)
			}
			seen[w.name] = true
			if len(w.asks) == 0 && len(w.load) == 0 || w.fresh && w.alone {
				t.Errorf("%s: asks or flags make no sense", w.name)
			}
			r := random{state: 1}
			for _, p := range commandsOf(t, w, 1000) {
				for key := range uint64(1000) {
					in := bufio.NewReader(bytes.NewReader(p.append(nil, key, &r)))
					words, err := readCommand(in)
					if err == nil && w.inOrder && len(words) == 1 { // MULTI, EXEC
						continue
					}
					if err != nil || len(words) < 2 || !strings.HasPrefix(words[1], keyPrefix) && !unkeyed[words[0]] || strings.ContainsAny(strings.Join(words, ""), "{}") {
						t.Fatalf("%s: %q, %v", w.name, words, err)
					}
					if _, err := in.ReadByte(); err == nil {
						t.Fatalf("%s: bytes behind %q", w.name, words)
					}
				}
			}
		}
	}
}

// TestWorkloadsAllocateNothing: filling a batch and taking its replies, once warm.
func TestWorkloadsAllocateNothing(t *testing.T) {
	for i := range workloads {
		w := &workloads[i]
		if w.pairs { // two connections take turns, one reply each
			continue
		}
		g, l := scriptedLane(t, w, 1_000_000)
		replies := bytes.Repeat([]byte("*2\r\n$3\r\nabc\r\n:7\r\n"), 16)
		batch := func() {
			g.fill(l, 0)
			if idle, err := g.receive(l, replies, 5000); err != nil || !idle {
				t.Fatalf("%s: idle %v, err %v", w.name, idle, err)
			}
		}
		for range 100 {
			batch()
		}
		if n := testing.AllocsPerRun(100, batch); n != 0 {
			t.Errorf("%s: %v allocations per batch", w.name, n)
		}
	}
}

// TestInOrder: whole transactions, each batch, each connection by itself.
func TestInOrder(t *testing.T) {
	w, err := choose(workloads, "--workload", []string{"multi10"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ pipeline, want int }{{1, 12}, {16, 12}, {30, 24}} {
		asks, err := newScript(w[0].asks, 100)
		if err != nil {
			t.Fatal(err)
		}
		if p := w[0].phase(&options{keys: 100, pipeline: c.pipeline}, asks, 0); p.pipeline != c.want {
			t.Errorf("a pipeline of %d becomes %d, want %d", c.pipeline, p.pipeline, c.want)
		}
	}
	g, l := scriptedLane(t, w[0], 100)
	g.phase.pipeline = 24
	for range 2 {
		g.fill(l, 0)
		in := bufio.NewReader(bytes.NewReader(l.out))
		for i := range 24 {
			words, err := readCommand(in)
			want := "GET"
			switch i % 12 {
			case 0:
				want = "MULTI"
			case 11:
				want = "EXEC"
			case 2, 4, 6, 8, 10:
				want = "SET"
			}
			if err != nil || words[0] != want {
				t.Fatalf("command %d is %q, %v, want %s", i, words, err, want)
			}
		}
	}
}

// scriptedLane is a lane that sends a workload in batches of 16, and that does not stop at wrong replies.
func scriptedLane(t testing.TB, w *workload, keys uint64) (*laneGroup, *lane) {
	t.Helper()
	asks, err := newScript(w.asks, w.numbers(keys))
	if err != nil {
		t.Fatal(err)
	}
	g := newLaneGroup(&target{}, 1, false)
	p := w.phase(&options{keys: keys, dist: distZipf, zipfS: 0.99, pipeline: 16}, asks, 0)
	p.strict, p.requests, p.pipeline, p.duration, p.deadline = false, 0, 16, time.Second, 1<<62
	if err := g.begin(p, 0, 1, 0); err != nil {
		t.Fatal(err)
	}
	return g, &g.lanes[0]
}

// BenchmarkWorkload is what making one request costs the client, the choice of its number included.
func BenchmarkWorkload(b *testing.B) {
	for i := range workloads {
		w := &workloads[i]
		b.Run(w.name, func(b *testing.B) {
			g, l := scriptedLane(b, w, 1_000_000)
			b.ResetTimer() // drawing ahead is done before a phase
			for n := 0; n < b.N; n += 16 {
				g.fill(l, 0)
			}
			b.ReportAllocs()
		})
	}
}

func TestChoosingWorkloads(t *testing.T) {
	names := func(rows []*workload) (all []string) {
		for _, w := range rows {
			all = append(all, w.name)
		}
		return all
	}
	got, err := choose(workloads, "--workload", []string{"zadd", "hget", "zadd"})
	if err != nil || !slices.Equal(names(got), []string{"zadd", "hget"}) {
		t.Errorf("%v, %v", names(got), err)
	}
	if got, err = choose(workloads, "--workload", []string{"hget", everything}); err != nil || len(got) != len(workloads) || got[0].name != "hget" {
		t.Errorf("%v, %v", names(got), err)
	}
	if _, err = choose(shapes, "--shape", []string{"hget"}); err == nil || !strings.Contains(err.Error(), "--shape") || !strings.Contains(err.Error(), "zset") {
		t.Errorf("%v", err)
	}
}

func TestNumbersOfAWorkload(t *testing.T) {
	for _, c := range []struct{ per, keys, want uint64 }{{0, 100, 100}, {1, 100, 100}, {20, 100, 5}, {20, 119, 5}, {20, 3, 1}} {
		if got := (&workload{per: c.per}).numbers(c.keys); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

func TestKeysOfAWorkload(t *testing.T) {
	w := workload{load: []string{"SADD a x", "SADD b:{key} x"}, asks: []ask{{send: "SINTER a b"}, {send: "SINTERSTORE c a b"}}}
	if got := w.keyWords(); !slices.Equal(got, []string{"a", "b:{key}", "c"}) {
		t.Errorf("%v", got)
	}
	if len(w.load) != 2 {
		t.Error("the row was changed")
	}
}
