// What sweeping costs.

package core

import (
	"fmt"
	"sync/atomic"
	"testing"
)

// BenchmarkSweep removes a million items that are due at once; ns/item is what one costs.
func BenchmarkSweep(b *testing.B) {
	const items = 1_000_000
	for range b.N {
		b.StopTimer()
		var now atomic.Int64
		now.Store(1_700_000_000_000)
		s := openStore(b, Options{Now: now.Load, NoActiveSweep: true})
		tx := s.NewTx()
		tx.Enter()
		for i := range items {
			put(b, tx, fmt.Sprintf("key:%012d", i), "01234567890123456789012345678901", now.Load()+10_000)
		}
		tx.Leave()
		now.Add(11_000)
		b.StartTimer()
		if n := s.sweepAll(now.Load()); n != items {
			b.Fatalf("%d removed", n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/items, "ns/item")
}
