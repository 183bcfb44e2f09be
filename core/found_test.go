// Tests of found.go; the random operations of store_test.go go through it too.

package core

import (
	"context"
	"fmt"
	"testing"
)

// TestFoundItemMoved: an item that has moved since it was found is a fault of the caller, and takes no other item with it.
func TestFoundItemMoved(t *testing.T) {
	w := newWorld(t, 3)
	k := w.s.Key([]byte("k"))
	w.with(func() {
		w.tx.Put(0, k, Value{Bytes: []byte("a")})
		it := w.tx.Find(0, k)
		w.tx.Put(0, k, Value{Bytes: make([]byte, 5000)})
		defer func() {
			if recover() == nil || !w.tx.Find(0, k).Ok() {
				t.Error("an item was removed by where it no longer is")
			}
		}()
		w.tx.DeleteFound(0, k, it)
	}, k)
}

// TestFoundInSnapshot: a snapshot that is being taken has what found items were before they were changed.
func TestFoundInSnapshot(t *testing.T) {
	const items, at = 3_000, 1 << 50
	s := openStore(t, Options{Shards: 1})
	tx := s.NewTx()
	tx.Enter()
	for i := range items {
		put(t, tx, fmt.Sprint("k", i), "v", at)
	}
	tx.Leave()
	seen := 0
	n, err := s.Snapshot(nil, func(_ int, it Item) error {
		if seen++; it.ExpireAt() != at {
			t.Errorf("%s expires at %d", it.Name(), it.ExpireAt())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tx.Enter()
	for i := range items {
		k := s.Key(fmt.Append(nil, "k", i))
		tx.Lock1(k)
		if it := tx.Find(0, k); i%2 == 0 {
			tx.DeleteFound(0, k, it)
		} else {
			tx.SetExpireFound(0, k, it, at+1)
		}
		tx.Unlock()
	}
	tx.Leave()
	if err := n.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if seen != items || s.Len(0) != items/2 {
		t.Errorf("%d items in the snapshot, %d left", seen, s.Len(0))
	}
}
