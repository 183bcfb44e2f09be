package core

import (
	"sync/atomic"
	"testing"
	"time"
)

// TestHoldLong: who wants a shard that is held for long gets false, and is called when it is free; other shards are as free as ever.
func TestHoldLong(t *testing.T) {
	s, err := Open(Options{Shards: 4, NoActiveSweep: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a, b := s.NewTx(), s.NewTx()
	a.Enter()
	b.Enter()
	defer b.Leave()
	mine, other := s.Key([]byte("k")), s.Key([]byte("k"))
	for i := byte('a'); other.Hash>>s.shift == mine.Hash>>s.shift; i++ {
		other = s.Key([]byte{i})
	}

	a.Lock1(mine)
	if !a.Holds(mine) || a.Holds(other) {
		t.Error("Holds does not know what is locked")
	}
	a.HoldLong()
	var called atomic.Int32
	for _, try := range []func() bool{
		func() bool { return b.TryLock1(mine) },
		func() bool { return b.TryLock([]Key{other, mine}) },
		b.TryLockAll,
	} {
		if try() {
			t.Fatal("locked what is held")
		}
		if b.locked() {
			t.Fatal("something stays locked")
		}
		s.OnFree(func() { called.Add(1) })
	}
	if !b.TryLock1(other) {
		t.Fatal("another shard cannot be locked")
	}
	b.Unlock()
	if called.Load() != 0 {
		t.Fatal("called while it is held")
	}
	s.Nudge()
	if called.Load() != 3 {
		t.Fatalf("%d of 3 were called by Nudge", called.Load())
	}
	s.OnFree(func() { called.Add(1) })
	a.Unlock()
	if called.Load() != 4 {
		t.Fatal("not called when it is free")
	}
	if s.holds.n.Load() != 0 || s.holds.mark[mine.Hash>>s.shift].Load() {
		t.Error("a mark is left")
	}
	if !b.TryLock([]Key{other, mine}) {
		t.Fatal("cannot be locked when it is free")
	}
	b.Unlock()
	a.Leave()
}

// TestHoldLongLate: who waits already when the mark comes gives up too.
func TestHoldLongLate(t *testing.T) {
	s, err := Open(Options{Shards: 4, NoActiveSweep: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a, k := s.NewTx(), s.Key([]byte("k"))
	a.Enter()
	defer a.Leave()
	a.Lock1(k)
	begun, got := make(chan bool), make(chan bool, 1)
	go func() {
		b := s.NewTx()
		b.Enter()
		defer b.Leave()
		close(begun)
		got <- b.TryLock1(k)
	}()
	<-begun
	a.HoldLong()
	select {
	case locked := <-got:
		if locked {
			t.Error("locked what is held")
		}
	case <-time.After(10 * time.Second):
		t.Error("it still waits")
	}
	a.Unlock()
}
