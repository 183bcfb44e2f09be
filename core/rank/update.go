// Update: another score for a member, in place if its leaf stays the right one.

package rank

import "github.com/cachesrv/cachesrv/core/arena"

// Update gives a member another score, in the tree and in its block. false, and nothing changed: the arena is full. The tree must have it.
func (t *Tree) Update(m arena.Ref, score float64) bool {
	mustBeNumber(score)
	old, key := keyOf(Score(t.a, m)), keyOf(score)
	if key == old {
		return true
	}
	name := Name(t.a, m)
	var from path
	if !t.find(&from, old, m) {
		panic("rank: update of a member that the tree does not have")
	}
	if !t.within(&from, key, name) && !t.carry(&from, key, name, m) {
		// Both entries are there for a moment: so running out of memory leaves the old one.
		if !t.insert(key, m) {
			return false
		}
		t.find(&from, old, m)
		t.removeAt(&from, 1)
	}
	SetScore(t.a, m, score)
	return true
}

// within changes the key of the entry that p leads to if it stays in its leaf.
func (t *Tree) within(p *path, key uint64, name []byte) bool {
	l, n := p.leaf, int(p.leaf.n)
	if key >= l.keys[n-1] { // it may be the last one: the next leaf tells
		if next, ok := p.nextKey(); ok && key >= next {
			return false
		}
	}
	if key <= l.keys[0] && !p.leftmost() { // it may be the first one, and what lies before is not known
		return false
	}
	to := t.lower(l, key, name)
	if to > p.at {
		to--
	}
	l.keys[p.at] = key
	l.shift(p.at, to)
	if p.at == 0 || to == 0 {
		p.refreshFirst()
	}
	return true
}

// carry moves the entry from its leaf to another if neither has to be mended for it.
func (t *Tree) carry(from *path, key uint64, name []byte, m arena.Ref) bool {
	var to path
	t.locate(&to, key, name)
	if to.ref == from.ref || int(to.leaf.n) >= leafCap-1 || int(from.leaf.n) <= leafMin {
		return false
	}
	from.leaf.remove(from.at, from.at+1)
	from.count(-1)
	if from.at == 0 {
		from.refreshFirst()
	}
	to.leaf.insert(to.at, key, m)
	to.count(1)
	if to.at == 0 {
		to.refreshFirst()
	}
	return true
}

// nextKey is the first key of the leaf after the path's, false if it is the last.
func (p *path) nextKey() (uint64, bool) {
	for _, s := range p.steps() {
		if s.i+1 < int(s.node.n) {
			return s.node.keys[s.i+1], true
		}
	}
	return 0, false
}

// leftmost tells whether the path's leaf is the first of the tree.
func (p *path) leftmost() bool {
	for _, s := range p.steps() {
		if s.i > 0 {
			return false
		}
	}
	return true
}
