// The snapshot: bank transfers go on while it walks, and the sum must be right.

package core

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

const (
	accounts = 5_000
	deposit  = 1_000
)

// transfers moves money between accounts until stop is set. It also makes and removes other keys, so that tables want to grow
// and shrink, and values of other lengths. Now and then it does not step back from what a snapshot reads.
func transfers(t *testing.T, s *Store, r *rand.Rand, stop *atomic.Bool) {
	tx := s.NewTx()
	for !stop.Load() {
		a, b := s.Key(account(r.IntN(accounts))), s.Key(account(r.IntN(accounts)))
		extra := s.Key([]byte(fmt.Sprint("extra", r.IntN(20_000))))
		lockForChange(s, tx, []Key{a, b, extra}, r.IntN(4) > 0)
		amount := r.IntN(50)
		add(t, tx, a, -amount)
		add(t, tx, b, amount)
		if r.IntN(2) == 0 {
			_ = tx.Put(0, extra, Value{Bytes: make([]byte, r.IntN(200))})
		} else {
			tx.Delete(0, extra)
		}
		tx.Unlock()
		tx.Leave()
	}
}

// lockForChange enters and locks; polite: when no snapshot reads the keys, or has yet to, with nothing locked.
func lockForChange(s *Store, tx *Tx, keys []Key, polite bool) {
	for {
		tx.Enter()
		tx.Lock(keys)
		if !polite || !tx.StepBack(0, keys) {
			return
		}
		tx.Leave()
		free := make(chan struct{})
		s.OnFree(func() { close(free) })
		<-free
	}
}

func account(i int) []byte { return fmt.Appendf(nil, "account:%d", i) }

func add(t *testing.T, tx *Tx, k Key, amount int) {
	n, err := strconv.Atoi(string(tx.Find(0, k).Value()))
	if err != nil {
		t.Error(err)
	}
	if err := tx.Put(0, k, Value{Bytes: strconv.AppendInt(nil, int64(n+amount), 10)}); err != nil {
		t.Error(err)
	}
}

func TestSnapshotIsOnePointInTime(t *testing.T) {
	s := openStore(t, Options{Shards: 16})
	tx := s.NewTx()
	tx.Enter()
	for i := range accounts {
		put(t, tx, string(account(i)), strconv.Itoa(deposit), 0)
	}
	tx.Leave()
	var stop atomic.Bool
	var writers sync.WaitGroup
	for g := range 3 {
		writers.Add(1)
		go func() {
			defer writers.Done()
			transfers(t, s, rand.New(rand.NewPCG(uint64(g), 5)), &stop)
		}()
	}
	for round := range 20 {
		compacted := make(chan struct{})
		go func() {
			defer close(compacted)
			s.Compact()
		}()
		checkSnapshot(t, s, round)
		<-compacted
		s.Compact()
	}
	stop.Store(true)
	writers.Wait()
	checkSnapshot(t, s, 99)
	for i := range s.shards {
		if ks := s.shards[i].spaces[0]; ks.walk != nil {
			t.Fatal("a walk is left over")
		}
	}
}

// checkSnapshot takes one; in every other round the walk reads what it meets first, or the longer ones of it, without a lock.
func checkSnapshot(t *testing.T, s *Store, round int) {
	t.Helper()
	var mu sync.Mutex // sink and Read may run at the same time
	sum, seen, open, apart := 0, map[string]bool{}, false, 0
	take := func(db int, it Item) error {
		mu.Lock()
		defer mu.Unlock()
		name, value := string(it.Name()), string(it.Value())
		if seen[name] {
			return fmt.Errorf("%s is in it twice", name)
		}
		seen[name] = true
		if name[0] == 'a' {
			v, err := strconv.Atoi(value)
			sum += v
			return err
		}
		return nil
	}
	var how Apart
	if round%2 == 1 {
		how = Apart{From: 32 * int64(round%3), Read: func(db int, it Item) error {
			apart++
			before := string(it.Value())
			for range 1 + apart%3 {
				runtime.Gosched()
			}
			if string(it.Value()) != before {
				return fmt.Errorf("%s changes while it is read", it.Name())
			}
			return take(db, it)
		}}
		how.Begin = func() {
			if open {
				t.Error("two items are read apart at a time")
			}
			open = true
		}
		how.End = func() { open = false }
	}
	n, err := s.SnapshotApart(how, nil, take)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Snapshot(nil, nil); err != ErrBusy {
		t.Fatalf("a second snapshot at the same time: %v", err)
	}
	if err := n.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if sum != accounts*deposit {
		t.Fatalf("round %d: the accounts hold %d, want %d", round, sum, accounts*deposit)
	}
	if open || round%2 == 1 && apart == 0 {
		t.Errorf("round %d: %d items were read apart, the last one to its end: %v", round, apart, !open)
	}
}

func TestSnapshotSurvivesFlushAndSwap(t *testing.T) {
	s := openStore(t, Options{Shards: 4})
	tx := s.NewTx()
	tx.Enter()
	for i := range 3_000 {
		put(t, tx, fmt.Sprint("k", i), "v", 0)
	}
	tx.Leave()
	seen := map[string]bool{}
	n, err := s.Snapshot(nil, func(db int, it Item) error {
		if db != 0 {
			t.Errorf("%s is in database %d", it.Name(), db)
		}
		seen[string(it.Name())] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tx.Enter()
	tx.Exclusive(func() {
		tx.Swap(0, 1)
		tx.Flush(-1, true)
	})
	put(t, tx, "later", "v", 0)
	tx.Leave()
	if err := n.Run(context.Background()); err != nil || len(seen) != 3_000 || seen["later"] {
		t.Fatalf("%d of 3000 items, %v", len(seen), err)
	}
}

// A table that wants to grow or shrink while it is frozen is flushed under the walk: all its memory comes back, and the figures stay true.
func TestFlushUnderSnapshotAddsUp(t *testing.T) {
	for _, grown := range []int{100, 20_000} {
		s := openStore(t, Options{Shards: 1})
		tx := s.NewTx()
		tx.Enter()
		for i := range 3_000 {
			put(t, tx, fmt.Sprint("k", i), "v", 1<<50)
		}
		tx.Leave()
		n, err := s.Snapshot(nil, func(int, Item) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		tx.Enter()
		for i := range max(3_000, grown) {
			if i < grown {
				put(t, tx, fmt.Sprint("k", i), "v", 1<<50)
				continue
			}
			k := s.Key(fmt.Append(nil, "k", i))
			tx.Lock1(k)
			tx.Delete(0, k)
			tx.Unlock()
		}
		tx.Exclusive(func() { tx.Flush(-1, true) })
		tx.Leave()
		if m := s.Memory(); m.Items != 0 || m.Tables != 0 || m.Dying == 0 {
			t.Errorf("flushed, not yet freed: %+v", m)
		}
		if err := n.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		s.running.Add(-2) // sweeper and compactor stay
		s.running.Wait()
		s.running.Add(2)
		if m := s.Memory(); m.Items != 0 || m.Tables != 0 || m.Wheels != 0 || m.Dying != 0 || m.Used != m.Startup {
			t.Errorf("all is freed: %+v", m)
		}
	}
}

func TestSnapshotEndsWhenItsSinkFails(t *testing.T) {
	s := openStore(t, Options{Shards: 4})
	tx := s.NewTx()
	tx.Enter()
	for i := range 1_000 {
		put(t, tx, fmt.Sprint("k", i), "v", 0)
	}
	tx.Leave()
	broken := errors.New("disk full")
	n, _ := s.Snapshot(nil, func(int, Item) error { return broken })
	if err := n.Run(context.Background()); err != broken {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n, _ = s.Snapshot(nil, func(int, Item) error { return nil })
	if err := n.Run(ctx); err != context.Canceled {
		t.Fatal(err)
	}
	reads, ends := 0, 0
	apart := Apart{Begin: func() {}, End: func() { ends++ }, Read: func(int, Item) error {
		if reads++; reads == 3 {
			return broken
		}
		return nil
	}}
	n, _ = s.SnapshotApart(apart, nil, func(int, Item) error { return nil })
	if err := n.Run(context.Background()); err != broken || reads != 3 || ends < 3 {
		t.Fatal(err, reads, ends)
	}
	n, err := s.Snapshot(nil, func(int, Item) error { return nil })
	if err != nil {
		t.Fatal("the store believes that a snapshot is running")
	}
	_ = n.Run(context.Background())
}
