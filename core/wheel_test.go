// The wheel against a plain list, and the sweep.

package core

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
)

// TestWheelFiresEverythingOnce compares with a plain list: whatever the steps of time, an entry comes out when its unit has
// begun, not earlier.
func TestWheelFiresEverythingOnce(t *testing.T) {
	s := openStore(t, Options{Shards: 1})
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		w := &wheel{now: r.Uint32N(1 << 30)}
		model := map[uint32]uint32{} // hash → unit
		next, now := uint32(1), w.now
		for range 3_000 {
			if r.IntN(3) > 0 {
				at := now + r.Uint32N(1<<r.IntN(30)) + 1
				if !w.add(s, next, at) {
					t.Fatal("add")
				}
				model[next] = at
				next++
				continue
			}
			now += r.Uint32N(1 << r.IntN(24))
			var buf [chunkEntries]uint64
			for {
				entries, ok := w.pop(s, now, &buf)
				if !ok {
					break
				}
				for _, e := range entries {
					hash, at := uint32(e>>32), uint32(e)
					if model[hash] != at {
						t.Fatalf("seed %d: entry %d has unit %d, want %d", seed, hash, at, model[hash])
					}
					if at > w.now {
						w.add(s, hash, at)
						continue
					}
					delete(model, hash)
				}
			}
			for hash, at := range model {
				if at <= now {
					t.Fatalf("seed %d: entry %d of unit %d has not fired at %d", seed, hash, at, now)
				}
			}
			if w.entries != len(model) {
				t.Fatalf("seed %d: %d entries, want %d", seed, w.entries, len(model))
			}
		}
		s.sizes.wheels.Add(-w.bytes())
		w.free(s)
	}
	if used := s.mem.Used(); used != 0 {
		t.Fatalf("%d bytes left", used)
	}
}

// clocked is a store whose clock the test turns, without a sweeper of its own.
func clocked(t *testing.T, o Options) (*Store, *Tx, *atomic.Int64) {
	now := new(atomic.Int64)
	now.Store(1_700_000_000_000)
	o.Now, o.NoActiveSweep, o.Seed = now.Load, true, [2]uint64{1, 2}
	s := openStore(t, o)
	tx := s.NewTx()
	tx.Enter()
	t.Cleanup(tx.Leave)
	return s, tx, now
}

func TestSweepRemovesWhatIsDue(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 4})
	start := now.Load()
	for i := range 10_000 {
		put(t, tx, fmt.Sprint("k", i), "v", start+int64(i)) // due one after the other, over 10 s
	}
	for _, ms := range []int64{0, 500, 501, 9_000, 20_000} {
		now.Store(start + ms)
		s.sweepAll(now.Load())
		late := int64(s.Len(0)) - max(0, 10_000-ms) // due and still there
		if late > wheelUnit || late < -1 {
			t.Fatalf("after %d ms %d items too many", ms, late)
		}
	}
	if s.Expiring(0) != 0 || s.Stats().Expired != 10_000 {
		t.Fatalf("%d expiring, %+v", s.Expiring(0), s.Stats())
	}
	if due := s.sweeper.due.Load(); due != math.MaxInt64 {
		t.Fatalf("idle wheels want to be turned at %d", due)
	}
	if m := s.Memory(); m.Wheels != 4*headsBytes {
		t.Fatalf("empty wheels hold %d bytes", m.Wheels)
	}
}

func TestPushedBackExpiryKeepsItem(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 1})
	start := now.Load()
	put(t, tx, "a", "v", start+1_000)
	k := s.Key([]byte("a"))
	tx.Lock1(k)
	tx.SetExpire(0, k, start+100_000)
	tx.Unlock()
	for ms := int64(0); ms < 100_000; ms += 250 {
		now.Store(start + ms)
		if s.sweepAll(now.Load()) != 0 {
			t.Fatalf("removed after %d ms", ms)
		}
	}
	now.Store(start + 100_000 + 2*wheelUnit)
	if s.sweepAll(now.Load()) != 1 || s.Len(0) != 0 {
		t.Fatal("not removed when due")
	}
}

// TestOutdatedEntriesAreBounded pulls expiries forward again and again: each leaves an entry behind.
func TestOutdatedEntriesAreBounded(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 1})
	for round := range 200 {
		for i := range 50 {
			put(t, tx, fmt.Sprint("k", i), "v", now.Load()+int64(1_000_000-round*1_000))
		}
	}
	if n := s.shards[0].spaces[0].wheel.entries; n > 2*50+1024 {
		t.Fatalf("%d entries for 50 items", n)
	}
	now.Add(1_000_000 + 2*wheelUnit)
	if n := s.sweepAll(now.Load()); n != 50 {
		t.Fatalf("%d of 50 removed", n)
	}
}

func TestSweeperWakesForAnEarlierExpiry(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 2})
	put(t, tx, "late", "v", now.Load()+3_600_000)
	put(t, tx, "soon", "v", now.Load()+1_000)
	if due := s.sweeper.due.Load(); due < now.Load()+1_000 || due > now.Load()+1_000+2*wheelUnit {
		t.Fatalf("due in %d ms", due-now.Load())
	}
	var w sweeper // one without a goroutine, which would take the calls
	w.init(0)
	for _, step := range []struct {
		at   int64
		wake int
	}{{3_600_000, 1}, {1_000, 1}, {2_000, 0}, {1_000, 0}, {999, 1}} {
		w.sooner(step.at)
		if len(w.wake) != step.wake {
			t.Fatalf("something due at %d: %d calls, want %d", step.at, len(w.wake), step.wake)
		}
		for len(w.wake) > 0 {
			<-w.wake
		}
	}
}

func TestExpiredItemIsNeverRead(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 1})
	var events recorder
	tx.Leave()
	s.SetJournal(&events)
	tx.Enter()
	put(t, tx, "a", "v", now.Load()+5)
	now.Add(5)
	tx.Tick()
	k := s.Key([]byte("a"))
	tx.Lock1(k)
	defer tx.Unlock()
	if tx.Find(0, k).Ok() || s.Len(0) != 0 || s.Stats().ExpiredLazily != 1 {
		t.Fatal("an expired item was found, or not removed")
	}
	if want := []string{"0 expired a"}; !slices.Equal(events.lines, want) {
		t.Fatalf("journal %q, want %q", events.lines, want)
	}
}

// TestTwinsDoNotMultiply: two items whose hashes agree in the half that entries keep are queued again by each other's entries; with expiries pushed
// back at every firing that must not double them.
func TestTwinsDoNotMultiply(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 1})
	put(t, tx, "a", "v", now.Load()+1_000)
	a := s.Key([]byte("a"))
	ks := s.shards[0].spaces[0]
	for range 10 { // entries of twins: the same half hash several times
		ks.wheel.add(s, uint32(a.Hash), s.sweeper.unit(now.Load()+1_000))
	}
	for range 200 {
		tx.Lock1(a)
		tx.SetExpire(0, a, now.Load()+2_000)
		tx.Unlock()
		now.Add(1_100)
		tx.Tick()
		s.sweepAll(now.Load())
		for range ks.wheel.entries { // the worst case: every entry is met by a twin
			ks.wheel.add(s, uint32(a.Hash), s.sweeper.unit(now.Load()+900))
		}
		if ks.wheel.entries > 4*1024 {
			t.Fatalf("%d entries for one item", ks.wheel.entries)
		}
	}
}

func TestFlushTakesTheWheelOffAtOnce(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 2})
	for i := range 20_000 {
		put(t, tx, fmt.Sprint("k", i), "v", now.Load()+int64(10_000+i))
	}
	tx.Exclusive(func() { tx.Flush(-1, false) })
	if m := s.Memory(); m.Wheels != 0 || m.Used > m.Startup {
		t.Fatalf("right after flushing: %+v", m)
	}
}
