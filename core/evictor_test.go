// Eviction: the limit holds, the policies' promises hold.

package core

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core/evict"
)

func TestLimitHolds(t *testing.T) {
	const limit = 4 << 20
	for _, name := range evict.Names() {
		if name == "noeviction" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			s := openStore(t, Options{Shards: 16, MaxMemory: limit, Policy: name})
			var wg sync.WaitGroup
			for g := range 3 {
				wg.Add(1)
				go func() {
					defer wg.Done()
					flood(t, s, rand.New(rand.NewPCG(uint64(g), 1)), limit)
				}()
			}
			wg.Wait()
			if s.Stats().Evicted == 0 || s.Len(0) < 1_000 {
				t.Fatalf("%d items, %+v", s.Len(0), s.Stats())
			}
		})
	}
}

func flood(t *testing.T, s *Store, r *rand.Rand, limit int64) {
	tx := s.NewTx()
	for range 8_000 {
		k := s.Key(fmt.Appendf(nil, "k%d", r.IntN(1_000_000)))
		v := Value{Bytes: make([]byte, r.IntN(1_500)), ExpireAt: s.now() + 1_000_000}
		tx.Enter()
		if err := tx.MakeRoom(len(k.Name) + len(v.Bytes) + 100); err != nil {
			t.Error(err)
		}
		tx.Lock1(k)
		_ = tx.Put(0, k, v)
		tx.Unlock()
		if used := s.used(); used > limit+limit/100 {
			t.Errorf("used %d, limit %d", used, limit)
		}
		tx.Leave()
	}
}

func TestNoEvictionSaysFull(t *testing.T) {
	s, tx, _ := clocked(t, Options{Shards: 4, MaxMemory: 1 << 20})
	full := 0
	for i := range 2_000 {
		if err := tx.MakeRoom(1_100); err == ErrFull {
			full++
			continue
		}
		put(t, tx, fmt.Sprint("k", i), strings.Repeat("x", 1_000), 0)
	}
	if full == 0 || s.Stats().Evicted != 0 || s.used() > 1<<20 {
		t.Fatalf("full %d times, used %d", full, s.used())
	}
	s.SetMaxMemory(0)
	if err := tx.MakeRoom(1 << 30); err != nil {
		t.Fatal(err)
	}
}

func TestVolatileSparesTheRest(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 8, MaxMemory: 1 << 20, Policy: "volatile-lru"})
	for i := range 300 {
		put(t, tx, fmt.Sprint("stays", i), strings.Repeat("x", 1_000), 0)
	}
	for i := range 5_000 {
		if err := tx.MakeRoom(1_200); err != nil {
			t.Fatal(err)
		}
		put(t, tx, fmt.Sprint("goes", i), strings.Repeat("x", 1_000), now.Load()+100_000)
	}
	for i := range 300 {
		k := s.Key(fmt.Appendf(nil, "stays%d", i))
		tx.Lock1(k)
		if !tx.Find(0, k).Ok() {
			t.Fatalf("%s was evicted", k.Name)
		}
		tx.Unlock()
	}
	tx.Exclusive(func() {
		for i := range s.shards { // without any that may go
			for p := range s.shards[i].spaces {
				if ks := s.shards[i].spaces[p]; ks != nil {
					s.removeVolatile(ks)
				}
			}
		}
	})
	if err := tx.MakeRoom(1 << 20); err != ErrFull {
		t.Fatalf("want ErrFull when nothing may go, got %v", err)
	}
}

// removeVolatile removes all items with an expiry.
func (s *Store) removeVolatile(ks *keyspace) {
	for b := 0; b < ks.tab.Buckets(); b++ {
		for p := ks.tab.At(b); p.Next(); {
			if p.Marked() {
				s.remove(ks, &p, s.item(p.Ref()))
				b = -1 // removal moves others
				break
			}
		}
	}
}

func TestExpiredGoBeforeTheLiving(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 1, Policy: "allkeys-lru"})
	for i := range 100 {
		put(t, tx, fmt.Sprint("dead", i), "v", now.Load()+1)
		put(t, tx, fmt.Sprint("alive", i), "v", 0)
	}
	now.Add(1_000)
	tx.Tick()
	s.SetMaxMemory(s.used() - 2_000)
	if err := tx.MakeRoom(0); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.ReclaimedExpired < 20 || st.Evicted > st.ReclaimedExpired/4 {
		t.Fatalf("%+v", st)
	}
}

// Between the sample and the removal the shard is unlocked: what was written there meanwhile must not pay for what was sampled, though
// it may well lie in the same block.
func TestWhatChangedSinceTheSampleStays(t *testing.T) {
	for _, why := range []RemoveReason{Expired, Evicted} {
		s, tx, now := clocked(t, Options{Shards: 1, Policy: "volatile-lru"})
		put(t, tx, "k", "old value", now.Load()+1)
		e := &s.evictor
		e.sample(s, e.current().Policy, 5)
		if len(e.cands) == 0 {
			t.Fatal("nothing was sampled")
		}
		k := s.Key([]byte("k"))
		if why == Expired {
			now.Add(1_000)
			tx.Tick()
		}
		put(t, tx, "k", "a new value, 17 B", 0) // as long as the old one with its expiry: the same block
		if s.evict(&e.cands[0], why, now.Load()) {
			t.Errorf("reason %d: an item without expiry was removed", why)
		}
		tx.Lock1(k)
		if !tx.Find(0, k).Ok() {
			t.Errorf("reason %d: the item is gone", why)
		}
		tx.Unlock()
	}
}

// A request that would not fit even into the empty store is refused before it costs anybody else's items.
func TestWhatNeverFitsEvictsNothing(t *testing.T) {
	s, tx, _ := clocked(t, Options{Shards: 4, MaxMemory: 1 << 20, Policy: "allkeys-lru"})
	for i := range 1_000 {
		put(t, tx, fmt.Sprint("k", i), "v", 0)
	}
	if err := tx.MakeRoom(1 << 20); err != ErrFull || s.Len(0) != 1_000 {
		t.Fatalf("%v, %d of 1000 items left", err, s.Len(0))
	}
	s.AddForeign(600 << 10)
	if err := tx.MakeRoom(600 << 10); err != ErrFull || s.Len(0) != 1_000 {
		t.Fatalf("with other memory: %v, %d of 1000 items left", err, s.Len(0))
	}
	s.AddForeign(-600 << 10)
}

func TestAccessKeepsItemsUnderLRU(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 4, MaxMemory: 1 << 20, Policy: "allkeys-lru"})
	for i := range 20_000 {
		now.Add(100)
		tx.Tick()
		_ = tx.MakeRoom(200)
		put(t, tx, fmt.Sprint("k", i), strings.Repeat("x", 100), 0)
		hot := s.Key([]byte("k0"))
		tx.Lock1(hot)
		if !tx.Read(0, hot).Ok() {
			t.Fatalf("the key that is read all the time was evicted at %d", i)
		}
		tx.Unlock()
	}
}

// A transaction may change the policy's settings with shards locked, while somebody who evicts waits for one of those.
func TestSettingsUnderLocksWhileOthersEvict(t *testing.T) {
	s, tx, _ := clocked(t, Options{Shards: 1, MaxMemory: 1 << 20, Policy: "allkeys-lru"})
	put(t, tx, "k", strings.Repeat("x", 400<<10), 0)
	tx.Lock1(s.Key([]byte("k")))
	var evicting, setting sync.WaitGroup
	evicting.Go(func() {
		other := s.NewTx()
		other.Enter()
		defer other.Leave()
		_ = other.MakeRoom(700 << 10)
	})
	const patience = 20 * time.Second
	for until := time.Now().Add(patience); s.evictor.mu.TryLock(); runtime.Gosched() {
		s.evictor.mu.Unlock()
		if time.Now().After(until) {
			t.Fatal("nobody evicts")
		}
	}
	done := make(chan struct{})
	setting.Go(func() {
		defer close(done)
		if err := s.SetPolicy("allkeys-lfu"); err != nil {
			t.Error(err)
		}
		s.SetSamples(7)
		s.SetLFU(5, 2)
		s.SetMaxMemory(2 << 20)
	})
	select {
	case <-done:
	case <-time.After(patience):
		t.Error("whoever has locked a shard waits for somebody who evicts and waits for the shard")
	}
	tx.Unlock()
	evicting.Wait()
	setting.Wait()
	if s.Policy() != "allkeys-lfu" {
		t.Error(s.Policy())
	}
}

func TestPolicyNames(t *testing.T) {
	s := openStore(t, Options{Shards: 1})
	if err := s.SetPolicy("allkeys-best"); err == nil || s.Policy() != "noeviction" {
		t.Fatalf("unknown policy: %v, now %s", err, s.Policy())
	}
	for _, name := range evict.Names() {
		if err := s.SetPolicy(name); err != nil || s.Policy() != name {
			t.Fatal(name, err)
		}
	}
	if _, err := Open(Options{Policy: "nonsense"}); err == nil {
		t.Fatal("a store with a policy that is not there")
	}
}
