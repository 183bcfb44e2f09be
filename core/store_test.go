// The store against a plain Go model under random operations.

package core

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
)

// entry is the model's item.
type entry struct {
	value    []byte
	expireAt int64
	flags    uint32
	cas      uint64
	enc      Enc
}

// world is a store with a clock of its own, and a model of what must be in it.
type world struct {
	t     *testing.T
	s     *Store
	tx    *Tx
	now   atomic.Int64
	model []map[string]entry
	r     *rand.Rand
}

func openStore(t testing.TB, o Options) *Store {
	t.Helper()
	o.Reserve = 8 << 30
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, r: rand.New(rand.NewPCG(seed, 7))}
	w.now.Store(1_700_000_000_000)
	w.s = openStore(t, Options{Shards: 4, Databases: 3, Now: w.now.Load, Seed: [2]uint64{seed, 1}, NoActiveSweep: true})
	w.tx = w.s.NewTx()
	for range 3 {
		w.model = append(w.model, map[string]entry{})
	}
	w.tx.Enter()
	t.Cleanup(w.tx.Leave)
	return w
}

// with runs f with the keys' shards locked.
func (w *world) with(f func(), keys ...Key) {
	w.tx.Lock(keys)
	f()
	w.tx.Unlock()
}

func (w *world) get(db int, name string) (entry, bool) {
	e, ok := w.model[db][name]
	if ok && e.expireAt != 0 && e.expireAt <= w.now.Load() {
		delete(w.model[db], name)
		return entry{}, false
	}
	return e, ok
}

func (w *world) randomValue() []byte {
	n := w.r.IntN(60)
	switch w.r.IntN(30) {
	case 0:
		n = w.r.IntN(100_000)
	case 1, 2:
		n = w.r.IntN(3_000)
	}
	return bytes.Repeat([]byte{byte(w.r.Uint32()), byte(w.r.Uint32()), byte(w.r.Uint32())}, n/3+1)[:n]
}

func (w *world) randomName() string {
	if w.r.IntN(50) == 0 {
		return fmt.Sprintf("%0300d", w.r.IntN(20))
	}
	return fmt.Sprint("key:", w.r.IntN(400))
}

func (w *world) randomExpiry() int64 {
	if w.r.IntN(2) == 0 {
		return 0
	}
	return w.now.Load() + int64(w.r.IntN(1<<w.r.IntN(40))) - 50
}

func (w *world) check(db int, name string, it Item) {
	w.t.Helper()
	e, ok := w.get(db, name)
	if it.Ok() != ok {
		w.t.Fatalf("db %d %q: there is %v, want %v", db, name, it.Ok(), ok)
	}
	if !ok {
		return
	}
	if string(it.Name()) != name || !bytes.Equal(it.Value(), e.value) || it.ExpireAt() != e.expireAt || it.Flags() != e.flags ||
		it.CAS() != e.cas || it.Enc() != e.enc || it.Type() != String {
		w.t.Fatalf("db %d %q: %d bytes, expiry %d, flags %d, cas %d, enc %d; want %d bytes %+v", db, name, len(it.Value()), it.ExpireAt(),
			it.Flags(), it.CAS(), it.Enc(), len(e.value), entry{nil, e.expireAt, e.flags, e.cas, e.enc})
	}
}

// delete and setExpire look the item up first, or not.
func (w *world) delete(db int, k Key) bool {
	if w.r.IntN(2) == 0 {
		return w.tx.Delete(db, k)
	}
	it := w.tx.Find(db, k)
	if it.Ok() {
		w.tx.DeleteFound(db, k, it)
	}
	return it.Ok()
}

func (w *world) setExpire(db int, k Key, at int64) bool {
	if w.r.IntN(2) == 0 {
		return w.tx.SetExpire(db, k, at)
	}
	it := w.tx.Find(db, k)
	return it.Ok() && w.tx.SetExpireFound(db, k, it, at)
}

// step does one random operation to both.
func (w *world) step() {
	db, name := w.r.IntN(3), w.randomName()
	k := w.s.Key([]byte(name))
	switch op := w.r.IntN(100); {
	case op < 35:
		e := entry{value: w.randomValue(), expireAt: w.randomExpiry(), enc: Enc(w.r.IntN(2))}
		if w.r.IntN(3) == 0 {
			e.flags, e.cas = w.r.Uint32(), w.s.NextCAS()
		}
		w.with(func() {
			if err := w.tx.Put(db, k, Value{Bytes: e.value, ExpireAt: e.expireAt, Flags: e.flags, CAS: e.cas, Enc: e.enc}); err != nil {
				w.t.Fatal(err)
			}
		}, k)
		w.model[db][name] = e
	case op < 50:
		w.with(func() { w.check(db, name, w.tx.Read(db, k)) }, k)
	case op < 60:
		w.with(func() {
			_, ok := w.get(db, name)
			if w.delete(db, k) != ok {
				w.t.Fatal("delete", name)
			}
		}, k)
		delete(w.model[db], name)
	case op < 70:
		w.resize(db, name, k)
	case op < 76:
		at := w.randomExpiry()
		w.with(func() {
			e, ok := w.get(db, name)
			if w.setExpire(db, k, at) != ok {
				w.t.Fatal("expire", name)
			}
			if e.expireAt = at; ok {
				w.model[db][name] = e
			}
		}, k)
	case op < 80:
		w.with(func() {
			e, ok := w.get(db, name)
			e.cas = uint64(w.r.IntN(2)) * w.s.NextCAS()
			if w.tx.SetCAS(db, k, e.cas) != ok {
				w.t.Fatal("cas", name)
			}
			if ok {
				w.model[db][name] = e
			}
		}, k)
	case op < 88:
		w.transfer(db, name, k)
	case op < 96:
		w.now.Add(int64(w.r.IntN(400)))
		w.tx.Tick()
	case op < 98:
		w.s.sweepAll(w.now.Load())
	default:
		w.s.Compact()
	}
}

func (w *world) resize(db int, name string, k Key) {
	e, ok := w.get(db, name)
	n := w.r.IntN(len(e.value)*2 + 40)
	w.with(func() {
		b, err := w.tx.Resize(db, k, n, EncRaw)
		if ok != (err == nil) || !ok && err != ErrNotFound {
			w.t.Fatal("resize", name, err)
		}
		if !ok {
			return
		}
		want := make([]byte, n)
		copy(want, e.value)
		if !bytes.Equal(b, want) {
			w.t.Fatalf("resize %q to %d: wrong content", name, n)
		}
		if n > 0 {
			want[n-1] ^= 0xff
			b[n-1] ^= 0xff
		}
		e.value, e.enc = want, EncRaw
		w.model[db][name] = e
	}, k)
}

func (w *world) transfer(db int, name string, k Key) {
	toDB, toName := w.r.IntN(3), w.randomName()
	to := w.s.Key([]byte(toName))
	copying := w.r.IntN(2) == 0
	if db == toDB && name == toName && copying {
		return
	}
	w.with(func() {
		e, ok := w.get(db, name)
		w.get(toDB, toName)
		op := w.tx.Move
		if copying {
			op = w.tx.Copy
		}
		if got, err := op(db, k, toDB, to); got != ok || err != nil {
			w.t.Fatal("transfer", name, got, err)
		}
		if !ok {
			return
		}
		if !copying {
			delete(w.model[db], name)
		}
		w.model[toDB][toName] = e
	}, k, to)
}

// verify compares everything.
func (w *world) verify() {
	w.t.Helper()
	for db, m := range w.model {
		for name := range m {
			k := w.s.Key([]byte(name))
			w.with(func() { w.check(db, name, w.tx.Find(db, k)) }, k)
		}
		seen := map[string]bool{}
		w.tx.Each(db, func(it Item) bool {
			seen[string(it.Name())] = true
			return true
		})
		w.now.Add(2 * wheelUnit)
		w.tx.Tick()
		w.s.sweepAll(w.now.Load())
		scanned := map[string]bool{}
		for c := uint64(0); ; {
			if c = w.tx.Scan(db, c, 10, func(it Item) { scanned[string(it.Name())] = true }); c == 0 {
				break
			}
		}
		live, expiring := 0, 0
		for name := range m {
			if e, ok := w.get(db, name); ok {
				live++
				if e.expireAt != 0 {
					expiring++
				}
				if !seen[name] || !scanned[name] {
					w.t.Fatalf("db %d: %q visited %v, scanned %v", db, name, seen[name], scanned[name])
				}
			}
		}
		if len(scanned) != live {
			w.t.Fatalf("db %d: %d visited, %d scanned, %d there", db, len(seen), len(scanned), live)
		}
		if n := w.s.Expiring(db); n > expiring+2 || n < expiring {
			w.t.Fatalf("db %d: %d expiring, want %d", db, n, expiring)
		}
		if _, ok := w.tx.Random(db, nil); ok != (live > 0) {
			w.t.Fatalf("db %d: random found %v with %d items", db, ok, live)
		}
	}
}

func TestRandomOperations(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			w := newWorld(t, seed)
			for i := range 20_000 {
				w.step()
				if i%4_000 == 3_999 {
					w.verify()
				}
			}
			w.tx.Exclusive(func() { w.tx.Flush(-1, true) })
			if m := w.s.Memory(); m.Items != 0 || m.Tables != 0 || m.Dying != 0 {
				t.Fatalf("after flushing everything: %+v", m)
			}
			if w.s.mem.Used() != 0 {
				t.Fatalf("%d bytes left", w.s.mem.Used())
			}
		})
	}
}

func TestFlushInBackgroundGivesMemoryBack(t *testing.T) {
	s := openStore(t, Options{Shards: 4})
	tx := s.NewTx()
	tx.Enter()
	for i := range 50_000 {
		put(t, tx, fmt.Sprint("k", i), "some value", 0)
	}
	tx.Exclusive(func() {
		if n := tx.Flush(0, false); n != 50_000 {
			t.Errorf("flushed %d", n)
		}
	})
	if used, start := s.used(), s.Memory().Startup; used > start+100_000 {
		t.Fatalf("used %d right after flushing, %d when empty", used, start)
	}
	tx.Leave()
	s.running.Add(-2) // sweeper and compactor stay
	s.running.Wait()
	s.running.Add(2)
	if left := s.mem.Used(); left != 0 {
		t.Fatalf("%d bytes left", left)
	}
}

func put(t testing.TB, tx *Tx, name, value string, expireAt int64) {
	k := tx.s.Key([]byte(name))
	tx.Lock1(k)
	defer tx.Unlock()
	if err := tx.Put(0, k, Value{Bytes: []byte(value), ExpireAt: expireAt}); err != nil {
		t.Fatal(err)
	}
}

func TestSwap(t *testing.T) {
	s := openStore(t, Options{Shards: 2})
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	put(t, tx, "a", "1", 0)
	tx.Exclusive(func() { tx.Swap(0, 5) })
	k := s.Key([]byte("a"))
	tx.Lock1(k)
	defer tx.Unlock()
	if tx.Find(0, k).Ok() || !tx.Find(5, k).Ok() || s.Len(0) != 0 || s.Len(5) != 1 {
		t.Fatal("databases are not exchanged")
	}
}

func TestTooLong(t *testing.T) {
	s := openStore(t, Options{Shards: 1})
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	k := s.Key([]byte("a"))
	tx.Lock1(k)
	defer tx.Unlock()
	if err := tx.Put(0, k, Value{Bytes: make([]byte, MaxValue+1)}); err != ErrTooLarge {
		t.Fatal(err)
	}
	if err := tx.Put(0, k, Value{Bytes: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Resize(0, k, MaxValue+1, EncRaw); err != ErrTooLarge {
		t.Fatal(err)
	}
}

func TestInsertAllocatesNearlyNothing(t *testing.T) {
	s := openStore(t, Options{Shards: 4})
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	name, value := make([]byte, 16), make([]byte, 32)
	i := 0
	perOp := testing.AllocsPerRun(20_000, func() {
		i++
		k := s.Key(fmt.Appendf(name[:0], "key:%d", i))
		tx.Lock1(k)
		_ = tx.Put(0, k, Value{Bytes: value})
		tx.Unlock()
	})
	if perOp > 1 { // one is the test's own, for Appendf's argument
		t.Fatalf("%.2f allocations an insert", perOp)
	}
}

// TestACommandThatOutlivesTheStore reads on below a store that has ended, until it ends itself.
func TestACommandThatOutlivesTheStore(t *testing.T) {
	s := openStore(t, Options{})
	tx := s.NewTx()
	tx.Enter()
	k := s.Key([]byte("k"))
	tx.Lock1(k)
	if err := tx.Put(0, k, Value{Bytes: []byte("value")}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if got := tx.Read(0, k).Value(); string(got) != "value" {
		t.Errorf("the late command reads %q", got)
	}
	tx.Unlock()
	tx.Leave()
}
