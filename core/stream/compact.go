// Compact: moving what lies in spans that the arena is emptying.

package stream

import (
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/rank"
)

// A walk over everything that can move is a line: the nodes in the tree, the last one, the tree of groups, and for every group its nacks,
// the tree of its consumers, and for every consumer the tree of its nacks. Blocks of groups and consumers do not move.
type compaction struct {
	s      *Stream
	at     int // what is left to go until the place to begin at; below zero: the work has begun
	done   int // of the line, from its start
	budget int
	moved  int
}

// Compact moves blocks, looking at about budget of them: from 0 it starts, next 0 is through. What changes between two calls may slip through
// until the next evacuation. Each call goes over the list of groups and consumers up to its place.
func (s *Stream) Compact(from uint64, budget int) (next uint64, moved int) {
	c := compaction{s: s, at: int(from), budget: max(budget, 1)}
	if c.run() {
		return 0, c.moved
	}
	return uint64(c.done), c.moved
}

// run works until the budget is used up, or all is done: then it is true.
func (c *compaction) run() bool {
	s := c.s
	if !c.tree(&s.nodes, s.moveNode) {
		return false
	}
	if from, ok := c.section(1); ok && from == 0 {
		if to := s.moveNode(s.tail); to != 0 {
			s.tail = to
			c.moved++
		}
		if !c.spend(1) {
			return false
		}
	}
	if !c.tree(&s.groups, nil) {
		return false
	}
	groups := s.groups.Seek(0)
	for m, _, ok := s.groups.Ascend(&groups); ok; m, _, ok = s.groups.Ascend(&groups) {
		if !c.group(Group{s, m}) {
			return false
		}
	}
	return true
}

func (c *compaction) group(g Group) bool {
	all, consumers := g.pending(), g.consumers()
	ok := c.tree(&all, c.s.moveNack)
	all.Encode(g.extra()[groupPendingAt:])
	if !ok {
		return false
	}
	ok = c.tree(&consumers, nil)
	consumers.Encode(g.extra()[groupConsumersAt:])
	if !ok {
		return false
	}
	at := consumers.Seek(0)
	for m, _, more := consumers.Ascend(&at); more; m, _, more = consumers.Ascend(&at) {
		of := Consumer{c.s, m}
		t := of.pending()
		ok := c.tree(&t, nil)
		t.Encode(of.root())
		if !ok {
			return false
		}
	}
	return true
}

// section tells where in the next n units of the line the work begins; false if it begins behind them.
func (c *compaction) section(n int) (from int, ok bool) {
	if c.at >= n {
		c.at -= n
		c.done += n
		return 0, false
	}
	from, c.at = c.at, 0
	c.done += from
	return from, true
}

// spend counts n units as done; false when the budget is used up.
func (c *compaction) spend(n int) bool {
	c.done += n
	c.budget -= n
	return c.budget > 0
}

// tree moves a tree's nodes, and its members with move. It has one unit more than members, so that an empty one has a place too.
func (c *compaction) tree(t *rank.Tree, move func(arena.Ref) arena.Ref) bool {
	n := t.Len()
	from, ok := c.section(n + 1)
	if !ok {
		return true
	}
	for from < n {
		next, moved := t.Compact(from, move)
		c.moved += moved
		step := next - from
		from = next
		if !c.spend(step) {
			return false
		}
	}
	return c.spend(n + 1 - from)
}

// moveNode moves a node if it should; 0: it should not, or could not.
func (s *Stream) moveNode(r arena.Ref) arena.Ref {
	if r == 0 || !s.a.Evacuating(r) {
		return 0
	}
	n := s.nodeSize(r)
	to := s.copyBlock(r, n)
	if to != 0 {
		s.a.Free(r, n)
	}
	return to
}

// moveNack moves a nack, to which its consumer's tree refers too.
func (s *Stream) moveNack(r arena.Ref) arena.Ref {
	to := s.copyBlock(r, nackBytes)
	if to != 0 {
		c := Nack{s, r}.Consumer()
		t := c.pending()
		t.Replace(r, to)
		t.Encode(c.root())
		s.a.Free(r, nackBytes)
	}
	return to
}

func (s *Stream) copyBlock(r arena.Ref, n int) arena.Ref {
	to := s.a.Alloc(n, arena.Movable)
	if to != 0 {
		copy(s.a.Bytes(to, n), s.a.Bytes(r, n))
	}
	return to
}
