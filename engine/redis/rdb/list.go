// Lists.

package rdb

import "github.com/cachesrv/cachesrv/core/pack"

// Elements takes a list from front to back.
type Elements interface {
	// Element is one element.
	Element(text []byte) error
	// Node is a run of n elements as a listpack that may be kept as it is.
	Node(lp []byte, n int) error
}

// What a node of a quicklist holds.
const (
	plainNode  = 1 // one long element
	packedNode = 2 // a listpack
)

func (d *Decoder) checkList(r *reader) {
	count := countElements{}
	ahead := *r
	single := d.kind == KindQuicklist2 && ahead.length() == 1
	d.walkList(r, &count)
	d.n = count.n
	if single && count.node != nil {
		d.one, d.same = count.node, true
	}
}

// List gives the elements of a list to a sink.
func (d *Decoder) List(to Elements) error {
	r := &reader{b: d.b}
	d.walkList(r, to)
	return d.walked(r)
}

func (d *Decoder) walkList(r *reader, to Elements) {
	if d.kind.form() != nodes {
		c := d.open(r, 1)
		d.eachElement(&c, to)
		return
	}
	for n := r.count(1); n > 0 && r.ok(); n-- {
		if !d.walkNode(r, to) {
			return
		}
	}
}

// walkNode walks over one node of a quicklist. An empty one is no harm: versions are known that wrote them.
func (d *Decoder) walkNode(r *reader, to Elements) bool {
	packed, f := true, ziplist
	if d.kind == KindQuicklist2 {
		f = listpack
		switch r.length() {
		case plainNode:
			packed = false
		case packedNode:
		default:
			r.fail("a list node of no known form")
		}
	}
	b := r.text().view(&d.blob)
	switch {
	case !r.ok():
		return false
	case !packed && len(b) == 0:
		r.fail("a list node without bytes")
		return false
	case !packed:
		return d.give(to.Element(b))
	case f == listpack && !pack.Listpack(b).Valid(true) || f == ziplist && !pack.Ziplist(b).Valid(true):
		r.fail("a list node whose packed bytes are none")
		return false
	}
	c := fromPack(f, b)
	if f == listpack {
		n := 0
		for ; c.more(); n++ {
			c.element()
		}
		if !c.odd {
			return n == 0 || d.give(to.Node(b, n))
		}
		c = fromPack(f, b)
	}
	return d.eachElement(&c, to)
}

func (d *Decoder) eachElement(c *cursor, to Elements) bool {
	for c.more() {
		if !d.give(to.Element(c.next(&d.first))) {
			return false
		}
	}
	return true
}

// countElements is the sink of the check.
type countElements struct {
	n    int
	node []byte // the last one that may be kept; it is valid until the next
}

func (c *countElements) Element([]byte) error { c.n++; return nil }

func (c *countElements) Node(lp []byte, n int) error {
	c.n, c.node = c.n+n, lp
	return nil
}
