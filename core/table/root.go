// Root: what a table is outside its blocks, and the directory of its segments.

package table

import (
	"encoding/binary"
	"math/bits"

	"github.com/cachesrv/cachesrv/core/arena"
)

// RootBytes is what Encode writes and Decode reads.
const RootBytes = 32

// Root is a whole table without a pointer. The zero Root is none; see New.
type Root struct {
	dir    arena.Ref // the only segment; if there are more, the block that lists them
	items  uint64
	segs   uint32 // segments of 64 buckets; the first grows from 1 bucket by doubling
	first  uint32 // buckets that the first segment has room for
	n      uint32 // buckets in use
	chains uint32 // overflow buckets
}

// Encode writes the root into the first RootBytes of b.
func (r *Root) Encode(b []byte) {
	_ = b[RootBytes-1]
	binary.LittleEndian.PutUint64(b, uint64(r.dir))
	binary.LittleEndian.PutUint64(b[8:], r.items)
	binary.LittleEndian.PutUint32(b[16:], r.segs)
	binary.LittleEndian.PutUint32(b[20:], r.first)
	binary.LittleEndian.PutUint32(b[24:], r.n)
	binary.LittleEndian.PutUint32(b[28:], r.chains)
}

// Decode reads what Encode wrote.
func Decode(b []byte) Root {
	_ = b[RootBytes-1]
	return Root{
		dir:    arena.Ref(binary.LittleEndian.Uint64(b)),
		items:  binary.LittleEndian.Uint64(b[8:]),
		segs:   binary.LittleEndian.Uint32(b[16:]),
		first:  binary.LittleEndian.Uint32(b[20:]),
		n:      binary.LittleEndian.Uint32(b[24:]),
		chains: binary.LittleEndian.Uint32(b[28:]),
	}
}

// Sane tells whether a root that was read from somewhere can be one of a table in that arena.
func (r *Root) Sane(a *arena.Arena) bool {
	switch blocks := uint64(a.Used()) / bucketBytes; {
	case uint64(r.n) > blocks || uint64(r.chains) > blocks || r.items > width*(uint64(r.n)+uint64(r.chains)):
		return false
	case r.n == 0 || r.segs == 0 || r.first == 0 || r.first > segBuckets || r.first&(r.first-1) != 0:
		return false
	case r.segs == 1:
		return r.n <= r.first && a.Holds(r.dir, uint64(r.first)*bucketBytes)
	}
	return r.first == segBuckets && r.segs <= maxSegs && uint64(r.n) <= uint64(r.segs)*segBuckets && a.Holds(r.dir, uint64(dirBytes(r.segs)))
}

// maxSegs is more than there are addresses for.
const maxSegs = 1 << (arena.RefBits - segBits - 6)

// Len is the number of items.
func (r *Root) Len() int { return int(r.items) }

// Buckets is the number of buckets; their indices are 0…Buckets-1.
func (r *Root) Buckets() int { return int(r.n) }

// Bytes is the memory of the table in the arena.
func (r *Root) Bytes() int {
	n := r.segBytes(0) + int(r.chains)*bucketBytes
	if r.segs > 1 {
		n += int(r.segs-1)*segBuckets*bucketBytes + dirBytes(r.segs)
	}
	return n
}

// Blocks tells f of the blocks whose bytes Bytes adds up.
func (r *Root) Blocks(f func(bytes, n int)) {
	f(r.segBytes(0), 1)
	if r.segs > 1 {
		f(segBuckets*bucketBytes, int(r.segs-1))
		f(dirBytes(r.segs), 1)
	}
	f(bucketBytes, int(r.chains))
}

func (r *Root) segBytes(i uint32) int {
	if i == 0 {
		return int(r.first) * bucketBytes
	}
	return segBuckets * bucketBytes
}

// dirBytes is the length of a directory of more than one segment: it doubles.
func dirBytes(segs uint32) int { return 8 << bits.Len32(segs-1) }

// seg is the i-th segment.
func (t *Table) seg(i uint32) arena.Ref {
	if t.segs == 1 {
		return t.dir
	}
	return arena.Ref(*t.a.Word(t.dir + arena.Ref(i)*8))
}

func (t *Table) setSeg(i uint32, r arena.Ref) {
	if t.segs == 1 {
		t.dir = r
	} else {
		*t.a.Word(t.dir + arena.Ref(i)*8) = uint64(r)
	}
}

// pushSeg adds a segment to the directory, which moves to a block of twice the length when it is full. false: the arena is full.
func (t *Table) pushSeg(seg arena.Ref) bool {
	if t.segs == 1 || dirBytes(t.segs) != dirBytes(t.segs+1) {
		if !t.resizeDir(t.segs + 1) {
			return false
		}
	}
	t.segs++
	t.setSeg(t.segs-1, seg)
	return true
}

// popSeg takes the last segment, which is not the first, out of the directory. A directory that should be shorter and cannot, because
// the arena is full, keeps the segment.
func (t *Table) popSeg() (seg arena.Ref) {
	seg = t.seg(t.segs - 1)
	if t.segs == 2 || dirBytes(t.segs-1) != dirBytes(t.segs) {
		if !t.resizeDir(t.segs - 1) {
			return 0
		}
	}
	t.segs--
	return seg
}

// resizeDir copies the first entries of the directory into a block for n of them, of which one needs none.
func (t *Table) resizeDir(n uint32) bool {
	old, dir := t.dir, t.seg(0)
	if n > 1 {
		if dir = t.a.Alloc(dirBytes(n), arena.Movable); dir == 0 {
			return false
		}
		for i := range min(n, t.segs) {
			*t.a.Word(dir + arena.Ref(i)*8) = uint64(t.seg(i))
		}
	}
	if t.segs > 1 {
		t.a.Free(old, dirBytes(t.segs))
	}
	t.dir = dir
	return true
}
