// member: the block of one member, its score and its bytes.

package rank

import (
	"encoding/binary"
	"math"

	"github.com/cachesrv/cachesrv/core/arena"
)

// The block of a member, little endian:
//
//	0  score (64 bits)
//	8  length of the member if below 255, else 255
//	9  long members only: the length (32 bits)
//	   the member
//
// A member of 15 bytes fills a block of 24.
const (
	lengthAt  = 8
	shortHead = 9
	longHead  = 13
	longMark  = 255
)

// MemberBytes is how long the block of a member of n bytes is; arena.SizeOf tells what it takes.
func MemberBytes(n int) int {
	if n < longMark {
		return shortHead + n
	}
	return longHead + n
}

// NewMember makes a block; 0: the arena is full. The caller owns it.
func NewMember(a *arena.Arena, score float64, name []byte) arena.Ref {
	mustBeNumber(score)
	n := MemberBytes(len(name))
	r := a.Alloc(n, arena.Movable)
	if r == 0 {
		return 0
	}
	writeMember(a.Bytes(r, n), score, name)
	return r
}

func writeMember(b []byte, score float64, name []byte) {
	binary.LittleEndian.PutUint64(b, math.Float64bits(score))
	if len(name) < longMark {
		b[lengthAt] = byte(len(name))
		copy(b[shortHead:], name)
		return
	}
	b[lengthAt] = longMark
	binary.LittleEndian.PutUint32(b[shortHead:], uint32(len(name)))
	copy(b[longHead:], name)
}

// NewMemberWith is NewMember with extra bytes of the owner's behind the name, as Extra gives them; their content is undefined. Trees do not
// count them. Whoever makes such blocks frees and moves them itself, as MemberBytes + extra: FreeMember, MoveMember, Tree.Move
// and FreeStep without a function know of the name only.
func NewMemberWith(a *arena.Arena, score float64, name []byte, extra int, kind arena.Kind) arena.Ref {
	mustBeNumber(score)
	n := MemberBytes(len(name)) + extra
	r := a.Alloc(n, kind)
	if r != 0 {
		writeMember(a.Bytes(r, n), score, name)
	}
	return r
}

// Extra is the first n bytes behind the name.
func Extra(a *arena.Arena, m arena.Ref, n int) []byte {
	at := blockBytes(a, m)
	return a.Bytes(m, at+n)[at:]
}

// FreeMember gives the block back.
func FreeMember(a *arena.Arena, m arena.Ref) { a.Free(m, blockBytes(a, m)) }

// MoveMember copies the block to another and frees it; 0, and nothing changed: the arena is full. It is for the function that
// Compact calls; Tree.Move is for owners that find the block otherwise.
func MoveMember(a *arena.Arena, m arena.Ref) arena.Ref {
	n := blockBytes(a, m)
	to := a.Alloc(n, arena.Movable)
	if to != 0 {
		copy(a.Bytes(to, n), a.Bytes(m, n))
		a.Free(m, n)
	}
	return to
}

// Name is the member's bytes. They alias the block.
func Name(a *arena.Arena, m arena.Ref) []byte {
	n := int(a.Bytes(m, shortHead)[lengthAt])
	if n < longMark {
		return a.Bytes(m, shortHead+n)[shortHead:]
	}
	n = int(binary.LittleEndian.Uint32(a.Bytes(m, longHead)[shortHead:]))
	return a.Bytes(m, longHead+n)[longHead:]
}

// Score is the member's score.
func Score(a *arena.Arena, m arena.Ref) float64 { return math.Float64frombits(*a.Word(m)) }

// SetScore changes the score of a member that no tree has; in a tree, Update does.
func SetScore(a *arena.Arena, m arena.Ref, score float64) {
	mustBeNumber(score)
	*a.Word(m) = math.Float64bits(score)
}

func blockBytes(a *arena.Arena, m arena.Ref) int { return MemberBytes(len(Name(a, m))) }

func blockSize(a *arena.Arena, m arena.Ref) uint64 { return uint64(arena.SizeOf(blockBytes(a, m))) }

func mustBeNumber(score float64) {
	if score != score {
		panic("rank: a score that is not a number")
	}
}
