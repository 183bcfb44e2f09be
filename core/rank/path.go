// path: the way from the root to an entry, and finding it by key, by member or by rank.

package rank

import (
	"bytes"

	"github.com/cachesrv/cachesrv/core/arena"
)

// path is valid until the tree changes its shape. Level 0 is the leaf.
type path struct {
	leaf   *leaf
	ref    arena.Ref // of the leaf
	at     int       // entry in it; may be one past the last
	height int
	up     [maxHeight]step // from level 1
}

// step is an inner node of a path and which of its children the path takes.
type step struct {
	node *inner
	i    int
}

// lower is how many of the leaf's entries come before (key, name).
func (t *Tree) lower(l *leaf, key uint64, name []byte) int {
	i := below(l.keys[:l.n], key)
	if i == int(l.n) || l.keys[i] != key {
		return i
	}
	end := i + below(l.keys[i:l.n], key+1)
	for i < end {
		mid := int(uint(i+end) >> 1)
		if bytes.Compare(Name(t.a, l.member(mid)), name) < 0 {
			i = mid + 1
		} else {
			end = mid
		}
	}
	return i
}

// pick is the child below which (key, name) is or would be: the last one whose first entry does not come after it.
func (t *Tree) pick(p *inner, key uint64, name []byte) int {
	i := below(p.keys[:p.n], key)
	if i < int(p.n) && p.keys[i] == key {
		end := i + below(p.keys[i:p.n], key+1)
		for i < end {
			mid := int(uint(i+end) >> 1)
			if bytes.Compare(Name(t.a, p.member(mid)), name) <= 0 {
				i = mid + 1
			} else {
				end = mid
			}
		}
	}
	return max(i-1, 0)
}

// locate leads p to the first entry that does not come before (key, name), as far as that is in the leaf where (key, name) belongs.
func (t *Tree) locate(p *path, key uint64, name []byte) {
	t.toLeaf(p, key, name)
	p.at = t.lower(p.leaf, key, name)
}

// toLeaf leads p to the leaf where (key, name) is or belongs.
func (t *Tree) toLeaf(p *path, key uint64, name []byte) {
	p.height = int(t.height)
	r := arena.Ref(t.node)
	for level := p.height - 1; level > 0; level-- {
		n := t.inner(r)
		i := t.pick(n, key, name)
		p.up[level] = step{n, i}
		r = n.child(i)
	}
	p.leaf, p.ref = t.leaf(r), r
}

// find leads p to a member's entry; false if the tree does not have it with that key. In the leaf it looks for the reference: the other
// members' bytes are far away.
func (t *Tree) find(p *path, key uint64, m arena.Ref) bool {
	if t.len == 0 {
		return false
	}
	t.toLeaf(p, key, Name(t.a, m))
	l := p.leaf
	p.at = below(l.keys[:l.n], key)
	for p.at < int(l.n) && l.keys[p.at] == key {
		if l.member(p.at) == m {
			return true
		}
		p.at++
	}
	return false
}

// seek leads p to the entry of a rank, which must be less than Len.
func (t *Tree) seek(p *path, rank int) {
	p.height = int(t.height)
	r := arena.Ref(t.node)
	for level := p.height - 1; level > 0; level-- {
		n := t.inner(r)
		i := 0
		for rank >= int(n.counts[i]) {
			rank -= int(n.counts[i])
			i++
		}
		p.up[level] = step{n, i}
		r = n.child(i)
	}
	p.leaf, p.ref, p.at = t.leaf(r), r, rank
}

// rank is how many entries come before the one that p leads to.
func (p *path) rank() int {
	n := p.at
	for _, s := range p.steps() {
		n += s.node.before(s.i)
	}
	return n
}

// steps are the inner nodes of the path from the lowest up.
func (p *path) steps() []step {
	if p.height < 2 {
		return nil
	}
	return p.up[1:p.height]
}

// count adds d to what the path's inner nodes say of the children that it takes.
func (p *path) count(d int) {
	for _, s := range p.steps() {
		s.node.counts[s.i] += uint32(d)
	}
}

// refreshFirst tells the inner nodes that the leaf, which is not empty, has another first entry.
func (p *path) refreshFirst() {
	key, m := p.leaf.keys[0], p.leaf.member(0)
	for _, s := range p.steps() {
		s.node.setFirst(s.i, key, m)
		if s.i > 0 {
			return
		}
	}
}

// atStart and atEnd tell whether the path leads to the first or the last entry of the whole tree.
func (p *path) atStart() bool {
	for _, s := range p.steps() {
		if s.i > 0 {
			return false
		}
	}
	return p.at == 0
}

func (p *path) atEnd() bool {
	for _, s := range p.steps() {
		if s.i < int(s.node.n)-1 {
			return false
		}
	}
	return p.at == int(p.leaf.n)-1
}
