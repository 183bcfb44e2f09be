package core

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/cachesrv/cachesrv/core/dict"
	"github.com/cachesrv/cachesrv/core/table"
)

// TestLookAheadChangesNothing: it is a hint, whatever it meets: keys that are not there, expired, or of every kind, and shards that somebody holds.
func TestLookAheadChangesNothing(t *testing.T) {
	var now atomic.Int64
	now.Store(1_000_000)
	s, err := Open(Options{Shards: 64, Now: now.Load, NoActiveSweep: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	if tx.WorthWhile() {
		t.Error("an empty store is worth looking ahead in")
	}
	put := func(name string, v Value) {
		k := s.Key([]byte(name))
		tx.Lock1(k)
		defer tx.Unlock()
		if err := tx.Put(0, k, v); err != nil {
			t.Fatal(err)
		}
	}
	put("text", Value{Bytes: []byte("value")})
	put("old", Value{Bytes: []byte("value"), ExpireAt: now.Load() + 1})
	put("large", Value{Bytes: make([]byte, 5<<20)})
	d, _ := dict.New(tx.Arena(), dict.Set)
	for i := range 1000 {
		name := fmt.Append(nil, i)
		d.Insert(tx.Hash(name), name, nil, 0)
	}
	var root [dict.RootBytes]byte
	d.Encode(root[:])
	put("set", Value{Bytes: root[:], Type: Set, Owns: true})
	if !tx.WorthWhile() {
		t.Error("5 MB are not worth looking ahead in")
	}
	now.Add(1)
	tx.Tick()
	before, counts := s.Memory(), s.Stats()

	var want []Wanted
	for i, name := range []string{"text", "text", "nosuch", "old", "old", "", "", "large", "set", "set", "set", "set", "set", "text", "set", "set"} {
		w := Wanted{Key: s.Key([]byte(name))}
		if i%3 > 0 {
			w.Second, w.Last = fmt.Append(nil, i), []byte("nosuch")
		}
		want = append(want, w)
	}
	if len(want) != Window {
		t.Fatalf("%d keys", len(want))
	}
	for n := range Window + 1 {
		for db := range 2 {
			tx.LookAhead(db, want[:n])
		}
	}
	other := s.NewTx() // another worker holds every shard: it must not be waited for
	other.Enter()
	other.LockAll()
	tx.LookAhead(0, want)
	other.Unlock()
	other.Leave()
	if after := s.Memory(); after != before || s.Stats() != counts {
		t.Errorf("the store was %+v and is %+v", before, after)
	}
}

// TestLookAheadGuessesRight: without a lock it comes to the bucket in which a key is found, also when the table has grown, shrunk or gone since.
func TestLookAheadGuessesRight(t *testing.T) {
	s := openStore(t, Options{Shards: 4, Databases: 2, NoActiveSweep: true})
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	key := func(i int) Key { return s.Key(fmt.Append(nil, "key:", i)) }
	find := func(i int) bool {
		k := key(i)
		tx.Lock1(k)
		defer tx.Unlock()
		ok := tx.Find(1, k).Ok()
		want := s.space(1, k)
		if b := tx.bucketOf(1, k); want == nil && b != 0 {
			t.Fatalf("key %d has the bucket %#x of no table", i, b)
		} else if want != nil && b != table.Place(s.mem, want.tab.Trail(), k.Hash) {
			t.Fatalf("key %d has another bucket", i)
		}
		return ok
	}
	const keys = 5000
	for i := range keys {
		k := key(i)
		tx.Lock1(k)
		if err := tx.Put(1, k, Value{Bytes: k.Name}); err != nil {
			t.Fatal(err)
		}
		tx.Unlock()
		if !find(i) || !find(i/2) {
			t.Fatalf("key %d is gone", i)
		}
	}
	tx.Exclusive(func() { tx.Swap(0, 1) })
	if find(1) {
		t.Error("the databases were not exchanged")
	}
	tx.Exclusive(func() { tx.Swap(0, 1) })
	for i := range keys - 10 {
		k := key(i)
		tx.Lock1(k)
		tx.Delete(1, k)
		tx.Unlock()
		find(keys - 1)
		find(i)
	}
	tx.Exclusive(func() { tx.Flush(1, true) })
	if find(1) {
		t.Error("a key is left")
	}
}
