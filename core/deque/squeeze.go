// Squeezing: inner nodes in compressed form, if the limits ask for it, and opening them again.

package deque

import (
	"encoding/binary"
	"sync"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/pack"
)

// Worth compressing is what has so many bytes and loses so many; the length before costs 4 bytes.
const (
	squeezeMin  = 48
	squeezeGain = 8
	lengthBytes = 4
)

// press is what compressing takes. One is used within a call, so there are as many as threads compress at the same time.
type press struct {
	q   pack.Squeezer
	out []byte
}

var presses = sync.Pool{New: func() any { return new(press) }}

// peek opens a compressed node in the scratch buffer.
func (d *Deque) peek(r arena.Ref, n *node) pack.Listpack {
	b := d.content(r, n)
	size := int(binary.LittleEndian.Uint32(b))
	if d.Scratch == nil {
		d.Scratch = new([]byte)
	}
	if cap(*d.Scratch) < size {
		*d.Scratch = make([]byte, d.limits.blockBytes())
	}
	lp := (*d.Scratch)[:size]
	d.unpack(lp, b)
	return lp
}

func (d *Deque) unpack(dst, content []byte) {
	if !pack.Decompress(dst, content[lengthBytes:]) {
		panic("deque: a compressed node is damaged")
	}
}

// open makes a node that is compressed a packed one and returns where it is then; 0: the arena is full.
func (d *Deque) open(r arena.Ref) arena.Ref {
	n := d.node(r)
	if n.kind() != squeezed {
		return r
	}
	b := d.content(r, n)
	size := int(binary.LittleEndian.Uint32(b))
	to := d.alloc(blockFor(size))
	if to == 0 {
		return 0
	}
	m := d.node(to)
	d.unpack(d.room(to, m)[:size], b)
	m.set(packed, n.count(), 0, size)
	d.replace(r, to)
	return to
}

// squeeze compresses a packed node if that is worth while, and returns where it is then.
func (d *Deque) squeeze(r arena.Ref) arena.Ref {
	n := d.node(r)
	if n.kind() != packed || n.len() < squeezeMin {
		return r
	}
	p := presses.Get().(*press)
	defer presses.Put(p)
	p.out = binary.LittleEndian.AppendUint32(p.out[:0], uint32(n.len()))
	out, ok := p.q.Compress(p.out, d.content(r, n), n.len()-squeezeGain)
	p.out = out
	if !ok || blockFor(len(out)) >= n.size() {
		return r
	}
	to := d.alloc(blockFor(len(out)))
	if to == 0 {
		return r
	}
	m := d.node(to)
	m.set(squeezed, n.count(), 0, copy(d.room(to, m), out))
	d.replace(r, to)
	return to
}

// settle has the nodes at both ends open and the first beyond them compressed, after nodes came or went. What the arena has no room for
// stays as it is: every node says itself what it is.
func (d *Deque) settle() {
	if d.limits.Depth == 0 || d.nodes == 0 {
		return
	}
	front, back := d.head, d.tail
	for range d.limits.Depth {
		if front != 0 {
			front = d.opened(front, &back)
			front = d.node(front).next()
		}
		if back != 0 {
			back = d.opened(back, &front)
			back = d.node(back).prev()
		}
	}
	if int(d.nodes) > 2*int(d.limits.Depth) {
		if back != front {
			d.squeeze(back)
		}
		d.squeeze(front)
	}
}

// again compresses a node that was opened for a change, if it is one that should be.
func (d *Deque) again(r arena.Ref) arena.Ref {
	if d.inner(r) {
		return d.squeeze(r)
	}
	return r
}

// opened is open that gives r back when it fails, and corrects another reference to the same node.
func (d *Deque) opened(r arena.Ref, other *arena.Ref) arena.Ref {
	to := d.open(r)
	if to == 0 {
		return r
	}
	if *other == r {
		*other = to
	}
	return to
}

// inner says whether a node is so far from both ends that it should be compressed.
func (d *Deque) inner(r arena.Ref) bool {
	depth := int(d.limits.Depth)
	if depth == 0 || int(d.nodes) <= 2*depth {
		return false
	}
	front, back := d.head, d.tail
	for range depth {
		if front == r || back == r {
			return false
		}
		front, back = d.node(front).next(), d.node(back).prev()
	}
	return true
}
