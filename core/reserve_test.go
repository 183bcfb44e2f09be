// Databases that are prepared for items to come.

package core

import (
	"fmt"
	"testing"
)

func TestReserveAndSettle(t *testing.T) {
	s := openStore(t, Options{Shards: 8})
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	empty := s.Memory().Tables
	tx.Reserve(0, 200_000)
	ready := s.Memory().Tables
	if ready-empty < 2_000_000 || ready-empty > 4_000_000 {
		t.Fatalf("%d bytes of tables for 200,000 items", ready-empty)
	}
	for i := range 1000 {
		k := s.Key(fmt.Appendf(nil, "key:%d", i))
		tx.Lock1(k)
		err := tx.Put(0, k, Value{Bytes: []byte("v")})
		tx.Unlock()
		if err != nil {
			t.Fatal(err)
		}
	}
	if now := s.Memory().Tables; now < ready {
		t.Errorf("%d bytes of tables became %d while items came", ready, now)
	}
	tx.Settle()
	if now := s.Memory().Tables; now > 100_000 {
		t.Errorf("%d bytes of tables for 1000 items", now)
	}
	if s.Len(0) != 1000 {
		t.Errorf("%d items", s.Len(0))
	}
	k := s.Key([]byte("key:7"))
	tx.Lock1(k)
	defer tx.Unlock()
	if !tx.Find(0, k).Ok() {
		t.Error("an item is lost")
	}
}

// TestReserveUnderALimit: nothing is prepared that the limit has no room for.
func TestReserveUnderALimit(t *testing.T) {
	s := openStore(t, Options{Shards: 8})
	s.SetMaxMemory(4 << 20)
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	before := s.Memory().Tables
	tx.Reserve(0, 1<<30)
	if now := s.Memory().Tables; now != before {
		t.Errorf("%d bytes of tables", now-before)
	}
}
