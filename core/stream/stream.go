// Stream: a root at work; what a stream is outside its nodes and groups.

package stream

import (
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/rank"
)

// The root, little endian:
//
//	0    bytes of all blocks
//	8    entries
//	16   entries ever added
//	24   last id, first id, greatest deleted id (128 bits each)
//	72   the last node
//	80   the tree of the other nodes
//	120  the tree of groups
const (
	lengthAt  = 8
	addedAt   = 16
	lastAt    = 24
	firstAt   = 40
	deletedAt = 56
	tailAt    = 72
	nodesAt   = 80
	groupsAt  = nodesAt + rank.RootBytes

	// RootBytes is what Encode writes and Open reads.
	RootBytes = groupsAt + rank.RootBytes
)

// Stream is a stream being read or changed: a value for the stack. Whoever changed it encodes it again.
type Stream struct {
	Length     uint64 // entries; kept by Append, AddNode, Delete and Trim
	Added      uint64 // entries that were ever added; Append counts, others may set it
	Last       ID     // of the last entry added; Append sets it, others may
	First      ID     // of the first entry, zero if there is none
	MaxDeleted ID     // greatest id that was deleted one by one; the caller's

	a      *arena.Arena
	owned  int64     // bytes of all blocks, rounding included
	tail   arena.Ref // last node, 0 if there is none
	nodes  rank.Tree // all others
	groups rank.Tree
}

// New is a stream without entries; it has no blocks.
func New(a *arena.Arena) (Stream, bool) {
	return Stream{a: a, nodes: rank.Open(a, rank.Root{}), groups: rank.Open(a, rank.Root{})}, true
}

// Open reads what Encode wrote.
func Open(a *arena.Arena, root []byte) Stream {
	_ = root[RootBytes-1]
	le := binary.LittleEndian
	return Stream{
		Length: le.Uint64(root[lengthAt:]), Added: le.Uint64(root[addedAt:]),
		Last: idAt(root[lastAt:]), First: idAt(root[firstAt:]), MaxDeleted: idAt(root[deletedAt:]),
		a: a, owned: int64(le.Uint64(root)), tail: arena.Ref(le.Uint64(root[tailAt:])),
		nodes:  rank.Open(a, rank.Decode(root[nodesAt:])),
		groups: rank.Open(a, rank.Decode(root[groupsAt:])),
	}
}

// Encode writes the root into the first RootBytes of b.
func (s *Stream) Encode(b []byte) {
	_ = b[RootBytes-1]
	le := binary.LittleEndian
	le.PutUint64(b, uint64(s.owned))
	le.PutUint64(b[lengthAt:], s.Length)
	le.PutUint64(b[addedAt:], s.Added)
	putID(b[lastAt:], s.Last)
	putID(b[firstAt:], s.First)
	putID(b[deletedAt:], s.MaxDeleted)
	le.PutUint64(b[tailAt:], uint64(s.tail))
	s.nodes.Encode(b[nodesAt:])
	s.groups.Encode(b[groupsAt:])
}

// Bytes is the memory of all blocks, rounding included.
func (s *Stream) Bytes() int64 { return s.owned }

func idAt(b []byte) ID {
	return ID{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
}

func putID(b []byte, id ID) {
	binary.LittleEndian.PutUint64(b, id.Ms)
	binary.LittleEndian.PutUint64(b[8:], id.Seq)
}

// count adds the memory of blocks that came, or takes that of blocks that went.
func (s *Stream) count(n int) { s.owned += int64(n) }

// insert and remove change one of the stream's trees and count its nodes.
func (s *Stream) insert(t *rank.Tree, m arena.Ref) bool {
	before := t.NodeBytes()
	ok := t.Insert(m)
	s.count(t.NodeBytes() - before)
	return ok
}

func (s *Stream) remove(t *rank.Tree, m arena.Ref) {
	before := t.NodeBytes()
	t.Delete(m)
	s.count(t.NodeBytes() - before)
}
