// Hit ratios of the policies in the real store: `task bench:hitratio`.

package core

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/cachesrv/cachesrv/core/evict/sim"
)

// hitPolicies are compared with exact LRU; the first is the one whose mean is asked for.
var hitPolicies = []string{"allkeys-adaptive", "allkeys-lru", "allkeys-lfu", "memcached-lru"}

const hitValue = 32 // bytes

// BenchmarkHitRatio replays the recorded traces (see sim.Dir) through a Store that holds as many items as the trace has keys times 5, 10, 25 and
// 50 percent, and reports hit ratios in percent.
func BenchmarkHitRatio(b *testing.B) {
	if sim.Dir() == "" {
		b.Skip("no traces: set " + sim.DirEnv + " to their folder")
	}
	var traces []sim.Trace
	for _, name := range sim.Names() {
		t, err := sim.Load(filepath.Join(sim.Dir(), name+".gz"))
		if err != nil {
			b.Fatal(err)
		}
		traces = append(traces, t)
	}
	for range b.N {
		for _, policy := range hitPolicies {
			sum, worst := 0.0, 100.0
			for _, t := range traces {
				below := 0.0
				line := ""
				for _, percent := range sim.Percents() {
					capacity := max(t.Distinct*percent/100, 1)
					got, lru := replay(b, policy, t, capacity), sim.ExactLRU(t, capacity).Ratio()
					sum += got
					below += (got - lru) / float64(len(sim.Percents()))
					line += fmt.Sprintf(" %5.1f (%5.1f)", got, lru)
				}
				worst = min(worst, below)
				fmt.Printf("%-18s %-12s%s   mean against exact LRU %+.1f\n", policy, t.Name, line, below)
			}
			mean := sum / float64(len(traces)*len(sim.Percents()))
			fmt.Printf("%-18s mean of all %.2f, worst trace against exact LRU %+.1f\n", policy, mean, worst)
			b.ReportMetric(mean, policy+"-%")
		}
	}
}

func keyName(key uint32) []byte { return fmt.Appendf(nil, "key:%012d", key) }

// replay holds the store at capacity items by setting its limit to what it uses when it has so many. (A fixed limit in bytes would do the
// same on average, but what tables take varies by as much as the smallest capacities.)
func replay(b *testing.B, policy string, t sim.Trace, capacity int) float64 {
	var now atomic.Int64
	now.Store(1 << 40)
	s := openStore(b, Options{Policy: policy, MaxMemory: 1 << 50, Seed: [2]uint64{1, 2}, Now: now.Load})
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	hits, items := 0, 0
	for _, key := range t.Keys {
		now.Add(1000) // LRU's clock counts seconds
		tx.Tick()
		k := s.Key(fmt.Appendf(nil, "key:%012d", key))
		tx.Lock1(k)
		hit := tx.Read(0, k).Ok()
		tx.Unlock()
		if hit {
			hits++
			continue
		}
		if items++; items > capacity {
			s.evictor.limit.Store(s.used())
			if err := tx.MakeRoom(1); err != nil {
				b.Fatal(err)
			}
			items = s.Len(0) + 1
		}
		tx.Lock1(k)
		if err := tx.Put(0, k, Value{Bytes: make([]byte, hitValue)}); err != nil {
			b.Fatal(err)
		}
		tx.Unlock()
	}
	if s.Len(0) > capacity {
		b.Errorf("%s, %s: %d items where %d were meant", policy, t.Name, s.Len(0), capacity)
	}
	return 100 * float64(hits) / float64(len(t.Keys))
}
