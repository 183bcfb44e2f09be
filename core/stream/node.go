// node: a run of entries as one block, and the chain that nodes make.

package stream

import (
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/core/rank"
)

// The block is a rank member with the id as its name, and behind that:
//
//	25  length of the block (32 bits)
//	29  the listpack
//
// In the listpack, which is Redis's, stand first the number of entries, that of entries which are marked deleted, the number of fields of the first
// entry, their names, and a zero. Then the entries, each: flags, differences of time and of number to the node's id, the number of fields and the
// name before every value unless the names are those above, the values, and the number of these elements.
const (
	nodeName = 9
	nodeCap  = nodeName + idBytes
	nodeHead = nodeCap + 4

	// Free bytes that every node keeps, so that deleting entries, which makes the count of deleted ones longer, needs no memory.
	nodeSpare = 4
	// What an entry may add to a node besides its own elements: a longer count.
	countGrowth = 1

	flagDeleted = 1
	flagSame    = 2 // the names of the fields are those of the first entry
)

// Limits say when a node is full.
type Limits struct {
	Bytes   int // of the listpack; 0 is no limit but that of listpacks
	Entries int // deleted ones included; 0 is no limit
}

// newNode makes the block of a node for a listpack of n bytes, whose bytes are the caller's to write. nil: the arena is full.
func (s *Stream) newNode(id ID, n int) (arena.Ref, []byte) {
	size := nodeHead + n + nodeSpare
	size = min(arena.SizeOf(size), max(size, maxNode))
	name := id.name()
	r := rank.NewMemberWith(s.a, id.score(), name[:], size-nodeCap, arena.Movable)
	if r == 0 {
		return 0, nil
	}
	b := s.a.Bytes(r, size)
	binary.LittleEndian.PutUint32(b[nodeCap:], uint32(size))
	s.count(arena.SizeOf(size))
	return r, b[nodeHead:]
}

// maxNode keeps the rounding from passing what the length of a block can say.
const maxNode = 1<<32 - 1

func (s *Stream) nodeSize(r arena.Ref) int {
	return int(binary.LittleEndian.Uint32(s.a.Bytes(r, nodeHead)[nodeCap:]))
}

// list is the listpack of a node, with the block's rest as its capacity.
func (s *Stream) list(r arena.Ref) pack.Listpack {
	return pack.OpenListpack(s.a.Bytes(r, s.nodeSize(r))[nodeHead:])
}

func (s *Stream) nodeID(r arena.Ref) ID { return idOf(s.a.Bytes(r, nodeCap)[nodeName:]) }

func (s *Stream) freeNode(r arena.Ref) {
	n := s.nodeSize(r)
	s.a.Free(r, n)
	s.count(-arena.SizeOf(n))
}

// resize gives the last node another block with room for a listpack of n bytes. false: the arena is full.
func (s *Stream) resizeTail(n int) bool {
	r, b := s.newNode(s.nodeID(s.tail), n)
	if r == 0 {
		return false
	}
	copy(b, s.list(s.tail))
	s.freeNode(s.tail)
	s.tail = r
	return true
}

// Nodes is how many nodes there are.
func (s *Stream) Nodes() int {
	if s.tail == 0 {
		return 0
	}
	return s.nodes.Len() + 1
}

// NodeCursor walks over nodes. It is valid until the next change.
type NodeCursor struct {
	c rank.Cursor
}

// SeekNode makes a cursor on the i-th node.
func (s *Stream) SeekNode(i int) NodeCursor { return NodeCursor{s.nodes.Seek(i)} }

// NextNode gives the id and the listpack at the cursor and steps to the next; false if there is none.
func (s *Stream) NextNode(c *NodeCursor) (id ID, list pack.Listpack, ok bool) {
	r := s.step(&c.c, false)
	if r == 0 {
		return ID{}, nil, false
	}
	list = s.list(r)
	return s.nodeID(r), list[:len(list):len(list)], true
}

// step gives the node at the cursor and moves on, back if rev; 0 if there is none.
func (s *Stream) step(c *rank.Cursor, rev bool) arena.Ref {
	at := c.Rank()
	var m arena.Ref
	if rev {
		m, _, _ = s.nodes.Descend(c)
	} else {
		m, _, _ = s.nodes.Ascend(c)
	}
	if at == s.nodes.Len() {
		return s.tail
	}
	return m
}

// place is the node in which id is or would be: the last one that does not begin behind it, the first if all do.
func (s *Stream) place(id ID) int {
	if s.tail == 0 || !id.Less(s.nodeID(s.tail)) {
		return s.nodes.Len()
	}
	name := id.name()
	i, m := s.nodes.RankOf(id.score(), name[:])
	if m == 0 && i > 0 {
		i--
	}
	return i
}

// dropNode takes a node out and frees it. The last one is always outside of the tree.
func (s *Stream) dropNode(r arena.Ref) {
	if r != s.tail {
		s.remove(&s.nodes, r)
		s.freeNode(r)
		return
	}
	s.freeNode(r)
	s.tail = 0
	if n := s.nodes.Len(); n > 0 {
		c := s.nodes.Seek(n - 1)
		s.tail, _, _ = s.nodes.Descend(&c)
		s.remove(&s.nodes, s.tail)
	}
}

// AddNode adds a node as it is, behind all others. The caller has checked it (ValidNode), and sets Added, Last and First.
func (s *Stream) AddNode(id ID, list pack.Listpack) bool {
	r, b := s.newNode(id, len(list))
	if r == 0 {
		return false
	}
	if s.tail != 0 && !s.insert(&s.nodes, s.tail) {
		s.freeNode(r)
		return false
	}
	copy(b, list)
	s.tail = r
	s.Length += uint64(list.Get(list.First()).Num)
	return true
}
