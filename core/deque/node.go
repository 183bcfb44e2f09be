// node: one block of the chain; its head, its content, and getting, linking and dropping it.

package deque

import (
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/pack"
)

// The head of a block is three words; the content begins start bytes behind it:
//
//	0  previous node (40 bits), kind (8), number of elements (16)
//	1  next node (40 bits), start (24)
//	2  length of the content (32), length of the block (32)
const (
	headBytes = 24
	minBlock  = 64 // the head is overlaid with a cache line
	maxCount  = 1<<16 - 1
	refMask   = 1<<arena.RefBits - 1
)

// kind is what the content of a node is.
type kind uint8

const (
	packed   kind = iota // a listpack
	plain                // one element's text
	squeezed             // 4 bytes of length, then a listpack of that length in LZF
)

type node [8]uint64

// firstOfPack is where the first element of every listpack begins.
var firstOfPack = pack.Listpack(nil).First()

func (n *node) prev() arena.Ref { return arena.Ref(n[0] & refMask) }
func (n *node) next() arena.Ref { return arena.Ref(n[1] & refMask) }
func (n *node) kind() kind      { return kind(n[0] >> 40) }
func (n *node) count() int      { return int(n[0] >> 48) }
func (n *node) start() int      { return int(n[1] >> 40) }
func (n *node) len() int        { return int(uint32(n[2])) }
func (n *node) size() int       { return int(n[2] >> 32) }

func (n *node) setPrev(r arena.Ref) { n[0] = n[0]&^refMask | uint64(r) }
func (n *node) setNext(r arena.Ref) { n[1] = n[1]&^refMask | uint64(r) }

// set describes the content: count elements in length bytes, start bytes behind the head.
func (n *node) set(k kind, count, start, length int) {
	n[0] = n[0]&refMask | uint64(k)<<40 | uint64(count)<<48
	n[1] = n[1]&refMask | uint64(start)<<40
	n[2] = n[2]&^(1<<32-1) | uint64(uint32(length))
}

func (d *Deque) node(r arena.Ref) *node { return (*node)(d.a.Words(r)) }

// room is the part of a node's block that is for content.
func (d *Deque) room(r arena.Ref, n *node) []byte { return d.a.Bytes(r, n.size())[headBytes:] }

// content is the bytes of a node; their capacity reaches to the end of the block.
func (d *Deque) content(r arena.Ref, n *node) []byte {
	at := n.start()
	return d.room(r, n)[at : at+n.len()]
}

// pack is the listpack of a packed node.
func (d *Deque) pack(r arena.Ref, n *node) pack.Listpack { return d.content(r, n) }

// packLen is the length of a node's listpack, compressed or not.
func (d *Deque) packLen(r arena.Ref, n *node) int {
	if n.kind() == squeezed {
		return int(binary.LittleEndian.Uint32(d.content(r, n)))
	}
	return n.len()
}

// takes says whether a node can have one more element, of size bytes in its listpack.
func (d *Deque) takes(r arena.Ref, n *node, size int) bool {
	return n.kind() != plain && d.limits.fits(d.packLen(r, n)+size, n.count()+1)
}

// blockFor is the size of a block for so many bytes of content.
func blockFor(content int) int { return max(arena.SizeOf(headBytes+content), minBlock) }

// alloc gives a node without content and links; 0 if the arena is full.
func (d *Deque) alloc(block int) arena.Ref {
	r := d.a.Alloc(block, arena.Movable)
	if r != 0 {
		n := d.node(r)
		n[0], n[1], n[2] = 0, 0, uint64(block)<<32
		d.bytes += uint64(block)
	}
	return r
}

// free gives a node's block back.
func (d *Deque) free(r arena.Ref) {
	size := d.node(r).size()
	d.bytes -= uint64(size)
	d.a.Free(r, size)
}

// link puts a node between prev and what follows it; prev 0: at the front.
func (d *Deque) link(r, prev arena.Ref) {
	next := d.head
	if prev != 0 {
		next = d.node(prev).next()
	}
	d.join(prev, r)
	d.join(r, next)
	d.nodes++
}

// join makes two nodes neighbours; 0 stands for the end of the chain.
func (d *Deque) join(x, y arena.Ref) {
	if x != 0 {
		d.node(x).setNext(y)
	} else {
		d.head = y
	}
	if y != 0 {
		d.node(y).setPrev(x)
	} else {
		d.tail = x
	}
}

// drop takes a node out of the chain and frees it. The number of elements is the caller's to correct.
func (d *Deque) drop(r arena.Ref) {
	n := d.node(r)
	prev, next := n.prev(), n.next()
	d.forget(r, 0)
	if d.mark == r {
		d.mark = next
	}
	d.join(prev, next)
	d.nodes--
	d.free(r)
}

// replace puts to in the place of r in the chain, and frees r.
func (d *Deque) replace(r, to arena.Ref) {
	n := d.node(r)
	prev, next := n.prev(), n.next()
	d.forget(r, to)
	if d.mark == r {
		d.mark = to
	}
	d.join(prev, to)
	d.join(to, next)
	d.free(r)
}

// wrote sets a node's description after its listpack was edited: lp lies in the node's block, at the start it had unless moved.
func (d *Deque) wrote(n *node, lp pack.Listpack, count int) { n.set(packed, count, n.start(), len(lp)) }
