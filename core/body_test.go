// Items that own structures, against a Go map under random operations; then every figure must add up.

package core

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core/dict"
	"github.com/cachesrv/cachesrv/core/racing"
)

// sets are databases of big sets of numbers, in a store and in a model.
type sets struct {
	*testing.T
	s     *Store
	tx    *Tx
	model [2]map[string]map[int]bool
}

func newSets(t *testing.T, o Options) *sets {
	s, tx, _ := clocked(t, o)
	return &sets{T: t, s: s, tx: tx, model: [2]map[string]map[int]bool{{}, {}}}
}

// under runs f with the shards of keys locked.
func (x *sets) under(f func(keys []Key), names ...string) {
	var keys []Key
	for _, n := range names {
		keys = append(keys, x.s.Key([]byte(n)))
	}
	x.tx.Lock(keys)
	defer x.tx.Unlock()
	f(keys)
}

// change adds n numbers from first on, or removes them, making the set if need be.
func (x *sets) change(db int, name string, first, n int, add bool) {
	x.under(func(keys []Key) {
		k, m := keys[0], x.model[db][name]
		if m == nil {
			d, ok := dict.New(x.s.mem, dict.Set)
			if !ok {
				x.Fatal("no memory")
			}
			root := make([]byte, dict.RootBytes)
			d.Encode(root)
			if err := x.tx.Put(db, k, Value{Bytes: root, Type: Set, Enc: 2, Owns: true}); err != nil {
				x.Fatal(err)
			}
			m = map[int]bool{}
			x.model[db][name] = m
		}
		e := x.tx.Edit(db, k, x.tx.Read(db, k))
		d := dict.Open(x.s.mem, e.Root, dict.Set)
		for i := first; i < first+n; i++ {
			member := strconv.AppendInt(nil, int64(i), 10)
			hash := x.tx.Hash(member)
			switch found := d.Find(hash, member); {
			case add && !found.Ok():
				d.Insert(hash, member, nil, 0)
				m[i] = true
			case !add && found.Ok():
				d.Remove(&found)
				delete(m, i)
			}
		}
		d.Encode(e.Root)
		e.Done()
	}, name)
}

// members reads an item's set.
func members(s *Store, it Item) map[int]bool {
	out := map[int]bool{}
	d := dict.Open(s.mem, it.Value(), dict.Set)
	for i := d.Iter(); ; {
		e, ok := i.Next()
		if !ok {
			return out
		}
		n, _ := strconv.Atoi(string(e.Name()))
		out[n] = true
	}
}

func (x *sets) verify() {
	x.Helper()
	for db := range x.model {
		n := 0
		x.tx.Each(db, func(it Item) bool {
			n++
			if got, want := members(x.s, it), x.model[db][string(it.Name())]; !maps.Equal(got, want) {
				x.Fatalf("%s has %d members, want %d", it.Name(), len(got), len(want))
			}
			return true
		})
		if n != len(x.model[db]) {
			x.Fatalf("database %d has %d sets, want %d", db, n, len(x.model[db]))
		}
	}
}

// settle waits for what is freed in the background.
func (x *sets) settle() {
	for i := 0; x.s.sizes.dying.Load() != 0; i++ {
		if i > 20_000 {
			x.Fatalf("%d bytes are still dying", x.s.sizes.dying.Load())
		}
		time.Sleep(time.Millisecond)
	}
}

func TestBodiesUnderRandomOperations(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			x := newSets(t, Options{Shards: 4, Databases: 2})
			r := rand.New(rand.NewPCG(seed, 3))
			name := func() string { return "s" + strconv.Itoa(r.IntN(12)) }
			for i := range racing.Times(1_500) {
				db, a, b := r.IntN(2), name(), name()
				switch op := r.IntN(20); {
				case op < 8:
					x.change(db, a, r.IntN(500), r.IntN(60), true)
				case op == 8: // too big to be freed at once
					x.change(db, a, r.IntN(500), 4_000, true)
				case op < 13:
					x.change(db, a, r.IntN(2_000), r.IntN(800), false)
				case op == 13:
					x.under(func(keys []Key) {
						if x.tx.Delete(db, keys[0]) != (x.model[db][a] != nil) {
							t.Fatal("delete")
						}
					}, a)
					delete(x.model[db], a)
				case op == 14: // a plain value takes its place, and goes
					x.under(func(keys []Key) {
						x.tx.Put(db, keys[0], Value{Bytes: []byte("plain")})
						x.tx.Delete(db, keys[0])
					}, a)
					delete(x.model[db], a)
				case op == 15:
					x.under(func(keys []Key) {
						if ok, err := x.tx.Move(db, keys[0], 1-db, keys[1]); ok && err == nil {
							x.model[1-db][b] = x.model[db][a]
							delete(x.model[db], a)
						}
					}, a, b)
				case op == 16:
					x.under(func(keys []Key) {
						if ok, err := x.tx.Copy(db, keys[0], 1-db, keys[1]); ok && err == nil {
							x.model[1-db][b] = maps.Clone(x.model[db][a])
						}
					}, a, b)
				case op == 17: // an expiry makes another block of the item
					x.under(func(keys []Key) {
						x.tx.SetExpire(db, keys[0], int64(r.IntN(2))*(x.tx.Now()+1e9))
					}, a)
				case op == 18:
					x.s.Compact()
				case op == 19 && r.IntN(8) == 0:
					x.tx.Exclusive(func() { x.tx.Flush(db, r.IntN(2) == 0) })
					x.model[db] = map[string]map[int]bool{}
				}
				if i%100 == 0 {
					x.verify()
				}
			}
			x.verify()
			x.settle()
			audit(t, x.s)
		})
	}
}

// TestBigBodyGoesInTheBackground: what is much does not count as used from the moment of the delete.
func TestBigBodyGoesInTheBackground(t *testing.T) {
	x := newSets(t, Options{Shards: 1})
	x.change(0, "s", 0, 50_000, true)
	if used := x.s.Memory().Used; used < 1_000_000 {
		t.Fatalf("%d bytes for 50,000 members", used)
	}
	x.under(func(keys []Key) { x.tx.Delete(0, keys[0]) }, "s")
	if m := x.s.Memory(); m.Used > m.Startup+4096 {
		t.Fatalf("after the delete: %+v", m)
	}
	x.settle()
	audit(t, x.s)
	if used := x.s.mem.Used(); used > 4096 {
		t.Fatalf("%d bytes are left", used)
	}
}

// TestExpiredAndEvictedBodiesGo: whatever removes an item takes what it owns.
func TestExpiredAndEvictedBodiesGo(t *testing.T) {
	x := newSets(t, Options{Shards: 4, Policy: "allkeys-lru"})
	for i := range 20 {
		x.change(0, fmt.Sprint("s", i), 0, 1_000, true)
	}
	x.under(func(keys []Key) { x.tx.SetExpire(0, keys[0], x.tx.Now()) }, "s0")
	x.under(func(keys []Key) {
		if x.tx.Find(0, keys[0]).Ok() {
			t.Fatal("it had expired")
		}
	}, "s0")
	limit := x.s.Memory().Used / 2
	x.s.SetMaxMemory(limit)
	if err := x.tx.MakeRoom(0); err != nil {
		t.Fatal(err)
	}
	if m := x.s.Memory(); m.Used > limit {
		t.Fatalf("%d bytes in use, the limit is %d", m.Used, limit)
	}
	x.settle()
	audit(t, x.s)
}

// TestSnapshotSeesBodiesAsTheyWere changes, deletes and makes sets while a snapshot walks: it must see what was there at its beginning.
func TestSnapshotSeesBodiesAsTheyWere(t *testing.T) {
	x := newSets(t, Options{Shards: 4})
	for i := range 200 {
		x.change(0, fmt.Sprint("s", i), i, 100, true)
	}
	seen := map[string]map[int]bool{}
	want := map[string]map[int]bool{}
	for name, m := range x.model[0] {
		want[name] = maps.Clone(m)
	}
	x.tx.Leave()
	snap, err := x.s.Snapshot(nil, func(_ int, it Item) error {
		if seen[string(it.Name())] != nil {
			return errors.New("seen twice")
		}
		seen[string(it.Name())] = members(x.s, it)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	x.tx.Enter()
	r := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		name := fmt.Sprint("s", r.IntN(250))
		switch r.IntN(4) {
		case 0:
			x.change(0, name, r.IntN(300), 50, true)
		case 1:
			x.change(0, name, r.IntN(300), 50, false)
		case 2:
			x.under(func(keys []Key) { x.tx.Delete(0, keys[0]) }, name)
			delete(x.model[0], name)
		case 3:
			x.under(func(keys []Key) {
				if ok, _ := x.tx.Move(0, keys[0], 0, keys[1]); ok {
					m := x.model[0][name]
					delete(x.model[0], name)
					x.model[0]["moved"] = m
				}
			}, name, "moved")
		}
	}
	x.tx.Leave()
	err = snap.Run(context.Background())
	x.tx.Enter()
	if err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(seen, want, maps.Equal[map[int]bool, map[int]bool]) {
		t.Fatalf("the snapshot saw %d sets, not as they were", len(seen))
	}
	x.verify()
	x.settle()
	audit(t, x.s)
}
