// Tests of what the store tells about its own work.

package core

import (
	"sync/atomic"
	"testing"
	"time"
)

func TestOverLimit(t *testing.T) {
	var now atomic.Int64
	now.Store(1000)
	s, err := Open(Options{Now: now.Load, NoActiveSweep: true, Shards: 4, MaxMemory: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tx := s.NewTx()
	room := func(full bool) {
		t.Helper()
		tx.Enter()
		defer tx.Leave()
		if err := tx.MakeRoom(100); (err == ErrFull) != full {
			t.Fatal(err)
		}
	}
	want := func(present, total int64) {
		t.Helper()
		if a, b := s.OverLimit(); a != present || b != total {
			t.Errorf("over the limit for %d ms, in all %d; want %d and %d", a, b, present, total)
		}
	}
	room(false)
	want(0, 0)
	s.AddForeign(2 << 30)
	room(true)
	now.Add(50)
	room(true)
	want(50, 50)
	s.AddForeign(-2 << 30)
	now.Add(10)
	room(false)
	want(0, 60)
	now.Add(1000)
	want(0, 60)
	s.ResetStats()
	want(0, 0)
}

func TestOnWork(t *testing.T) {
	var now atomic.Int64
	now.Store(1_000_000)
	s, err := Open(Options{Now: now.Load, NoActiveSweep: true, Shards: 4, Policy: "allkeys-random"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	told := map[Work]int{}
	s.OnWork(func(w Work, took time.Duration) {
		if took < 0 {
			t.Error(took)
		}
		told[w]++
	})
	tx := s.NewTx()
	tx.Enter()
	for _, name := range []string{"a", "b", "c"} {
		k := s.Key([]byte(name))
		tx.Lock1(k)
		if err := tx.Put(0, k, Value{Bytes: make([]byte, 1000), ExpireAt: now.Load() + 10}); err != nil {
			t.Fatal(err)
		}
		tx.Unlock()
	}
	s.SetMaxMemory(s.Memory().Used - 500)
	if err := tx.MakeRoom(1); err != nil {
		t.Fatal(err)
	}
	tx.Leave()
	if told[Evicting] != 1 {
		t.Errorf("told of %d evictions", told[Evicting])
	}
	now.Add(10_000)
	s.sweepAll(now.Load())
	if told[Sweeping] == 0 || s.Stats().Sweeping <= 0 {
		t.Errorf("told of %d batches, in all %v", told[Sweeping], s.Stats().Sweeping)
	}
	before := told[Sweeping]
	s.OnWork(nil)
	s.sweepAll(now.Load())
	if told[Sweeping] != before {
		t.Error("told when nobody wanted to know")
	}
}
