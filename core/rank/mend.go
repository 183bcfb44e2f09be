// Mending: what makes nodes that run over or got too small right again, from the leaf up.

package rank

import "github.com/cachesrv/cachesrv/core/arena"

// change is what happened to the leaf that is mended.
type change uint8

const (
	among   change = iota // an entry was inserted
	first                 // it is the first of the tree
	last                  // it is the last of the tree
	removed               // entries were taken out
)

// After 300,000 random insertions an entry takes 16.2 bytes of nodes, after 600,000 random changes of score 17.3. Three neighbours at 90
// and 40 % leave 16.9 and 19.2, five 15.9 and 16.9; sharing is so rare that none of these is faster than another.
const (
	group = 4 // neighbours that share what they have

	// A group that runs over gets one more node if its nodes would be fuller than this, …
	leafShare  = leafCap * 94 / 100
	innerShare = innerCap * 94 / 100
	// … and one with a node that has less than this shares, in as few nodes as are not fuller than leafShare.
	leafMin  = leafCap * 60 / 100
	innerMin = innerCap * 60 / 100
)

func bounds(level int) (full, share, least int) {
	if level == 0 {
		return leafCap, leafShare, leafMin
	}
	return innerCap, innerShare, innerMin
}

// mend follows p up after a change of its leaf; the counts are right already. s has the nodes for an insertion.
func (t *Tree) mend(p *path, how change, s *spare) {
	moved := p.at == 0 // the first entry of the node may be another
	r := p.ref
	for level := 0; ; level++ {
		n := t.nodeLen(r, level)
		full, _, least := bounds(level)
		if level == p.height-1 {
			if n < full {
				t.settleRoot(how)
				return
			}
			t.raise(p, s)
		}
		up := &p.up[level+1]
		if moved && n > 0 {
			up.node.setFirst(up.i, t.firstKey(r, level), t.firstMember(r, level))
			moved = up.i == 0
		}
		switch {
		case n == full, n == 0, how == removed && n < least && up.node.n > 1:
			from := t.spread(up, level, how, s)
			moved = moved || from == 0
		case !moved:
			return
		}
		r = t.refAt(p, level+1)
	}
}

// refAt is the reference of the path's node on a level.
func (t *Tree) refAt(p *path, level int) arena.Ref {
	if level == p.height-1 {
		return arena.Ref(t.node)
	}
	up := &p.up[level+1]
	return up.node.child(up.i)
}

func (t *Tree) firstKey(r arena.Ref, level int) uint64 {
	if level == 0 {
		return t.leaf(r).keys[0]
	}
	return t.inner(r).keys[0]
}

func (t *Tree) firstMember(r arena.Ref, level int) arena.Ref {
	if level == 0 {
		return t.leaf(r).member(0)
	}
	return t.inner(r).member(0)
}

// raise puts a root above the one there is.
func (t *Tree) raise(p *path, s *spare) {
	top := p.height
	r := s.take(top)
	n := t.inner(r)
	old := arena.Ref(t.node)
	n.n = 1
	n.set(0, &entry{key: t.firstKey(old, top-1), member: t.firstMember(old, top-1), child: old, count: uint32(t.len)})
	p.up[top] = step{n, 0}
	p.height++
	t.node, t.height = uint64(r), t.height+1
}

// settleRoot takes roots away that have one child or none.
func (t *Tree) settleRoot(how change) {
	if how != removed {
		return
	}
	for t.height > 1 {
		r := arena.Ref(t.node)
		n := t.inner(r)
		if n.n > 1 {
			return
		}
		if n.n == 0 {
			t.dropNode(r, 1)
			t.node, t.height = 0, 0
			return
		}
		t.node, t.height = uint64(n.child(0)), t.height-1
		t.dropNode(r, 1)
	}
	if t.height == 1 && t.leaf(arena.Ref(t.node)).n == 0 {
		t.dropNode(arena.Ref(t.node), 0)
		t.node, t.height = 0, 0
	}
}

// spread shares the entries of the child that up takes, and of its neighbours, among one node more, as many, or fewer. It returns the
// first child that it touched.
func (t *Tree) spread(up *step, level int, how change, s *spare) (from int) {
	p := up.node
	from = max(min(up.i-(group-1)/2, int(p.n)-group), 0)
	to := min(from+group, int(p.n))
	if how == first || how == last || t.nodeLen(p.child(up.i), level) == 0 {
		from, to = up.i, up.i+1 // sorted input: the full node stays as it is, the new one begins with the new entry; or an empty node goes
	}
	var room [group*max(leafCap, innerCap) + 1]entry
	all := room[:0]
	for i := from; i < to; i++ {
		if level == 0 {
			all = t.leaf(p.child(i)).load(all)
		} else {
			all = t.inner(p.child(i)).load(all)
		}
	}
	var nodes [group + 1]arena.Ref
	have := to - from
	for i := range have {
		nodes[i] = p.child(from + i)
	}
	want := nodesFor(len(all), have, level, how)
	if want > have {
		nodes[have] = s.take(level)
	}
	for _, r := range nodes[min(want, have):have] {
		t.dropNode(r, level)
	}
	p.resize(to, from+want)
	for i := range want {
		n := portion(len(all), want, i, how)
		t.fill(p, from+i, nodes[i], level, all[:n])
		all = all[n:]
	}
	return from
}

// nodesFor is in how many nodes n entries of have nodes should be.
func nodesFor(n, have, level int, how change) int {
	_, share, _ := bounds(level)
	switch how {
	case removed:
		return min((n+share-1)/share, have)
	case among:
		if n <= have*share {
			return have
		}
	}
	return have + 1
}

// portion is how many of n entries the i-th of so many nodes gets.
func portion(n, nodes, i int, how change) int {
	switch how {
	case first:
		if i == 0 {
			return 1
		}
	case last:
		if i == 0 {
			return n - 1
		}
	}
	return (n + nodes - 1 - i) / (nodes - i)
}

// fill writes entries into a node and makes that child i of p.
func (t *Tree) fill(p *inner, i int, r arena.Ref, level int, all []entry) {
	e := entry{key: all[0].key, member: all[0].member, child: r}
	for j := range all {
		e.count += all[j].count
	}
	if level == 0 {
		t.leaf(r).store(all)
	} else {
		t.inner(r).store(all)
	}
	p.set(i, &e)
}
