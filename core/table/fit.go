// Fitting: splitting and joining buckets, one or two per change of the table.

package table

import "github.com/cachesrv/cachesrv/core/arena"

// fit brings the table a step nearer to the size that its items want. Two steps, so that a table which was frozen catches up.
func (t *Table) fit() {
	for range 2 {
		switch {
		case t.frozen:
			return
		case t.items*4 > int(t.n)*splitAt && t.level < TagBits-1:
			if !t.split() {
				return
			}
		case t.items*4 < int(t.n)*joinAt && t.n > 1:
			if !t.join() {
				return
			}
		default:
			return
		}
	}
}

// Freeze stops splitting and joining until it is called with false: bucket indices keep their items.
func (t *Table) Freeze(on bool) {
	t.frozen = on
	if !on {
		t.fit()
	}
}

// gathered is the content of a chain taken apart: its slots, and its overflow buckets for use again.
type gathered struct {
	slots    []uint64
	blocks   []arena.Ref
	slotBuf  [4 * width]uint64
	blockBuf [4]arena.Ref
}

func (g *gathered) take(t *Table, b *bucket) {
	if g.slots == nil {
		g.slots, g.blocks = g.slotBuf[:0], g.blockBuf[:0]
	}
	for p := (Probe{a: t.a, b: b}); p.Next(); {
		g.slots = append(g.slots, *p.slot())
	}
	for b[width-1]&chainBit != 0 {
		r := refOf(b[width-1])
		g.blocks = append(g.blocks, r)
		b = t.a.Words(r)
	}
}

// put writes slots into a chain that starts at b, with blocks of g for what runs over.
func (g *gathered) put(t *Table, b *bucket, slots []uint64) {
	for {
		*b = bucket{}
		if len(slots) <= width {
			copy(b[:], slots)
			return
		}
		copy(b[:width-1], slots)
		slots = slots[width-1:]
		r := g.blocks[len(g.blocks)-1]
		g.blocks = g.blocks[:len(g.blocks)-1]
		b[width-1] = chainTo(r)
		b = t.a.Words(r)
	}
}

func (g *gathered) freeRest(t *Table) {
	for _, r := range g.blocks {
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
	var g gathered
	g.take(t, t.bucket(from))
	bit := uint64(1) << (tagShift + int(t.level))
	k := 0 // slots that stay, moved to the front
	for i, s := range g.slots {
		if s&bit == 0 {
			g.slots[i], g.slots[k] = g.slots[k], s
			k++
		}
	}
	g.put(t, t.bucket(from), g.slots[:k])
	t.n++
	g.put(t, t.bucket(to), g.slots[k:])
	t.level = levelOf(t.n)
	g.freeRest(t)
	return true
}

// join puts the last bucket back into the one it was split from; false if the arena is full.
func (t *Table) join() bool {
	last := t.n - 1
	to := last - 1<<levelOf(last)
	var g gathered
	g.take(t, t.bucket(to))
	g.take(t, t.bucket(last))
	had := len(g.blocks)
	for need := overflow(len(g.slots)); len(g.blocks) < need; {
		r := t.newChain()
		if r == 0 { // both chains are still whole: only the new blocks go back
			g.blocks = g.blocks[had:]
			g.freeRest(t)
			return false
		}
		g.blocks = append(g.blocks, r)
	}
	g.put(t, t.bucket(to), g.slots)
	t.n--
	t.level = levelOf(t.n)
	t.dropBucket()
	g.freeRest(t)
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
	case int(t.n) < len(t.segs)<<segBits:
		return true
	}
	seg := t.a.Alloc(segBuckets*bucketBytes, arena.Movable)
	if seg == 0 {
		return false
	}
	t.segs = append(t.segs, seg)
	return true
}

// dropBucket gives memory back that no bucket below n needs, with half a segment of hysteresis.
func (t *Table) dropBucket() {
	if last := len(t.segs) - 1; last > 0 && int(t.n) <= last<<segBits-segBuckets/2 {
		t.a.Free(t.segs[last], segBuckets*bucketBytes)
		t.segs = t.segs[:last]
	}
	if len(t.segs) == 1 && t.n <= t.first/4 {
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
	t.a.Free(t.segs[0], t.segBytes(0))
	t.segs[0], t.first = seg, n
	return true
}
