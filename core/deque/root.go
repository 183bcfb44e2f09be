// Deque: a root at work. Making, opening, encoding.

package deque

import (
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core/arena"
)

// RootBytes is what Encode writes and Open reads; the first 8 of them are the bytes of all blocks.
const RootBytes = 48

// Deque is a list in an arena: a small value for the stack. Whoever changed it encodes it again. The zero Deque is of no use.
type Deque struct {
	// Scratch is where compressed nodes are opened for reading: a buffer of the worker, grown as needed. It may be nil if that was never
	// worth while; the buffer is then made when it is needed.
	Scratch *[]byte

	a          *arena.Arena
	head, tail arena.Ref
	mark       arena.Ref // where Compact goes on
	len        uint64    // elements
	bytes      uint64    // of the blocks
	nodes      uint32
	limits     Limits

	touched [4]arena.Ref // nodes that the current change went through
}

// New makes an empty deque, which has no blocks yet.
func New(a *arena.Arena, l Limits) Deque { return Deque{a: a, limits: l} }

// Open reads what Encode wrote.
func Open(a *arena.Arena, root []byte) Deque {
	_ = root[RootBytes-1]
	w := binary.LittleEndian.Uint64(root[40:])
	return Deque{
		a:      a,
		bytes:  binary.LittleEndian.Uint64(root),
		head:   arena.Ref(binary.LittleEndian.Uint64(root[8:])),
		tail:   arena.Ref(binary.LittleEndian.Uint64(root[16:])),
		mark:   arena.Ref(binary.LittleEndian.Uint64(root[24:])),
		len:    binary.LittleEndian.Uint64(root[32:]),
		nodes:  uint32(w),
		limits: Limits{Fill: int16(w >> 32), Depth: uint16(w >> 48)},
	}
}

// Encode writes the root into the first RootBytes of b.
func (d *Deque) Encode(b []byte) {
	_ = b[RootBytes-1]
	binary.LittleEndian.PutUint64(b, d.bytes)
	binary.LittleEndian.PutUint64(b[8:], uint64(d.head))
	binary.LittleEndian.PutUint64(b[16:], uint64(d.tail))
	binary.LittleEndian.PutUint64(b[24:], uint64(d.mark))
	binary.LittleEndian.PutUint64(b[32:], d.len)
	binary.LittleEndian.PutUint64(b[40:], uint64(d.nodes)|uint64(uint16(d.limits.Fill))<<32|uint64(d.limits.Depth)<<48)
}

// Len is the number of elements, Nodes that of nodes, Bytes the memory of the nodes, rounding included.
func (d *Deque) Len() int     { return int(d.len) }
func (d *Deque) Nodes() int   { return int(d.nodes) }
func (d *Deque) Bytes() int64 { return int64(d.bytes) }

// Limits is what the deque was made with.
func (d *Deque) Limits() Limits { return d.limits }
