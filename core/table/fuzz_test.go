// Operations on a table as a fuzzer chooses them, three bytes each; the arena may be full at any of them.

package table

import (
	"encoding/binary"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

// hog takes all that is left of a small arena, so that whatever the table wants next it does not get.
type hog struct{ blocks []arena.Ref }

func (g *hog) fill(a *arena.Arena) {
	for _, n := range []int{4096, 2048, 1024, 512, 256, 128, 64, 16} {
		for r := a.Alloc(n, arena.Movable); r != 0; r = a.Alloc(n, arena.Movable) {
			*a.Word(r) = uint64(n)
			g.blocks = append(g.blocks, r)
		}
	}
}

func (g *hog) clear(a *arena.Arena) {
	for _, r := range g.blocks {
		a.Free(r, int(*a.Word(r)))
	}
	g.blocks = g.blocks[:0]
}

func FuzzTable(f *testing.F) {
	f.Fuzz(func(t *testing.T, ops []byte) {
		a, err := arena.New(512 << 10)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		tab, _ := New(a)
		k, full := &keeper{a, &tab, map[uint64]bool{}}, &hog{}
		var all []uint64 // hashes in the table
		ops = ops[:min(len(ops), 3*400)]
		for i := 0; len(ops) >= 3; i, ops = i+1, ops[3:] {
			x, y := uint64(ops[1]), uint64(ops[2])
			switch op := ops[0] % 12; {
			case op < 5: // some items of one bucket, or of a few
				for j := range 1 + y%24 {
					h := uint64(i)<<40 | j<<32 | x<<16*(y>>7) | x
					if j%2 == 1 {
						h += j << 3
					}
					if k.tryInsert(h, y&1 == 0) {
						all = append(all, h)
					}
				}
			case op < 8:
				for j := uint64(0); j <= y%24 && len(all) > 0; j++ {
					at := int(x+j) % len(all)
					k.remove(all[at])
					all[at] = all[len(all)-1]
					all = all[:len(all)-1]
				}
			case op == 8 && len(all) > 0:
				h := all[int(x)%len(all)]
				p, _ := k.find(h)
				k.model[h] = !k.model[h]
				p.Set(p.Ref(), k.model[h])
			case op == 9 && tab.frozen > 0:
				tab.Thaw()
			case op == 9:
				tab.Freeze()
			case op == 10:
				full.clear(a)
				if y&1 == 0 {
					full.fill(a)
				}
			case op == 11:
				k.compact()
			}
		}
		full.clear(a)
		k.verify(t)
		for _, h := range all {
			k.remove(h)
		}
		k.verify(t)
		tab.Free()
		if a.Used() != 0 {
			t.Fatalf("%d bytes left", a.Used())
		}
	})
}

// tryInsert is insert when memory may be full; false, and nothing changed, if it is.
func (k *keeper) tryInsert(h uint64, mark bool) bool {
	r := k.a.Alloc(16, arena.Movable)
	if r == 0 {
		return false
	}
	binary.LittleEndian.PutUint64(k.a.Bytes(r, 16), h)
	if !k.t.Insert(h, r, mark) {
		k.a.Free(r, 16)
		return false
	}
	k.model[h] = mark
	return true
}

func (k *keeper) compact() {
	if k.a.Evacuate(0) == 0 {
		return
	}
	for i := range k.t.Buckets() {
		k.t.CompactSegment(i)
		k.t.Compact(i, func(from arena.Ref, _ bool) arena.Ref {
			to := k.a.Alloc(16, arena.Movable)
			if to != 0 {
				copy(k.a.Bytes(to, 16), k.a.Bytes(from, 16))
				k.a.Free(from, 16)
			}
			return to
		})
	}
	k.a.Settle()
}
