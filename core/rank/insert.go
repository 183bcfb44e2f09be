// Insert: one more entry, with the nodes it may need set aside before anything changes.

package rank

import "github.com/cachesrv/cachesrv/core/arena"

// spare are nodes set aside for an insertion: one for every level that runs over.
type spare struct {
	leaf   arena.Ref
	inners [maxHeight]arena.Ref
	n      int
}

// Insert adds a member with the score of its block. The caller knows that it is not there yet. false, and nothing changed: the arena is full.
func (t *Tree) Insert(m arena.Ref) bool {
	if t.len >= MaxLen || !t.insert(keyOf(Score(t.a, m)), m) {
		return false
	}
	t.blocks += blockSize(t.a, m)
	return true
}

func (t *Tree) insert(key uint64, m arena.Ref) bool {
	if t.node == 0 {
		r := t.newLeaf()
		if r == 0 {
			return false
		}
		t.node, t.height = uint64(r), 1
	}
	var p path
	t.locate(&p, key, Name(t.a, m))
	return t.insertAt(&p, key, m)
}

// insertAt adds an entry where p leads.
func (t *Tree) insertAt(p *path, key uint64, m arena.Ref) bool {
	if int(p.leaf.n) < leafCap-1 {
		t.len++
		p.leaf.insert(p.at, key, m)
		p.count(1)
		if p.at == 0 {
			p.refreshFirst()
		}
		return true
	}
	var s spare
	if !t.setAside(p, &s) {
		t.dropSpare(&s)
		return false
	}
	t.len++
	p.leaf.insert(p.at, key, m)
	p.count(1)
	how := among
	switch {
	case p.atEnd():
		how = last
	case p.atStart():
		how = first
	}
	t.mend(p, how, &s)
	t.dropSpare(&s)
	return true
}

// setAside takes as many nodes as the insertion can need: one on every level from the leaf up that is full, and a root.
func (t *Tree) setAside(p *path, s *spare) bool {
	if s.leaf = t.newLeaf(); s.leaf == 0 {
		return false
	}
	for level := 1; ; level++ {
		if level < p.height && int(p.up[level].node.n) < innerCap-1 {
			return true
		}
		r := t.newInner()
		if r == 0 {
			return false
		}
		s.inners[s.n] = r
		s.n++
		if level >= p.height {
			return true
		}
	}
}

// take gives a node that was set aside.
func (s *spare) take(level int) (r arena.Ref) {
	if level == 0 {
		r, s.leaf = s.leaf, 0
		return r
	}
	s.n--
	return s.inners[s.n]
}

func (t *Tree) dropSpare(s *spare) {
	if s.leaf != 0 {
		t.dropNode(s.leaf, 0)
	}
	for _, r := range s.inners[:s.n] {
		t.dropNode(r, 1)
	}
}
