// What sweeping costs.

package core

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/cachesrv/cachesrv/core/deque"
	"github.com/cachesrv/cachesrv/core/pack"
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

// TestSweepCountsWhatItFrees: lists just short enough to be freed on the spot go one at a time, each hold of the lock with little more than one.
func TestSweepCountsWhatItFrees(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 1, NoActiveSweep: true})
	const n = 60
	for i := range n {
		name := fmt.Sprint("list", i)
		d, ok := deque.New(s.mem, deque.Limits{Fill: -1}), true
		for ok && d.Bytes() < freeAtOnce*3/4 {
			ok = d.PushBack(pack.Text([]byte("an element of some length")))
		}
		if !ok {
			t.Fatal("no memory")
		}
		var root [deque.RootBytes]byte
		d.Encode(root[:])
		k := s.Key([]byte(name))
		tx.Lock1(k)
		if err := tx.Put(0, k, Value{Type: List, Bytes: root[:], Owns: true, ExpireAt: now.Load() + 1000}); err != nil {
			t.Fatal(err)
		}
		tx.Unlock()
	}
	now.Add(2000)
	holds, removed := 0, 0
	for more := true; more; holds++ {
		var k int
		k, _, more = s.sweepShard(&s.shards[0], now.Load())
		if removed += k; k > 2 {
			t.Fatalf("%d lists were freed under one hold", k)
		}
		if holds > 10*n {
			t.Fatal("no end")
		}
	}
	if pending, _ := s.Freeing(); removed != n || pending != 0 || s.Len(0) != 0 {
		t.Fatalf("%d of %d removed, %d left to the background, %d there", removed, n, pending, s.Len(0))
	}
}
