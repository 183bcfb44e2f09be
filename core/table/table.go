// Table: buckets, insertion and removal.

package table

import (
	"math/bits"

	"github.com/cachesrv/cachesrv/core/arena"
)

const (
	width       = 8  // slots of a bucket
	bucketBytes = 64 // a cache line
	segBits     = 6  // buckets of a segment, as a power of two: 4 KB
	segBuckets  = 1 << segBits

	// Items per bucket, in quarters, above which a bucket is split and below which two are joined.
	splitAt = 21
	joinAt  = 9
)

type bucket = [width]uint64

// Table is a Root at work. Owners that live on the Go heap keep it; others open it when they need it, and encode its Root again when they
// have changed it.
type Table struct {
	a *arena.Arena
	Root
	level  uint8 // 2^level <= n < 2^(level+1)
	keeps  bool  // Reserve: no join
	frozen int32 // walks under way: no split or join
}

// New makes an empty table of one bucket; false if the arena is full.
func New(a *arena.Arena) (Table, bool) {
	t := Table{a: a, Root: Root{n: 1, first: 1, segs: 1}}
	t.dir = a.Alloc(bucketBytes, arena.Movable)
	if t.dir == 0 {
		return t, false
	}
	*a.Words(t.dir) = bucket{}
	return t, true
}

// Open makes a table of its root.
func Open(a *arena.Arena, r Root) Table { return Table{a: a, Root: r, level: levelOf(r.n)} }

// Index is the bucket of a hash.
func (t *Table) Index(h uint64) int { return int(index(h, t.n, t.level)) }

func index(h uint64, n uint32, level uint8) uint32 {
	i := uint32(h) & (1<<level - 1)
	if i < n-1<<level { // this one is split already
		i = uint32(h) & (2<<level - 1)
	}
	return i
}

func (t *Table) bucket(i uint32) *bucket {
	return t.a.Words(t.seg(i>>segBits) + arena.Ref(i&(segBuckets-1))*bucketBytes)
}

// Insert adds a reference under a hash. The caller knows that it is not there yet. false, and nothing changed: the arena is full.
func (t *Table) Insert(h uint64, r arena.Ref, mark bool) bool {
	b := t.bucket(uint32(t.Index(h)))
	s := pack(h, r, mark)
	for b[width-1]&chainBit != 0 {
		b = t.a.Words(refOf(b[width-1]))
	}
	if b[width-1] != 0 {
		more := t.newChain()
		if more == 0 {
			return false
		}
		*t.a.Words(more) = bucket{b[width-1], s}
		b[width-1] = chainTo(more)
	} else {
		for i := range b {
			if b[i] == 0 {
				b[i] = s
				break
			}
		}
	}
	t.items++
	t.fit()
	return true
}

// Remove takes out the slot that p stands on. p is used up.
func (t *Table) Remove(p *Probe) {
	hole := p.slot()
	var parent *bucket
	b := p.b
	for b[width-1]&chainBit != 0 {
		parent, b = b, t.a.Words(refOf(b[width-1]))
	}
	if parent == nil { // p's bucket is the last of its chain: find the one before it
		parent = t.parentOf(p)
	}
	last := width - 1
	for b[last] == 0 {
		last--
	}
	*hole = b[last]
	b[last] = 0
	if parent != nil && last == 1 { // one item is left in an overflow bucket: its parent has room for it
		tail := refOf(parent[width-1])
		parent[width-1] = b[0]
		t.dropChain(tail)
	}
	t.items--
	t.fit()
}

// parentOf is the bucket whose chain leads to the one p stands in, nil if that is the head.
func (t *Table) parentOf(p *Probe) *bucket {
	b := t.bucket(p.index)
	for b != p.b {
		next := t.a.Words(refOf(b[width-1]))
		if next == p.b {
			return b
		}
		b = next
	}
	return nil
}

func (t *Table) newChain() arena.Ref {
	r := t.a.Alloc(bucketBytes, arena.Movable)
	if r != 0 {
		t.chains++
	}
	return r
}

func (t *Table) dropChain(r arena.Ref) {
	t.a.Free(r, bucketBytes)
	t.chains--
}

// DropLast takes the items of the last bucket out, hands each with its mark to gone, and drops the bucket unless it is the only one: how a
// table goes piece by piece. The table must not be frozen.
func (t *Table) DropLast(gone func(r arena.Ref, marked bool)) {
	var slotBuf [4 * width]uint64
	var blockBuf [4]arena.Ref
	b := t.bucket(t.n - 1)
	slots, blocks := t.gather(b, slotBuf[:0], blockBuf[:0])
	*b = bucket{}
	t.dropChains(blocks)
	t.items -= uint64(len(slots))
	if t.n > 1 {
		t.n--
		t.level = levelOf(t.n)
		t.dropBucket()
	}
	for _, s := range slots {
		gone(refOf(s), s&markBit != 0)
	}
}

// Free gives the table's memory back. What it refers to is the caller's to free.
func (t *Table) Free() {
	for i := range t.n {
		b := t.bucket(i)
		for b[width-1]&chainBit != 0 {
			next := refOf(b[width-1])
			b = &bucket{}
			*b = *t.a.Words(next)
			t.dropChain(next)
		}
	}
	for i := range t.segs {
		t.a.Free(t.seg(i), t.segBytes(i))
	}
	if t.segs > 1 {
		t.a.Free(t.dir, dirBytes(t.segs))
	}
	t.Root = Root{}
}

func levelOf(n uint32) uint8 { return uint8(bits.Len32(n) - 1) }
