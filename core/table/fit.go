// Fitting: splitting and joining buckets, one or two per change of the table.

package table

import "github.com/cachesrv/cachesrv/core/arena"

// fit brings the table a step nearer to the size that its items want. Two steps, so that a table which was frozen catches up.
func (t *Table) fit() {
	for range 2 {
		switch {
		case t.frozen > 0:
			return
		case t.items*4 > uint64(t.n)*splitAt && t.level < TagBits-1:
			if !t.split() {
				return
			}
		case t.items*4 < uint64(t.n)*joinAt && t.n > 1 && !t.keeps:
			if !t.join() {
				return
			}
		default:
			return
		}
	}
}

// Freeze stops splitting and joining until Thaw was called as often: bucket indices keep their items.
func (t *Table) Freeze() { t.frozen++ }

// Thaw ends a Freeze.
func (t *Table) Thaw() {
	t.frozen--
	t.fit()
}

// Reserve makes the buckets that n items want, which are to come, and keeps them until Settle. It is a hint: a table that is frozen, or an arena that
// is full, has fewer.
func (t *Table) Reserve(n uint64) {
	for t.keeps = true; t.frozen == 0 && n*4 > uint64(t.n)*splitAt && t.level < TagBits-1; {
		if !t.split() {
			return
		}
	}
}

// Settle ends what Reserve began: buckets that nobody came for go.
func (t *Table) Settle() {
	t.keeps = false
	for n := uint32(0); n != t.n; {
		n = t.n
		t.fit()
	}
}

// gather takes a chain apart: it appends the slots to slots and the overflow buckets, for use again, to blocks. Callers pass arrays of
// their stack, so that a split allocates nothing on the Go heap.
func (t *Table) gather(b *bucket, slots []uint64, blocks []arena.Ref) ([]uint64, []arena.Ref) {
	for p := (Probe{a: t.a, b: b}); p.Next(); {
		slots = append(slots, *p.slot())
	}
	for b[width-1]&chainBit != 0 {
		r := refOf(b[width-1])
		blocks = append(blocks, r)
		b = t.a.Words(r)
	}
	return slots, blocks
}

// put writes slots into a chain that starts at b, with the last of blocks for what runs over. It returns the blocks left.
func (t *Table) put(b *bucket, slots []uint64, blocks []arena.Ref) []arena.Ref {
	for {
		*b = bucket{}
		if len(slots) <= width {
			copy(b[:], slots)
			return blocks
		}
		copy(b[:width-1], slots)
		slots = slots[width-1:]
		last := len(blocks) - 1
		b[width-1] = chainTo(blocks[last])
		b = t.a.Words(blocks[last])
		blocks = blocks[:last]
	}
}

func (t *Table) dropChains(blocks []arena.Ref) {
	for _, r := range blocks {
		t.dropChain(r)
	}
}

// split makes bucket n out of the one it belongs to; false if the arena is full. Two chains never need more overflow
// buckets than the one they were, so nothing can fail halfway.
func (t *Table) split() bool {
	if !t.addBucket() {
		return false
	}
	from, to := t.n-1<<t.level, t.n
	var slotBuf [4 * width]uint64
	var blockBuf [4]arena.Ref
	slots, blocks := t.gather(t.bucket(from), slotBuf[:0], blockBuf[:0])
	bit := uint64(1) << (tagShift + int(t.level))
	k := 0 // slots that stay, moved to the front
	for i, s := range slots {
		if s&bit == 0 {
			slots[i], slots[k] = slots[k], s
			k++
		}
	}
	blocks = t.put(t.bucket(from), slots[:k], blocks)
	t.n++
	blocks = t.put(t.bucket(to), slots[k:], blocks)
	t.level = levelOf(t.n)
	t.dropChains(blocks)
	return true
}

// join puts the last bucket back into the one it was split from; false if the arena is full.
func (t *Table) join() bool {
	last := t.n - 1
	to := last - 1<<levelOf(last)
	var slotBuf [4 * width]uint64
	var blockBuf [4]arena.Ref
	slots, blocks := t.gather(t.bucket(to), slotBuf[:0], blockBuf[:0])
	slots, blocks = t.gather(t.bucket(last), slots, blocks)
	had := len(blocks)
	for need := overflow(len(slots)); len(blocks) < need; {
		r := t.newChain()
		if r == 0 { // both chains are still whole: only the new blocks go back
			t.dropChains(blocks[had:])
			return false
		}
		blocks = append(blocks, r)
	}
	blocks = t.put(t.bucket(to), slots, blocks)
	t.n--
	t.level = levelOf(t.n)
	t.dropBucket()
	t.dropChains(blocks)
	return true
}

// overflow is how many overflow buckets a chain of n items needs.
func overflow(n int) int {
	if n <= width {
		return 0
	}
	return (n - width + width - 2) / (width - 1)
}

// addBucket makes room for bucket n.
func (t *Table) addBucket() bool {
	switch {
	case t.n < t.first:
		return true
	case t.first < segBuckets:
		return t.resizeFirst(t.first * 2)
	case t.n < t.segs<<segBits:
		return true
	}
	seg := t.a.Alloc(segBuckets*bucketBytes, arena.Movable)
	if seg == 0 {
		return false
	}
	if !t.pushSeg(seg) {
		t.a.Free(seg, segBuckets*bucketBytes)
		return false
	}
	return true
}

// dropBucket gives memory back that no bucket below n needs, with half a segment of hysteresis.
func (t *Table) dropBucket() {
	if last := t.segs - 1; last > 0 && t.n <= last<<segBits-segBuckets/2 {
		if seg := t.popSeg(); seg != 0 {
			t.a.Free(seg, segBuckets*bucketBytes)
		}
	}
	if t.segs == 1 && t.n <= t.first/4 {
		t.resizeFirst(t.first / 2)
	}
}

func (t *Table) resizeFirst(n uint32) bool {
	seg := t.a.Alloc(int(n)*bucketBytes, arena.Movable)
	if seg == 0 {
		return false
	}
	for i := range min(n, t.first) {
		*t.a.Words(seg + arena.Ref(i)*bucketBytes) = *t.bucket(i)
	}
	t.a.Free(t.dir, t.segBytes(0))
	t.dir, t.first = seg, n
	return true
}
