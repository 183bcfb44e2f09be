// Popping: looking at and dropping the element at either end.

package deque

import "github.com/cachesrv/cachesrv/core/pack"

// Front and Back are the first and the last element of a deque that is not empty.
func (d *Deque) Front() pack.Elem {
	c := d.Seek(0)
	e, _ := c.Next()
	return e
}

func (d *Deque) Back() pack.Elem {
	c := d.Seek(d.Len())
	e, _ := c.Prev()
	return e
}

// DropFront drops the first element of a deque that is not empty: the header of its listpack moves up over it, nothing else does.
// false: the arena is full (possible only where nodes are compressed).
func (d *Deque) DropFront() bool {
	n := d.node(d.head)
	count := n.count()
	if count == 1 {
		d.drop(d.head)
		d.len--
		d.settle()
		return true
	}
	if n.kind() == squeezed {
		return d.DeleteRange(0, 1)
	}
	d.cutFront(n, d.pack(d.head, n), 1)
	d.len--
	return true
}

// cutFront removes the first k elements of a node, but not all.
func (d *Deque) cutFront(n *node, lp pack.Listpack, k int) {
	p := lp.Skip(lp.First(), k)
	cut := lp.CutFront(p, k)
	n.set(packed, n.count()-k, n.start()+len(lp)-len(cut), len(cut))
}

// DropBack drops the last element of a deque that is not empty.
// false: the arena is full (possible only where nodes are compressed).
func (d *Deque) DropBack() bool {
	n := d.node(d.tail)
	count := n.count()
	if count == 1 {
		d.drop(d.tail)
		d.len--
		d.settle()
		return true
	}
	if n.kind() == squeezed {
		return d.DeleteRange(d.Len()-1, 1)
	}
	lp := d.pack(d.tail, n)
	d.wrote(n, lp.Truncate(lp.Last()), count-1)
	d.len--
	return true
}
