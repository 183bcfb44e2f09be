// Cursor: a place between two elements, and walking from there in either direction.

package deque

import (
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/pack"
)

// Cursor is a place in a deque: a value for the stack, valid until the deque changes. Two cursors of one deque must not be in compressed
// nodes at the same time: they share the scratch buffer.
type Cursor struct {
	d   Deque         // a copy of the root: a pointer to it would put it on the heap
	ref arena.Ref     // the node, 0 in an empty deque
	lp  pack.Listpack // its elements, nil in a plain node
	p   int           // where the next element begins; in a plain node 0 before it and 1 behind it
	at  int           // where the element begins that was given last
}

// Seek gives the place before the element with an index, which may be Len: the end. It walks from the nearer end.
func (d *Deque) Seek(index int) Cursor {
	c := Cursor{d: *d}
	r, i := d.locate(index)
	if r == 0 {
		return c
	}
	c.enter(r)
	switch {
	case c.lp == nil:
		c.p = i
	case i == d.node(r).count():
		c.p = c.lp.End()
	default:
		c.p = c.lp.Seek(i)
	}
	return c
}

// Over gives a cursor of a listpack that is no deque's, before the element with an index, which may be the number of elements.
func Over(lp pack.Listpack, index int) Cursor {
	if index < lp.Len() {
		return Cursor{lp: lp, p: lp.Seek(index)}
	}
	return Cursor{lp: lp, p: lp.End()}
}

// Step is Next or, with a negative direction, Prev.
func (c *Cursor) Step(direction int) (e pack.Elem, ok bool) {
	if direction < 0 {
		return c.Prev()
	}
	return c.Next()
}

// locate finds the node of an index, and the index in that node; Len is behind the last element of the last node.
func (d *Deque) locate(index int) (r arena.Ref, i int) {
	if index <= d.Len()/2 {
		for r = d.head; r != 0; {
			n := d.node(r)
			if k := n.count(); index < k {
				return r, index
			} else if n.next() == 0 {
				return r, k
			} else {
				index -= k
				r = n.next()
			}
		}
		return 0, 0
	}
	back := d.Len() - index
	for r = d.tail; r != 0; {
		n := d.node(r)
		k := n.count()
		if back <= k {
			return r, k - back
		}
		back -= k
		r = n.prev()
	}
	return 0, 0
}

// enter makes a node the current one; the caller sets p.
func (c *Cursor) enter(r arena.Ref) {
	n := c.d.node(r)
	c.ref, c.lp = r, nil
	if k := n.kind(); k == packed {
		c.lp = c.d.pack(r, n)
	} else if k == squeezed {
		c.lp = c.d.peek(r, n)
	}
}

// Next gives the element behind the place and goes past it; false at the end. The element is valid until the cursor leaves its node.
func (c *Cursor) Next() (e pack.Elem, ok bool) {
	if c.lp != nil && c.p < len(c.lp)-1 {
		c.at = c.p
		c.p = c.lp.Next(c.p)
		return c.lp.Get(c.at), true
	}
	return c.nextOut()
}

// nextOut is Next where it is not just the next element of a listpack.
func (c *Cursor) nextOut() (e pack.Elem, ok bool) {
	if c.ref == 0 {
		return e, false
	}
	n := c.d.node(c.ref)
	if c.lp != nil || c.p == 1 {
		if n.next() == 0 {
			return e, false
		}
		c.enter(n.next())
		c.p = 0
		if c.lp != nil {
			c.p = c.lp.First()
			return c.Next()
		}
		n = c.d.node(c.ref)
	}
	c.at, c.p = 0, 1
	return pack.Elem{Text: c.d.content(c.ref, n)}, true
}

// Prev gives the element before the place and goes before it; false at the start.
func (c *Cursor) Prev() (e pack.Elem, ok bool) {
	if c.lp != nil && c.p > c.lp.First() {
		c.p = c.lp.Prev(c.p)
		c.at = c.p
		return c.lp.Get(c.p), true
	}
	if c.ref == 0 {
		return e, false
	}
	n := c.d.node(c.ref)
	if c.lp != nil || c.p == 0 {
		if n.prev() == 0 {
			return e, false
		}
		c.enter(n.prev())
		c.p = 1
		if c.lp != nil {
			c.p = c.lp.End()
			return c.Prev()
		}
		n = c.d.node(c.ref)
	}
	c.at, c.p = 0, 0
	return pack.Elem{Text: c.d.content(c.ref, n)}, true
}
