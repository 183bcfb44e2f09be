// Tables of a size that is to come.

package table

import (
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

func TestReserve(t *testing.T) {
	a, err := arena.New(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	tab, _ := New(a)
	const items = 10_000
	tab.Reserve(items)
	n := tab.Buckets()
	if n < items*4/splitAt || n > items*4/splitAt+2 {
		t.Fatalf("%d buckets for %d items", n, items)
	}
	hash := func(i int) uint64 { return uint64(i) * 0x9e3779b97f4a7c15 >> 7 }
	for i := range items {
		r := a.Alloc(8, arena.Movable)
		if !tab.Insert(hash(i), r, false) {
			t.Fatal("full")
		}
	}
	if got := tab.Buckets(); got != n || tab.Len() != items {
		t.Errorf("%d buckets became %d, with %d items", n, got, tab.Len())
	}
	tab.Settle()
	if got := tab.Buckets(); got != n {
		t.Errorf("%d buckets became %d when settled", n, got)
	}
	tab.Reserve(100 * items)
	if got := tab.Buckets(); got < 99*n {
		t.Errorf("%d buckets for a hundred times as many items as there were in %d", got, n)
	}
	for i := range items { // what was there is where the larger table looks for it
		p := tab.Find(hash(i))
		if !p.Next() {
			t.Fatalf("item %d is lost", i)
		}
	}
	tab.Settle()
	if got := tab.Buckets(); got > items*4/joinAt+1 {
		t.Errorf("%d buckets are kept for %d items that came", got, items)
	}
}
