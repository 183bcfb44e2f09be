// The policy memcached-lru in the store: what is in TEMP is held, what is overwritten begins anew.

package core

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/evict"
)

// temporary makes items that live for a minute at most temporary.
var temporary = func() evict.SegmentTuning {
	t := evict.DefaultSegments
	t.TempTTL = 60
	return t
}()

// store1K puts items of about 1 KB under names from prefix, as many as are wanted or as fit, and tells how many.
func store1K(t *testing.T, tx *Tx, prefix string, n int, expireAt int64) int {
	t.Helper()
	for i := range n {
		if err := tx.MakeRoom(1_100); err != nil {
			if err != ErrFull {
				t.Fatal(err)
			}
			return i
		}
		put(t, tx, fmt.Sprint(prefix, i), strings.Repeat("x", 1_000), expireAt)
	}
	return n
}

func countOf(tx *Tx, prefix string) (n int) {
	tx.Each(0, func(it Item) bool {
		if strings.HasPrefix(string(it.Name()), prefix) {
			n++
		}
		return true
	})
	return n
}

func TestTemporaryItemsAreHeld(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 4, MaxMemory: 1 << 20, Policy: "memcached-lru"})
	s.SetSegments(temporary)
	soon := now.Load() + 60_000
	const held = 300
	if n := store1K(t, tx, "temp", held, soon); n != held {
		t.Fatalf("%d items fit into the empty store", n)
	}
	if n := store1K(t, tx, "lasting", 4_000, now.Load()+61_000); n != 4_000 {
		t.Errorf("after %d items there was no room, though most of them may go", n)
	}
	if n := countOf(tx, "temp"); n != held {
		t.Errorf("%d of %d temporary items were evicted", held-n, held)
	}

	// They take all there is in the end, and then nothing fits, until they are due.
	more := store1K(t, tx, "tempmore", 4_000, soon)
	if n := countOf(tx, "temp"); n != held+more || more > 1_000 {
		t.Errorf("%d temporary items are there, %d were stored", n, held+more)
	}
	if n := countOf(tx, "lasting"); n > 10 {
		t.Errorf("%d items that may be evicted were not found", n)
	}
	if err := tx.MakeRoom(1_100); err != ErrFull {
		t.Errorf("a store full of temporary items: %v", err)
	}
	now.Add(60_000)
	tx.Tick()
	if n := store1K(t, tx, "later", 4_000, 0); n != 4_000 {
		t.Errorf("there is no room after %d items, though all that was held is due", n)
	}
}

// Where a few percent may go they are found.
func TestTheFewThatMayGoAreFound(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 4, MaxMemory: 1 << 20, Policy: "memcached-lru"})
	s.SetSegments(temporary)
	store1K(t, tx, "temp", 4_000, now.Load()+60_000)
	if err := tx.MakeRoom(1_100); err != ErrFull {
		t.Fatalf("a store full of temporary items: %v", err)
	}
	s.SetMaxMemory(s.MaxMemory() + 50<<10) // room for 50 more
	now.Add(futilePause)
	tx.Tick()
	if n := store1K(t, tx, "lasting", 2_000, 0); n != 2_000 {
		t.Errorf("after %d items there was no room, though one in twenty may go", n)
	}
}

func TestOverwrittenItemsBeginAnew(t *testing.T) {
	s, tx, now := clocked(t, Options{Shards: 1, MaxMemory: 1 << 20, Policy: "memcached-lru"})
	s.SetSegments(temporary)
	k := s.Key([]byte("a"))
	expect := func(what string, want evict.Segment, active bool) {
		t.Helper()
		tx.Lock1(k)
		defer tx.Unlock()
		it := tx.Find(0, k)
		if got, a := s.Segmenter().Segment(it.Access(), it.ExpireAt()); got != want || a != active {
			t.Errorf("%s: it is in %d, active %v", what, got, a)
		}
	}
	read := func() {
		tx.Lock1(k)
		tx.Read(0, k)
		tx.Unlock()
	}
	for i := range 100 {
		put(t, tx, fmt.Sprint("c", i), "1", 0)
	}
	put(t, tx, "a", "1", 0)
	read()
	read()
	expect("read twice", evict.Hot, true)
	put(t, tx, "a", "2", 0)
	expect("overwritten", evict.Hot, false)
	put(t, tx, "a", "3", now.Load()+60_000)
	expect("with a short life", evict.Temp, false)
	put(t, tx, "a", "4", now.Load()+61_000)
	expect("with a longer one", evict.Hot, false)

	read()
	for i := range 100 {
		put(t, tx, fmt.Sprint("b", i), "1", 0)
	}
	read()
	read()
	expect("read in COLD", evict.Warm, true)
	s.SetSegments(evict.DefaultSegments)
	expect("after the queues were tuned", evict.Warm, true)
	if s.SetPolicy("allkeys-lru"); s.Segmenter() != nil {
		t.Error("another policy has queues")
	}
}
