// Entering, locking and holding exclusively from several goroutines.

package core

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// TestLocksCoverTheirKeys has workers move units between keys under Lock, LockAll and Exclusive; nothing may get lost.
func TestLocksCoverTheirKeys(t *testing.T) {
	s := openStore(t, Options{Shards: 4})
	tx := s.NewTx()
	tx.Enter()
	for i := range accounts {
		put(t, tx, string(account(i)), strconv.Itoa(deposit), 0)
	}
	tx.Leave()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r, tx := rand.New(rand.NewPCG(uint64(g), 1)), s.NewTx()
			for i := range 2_000 {
				a, b := s.Key(account(r.IntN(50))), s.Key(account(r.IntN(50)))
				move := func() { add(t, tx, a, -1); add(t, tx, b, 1) }
				if !tx.TryEnter() {
					free := make(chan struct{})
					s.OnFree(func() { close(free) })
					<-free
					tx.Enter()
				}
				switch {
				case i%100 == 0:
					tx.Exclusive(move)
				case i%50 == 0:
					tx.LockAll()
					move()
					tx.Unlock()
				default:
					tx.Lock([]Key{a, b, a})
					move()
					tx.Unlock()
				}
				tx.Leave()
			}
		}()
	}
	wg.Wait()
	sum := 0
	tx.Enter()
	defer tx.Leave()
	tx.Each(0, func(it Item) bool {
		n, _ := strconv.Atoi(string(it.Value()))
		sum += n
		return true
	})
	if sum != accounts*deposit {
		t.Fatalf("sum %d, want %d", sum, accounts*deposit)
	}
}

func TestAbandonReleasesEverything(t *testing.T) {
	s := openStore(t, Options{Shards: 4})
	tx := s.NewTx()
	for i := range 3 {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
				tx.Abandon()
			}()
			tx.Enter()
			k := s.Key([]byte("a"))
			switch i {
			case 0:
				tx.Lock1(k)
			case 1:
				tx.LockAll()
			}
			panic("handler")
		}()
	}
	other := s.NewTx()
	other.Enter()
	defer other.Leave()
	other.Exclusive(func() {})
	put(t, other, "a", "v", 0)
}

func TestLockTwicePanics(t *testing.T) {
	s := openStore(t, Options{Shards: 4})
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	tx.Lock1(s.Key([]byte("a")))
	defer tx.Unlock()
	defer func() {
		if recover() == nil {
			t.Error("locking twice went unnoticed")
		}
	}()
	tx.Lock1(s.Key([]byte("b")))
}

// TestScanSeesWhatStays scans while other keys come and go in numbers.
func TestScanSeesWhatStays(t *testing.T) {
	for seed := range uint64(10) {
		s := openStore(t, Options{Shards: 4})
		tx := s.NewTx()
		tx.Enter()
		r := rand.New(rand.NewPCG(seed, 1))
		stay := 200 + r.IntN(2_000)
		for i := range stay {
			put(t, tx, fmt.Sprint("stay", i), "v", 0)
		}
		seen, extra, grow := map[string]bool{}, 0, true
		for cursor, calls := uint64(0), 0; ; calls++ {
			cursor = tx.Scan(0, cursor, 10, func(it Item) { seen[string(it.Name())] = true })
			if cursor == 0 {
				break
			}
			if calls%50 == 0 {
				grow = !grow
			}
			for range r.IntN(60) {
				if grow {
					put(t, tx, fmt.Sprint("extra", extra), "v", 0)
					extra++
				} else if extra > 0 {
					extra--
					k := s.Key(fmt.Appendf(nil, "extra%d", extra))
					tx.Lock1(k)
					tx.Delete(0, k)
					tx.Unlock()
				}
			}
		}
		for i := range stay {
			if !seen[fmt.Sprint("stay", i)] {
				t.Fatalf("seed %d: stay%d was there all along and not visited", seed, i)
			}
		}
		tx.Leave()
	}
}

func TestScanAcceptsAnyCursor(t *testing.T) {
	s := openStore(t, Options{Shards: 4})
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	for i := range 1_000 {
		put(t, tx, fmt.Sprint("k", i), "v", 0)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 10_000 {
		tx.Scan(0, r.Uint64(), r.IntN(20), func(Item) {})
	}
	if tx.Scan(3, 7, 10, func(Item) {}) != 0 {
		t.Fatal("an empty database has no next cursor")
	}
}

// TestEachVisitsOnce walks while another worker makes the tables grow and shrink: what stays is visited once.
func TestEachVisitsOnce(t *testing.T) {
	s := openStore(t, Options{Shards: 2})
	tx := s.NewTx()
	tx.Enter()
	for i := range 5_000 {
		put(t, tx, fmt.Sprint("stay", i), "v", 0)
	}
	tx.Leave()
	var stop atomic.Bool
	var writer sync.WaitGroup
	writer.Add(1)
	go func() {
		defer writer.Done()
		r, tx := rand.New(rand.NewPCG(1, 1)), s.NewTx()
		for !stop.Load() {
			tx.Enter()
			k := s.Key(fmt.Appendf(nil, "extra%d", r.IntN(20_000)))
			tx.Lock1(k)
			if !tx.Delete(0, k) {
				_ = tx.Put(0, k, Value{Bytes: []byte("v")})
			}
			tx.Unlock()
			tx.Leave()
		}
	}()
	for range 30 {
		seen := map[string]int{}
		tx.Enter()
		tx.Each(0, func(it Item) bool {
			seen[string(it.Name())]++
			return true
		})
		tx.Leave()
		for i := range 5_000 {
			if name := fmt.Sprint("stay", i); seen[name] != 1 {
				t.Errorf("%s visited %d times", name, seen[name])
			}
		}
	}
	stop.Store(true)
	writer.Wait()
	tx.Enter()
	defer tx.Leave()
	tx.Each(0, func(Item) bool { return false }) // ending early must leave nothing behind
	for i := range s.shards {
		if tab := s.shards[i].spaces[0].tab; tab.Buckets() < tab.Len()/8 {
			t.Errorf("shard %d: %d buckets for %d items: still frozen?", i, tab.Buckets(), tab.Len())
		}
	}
}

// TestEachThawsAfterAPanic: what a visitor breaks must not keep the table from growing.
func TestEachThawsAfterAPanic(t *testing.T) {
	s := openStore(t, Options{Shards: 1})
	tx := s.NewTx()
	tx.Enter()
	for i := range 2_000 {
		put(t, tx, fmt.Sprint("k", i), "v", 0)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
			tx.Abandon()
		}()
		n := 0
		tx.Each(0, func(Item) bool {
			if n++; n == 1_000 { // in the second batch
				panic("in the visitor")
			}
			return true
		})
	}()
	tx.Enter()
	defer tx.Leave()
	for i := range 4_000 {
		put(t, tx, fmt.Sprint("k", i), "v", 0)
	}
	if tab := s.shards[0].spaces[0].tab; tab.Buckets() < tab.Len()/8 {
		t.Errorf("%d buckets for %d items", tab.Buckets(), tab.Len())
	}
}

// TestTimeless: for the Tx that replays nothing expires, for the others it does, and afterwards for it too.
func TestTimeless(t *testing.T) {
	var now atomic.Int64
	now.Store(1000)
	s := openStore(t, Options{Shards: 4, NoActiveSweep: true, Now: now.Load})
	has := func(tx *Tx, name string) bool {
		tx.Enter()
		defer tx.Leave()
		tx.Tick()
		k := s.Key([]byte(name))
		tx.Lock1(k)
		defer tx.Unlock()
		return tx.Find(0, k).Ok()
	}
	replay, other := s.NewTx(), s.NewTx()
	replay.Timeless(true)
	replay.Enter()
	put(t, replay, "a", "v", 500) // over long ago
	put(t, replay, "b", "v", 2000)
	replay.Leave()
	now.Store(5000)
	if !has(replay, "a") || !has(replay, "b") {
		t.Error("something expired for the Tx that replays")
	}
	if has(other, "a") {
		t.Error("for another one nothing expired")
	}
	if !has(replay, "b") {
		t.Error("gone, though nobody else has looked at it")
	}
	replay.Timeless(false)
	if replay.Now() != now.Load() {
		t.Errorf("the time is %d", replay.Now())
	}
	if has(replay, "b") {
		t.Error("nothing expires after the replay")
	}
}
