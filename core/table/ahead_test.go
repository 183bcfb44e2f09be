package table

import (
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

// TestAheadNamesTheBucket: what is loaded ahead is what Find looks at, through growing and shrinking.
func TestAheadNamesTheBucket(t *testing.T) {
	a, err := arena.New(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	tab, _ := New(a)
	hash := func(i int) uint64 { return uint64(i) * 0x9e3779b97f4a7c15 }
	for i := range 3_000 {
		r := a.Alloc(16, arena.Movable)
		tab.Insert(hash(i), r, false)
		h := hash(i / 2)
		b := tab.Ahead(h)
		if a.Words(b) != tab.Find(h).b {
			t.Fatalf("with %d items another bucket is loaded than %d", i+1, tab.Index(h))
		}
		Beyond(a, b, h, 64)
	}
	for tab.Len() > 0 {
		tab.AheadOfLast()
		h := hash(tab.Len())
		Beyond(a, tab.Ahead(h), h, 1<<30) // far beyond the block
		tab.DropLast(func(r arena.Ref, _ bool) { a.Free(r, 16) })
	}
	tab.AheadOfLast()
	Beyond(a, 1<<arena.RefBits, 1, 64) // a bucket that is none
	tab.Free()
}
