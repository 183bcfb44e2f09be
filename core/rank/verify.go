// Verify: everything that must be true of a tree, for tests.

package rank

import (
	"bytes"
	"fmt"

	"github.com/cachesrv/cachesrv/core/arena"
)

// verifier is what a walk over the whole tree has seen so far.
type verifier struct {
	t              *Tree
	key            uint64
	name           []byte
	members        uint64
	blocks         uint64
	leaves, inners uint64
}

// Verify walks over all of the tree and tells what is wrong with it.
func (t *Tree) Verify() error {
	v := verifier{t: t}
	if t.node != 0 {
		if _, err := v.node(arena.Ref(t.node), int(t.height)-1); err != nil {
			return err
		}
	}
	have := Root{node: t.node, height: t.height, len: v.members, leaves: v.leaves, inners: v.inners, blocks: v.blocks}
	if have != t.Root || (t.len == 0) != (t.node == 0) || (t.height == 0) != (t.node == 0) {
		return fmt.Errorf("rank: the root says %+v, the nodes %+v", t.Root, have)
	}
	if t.height > 1 && t.inner(arena.Ref(t.node)).n < 2 {
		return fmt.Errorf("rank: the root has one child")
	}
	return nil
}

// node checks what lies below r and gives it as an entry.
func (v *verifier) node(r arena.Ref, level int) (e entry, err error) {
	if level == 0 {
		return v.leaf(r)
	}
	v.inners++
	p := v.t.inner(r)
	if p.n == 0 || int(p.n) >= innerCap {
		return e, fmt.Errorf("rank: an inner node with %d children", p.n)
	}
	for i := range int(p.n) {
		c, err := v.node(p.child(i), level-1)
		if err != nil {
			return e, err
		}
		says := entry{key: p.keys[i], member: p.member(i), child: p.child(i), count: p.counts[i]}
		if says != c {
			return e, fmt.Errorf("rank: level %d says %+v of child %d, which is %+v", level, says, i, c)
		}
		e.count += c.count
	}
	e.key, e.member, e.child = p.keys[0], p.member(0), r
	return e, nil
}

func (v *verifier) leaf(r arena.Ref) (e entry, err error) {
	v.leaves++
	l := v.t.leaf(r)
	if l.n == 0 || int(l.n) >= leafCap {
		return e, fmt.Errorf("rank: a leaf with %d entries", l.n)
	}
	for i := range int(l.n) {
		m := l.member(i)
		name := Name(v.t.a, m)
		if keyOf(Score(v.t.a, m)) != l.keys[i] {
			return e, fmt.Errorf("rank: %q has score %v in its leaf, %v in its block", name, scoreOf(l.keys[i]), Score(v.t.a, m))
		}
		if v.members > 0 && (l.keys[i] < v.key || l.keys[i] == v.key && bytes.Compare(name, v.name) <= 0) {
			return e, fmt.Errorf("rank: %q is in the wrong place", name)
		}
		v.key, v.name = l.keys[i], name
		v.members++
		v.blocks += blockSize(v.t.a, m)
	}
	return entry{key: l.keys[0], member: l.member(0), child: r, count: uint32(l.n)}, nil
}
