// Compaction: moving what lies in spans that the arena is emptying.

package table

import "github.com/cachesrv/cachesrv/core/arena"

// Compact moves what of bucket i lies in evacuated spans: items through move, which is told the mark too and gives the new reference
// (0: it could not), and overflow buckets. It returns how many blocks moved.
func (t *Table) Compact(i int, move func(r arena.Ref, marked bool) arena.Ref) (moved int) {
	b := t.bucket(uint32(i))
	for {
		for j, s := range b {
			if s == 0 {
				return moved
			}
			if !t.a.Evacuating(refOf(s)) {
				continue
			}
			to := arena.Ref(0)
			if s&chainBit != 0 {
				to = t.copyBlock(refOf(s), bucketBytes)
			} else {
				to = move(refOf(s), s&markBit != 0)
			}
			if to != 0 {
				b[j] = s&^refMask | uint64(to)>>arena.RefAlign
				moved++
			}
		}
		if b[width-1]&chainBit == 0 {
			return moved
		}
		b = t.a.Words(refOf(b[width-1]))
	}
}

// CompactSegment moves the segment of bucket i, and with the first one the directory, if its span is evacuated.
func (t *Table) CompactSegment(i int) (moved int) {
	s := uint32(i >> segBits)
	if s == 0 && t.segs > 1 && t.a.Evacuating(t.dir) {
		if to := t.copyBlock(t.dir, dirBytes(t.segs)); to != 0 {
			t.dir = to
			moved++
		}
	}
	if seg := t.seg(s); t.a.Evacuating(seg) {
		if to := t.copyBlock(seg, t.segBytes(s)); to != 0 {
			t.setSeg(s, to)
			moved++
		}
	}
	return moved
}

func (t *Table) copyBlock(from arena.Ref, n int) arena.Ref {
	to := t.a.Alloc(n, arena.Movable)
	if to != 0 {
		copy(t.a.Bytes(to, n), t.a.Bytes(from, n))
		t.a.Free(from, n)
	}
	return to
}
