package core

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/cachesrv/cachesrv/core/dict"
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
