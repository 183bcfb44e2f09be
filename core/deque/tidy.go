// Tidying: after a change in the middle, small neighbours become one, blocks fit their content, inner nodes are compressed again.

package deque

import (
	"slices"

	"github.com/cachesrv/cachesrv/core/arena"
)

// touch notes a node that a change goes through. No change goes through more than there is room for; one that is left out would only be
// bigger than need be.
func (d *Deque) touch(r arena.Ref) {
	if slices.Contains(d.touched[:], r) {
		return
	}
	if i := slices.Index(d.touched[:], 0); i >= 0 {
		d.touched[i] = r
	}
}

// forget follows a touched node to another block, 0: it is gone.
func (d *Deque) forget(r, to arena.Ref) {
	for i := range d.touched {
		if d.touched[i] == r {
			d.touched[i] = to
		}
	}
}

// tidyUp tidies the nodes that a change went through. Nothing of it can fail: what the arena has no room for stays as it is.
func (d *Deque) tidyUp() {
	for i := range d.touched {
		if r := d.touched[i]; r != 0 {
			r = d.merge(d.node(r).prev(), r, r)
			r = d.merge(r, d.node(r).next(), r)
			d.touched[i] = d.trim(r)
		}
	}
	for i := range d.touched {
		if r := d.touched[i]; r != 0 {
			d.touched[i] = 0
			d.again(r)
		}
	}
	d.settle()
}

// trim is shrink, for nodes that are not at an end: there, pushes will need the room.
func (d *Deque) trim(r arena.Ref) arena.Ref {
	if n := d.node(r); n.prev() == 0 || n.next() == 0 {
		return r
	}
	return d.shrink(r)
}

// merge makes one of two neighbours if both are open and together fill three quarters of a node or less: if they filled it, the next
// insertion would split it again. x or y may be 0. It returns where the elements of r are, which is one of the two.
func (d *Deque) merge(x, y, r arena.Ref) arena.Ref {
	if x == 0 || y == 0 {
		return r
	}
	n, m := d.node(x), d.node(y)
	if n.kind() != packed || m.kind() != packed {
		return r
	}
	other := d.pack(y, m)
	size, count := d.pack(x, n).MergeSize(other), n.count()+m.count()
	if size > d.limits.maxBytes()/4*3 || count > d.limits.maxCount() {
		return r
	}
	if n.start()+size > n.size()-headBytes {
		if x = d.makeRoom(x, size-n.len(), false); x == 0 {
			return r
		}
		n = d.node(x)
	}
	d.wrote(n, d.pack(x, n).Merge(other), count)
	d.drop(y)
	return x
}
