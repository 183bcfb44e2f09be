// The table against a Go map under random operations; the promise of Scan; what it costs.

package table

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

// keeper owns items of 16 bytes that hold their own hash.
type keeper struct {
	a     *arena.Arena
	t     *Table
	model map[uint64]bool // hash → mark
}

func newKeeper(t testing.TB) *keeper {
	a, err := arena.New(1 << 32)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	tab, _ := New(a)
	return &keeper{a, &tab, map[uint64]bool{}}
}

func (k *keeper) find(h uint64) (Probe, bool) {
	p := k.t.Find(h)
	for p.Next() {
		if binary.LittleEndian.Uint64(k.a.Bytes(p.Ref(), 16)) == h {
			return p, true
		}
	}
	return p, false
}

func (k *keeper) insert(h uint64, mark bool) {
	r := k.a.Alloc(16, arena.Movable)
	binary.LittleEndian.PutUint64(k.a.Bytes(r, 16), h)
	k.t.Insert(h, r, mark)
	k.model[h] = mark
}

func (k *keeper) remove(h uint64) {
	p, _ := k.find(h)
	k.a.Free(p.Ref(), 16)
	k.t.Remove(&p)
	delete(k.model, h)
}

func (k *keeper) verify(t *testing.T) {
	t.Helper()
	if k.t.Len() != len(k.model) {
		t.Fatalf("table has %d items, model %d", k.t.Len(), len(k.model))
	}
	for h, mark := range k.model {
		p, ok := k.find(h)
		if !ok || p.Marked() != mark || p.Tag() != uint32(h&(1<<TagBits-1)) {
			t.Fatalf("%#x: found %v, marked %v want %v", h, ok, p.Marked(), mark)
		}
	}
	n := 0
	for i := range k.t.Buckets() {
		for p := k.t.At(i); p.Next(); n++ {
			if h := binary.LittleEndian.Uint64(k.a.Bytes(p.Ref(), 16)); k.t.Index(h) != i {
				t.Fatalf("%#x lies in bucket %d, belongs into %d", h, i, k.t.Index(h))
			}
		}
	}
	if n != len(k.model) {
		t.Fatalf("walking visits %d items of %d", n, len(k.model))
	}
	var root [RootBytes]byte // a table is its root, wherever that was meanwhile
	k.t.Encode(root[:])
	frozen := k.t.frozen
	*k.t = Open(k.a, Decode(root[:]))
	k.t.frozen = frozen
	if used := k.a.Used() - int64(n)*16; int(used) != k.t.Bytes() {
		t.Fatalf("table counts %d bytes, arena %d", k.t.Bytes(), used)
	}
}

func any(m map[uint64]bool) uint64 {
	for h := range m {
		return h
	}
	return 0
}

func TestRandomOperations(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			k := newKeeper(t)
			hash := r.Uint64
			if seed%2 == 1 { // few distinct tags and buckets: long chains and false matches
				hash = func() uint64 { return r.Uint64()<<24 | r.Uint64N(40) }
			}
			for i := range 12_000 {
				grow := 70 - 50*(i/4_000%2)
				switch x := r.IntN(100); {
				case x < grow:
					if h := hash(); !k.has(h) {
						k.insert(h, r.IntN(2) == 0)
					}
				case x < 95 && len(k.model) > 0:
					k.remove(any(k.model))
				case x < 98 && len(k.model) > 0:
					h := any(k.model)
					p, _ := k.find(h)
					p.Set(p.Ref(), !p.Marked())
					k.model[h] = !k.model[h]
				case k.t.frozen > 0:
					k.t.Thaw()
				default:
					k.t.Freeze()
				}
				if i%1_000 == 0 {
					k.verify(t)
				}
			}
			for k.t.frozen > 0 {
				k.t.Thaw()
			}
			k.verify(t)
			for len(k.model) > 0 {
				k.remove(any(k.model))
			}
			k.verify(t)
			k.t.Free()
			if k.a.Used() != 0 {
				t.Fatalf("%d bytes left", k.a.Used())
			}
		})
	}
}

func (k *keeper) has(h uint64) bool { _, ok := k.model[h]; return ok }

// TestScanMissesNothing grows and shrinks the table between the calls of a scan: what was there all along must be visited.
func TestScanMissesNothing(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		k := newKeeper(t)
		stay := map[uint64]bool{}
		for range 500 + r.IntN(3_000) {
			h := r.Uint64()
			k.insert(h, false)
			stay[h] = true
		}
		seen := map[uint64]bool{}
		var extra []uint64
		grow := seed%2 == 0
		for cursor, calls := uint64(0), 0; ; calls++ {
			cursor = k.t.Scan(cursor, func(p *Probe) { seen[binary.LittleEndian.Uint64(k.a.Bytes(p.Ref(), 16))] = true })
			if cursor == 0 {
				break
			}
			if calls%200 == 0 {
				grow = !grow
			}
			for range r.IntN(40) {
				if grow {
					h := r.Uint64()
					k.insert(h, false)
					extra = append(extra, h)
				} else if len(extra) > 0 {
					k.remove(extra[len(extra)-1])
					extra = extra[:len(extra)-1]
				}
			}
		}
		for h := range stay {
			if !seen[h] {
				t.Fatalf("seed %d: %#x was there all along and not visited", seed, h)
			}
		}
	}
}

func TestCompact(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	k := newKeeper(t)
	for range 40_000 {
		k.insert(r.Uint64(), r.IntN(2) == 0)
	}
	for h := range k.model {
		if r.IntN(5) > 0 {
			k.remove(h)
		}
	}
	before := k.a.Waste()
	k.a.Evacuate(1)
	for i := range k.t.Buckets() {
		k.t.CompactSegment(i)
		k.t.Compact(i, func(ref arena.Ref, _ bool) arena.Ref {
			to := k.a.Alloc(16, arena.Movable)
			copy(k.a.Bytes(to, 16), k.a.Bytes(ref, 16))
			k.a.Free(ref, 16)
			return to
		})
	}
	k.a.Settle()
	k.verify(t)
	if after := k.a.Waste(); after*5 > before {
		t.Fatalf("waste %d before, %d after", before, after)
	}
}

// BenchmarkBytesPerItem measures the table's memory over a doubling of its size.
func BenchmarkBytesPerItem(b *testing.B) {
	for b.Loop() {
		k := newKeeper(b)
		r := rand.New(rand.NewPCG(1, 1))
		worst, sum, n := 0.0, 0.0, 0
		for i := 1; i <= 1<<17; i++ {
			h := r.Uint64()
			k.t.Insert(h, arena.Ref(64), false)
			if i > 1<<16 && i%512 == 0 {
				per := float64(k.t.Bytes()) / float64(i)
				worst, sum, n = max(worst, per), sum+per, n+1
			}
		}
		b.ReportMetric(worst, "B/item-worst")
		b.ReportMetric(sum/float64(n), "B/item-mean")
	}
}

func BenchmarkFind(b *testing.B) {
	k := newKeeper(b)
	r := rand.New(rand.NewPCG(1, 1))
	for range 100_000 {
		k.insert(r.Uint64(), false)
	}
	hashes := make([]uint64, 0, len(k.model))
	for h := range k.model {
		hashes = append(hashes, h)
	}
	i := 0
	for b.Loop() {
		k.find(hashes[i%len(hashes)])
		i++
	}
}
