// Verify: everything that must be true of a deque, for tests.

package deque

import (
	"fmt"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/pack"
)

// Verify walks over all of the deque and tells what is wrong with it. Nodes are where the limits want them compressed or not as long as the
// arena was never full.
func (d *Deque) Verify() error {
	var have Deque
	marked := d.mark == 0
	for r, prev := d.head, arena.Ref(0); r != 0; r = d.node(r).next() {
		n := d.node(r)
		if n.prev() != prev {
			return fmt.Errorf("deque: node %d does not know the one before", have.nodes)
		}
		if err := d.verifyNode(r, n); err != nil {
			return fmt.Errorf("deque: node %d of %d: %w", have.nodes, d.nodes, err)
		}
		have.nodes++
		have.len += uint64(n.count())
		have.bytes += uint64(n.size())
		have.tail, prev = r, r
		marked = marked || r == d.mark
	}
	switch {
	case have.nodes != d.nodes || have.len != d.len || have.bytes != d.bytes || have.tail != d.tail || (d.head == 0) != (d.tail == 0):
		return fmt.Errorf("deque: the root says %+v, the nodes %+v", *d, have)
	case !marked:
		return fmt.Errorf("deque: the mark is at no node")
	case d.touched != [4]arena.Ref{}:
		return fmt.Errorf("deque: a change is not finished")
	}
	return nil
}

func (d *Deque) verifyNode(r arena.Ref, n *node) error {
	if n.size() != arena.SizeOf(n.size()) || n.start()+n.len() > n.size()-headBytes || n.count() == 0 {
		return fmt.Errorf("%d elements in %d bytes from %d of a block of %d", n.count(), n.len(), n.start(), n.size())
	}
	var lp pack.Listpack
	switch n.kind() {
	case plain:
		if n.count() != 1 || !d.limits.tooBig(pack.Elem{Text: d.content(r, n)}) {
			return fmt.Errorf("plain with %d elements of %d bytes", n.count(), n.len())
		}
		return nil
	case packed:
		lp = d.pack(r, n)
	case squeezed:
		if !d.inner(r) {
			return fmt.Errorf("compressed near an end")
		}
		lp = make([]byte, d.packLen(r, n))
		d.unpack(lp, d.content(r, n))
	}
	if !lp.Valid(true) || lp.Len() != n.count() || !d.limits.fits(len(lp), n.count()) {
		return fmt.Errorf("a listpack of %d bytes with %d elements, %d by the head", len(lp), lp.Len(), n.count())
	}
	return nil
}
