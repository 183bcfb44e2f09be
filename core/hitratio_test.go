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

// BenchmarkHitRatio replays the recorded traces (see sim.Dir) through a Store whose limit holds as many items as the trace has keys times
// 5, 10, 25 and 50 percent, and reports hit ratios in percent. The limit is calibrated with a store that is
// kept at exactly so many items.
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

// calibrate gives the bytes that a store uses, on average, while so many items are in it and new ones replace old ones.
func calibrate(b *testing.B, policy string, items int) int64 {
	s := openStore(b, Options{Policy: policy, MaxMemory: 1 << 50, Seed: [2]uint64{1, 2}})
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	sum, n, warm := int64(0), int64(0), items+4*len(s.shards)
	for i := range 2*warm + items {
		access(b, s, tx, uint32(i))
		if i >= items {
			old := s.Key(keyName(uint32(i - items)))
			tx.Lock1(old)
			tx.Delete(0, old)
			tx.Unlock()
		}
		if i >= warm {
			sum, n = sum+s.used(), n+1
		}
	}
	return sum / n
}

func keyName(key uint32) []byte { return fmt.Appendf(nil, "key:%012d", key) }

func replay(b *testing.B, policy string, t sim.Trace, capacity int) float64 {
	var now atomic.Int64
	now.Store(1 << 40)
	s := openStore(b, Options{Policy: policy, MaxMemory: calibrate(b, policy, capacity), Seed: [2]uint64{1, 2}, Now: now.Load})
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	hits, items := 0, 0
	for i, key := range t.Keys {
		now.Add(1000) // LRU's clock counts seconds
		tx.Tick()
		if access(b, s, tx, key) {
			hits++
		}
		if i%64 == 0 {
			items += s.Len(0)
		}
	}
	if mean := items / (len(t.Keys)/64 + 1); mean > capacity+capacity/50+2 {
		b.Errorf("%s, %s: %d items on average where %d were meant", policy, t.Name, mean, capacity)
	}
	return 100 * float64(hits) / float64(len(t.Keys))
}

// access reads a key, and stores it if it is not there.
func access(b *testing.B, s *Store, tx *Tx, key uint32) (hit bool) {
	k := s.Key(keyName(key))
	tx.Lock1(k)
	hit = tx.Read(0, k).Ok()
	tx.Unlock()
	if !hit {
		if err := tx.MakeRoom(56); err != nil {
			b.Fatal(err)
		}
		tx.Lock1(k)
		if err := tx.Put(0, k, Value{Bytes: make([]byte, hitValue)}); err != nil {
			b.Fatal(err)
		}
		tx.Unlock()
	}
	return hit
}
