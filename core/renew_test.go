// Tests of renewing wheels: bounded, complete, and a little at a time.

package core

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// renewing is a store of one shard, its clock standing, with items of which each is due after an hour, in the midst of a renewal.
func renewing(t *testing.T, items int) (*Store, *Tx, func(ms int64)) {
	s, tx, now := clocked(t, Options{Shards: 1})
	in := now.Load() + 3_600_000
	for i := range items {
		put(t, tx, fmt.Sprint("k", i), "v", in)
	}
	ks := s.shards[0].spaces[0]
	for i := 0; ks.renewal == nil; i++ {
		if i > 3*items+2048 {
			t.Fatal("the wheel is never renewed")
		}
		name := fmt.Sprint("k", i%items)
		del(tx, name)
		put(t, tx, name, "v", in)
	}
	if ks.renewal.queued {
		t.Fatal("all was queued anew at once")
	}
	return s, tx, func(ms int64) { now.Add(ms) }
}

func del(tx *Tx, name string) {
	k := tx.s.Key([]byte(name))
	tx.Lock1(k)
	defer tx.Unlock()
	tx.Delete(0, k)
}

// What is removed and stored again leaves entries behind, of which there are never many more than items.
func TestRenewalBoundsWhatRemovedItemsLeave(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 1})
	r := rand.New(rand.NewPCG(5, 6))
	const items = 5_000
	most, renewals := 0, 0
	for i := range 20 * items {
		name := fmt.Sprint("k", r.IntN(items))
		del(tx, name)
		put(t, tx, name, "v", now.Load()+3_600_000+r.Int64N(86_400_000))
		ks, n := s.shards[0].spaces[0], 0
		ks.eachWheel(func(w *wheel) { n += w.entries })
		if ks.renewal != nil && ks.renewal.cursor == 0 && !ks.renewal.queued {
			renewals++
		}
		if i > 2*items {
			most = max(most, n)
		}
	}
	if most > 4*items || most < 2*items {
		t.Errorf("up to %d entries for %d items", most, items)
	}
	now.Add(100_000_000)
	if n := s.sweepAll(now.Load()); n != s.shards[0].spaces[0].tab.Len()+n || n < items/2 {
		t.Errorf("%d removed, %d left", n, s.Len(0))
	}
}

// Whatever becomes of the table meanwhile, each item goes when it is due.
func TestNothingIsForgottenInARenewal(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(t *testing.T, tx *Tx, in int64) (left int)
	}{
		{"the table grows", func(t *testing.T, tx *Tx, in int64) int {
			for i := range 30_000 {
				put(t, tx, fmt.Sprint("more", i), "v", in)
			}
			return 34_000
		}},
		{"the table shrinks", func(t *testing.T, tx *Tx, _ int64) int {
			for i := range 3_900 {
				del(tx, fmt.Sprint("k", i))
			}
			return 100
		}},
		{"expiries are pushed back", func(t *testing.T, tx *Tx, in int64) int {
			for i := range 4_000 {
				k := tx.s.Key(fmt.Append(nil, "k", i))
				tx.Lock1(k)
				tx.SetExpire(0, k, in+1000)
				tx.Unlock()
			}
			return 4_000
		}},
		{"nothing happens", func(*testing.T, *Tx, int64) int { return 4_000 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, tx, pass := renewing(t, 4_000)
			left := c.do(t, tx, s.now()+3_600_000)
			if s.Len(0) != left {
				t.Fatalf("%d items, want %d", s.Len(0), left)
			}
			if n := s.sweepAll(s.now()); n != 0 {
				t.Fatalf("%d were removed too early", n)
			}
			pass(3_601_000 + 3*wheelUnit)
			if n := s.sweepAll(s.now()); n != left || s.Len(0) != 0 {
				t.Errorf("%d of %d were removed, %d are left", n, left, s.Len(0))
			}
			if due := s.sweeper.due.Load(); due != math.MaxInt64 {
				t.Errorf("empty wheels want to be turned in %d ms", due-s.now())
			}
		})
	}
}

func TestFlushInARenewalAddsUp(t *testing.T) {
	s, tx, _ := renewing(t, 4_000)
	if s.Memory().Wheels < 2*headsBytes {
		t.Error("the second wheel is not counted")
	}
	tx.Exclusive(func() { tx.Flush(-1, true) })
	if m := s.Memory(); m.Wheels != 0 || m.Dying != 0 || m.Used != m.Startup {
		t.Errorf("flushed: %+v", m)
	}
}

// BenchmarkRenewal removes and stores items again, in a shard of a million; max-us is the longest of all that.
func BenchmarkRenewal(b *testing.B) {
	const items = 1_000_000
	s := openStore(b, Options{Shards: 1, NoActiveSweep: true})
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	in := s.now() + 86_400_000
	for i := range items {
		put(b, tx, fmt.Sprint("k", i), "v", in)
	}
	longest := time.Duration(0)
	b.ResetTimer()
	for i := range b.N {
		name := fmt.Sprint("k", i%items)
		began := time.Now()
		del(tx, name)
		put(b, tx, name, "v", in)
		longest = max(longest, time.Since(began))
	}
	b.ReportMetric(float64(longest.Microseconds()), "max-us")
}
