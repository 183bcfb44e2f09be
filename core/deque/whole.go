// The whole deque: freeing it step by step, copying it, moving it out of evacuated spans.

package deque

import (
	"slices"

	"github.com/cachesrv/cachesrv/core/pack"
)

// FreeStep drops whole nodes from the end until about budget elements are gone, and says whether nothing is left. What is left is a deque.
func (d *Deque) FreeStep(budget int) (done bool) {
	for budget > 0 && d.tail != 0 {
		k := d.node(d.tail).count()
		budget -= k
		d.len -= uint64(k)
		d.drop(d.tail)
	}
	return d.tail == 0
}

// Clone makes a copy that shares nothing; its nodes have no room to spare. false: the arena is full, and there is no copy.
func (d *Deque) Clone() (Deque, bool) {
	to := New(d.a, d.limits)
	for r := d.head; r != 0; r = d.node(r).next() {
		n := d.node(r)
		c := to.alloc(blockFor(n.len()))
		if c == 0 {
			to.FreeStep(d.Len())
			return Deque{}, false
		}
		m := to.node(c)
		m.set(n.kind(), n.count(), 0, copy(to.room(c, m), d.content(r, n)))
		to.link(c, to.tail)
		to.len += uint64(n.count())
	}
	return to, true
}

// Compact moves nodes that lie in evacuated spans, looking at about budget elements. It starts with from = 0 and goes on with what it
// returned, until that is 0. Where it is to go on is noted in the root and follows the changes between two calls.
func (d *Deque) Compact(from uint64, budget int) (next uint64, moved int) {
	if from == 0 {
		d.mark = d.head
	}
	for r := d.mark; r != 0 && budget > 0; r = d.mark {
		n := d.node(r)
		budget -= max(n.count(), 16) // a node costs something even if it is short
		if d.a.Evacuating(r) {
			if to := d.moveTo(r, n.size(), n.start()); to != 0 {
				n = d.node(to)
				moved++
			}
		}
		d.mark = n.next()
	}
	if d.mark == 0 {
		return 0, moved
	}
	return 1, moved
}

// Repack gives all elements as one listpack of at most most bytes, written to buf; false: they take more, or do not lie in one or two
// open nodes, as those of a deque that shrank so far do. It costs next to nothing to be told that.
func (d *Deque) Repack(buf []byte, most int) (pack.Listpack, bool) {
	if d.nodes == 0 || d.nodes > 2 {
		return nil, false
	}
	n, m := d.node(d.head), d.node(d.tail)
	size := n.len()
	if d.nodes == 2 {
		size += m.len() - pack.EmptyListpack
	}
	if n.kind() != packed || m.kind() != packed || size > most {
		return nil, false
	}
	lp := pack.Listpack(append(slices.Grow(buf[:0], size), d.content(d.head, n)...))
	if d.nodes == 2 {
		lp = lp.Merge(d.pack(d.tail, m))
	}
	return lp, true
}
