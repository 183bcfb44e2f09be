// Set: members by name; adding them, changing their scores, removing them.

package sorted

import (
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/rank"
	"github.com/cachesrv/cachesrv/core/table"
)

// RootBytes is what Encode writes and Open reads: the bytes that the set owns, then the roots of its two halves.
const RootBytes = 8 + rank.RootBytes + table.RootBytes

// Set is a sorted set at work.
type Set struct {
	a     *arena.Arena
	tree  rank.Tree
	index table.Table
}

// Member names a member: its block, valid until the member goes or the set is compacted. 0 names none.
type Member = arena.Ref

// New makes an empty set; false if the arena is full.
func New(a *arena.Arena) (Set, bool) {
	index, ok := table.New(a)
	if !ok {
		return Set{}, false
	}
	return Set{a: a, tree: rank.Open(a, rank.Root{}), index: index}, true
}

// Open makes a set of its root.
func Open(a *arena.Arena, root []byte) Set {
	return Set{a: a, tree: rank.Open(a, rank.Decode(root[8:])), index: table.Open(a, table.Decode(root[8+rank.RootBytes:]))}
}

// Names is the table alone, for looking ahead.
func Names(a *arena.Arena, root []byte) table.Table {
	return table.Open(a, table.Decode(root[8+rank.RootBytes:]))
}

// Encode writes the root into the first RootBytes of root.
func (s *Set) Encode(root []byte) {
	binary.LittleEndian.PutUint64(root, uint64(s.Bytes()))
	s.tree.Root.Encode(root[8:])
	s.index.Root.Encode(root[8+rank.RootBytes:])
}

// Len is the number of members.
func (s *Set) Len() int { return s.tree.Len() }

// Bytes is the memory of all blocks of the set, rounding included.
func (s *Set) Bytes() int64 { return int64(s.tree.Bytes() + s.index.Bytes()) }

// Find gives the member with a name, 0 if there is none.
func (s *Set) Find(hash uint64, name []byte) Member { return find(s.a, &s.index, hash, name) }

func find(a *arena.Arena, index *table.Table, hash uint64, name []byte) Member {
	for p := index.Find(hash); p.Next(); {
		if m := p.Ref(); string(rank.Name(a, m)) == string(name) {
			return m
		}
	}
	return 0
}

// Name and Score are what a member's block says.
func (s *Set) Name(m Member) []byte   { return rank.Name(s.a, m) }
func (s *Set) Score(m Member) float64 { return rank.Score(s.a, m) }

// Insert adds a member. The caller knows that it is not there yet. false, and nothing changed: the arena is full.
func (s *Set) Insert(hash uint64, name []byte, score float64) bool {
	m := rank.NewMember(s.a, score, name)
	if m == 0 {
		return false
	}
	if s.tree.Insert(m) {
		if s.index.Insert(hash, m, false) {
			return true
		}
		s.tree.Delete(m)
	}
	rank.FreeMember(s.a, m)
	return false
}

// Update gives a member another score. false, and nothing changed: the arena is full.
func (s *Set) Update(m Member, score float64) bool { return s.tree.Update(m, score) }

// Remove takes a member out and frees it. hash is its name's.
func (s *Set) Remove(hash uint64, m Member) {
	s.unlink(hash, m)
	s.tree.Delete(m)
	rank.FreeMember(s.a, m)
}

// unlink takes a member out of the index.
func (s *Set) unlink(hash uint64, m Member) {
	for p := s.index.Find(hash); p.Next(); {
		if p.Ref() == m {
			s.index.Remove(&p)
			return
		}
	}
	panic("sorted: a member that the index does not have")
}

// RemoveRange takes out the members of the ranks from…to-1 and tells how many there were. hash gives the hashes of their names.
func (s *Set) RemoveRange(from, to int, hash func(name []byte) uint64) int {
	return s.tree.DeleteRange(from, to, func(m Member) {
		s.unlink(hash(rank.Name(s.a, m)), m)
		rank.FreeMember(s.a, m)
	})
}
