// Pushing: one more element at either end, a whole listpack at the back.

package deque

import (
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/pack"
)

// PushBack adds an element at the end. false: the arena is full.
func (d *Deque) PushBack(e pack.Elem) bool {
	if r := d.tail; r != 0 {
		n := d.node(r)
		size := pack.Size(e)
		if n.kind() == packed && d.limits.fits(n.len()+size, n.count()+1) {
			if n.start()+n.len()+size > n.size()-headBytes {
				if r = d.makeRoom(r, size, false); r == 0 {
					return false
				}
				n = d.node(r)
			}
			d.wrote(n, d.pack(r, n).PushBack(e, size), n.count()+1)
			d.len++
			return true
		}
	}
	return d.pushNode(e, d.tail)
}

// PushFront adds an element at the start. false: the arena is full.
func (d *Deque) PushFront(e pack.Elem) bool {
	if r := d.head; r != 0 {
		n := d.node(r)
		size := pack.Size(e)
		if n.kind() == packed && d.limits.fits(n.len()+size, n.count()+1) {
			if n.start() < size {
				if r = d.makeRoom(r, size, true); r == 0 {
					return false
				}
				n = d.node(r)
			}
			d.putFirst(r, n, e, size)
			d.len++
			return true
		}
	}
	return d.pushNode(e, 0)
}

// putFirst adds an element to a node that has size bytes of room before its listpack.
func (d *Deque) putFirst(r arena.Ref, n *node, e pack.Elem, size int) {
	at := n.start()
	lp := d.pack(r, n).PushFront(d.room(r, n), at, e)
	n.set(packed, n.count()+1, at-size, len(lp))
}

// pushNode adds an element in a node of its own behind prev, 0: at the front. The node that was at that end is cut to its size.
func (d *Deque) pushNode(e pack.Elem, prev arena.Ref) bool {
	r := d.newNode(e, prev == 0 && d.head != 0)
	if r == 0 {
		return false
	}
	old := prev
	if prev == 0 {
		old = d.head
	}
	d.link(r, prev)
	d.len++
	if old != 0 {
		d.shrink(old)
		d.settle()
	}
	return true
}

// newNode makes a node with one element, as big as pushes will make it; front: they will come from there.
func (d *Deque) newNode(e pack.Elem, front bool) arena.Ref {
	if d.limits.tooBig(e) {
		r := d.alloc(blockFor(len(e.Text)))
		if r != 0 {
			n := d.node(r)
			n.set(plain, 1, 0, copy(d.room(r, n), e.Text))
		}
		return r
	}
	size := pack.EmptyListpack + pack.Size(e)
	r := d.alloc(d.pushBlock(size))
	if r == 0 {
		return 0
	}
	n := d.node(r)
	at := 0
	if front {
		at = n.size() - headBytes - size
	}
	d.fillPack(r, at, e)
	return r
}

// fillPack begins a node's listpack, with one element, at a place in its block.
func (d *Deque) fillPack(r arena.Ref, at int, e pack.Elem) {
	n := d.node(r)
	lp := pack.NewListpack(d.room(r, n)[at:]).Append(e)
	n.set(packed, 1, at, len(lp))
}

// pushBlock is the size of the block of a node at an end with so much content: the final one, or if the limit is a count
// and so the final size unknown, about half as much again as is there.
func (d *Deque) pushBlock(content int) int {
	most := d.limits.blockBytes()
	if d.limits.Fill < 0 {
		return most
	}
	return min(max(blockFor(content+content/2), 4*minBlock), most)
}

// makeRoom gives a packed node size bytes of room at one end, by moving its listpack within the block or into a bigger one, and returns
// where the node is then; 0: the arena is full. A node that is at both ends of the deque gets room on both sides.
func (d *Deque) makeRoom(r arena.Ref, size int, front bool) arena.Ref {
	n := d.node(r)
	block := n.size()
	if need := headBytes + n.len() + size; need > block {
		if block = d.pushBlock(need - headBytes); n.prev() != 0 && n.next() != 0 {
			block = min(block, blockFor(need+need/8))
		}
	}
	left := block - headBytes - n.len() - size // beyond what is asked for
	at := 0
	if n.prev() == 0 {
		at = left
		if n.next() == 0 {
			at = left / 2
		}
	}
	if front {
		at += size
	}
	if block == n.size() {
		copy(d.room(r, n)[at:], d.content(r, n))
		n.set(packed, n.count(), at, n.len())
		return r
	}
	return d.moveTo(r, block, at)
}

// moveTo moves a node's content into a new block, at bytes from its start, and returns it; 0: the arena is full.
func (d *Deque) moveTo(r arena.Ref, block, at int) arena.Ref {
	to := d.alloc(block)
	if to == 0 {
		return 0
	}
	n, m := d.node(r), d.node(to)
	copy(d.room(to, m)[at:], d.content(r, n))
	m.set(n.kind(), n.count(), at, n.len())
	d.replace(r, to)
	return to
}

// shrink cuts a node's block to the size class of its content if that is a smaller one, and returns where the node is then.
func (d *Deque) shrink(r arena.Ref) arena.Ref {
	n := d.node(r)
	if block := blockFor(n.len()); block < n.size() {
		if to := d.moveTo(r, block, 0); to != 0 {
			return to
		}
	}
	return r
}

// PushPack adds the elements of a listpack, which must be valid and not empty, at the end: as a node where they fit into one, else one
// by one. false: the arena is full, and nothing is added.
func (d *Deque) PushPack(lp pack.Listpack) bool {
	count := lp.Len()
	if d.limits.fits(len(lp), count) {
		r := d.alloc(blockFor(len(lp)))
		if r == 0 {
			return false
		}
		n := d.node(r)
		n.set(packed, count, 0, copy(d.room(r, n), lp))
		lp = d.pack(r, n)
		lp.Recount()
		d.link(r, d.tail)
		d.len += uint64(count)
		d.settle()
		return true
	}
	nodes, p := d.nodes, lp.First()
	for ok := d.pushNode(lp.Get(p), d.tail); ok; ok = d.PushBack(lp.Get(p)) {
		if p = lp.Next(p); p == lp.End() {
			return true
		}
	}
	for d.nodes > nodes {
		d.len -= uint64(d.node(d.tail).count())
		d.drop(d.tail)
	}
	d.settle()
	return false
}
