// Listener: what the store tells of items that go and come by themselves.

package core

import (
	"fmt"
	"slices"
	"testing"
)

type heard []string

func (h *heard) Removed(db int, it Item, why RemoveReason) {
	name := it.Name()
	*h = append(*h, fmt.Sprintf("%d %s gone %d", db, name, why))
}
func (h *heard) Added(db int, name []byte) { *h = append(*h, fmt.Sprintf("%d %s new", db, name)) }
func (h *heard) Quiet()                    {}

func TestListener(t *testing.T) {
	s := openStore(t, Options{})
	var h heard
	s.SetListener(&h)
	tx := s.NewTx()
	tx.Enter()
	defer tx.Leave()
	put := func(db int, name string, at int64) {
		k := s.Key([]byte(name))
		tx.Lock1(k)
		defer tx.Unlock()
		if err := tx.Put(db, k, Value{Bytes: []byte("v"), ExpireAt: at}); err != nil {
			t.Fatal(err)
		}
	}
	put(0, "before", 0)
	s.TellNew(true)
	put(1, "a", 0)
	put(1, "a", tx.Now()) // no new one, and due at once
	put(1, "a", 0)        // which is found now, so this is new
	s.TellNew(false)
	put(1, "b", 0)
	want := heard{"1 a new", "1 a gone 0", "1 a new"}
	if !slices.Equal(h, want) {
		t.Errorf("heard %q, want %q", h, want)
	}
}
