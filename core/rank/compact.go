// Compaction: moving what lies in spans that the arena is emptying.

package rank

import "github.com/cachesrv/cachesrv/core/arena"

// Move copies a member's block to another, has the tree refer to that, and frees the old one. 0, and nothing changed: the arena is
// full. The tree must have the member.
func (t *Tree) Move(m arena.Ref) arena.Ref {
	var p path
	if !t.find(&p, keyOf(Score(t.a, m)), m) {
		panic("rank: move of a member that the tree does not have")
	}
	to := MoveMember(t.a, m)
	if to != 0 {
		p.setMember(to)
	}
	return to
}

// Replace has the tree refer to another block of the same score and name instead of m, whose block must still be whole. The tree must have m.
func (t *Tree) Replace(m, to arena.Ref) {
	var p path
	if !t.find(&p, keyOf(Score(t.a, m)), m) {
		panic("rank: another block for a member that the tree does not have")
	}
	p.setMember(to)
}

// setMember changes the reference of the entry that p leads to, wherever it stands.
func (p *path) setMember(m arena.Ref) {
	p.leaf.lo[p.at], p.leaf.hi[p.at] = cut(m)
	if p.at == 0 {
		p.refreshFirst()
	}
}

// Compact looks at the leaf that holds the entry of a rank: it moves the leaf and the inner nodes above it, and each of its members
// through move, which gives the new reference (0: it could not), if they lie in evacuated spans. move is the owner's, who
// has another reference to change; without it no member moves. It returns the rank to go on with, Len when it is through, and
// how many blocks moved. The owner may change the tree between two calls: what slips through then waits for the next evacuation.
func (t *Tree) Compact(rank int, move func(m arena.Ref) arena.Ref) (next, moved int) {
	if rank < 0 || rank >= t.Len() {
		return t.Len(), 0
	}
	var p path
	t.seek(&p, rank)
	next = rank - p.at + int(p.leaf.n)
	moved = t.moveNodes(&p)
	if move == nil {
		return next, moved
	}
	for p.at = 0; p.at < int(p.leaf.n); p.at++ {
		m := p.leaf.member(p.at)
		if !t.a.Evacuating(m) {
			continue
		}
		if to := move(m); to != 0 {
			p.setMember(to)
			moved++
		}
	}
	return next, moved
}

// moveNodes moves the nodes of a path that should move, from the root down.
func (t *Tree) moveNodes(p *path) (moved int) {
	for level := p.height - 1; level >= 0; level-- {
		from, n := t.refAt(p, level), innerBytes
		if level == 0 {
			n = leafBytes
		}
		if !t.a.Evacuating(from) {
			continue
		}
		to := t.a.Alloc(n, arena.Movable)
		if to == 0 {
			continue
		}
		copy(t.a.Bytes(to, n), t.a.Bytes(from, n))
		t.a.Free(from, n)
		if level == p.height-1 {
			t.node = uint64(to)
		} else {
			up := &p.up[level+1]
			up.node.setChild(up.i, to)
		}
		if level == 0 {
			p.leaf, p.ref = t.leaf(to), to
		} else {
			p.up[level].node = t.inner(to)
		}
		moved++
	}
	return moved
}
