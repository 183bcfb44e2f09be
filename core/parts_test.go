// Values with parts that expire: dicts whose entries do, with a plain caller that knows about them.

package core

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/dict"
)

// fields is the test's Parts: its items are dicts, which are there as long as they have entries.
type fields struct{ s *Store }

func (f fields) NextDue(it Item) int64 {
	d := dict.Open(f.s.mem, it.Value(), dict.Map)
	return d.NextDue()
}

func (f fields) Expire(t *Tx, db int, k Key, it Item) {
	e := t.Edit(db, k, it)
	d := dict.Open(f.s.mem, e.Root, dict.Map)
	for range 20 {
		part := d.First(t.Hash)
		if !part.Ok() || part.ExpireAt() > t.Now() {
			break
		}
		t.Record(db, [][]byte{[]byte("gone"), k.Name, part.Name()})
		d.Remove(&part)
	}
	d.Encode(e.Root)
	e.Done()
	switch {
	case d.Len() == 0:
		t.Delete(db, k)
	case d.NextDue() == 0:
		t.PlanParts(db, k)
	}
}

// setPart gives an entry of a dict a value and an expiry; the dict comes with its first entry.
func setPart(t testing.TB, tx *Tx, db int, k Key, name, value string, at int64) {
	it := tx.Find(db, k)
	if it.Ok() && !it.Owns() {
		tx.Delete(db, k)
		it = Item{}
	}
	if !it.Ok() {
		d, ok := dict.New(tx.Arena(), dict.Map)
		if !ok {
			t.Error("the arena is full")
			return
		}
		var root [dict.RootBytes]byte
		d.Encode(root[:])
		if err := tx.Put(db, k, Value{Bytes: root[:], Type: Hash, Enc: 2, Owns: true}); err != nil {
			t.Error(err)
			return
		}
		it = tx.Find(db, k)
	}
	e := tx.Edit(db, k, it)
	d := dict.Open(tx.Arena(), e.Root, dict.Map)
	n := []byte(name)
	part := d.Find(tx.Hash(n), n)
	ok := false
	if part.Ok() {
		ok = d.Update(&part, []byte(value), at)
	} else {
		ok = d.Insert(tx.Hash(n), n, []byte(value), at)
	}
	if !ok {
		t.Error("the arena is full")
	}
	d.Encode(e.Root)
	e.Done()
	tx.PlanParts(db, k)
}

// parts is what a dict has, "name=value@expiry" in order.
func partsOf(a *arena.Arena, it Item) string {
	if !it.Ok() {
		return "none"
	}
	var all []string
	d := dict.Open(a, it.Value(), dict.Map)
	for i := d.Iter(); ; {
		e, ok := i.Next()
		if !ok {
			break
		}
		all = append(all, fmt.Sprintf("%s=%s@%d", e.Name(), e.Value(), e.ExpireAt()))
	}
	sort.Strings(all)
	return strings.Join(all, " ")
}

// told is a journal that keeps lines.
type told struct {
	mu    sync.Mutex
	lines []string
}

func (j *told) Command(db int, args [][]byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	line := strconv.Itoa(db)
	for _, a := range args {
		line += " " + string(a)
	}
	j.lines = append(j.lines, line)
}

func (j *told) Removed(db int, name []byte, why RemoveReason) {
	j.Command(db, [][]byte{[]byte("removed"), name})
}

// timedStore is a store with dicts and a clock that stands still.
func timedStore(t *testing.T) (*Store, *Tx, *atomic.Int64, *told) {
	now := &atomic.Int64{}
	now.Store(1_700_000_000_000)
	s := openStore(t, Options{Shards: 4, Databases: 3, Now: now.Load, NoActiveSweep: true})
	s.SetParts(fields{s})
	j := &told{}
	s.SetJournal(j)
	tx := s.NewTx()
	tx.Enter()
	t.Cleanup(tx.Leave)
	return s, tx, now, j
}

// pass lets time pass and the sweeper work.
func pass(s *Store, tx *Tx, now *atomic.Int64, ms int64) {
	now.Add(ms)
	tx.Tick()
	s.sweepAll(now.Load())
}

func TestPartsGoWhenTheyAreDue(t *testing.T) {
	s, tx, now, j := timedStore(t)
	k, start := s.Key([]byte("h")), now.Load()
	see := func(want string) {
		t.Helper()
		tx.Lock1(k)
		defer tx.Unlock()
		if got := partsOf(s.mem, tx.Find(0, k)); got != want {
			t.Errorf("after %d ms: %s, want %s", now.Load()-start, got, want)
		}
	}
	tx.Lock1(k)
	setPart(t, tx, 0, k, "a", "1", start+1_000)
	setPart(t, tx, 0, k, "b", "2", start+90_000)
	setPart(t, tx, 0, k, "c", "3", 0)
	setPart(t, tx, 0, k, "d", "4", start+500_000)
	setPart(t, tx, 0, k, "d", "4", start+2_000) // sooner
	setPart(t, tx, 0, k, "e", "5", start+1_500)
	setPart(t, tx, 0, k, "e", "5", 0) // never
	tx.Unlock()
	pass(s, tx, now, 999)
	see(fmt.Sprintf("a=1@%d b=2@%d c=3@0 d=4@%d e=5@0", start+1_000, start+90_000, start+2_000))
	pass(s, tx, now, 1+wheelUnit)
	see(fmt.Sprintf("b=2@%d c=3@0 d=4@%d e=5@0", start+90_000, start+2_000))
	pass(s, tx, now, 1_000)
	see(fmt.Sprintf("b=2@%d c=3@0 e=5@0", start+90_000))
	pass(s, tx, now, 100_000)
	see("c=3@0 e=5@0")
	if want := "[0 gone h a 0 gone h d 0 gone h b]"; fmt.Sprint(j.lines) != want {
		t.Errorf("journal: %v, want %s", j.lines, want)
	}
	audit(t, s)
	if ks := s.space(0, k); ks.timed != 0 {
		t.Errorf("%d items still count as timed", ks.timed)
	}
}

// TestPartsTakeTheirItemAlong: with the last part the item goes, and more parts than one call removes go too.
func TestPartsTakeTheirItemAlong(t *testing.T) {
	s, tx, now, j := timedStore(t)
	k := s.Key([]byte("h"))
	tx.Lock1(k)
	for i := range 900 {
		setPart(t, tx, 0, k, fmt.Sprint("f", i), "v", now.Load()+1_000+int64(i%7))
	}
	tx.Unlock()
	pass(s, tx, now, 2_000)
	if s.Len(0) != 0 || len(j.lines) != 900 {
		t.Errorf("%d items left, %d parts recorded", s.Len(0), len(j.lines))
	}
	audit(t, s)
}

// counted are fields that count how often they are told to go.
type counted struct {
	fields
	calls int
}

func (c *counted) Expire(t *Tx, db int, k Key, it Item) {
	c.calls++
	c.fields.Expire(t, db, k, it)
}

// TestSweeperHoldsAShardForFewParts: however many parts of however many items are due at the same time, few go under one hold of the shard.
func TestSweeperHoldsAShardForFewParts(t *testing.T) {
	s, tx, now, _ := timedStore(t)
	c := &counted{fields: fields{s}}
	s.SetParts(c)
	for i := range 200 {
		k := s.Key(fmt.Appendf(nil, "h%d", i))
		tx.Lock1(k)
		for j := range 100 {
			setPart(t, tx, 0, k, fmt.Sprint("f", j), "v", now.Load()+1_000)
		}
		tx.Unlock()
	}
	now.Add(2_000)
	holds := 0
	for i := range s.shards {
		for more := true; more; holds++ {
			before := c.calls
			_, _, more = s.sweepShard(&s.shards[i], now.Load())
			if n := c.calls - before; n > sweepBatch/partsCost {
				t.Fatalf("%d rounds of expiring parts under one hold of a shard", n)
			}
		}
	}
	if s.Len(0) != 0 {
		t.Errorf("%d items left after %d holds", s.Len(0), holds)
	}
	audit(t, s)
}

// TestPartsOfAnItemThatExpires: the sooner of the two counts.
func TestPartsOfAnItemThatExpires(t *testing.T) {
	s, tx, now, _ := timedStore(t)
	k := s.Key([]byte("h"))
	tx.Lock1(k)
	setPart(t, tx, 0, k, "a", "1", now.Load()+1_000)
	setPart(t, tx, 0, k, "b", "1", now.Load()+9_000)
	tx.SetExpire(0, k, now.Load()+5_000)
	tx.Unlock()
	pass(s, tx, now, 2_000)
	tx.Lock1(k)
	it := tx.Find(0, k)
	if got := partsOf(s.mem, it); !strings.HasPrefix(got, "b=1") || !it.Timed() {
		t.Errorf("there is %s", got)
	}
	tx.Unlock()
	pass(s, tx, now, 4_000)
	if s.Len(0) != 0 {
		t.Error("the item is still there")
	}
	audit(t, s)
}

// TestPartsMoveWithTheirItem: under another name, in a copy, and in a snapshot.
func TestPartsMoveWithTheirItem(t *testing.T) {
	s, tx, now, j := timedStore(t)
	a, b, c := s.Key([]byte("a")), s.Key([]byte("b")), s.Key([]byte("c"))
	tx.Lock([]Key{a, b, c})
	setPart(t, tx, 0, a, "x", "1", now.Load()+1_000)
	setPart(t, tx, 0, a, "y", "1", 0)
	if _, err := tx.Move(0, a, 1, b); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Copy(1, b, 2, c); err != nil {
		t.Fatal(err)
	}
	tx.Unlock()
	tx.Leave()
	var walked []string
	snap, err := s.Snapshot(nil, func(db int, it Item) error {
		walked = append(walked, fmt.Sprintf("%d/%s %s", db, it.Name(), partsOf(s.mem, it)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tx.Enter()
	pass(s, tx, now, 2_000) // the parts go while the snapshot, which must still see them, has not walked
	tx.Leave()
	if err := snap.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	tx.Enter()
	sort.Strings(walked)
	due := now.Load() - 1_000
	if want := fmt.Sprintf("[1/b x=1@%d y=1@0 2/c x=1@%d y=1@0]", due, due); fmt.Sprint(walked) != want {
		t.Errorf("snapshot: %v, want %s", walked, want)
	}
	sort.Strings(j.lines)
	if want := "[1 gone b x 2 gone c x]"; fmt.Sprint(j.lines) != want {
		t.Errorf("journal: %v, want %s", j.lines, want)
	}
	audit(t, s)
}

// TestPartsModel does everything at random to items with parts, and compares with plain maps.
func TestPartsModel(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			s, tx, now, _ := timedStore(t)
			w := &partsWorld{t: t, s: s, tx: tx, now: now, r: rand.New(rand.NewPCG(seed, 1)), model: map[string]map[string]part{}}
			for i := range 6_000 {
				w.step()
				if i%1_500 == 1_499 {
					w.verify()
				}
			}
			tx.Exclusive(func() { tx.Flush(-1, true) })
			if used := s.mem.Used(); used != 0 {
				t.Fatalf("%d bytes left", used)
			}
		})
	}
}

type part struct {
	value string
	at    int64
}

// partsWorld is a store of dicts with its model: items by "db/name", their parts by name.
type partsWorld struct {
	t     *testing.T
	s     *Store
	tx    *Tx
	now   *atomic.Int64
	r     *rand.Rand
	model map[string]map[string]part
}

func (w *partsWorld) at(db int, name string) string { return fmt.Sprintf("%d/%s", db, name) }

func (w *partsWorld) step() {
	db, name := w.r.IntN(2), fmt.Sprint("k", w.r.IntN(30))
	k, at := w.s.Key([]byte(name)), w.at(db, name)
	toDB, toName := w.r.IntN(2), fmt.Sprint("k", w.r.IntN(30))
	to, toAt := w.s.Key([]byte(toName)), w.at(toDB, toName)
	w.tx.Lock([]Key{k, to})
	switch op := w.r.IntN(100); {
	case op < 70:
		if w.model[at] == nil {
			w.model[at] = map[string]part{}
		}
		for range 1 + w.r.IntN(8) {
			p := part{strings.Repeat("v", w.r.IntN(40)), 0}
			if w.r.IntN(3) == 0 {
				p.at = w.now.Load() + 1 + int64(w.r.IntN(1<<w.r.IntN(18)))
			}
			field := fmt.Sprint("f", w.r.IntN(150))
			setPart(w.t, w.tx, db, k, field, p.value, p.at)
			w.model[at][field] = p
		}
	case op < 75:
		w.tx.Delete(db, k)
		delete(w.model, at)
	case op < 78:
		if err := w.tx.Put(db, k, Value{Bytes: []byte("plain")}); err != nil {
			w.t.Fatal(err)
		}
		w.tx.Delete(db, k)
		delete(w.model, at)
	case op < 84 && at != toAt:
		if ok, err := w.tx.Move(db, k, toDB, to); err != nil || ok != (w.model[at] != nil) {
			w.t.Fatal("move", ok, err)
		} else if ok {
			w.model[toAt] = w.model[at]
			delete(w.model, at)
		}
	case op < 90 && at != toAt:
		if ok, err := w.tx.Copy(db, k, toDB, to); err != nil || ok != (w.model[at] != nil) {
			w.t.Fatal("copy", ok, err)
		} else if ok {
			w.model[toAt] = map[string]part{}
			for f, p := range w.model[at] {
				w.model[toAt][f] = p
			}
		}
	}
	w.tx.Unlock()
	switch w.r.IntN(60) {
	case 0:
		w.sweep(int64(w.r.IntN(3_000)))
	case 1:
		w.s.Compact()
	case 2:
		if w.r.IntN(10) == 0 {
			w.tx.Exclusive(func() { w.tx.Flush(0, true) })
			for at := range w.model {
				if at[0] == '0' {
					delete(w.model, at)
				}
			}
		}
	}
}

// sweep lets time pass until the wheel has turned over all that is due.
func (w *partsWorld) sweep(ms int64) {
	w.now.Add(ms + 2*wheelUnit)
	w.tx.Tick()
	for range 3 {
		w.s.sweepAll(w.now.Load())
	}
	for at, parts := range w.model {
		for f, p := range parts {
			if p.at != 0 && p.at <= w.now.Load() {
				delete(parts, f)
			}
		}
		if len(parts) == 0 {
			delete(w.model, at)
		}
	}
	w.drop()
}

// drop removes from the store too what is due in the unit that has not ended, so that both are the same again.
func (w *partsWorld) drop() {
	for db := range 2 {
		for i := range 30 {
			k := w.s.Key(fmt.Appendf(nil, "k%d", i))
			w.tx.Lock1(k)
			for {
				it := w.tx.Find(db, k)
				if !it.Ok() || !it.Timed() {
					break
				}
				if at := w.s.parts.NextDue(it); at == 0 || at > w.now.Load() {
					break
				}
				w.s.parts.Expire(w.tx, db, k, it)
			}
			w.tx.Unlock()
		}
	}
}

func (w *partsWorld) verify() {
	w.t.Helper()
	w.sweep(0)
	for db := range 2 {
		for i := range 30 {
			name := fmt.Sprint("k", i)
			k := w.s.Key([]byte(name))
			var all []string
			for f, p := range w.model[w.at(db, name)] {
				all = append(all, fmt.Sprintf("%s=%s@%d", f, p.value, p.at))
			}
			sort.Strings(all)
			want := strings.Join(all, " ")
			if len(all) == 0 {
				want = "none"
			}
			w.tx.Lock1(k)
			it := w.tx.Find(db, k)
			if got := partsOf(w.s.mem, it); got != want {
				w.t.Fatalf("db %d %s: %.300s\nwant %.300s", db, name, got, want)
			}
			if it.Ok() && it.Timed() != (w.s.parts.NextDue(it) != 0) {
				w.t.Fatalf("db %d %s: marked %v, next due at %d", db, name, it.Timed(), w.s.parts.NextDue(it))
			}
			w.tx.Unlock()
		}
	}
	audit(w.t, w.s)
}
