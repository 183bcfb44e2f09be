// Inserting in the middle, and replacing an element.

package deque

import (
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/pack"
)

// Insert adds an element before the one that the cursor gave last, or after it. The cursor is of no use afterwards.
// false: the arena is full.
func (d *Deque) Insert(c *Cursor, after bool, e pack.Elem) bool {
	p := c.at
	switch {
	case after && c.lp == nil:
		p = 1
	case after:
		p = c.lp.Next(p)
	}
	ok := d.insert(c.ref, p, e)
	d.tidyUp()
	return ok
}

// insert adds an element at a place in a node.
func (d *Deque) insert(r arena.Ref, p int, e pack.Elem) bool {
	n := d.node(r)
	size, big := pack.Size(e), d.limits.tooBig(e)
	first, last := p == 0, p == 1
	if k := n.kind(); k != plain {
		if !big && d.takes(r, n, size) {
			return d.insertInto(r, p, e)
		}
		first, last = p == firstOfPack, p == d.packLen(r, n)-1
	}
	switch {
	case first:
		return d.insertBetween(n.prev(), r, e, size, big)
	case last:
		return d.insertBetween(r, n.next(), e, size, big)
	}
	return d.insertSplit(r, p, e, size, big)
}

// insertInto adds an element to a node where it fits.
func (d *Deque) insertInto(r arena.Ref, p int, e pack.Elem) bool {
	if r = d.open(r); r == 0 {
		return false
	}
	d.touch(r)
	n := d.node(r)
	size := pack.Size(e)
	if n.start()+n.len()+size > n.size()-headBytes {
		if r = d.makeRoom(r, size, false); r == 0 {
			return false
		}
		n = d.node(r)
	}
	d.wrote(n, d.pack(r, n).Insert(p, e), n.count()+1)
	d.len++
	return true
}

// insertBetween adds an element between two nodes, 0 being the end: to one of them, or in a node of its own.
func (d *Deque) insertBetween(x, y arena.Ref, e pack.Elem, size int, big bool) bool {
	if !big && y != 0 {
		if d.takes(y, d.node(y), size) {
			return d.insertInto(y, firstOfPack, e)
		}
	}
	if !big && x != 0 {
		if n := d.node(x); d.takes(x, n, size) {
			return d.insertInto(x, d.packLen(x, n)-1, e)
		}
	}
	r := d.newInner(e)
	if r == 0 {
		return false
	}
	d.link(r, x)
	d.len++
	d.touch(r)
	return true
}

// newInner is newNode with a block of the element's size.
func (d *Deque) newInner(e pack.Elem) arena.Ref {
	if d.limits.tooBig(e) {
		return d.newNode(e, false)
	}
	r := d.alloc(blockFor(pack.EmptyListpack + pack.Size(e)))
	if r != 0 {
		d.fillPack(r, 0, e)
	}
	return r
}

// insertSplit adds an element in the middle of a node that has no room for it: what follows the place goes into a node of its own, and the
// element to the end of the first part or, if that has no room either, between the two.
func (d *Deque) insertSplit(r arena.Ref, p int, e pack.Elem, size int, big bool) bool {
	if r = d.open(r); r == 0 {
		return false
	}
	d.touch(r)
	n := d.node(r)
	lp := d.pack(r, n)
	run := lp.Run(p, lp.End())
	rest := d.alloc(blockFor(pack.EmptyListpack + len(run)))
	if rest == 0 {
		return false
	}
	alone := big || p+1+size > cap(lp) || p+1+size > d.limits.maxBytes() // even the first part has no room
	var own arena.Ref
	if alone {
		if own = d.newInner(e); own == 0 {
			d.free(rest)
			return false
		}
	}
	m := d.node(rest)
	tail := pack.NewListpack(d.room(rest, m))
	tail = tail.SpliceRun(tail.First(), tail.First(), run, -1)
	tail.Recount()
	count, right := n.count(), tail.Len()
	m.set(packed, right, 0, len(tail))
	lp = lp.Truncate(p)
	d.wrote(n, lp, count-right)
	d.link(rest, r)
	d.touch(rest)
	if alone {
		d.link(own, r)
		d.touch(own)
	} else {
		d.wrote(n, lp.Append(e), count-right+1)
	}
	d.len++
	return true
}

// Set replaces the element with an index, which there is. false: the arena is full.
func (d *Deque) Set(index int, e pack.Elem) bool {
	r, i := d.locate(index)
	n := d.node(r)
	if n.kind() != plain && !d.limits.tooBig(e) {
		if r = d.open(r); r == 0 {
			return false
		}
		d.touch(r)
		n = d.node(r)
		lp := d.pack(r, n)
		p := lp.Seek(i)
		more := pack.Size(e) - (lp.Next(p) - p)
		if more <= 0 || d.limits.fits(n.len()+more, n.count()) {
			if more > 0 && n.start()+n.len()+more > n.size()-headBytes {
				if r = d.makeRoom(r, more, false); r == 0 {
					d.tidyUp()
					return false
				}
				n = d.node(r)
			}
			d.wrote(n, d.pack(r, n).Replace(p, e), n.count())
			d.tidyUp()
			return true
		}
	}
	return d.setApart(r, i, index, e)
}

// setApart replaces an element by one that goes to another node: the new one comes before the old one, which then goes. What the first step
// changed is open, so that the second cannot fail.
func (d *Deque) setApart(r arena.Ref, i, index int, e pack.Elem) bool {
	if r = d.open(r); r == 0 {
		return false
	}
	d.touch(r)
	n, p := d.node(r), 0
	if n.kind() == packed {
		p = d.pack(r, n).Seek(i)
	}
	ok := d.insert(r, p, e)
	if ok {
		r, i = d.locate(index + 1)
		d.cut(r, i, 1)
	}
	d.tidyUp()
	return ok
}
