// The whole set: freeing it in steps, moving its blocks, copying it.

package sorted

import (
	"github.com/cachesrv/cachesrv/core/rank"
	"github.com/cachesrv/cachesrv/core/table"
)

// FreeStep frees about budget members and tells whether nothing is left. The index goes first, which needs no look at the members, then the
// tree from its end. Until then the set can be encoded, compacted and freed further, but not searched.
func (s *Set) FreeStep(budget int) (done bool) {
	for budget > 0 && s.index.Len() > 0 {
		before := s.index.Len()
		s.index.DropLast(func(Member, bool) {})
		budget -= before - s.index.Len() + 1
	}
	if s.index.Len() > 0 {
		return false
	}
	if s.index.Buckets() > 0 {
		s.index.Free()
	}
	return s.tree.FreeStep(budget, nil)
}

// perBucket is what a bucket counts for when a budget is spent.
const perBucket = 6

// inTree marks the second part of a walk of Compact.
const inTree = 1 << 40

// Compact moves blocks that lie in evacuated spans, looking at about budget members; from 0 on, until next is 0. It goes over the index, whose
// members the tree finds by themselves, and then over the tree's nodes. The set may change between two calls: what slips through then
// waits for the next evacuation.
func (s *Set) Compact(from uint64, budget int) (next uint64, moved int) {
	if from < inTree {
		i := int(from)
		for ; i < s.index.Buckets(); i++ {
			if budget <= 0 {
				return uint64(i), moved
			}
			moved += s.index.CompactSegment(i) + s.index.Compact(i, func(m Member, _ bool) Member { return s.tree.Move(m) })
			budget -= perBucket
		}
		from = inTree
	}
	var move func(m Member) Member
	if s.index.Len() == 0 { // the set is being freed: only the tree knows its members
		move = func(m Member) Member { return rank.MoveMember(s.a, m) }
	}
	at := int(from - inTree)
	for at < s.tree.Len() {
		if budget <= 0 {
			return inTree + uint64(at), moved
		}
		to, n := s.tree.Compact(at, move)
		budget -= to - at
		at, moved = to, moved+n
	}
	return 0, moved
}

// Clone makes a deep copy; false: the arena is full, and nothing was kept. The index keeps bits of the hashes, which is all that a copy of it
// needs; which copy belongs to a member, its rank tells.
func (s *Set) Clone() (Set, bool) {
	c := Set{a: s.a, tree: rank.Open(s.a, rank.Root{})}
	if !c.copyTree(s) {
		return c, false
	}
	if !c.copyIndex(s) {
		c.tree.FreeStep(c.tree.Len(), nil)
		return c, false
	}
	return c, true
}

func (c *Set) copyTree(s *Set) bool {
	b := rank.NewBuilder(s.a)
	at := s.Seek(0)
	for m, _, ok := s.Ascend(&at); ok; m, _, ok = s.Ascend(&at) {
		to := rank.NewMember(s.a, s.Score(m), s.Name(m))
		if to == 0 || !b.Add(to) {
			if to != 0 {
				rank.FreeMember(s.a, to)
			}
			b.Discard()
			return false
		}
	}
	root, ok := b.Finish()
	if !ok {
		b.Discard()
		return false
	}
	c.tree = rank.Open(s.a, root)
	return true
}

func (c *Set) copyIndex(s *Set) bool {
	index, ok := table.New(s.a)
	if !ok {
		return false
	}
	for i := range s.index.Buckets() {
		for p := s.index.At(i); p.Next(); {
			to, _ := c.At(s.Rank(p.Ref()))
			if !index.Insert(uint64(p.Tag()), to, false) {
				index.Free()
				return false
			}
		}
	}
	c.index = index
	return true
}
