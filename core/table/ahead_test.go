package table

import (
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

// ref is the block under a hash as Find finds it.
func (t *Table) ref(h uint64) arena.Ref {
	p := t.Find(h)
	if !p.Next() {
		return 0
	}
	return p.Ref()
}

// reached is the block under a hash as it is found ahead, chain or not.
func reached(a *arena.Arena, b arena.Ref, h uint64) (block arena.Ref) {
	for block == 0 && b != 0 {
		block, b = Beyond(a, b, h)
	}
	return block
}

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
		b := Place(a, tab.Trail(), h)
		if a.Words(b) != tab.Find(h).b {
			t.Fatalf("with %d items another bucket is loaded than %d", i+1, tab.Index(h))
		}
		if got := reached(a, b, h); got != tab.ref(h) {
			t.Fatalf("with %d items %#x is loaded, not %#x", i+1, got, tab.ref(h))
		}
	}
	for tab.Len() > 0 {
		tab.AheadOfLast()
		tab.DropLast(func(r arena.Ref, _ bool) { a.Free(r, 16) })
	}
	tab.AheadOfLast()
	if b := Place(a, 0, 1); b != 0 {
		t.Errorf("the bucket %#x of no table", b)
	}
	if block, chain := Beyond(a, 1<<arena.RefBits, 1); block != 0 || chain != 0 {
		t.Errorf("a bucket that is none leads to %#x and %#x", block, chain)
	}
	tab.Free()
}
