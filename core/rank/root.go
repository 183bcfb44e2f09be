// Root: what a tree is outside its nodes, five words. Tree: a Root at work.

package rank

import (
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core/arena"
)

const (
	// RootBytes is what Encode writes and Decode reads.
	RootBytes = 40
	// MaxLen is how many members a tree can hold: inner nodes count in 32 bits, and Update needs one more.
	MaxLen = 1<<32 - 2

	maxHeight = 16 // levels; inner nodes of two thirds reach 2^32 members with 7
)

// Root is a whole tree without a pointer. The zero Root is an empty tree.
type Root struct {
	node   uint64 // Ref of the topmost node, 0 if there is no member
	len    uint64
	leaves uint64
	inners uint64 // 56 bits; with the levels above it when encoded
	blocks uint64 // bytes of the member blocks, rounding included
	height uint8  // levels, leaves included
}

// Encode writes the root into the first RootBytes of b.
func (r *Root) Encode(b []byte) {
	_ = b[RootBytes-1]
	binary.LittleEndian.PutUint64(b, r.node)
	binary.LittleEndian.PutUint64(b[8:], r.len)
	binary.LittleEndian.PutUint64(b[16:], r.leaves)
	binary.LittleEndian.PutUint64(b[24:], r.inners|uint64(r.height)<<56)
	binary.LittleEndian.PutUint64(b[32:], r.blocks)
}

// Decode reads what Encode wrote.
func Decode(b []byte) Root {
	_ = b[RootBytes-1]
	levels := binary.LittleEndian.Uint64(b[24:])
	return Root{
		node:   binary.LittleEndian.Uint64(b),
		len:    binary.LittleEndian.Uint64(b[8:]),
		leaves: binary.LittleEndian.Uint64(b[16:]),
		inners: levels & (1<<56 - 1),
		blocks: binary.LittleEndian.Uint64(b[32:]),
		height: uint8(levels >> 56),
	}
}

// Len is the number of members.
func (r *Root) Len() int { return int(r.len) }

// Bytes is the memory of the nodes and of the members' blocks in the arena, rounding included.
func (r *Root) Bytes() int { return r.NodeBytes() + int(r.blocks) }

// NodeBytes is the memory of the nodes alone.
func (r *Root) NodeBytes() int {
	return int(r.leaves)*arena.SizeOf(leafBytes) + int(r.inners)*arena.SizeOf(innerBytes)
}

// Tree is a Root and the arena that it lives in: a small value for the stack. Whoever changed it encodes its Root again.
type Tree struct {
	a *arena.Arena
	Root
}

// Open makes a tree of its root.
func Open(a *arena.Arena, r Root) Tree { return Tree{a: a, Root: r} }

func (t *Tree) newLeaf() arena.Ref {
	r := t.a.Alloc(leafBytes, arena.Movable)
	if r != 0 {
		t.leaf(r).n = 0
		t.leaves++
	}
	return r
}

func (t *Tree) newInner() arena.Ref {
	r := t.a.Alloc(innerBytes, arena.Movable)
	if r != 0 {
		t.inner(r).n = 0
		t.inners++
	}
	return r
}

// dropNode frees a node of a level; 0 is the leaves'.
func (t *Tree) dropNode(r arena.Ref, level int) {
	if level == 0 {
		t.a.Free(r, leafBytes)
		t.leaves--
		return
	}
	t.a.Free(r, innerBytes)
	t.inners--
}

// nodeLen is how many entries or children a node has.
func (t *Tree) nodeLen(r arena.Ref, level int) int {
	if level == 0 {
		return int(t.leaf(r).n)
	}
	return int(t.inner(r).n)
}
