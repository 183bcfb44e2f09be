// The dict as a whole: freeing it piece by piece, moving its blocks, copying it.

package dict

import (
	"github.com/cachesrv/cachesrv/core/arena"
)

// FreeStep frees about budget entries and tells whether nothing is left, not even the table. After the first step only another may follow.
func (d *Dict) FreeStep(budget int) (done bool) {
	if d.due.Len() > 0 {
		t := d.dues()
		t.FreeStep(budget, func(arena.Ref) {})
		d.due = t.Root
		return false
	}
	for budget > 0 && d.tab.Len() > 0 {
		before := d.tab.Len()
		d.tab.AheadOfLast() // a third less CPU time for freeing a set of a million (BenchmarkLoad/SADD)
		d.tab.DropLast(func(r arena.Ref, marked bool) {
			e := d.read(r, marked)
			d.free(r, len(e.b))
		})
		budget -= before - d.tab.Len() + 1
	}
	if d.tab.Len() > 0 {
		return false
	}
	d.tab.Free()
	return true
}

// treePhase is the cursor of Compact from which on it walks the tree of expiries.
const treePhase = 1 << 40

// Compact moves what lies in evacuated spans, about budget entries at a time. from 0 starts, next 0: it is through. The owner may change
// the dict between two calls: what slips through then waits for the next evacuation.
func (d *Dict) Compact(from uint64, budget int) (next uint64, moved int) {
	for ; budget > 0 && from < uint64(d.tab.Buckets()); from++ {
		if from%64 == 0 {
			moved += d.tab.CompactSegment(int(from))
		}
		budget -= 6
		moved += d.tab.Compact(int(from), d.move)
	}
	if from < uint64(d.tab.Buckets()) {
		return from, moved
	}
	t := d.dues()
	at := int(max(from, treePhase) - treePhase)
	for budget > 0 && at < t.Len() {
		var n int
		to, n := t.Compact(at, nil)
		budget -= to - at
		at, moved = to, moved+n
	}
	d.due = t.Root
	if at >= t.Len() {
		return 0, moved
	}
	return treePhase + uint64(at), moved
}

// move copies an entry to another block.
func (d *Dict) move(r arena.Ref, due bool) arena.Ref {
	e := d.read(r, due)
	to := d.a.Alloc(len(e.b), arena.Movable)
	if to == 0 {
		return 0
	}
	copy(d.a.Bytes(to, len(e.b)), e.b)
	if due {
		t := d.dues()
		t.Replace(r, to)
		d.due = t.Root
	}
	d.a.Free(r, len(e.b))
	return to
}

// Clone copies the dict; false, and nothing is kept: the arena is full.
func (d *Dict) Clone() (Dict, bool) {
	out, ok := New(d.a, d.kind)
	if !ok {
		return out, false
	}
	for i := d.Iter(); ; {
		e, ok := i.Next()
		if !ok {
			return out, true
		}
		if !out.Insert(uint64(e.p.Tag()), e.name, e.value, e.ExpireAt()) {
			for !out.FreeStep(1 << 20) {
			}
			return Dict{}, false
		}
	}
}
