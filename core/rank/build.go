// Builder: a tree from sorted members, without a search for each.

package rank

import (
	"bytes"

	"github.com/cachesrv/cachesrv/core/arena"
)

// Nodes are built nearly full, with some room so that the first insertions do not have all of them shared out.
const (
	leafFill  = leafCap - 2
	innerFill = innerCap - 2
)

// Builder makes a tree of members that come in their order.
type Builder struct {
	t    Tree
	open [maxHeight]arena.Ref // the node that is being filled on each level
	key  uint64               // of the last member
	last arena.Ref
}

// NewBuilder begins a tree.
func NewBuilder(a *arena.Arena) Builder { return Builder{t: Open(a, Root{})} }

// InOrder tells whether m may be added: it comes after all that there are.
func (b *Builder) InOrder(m arena.Ref) bool {
	key := keyOf(Score(b.t.a, m))
	return b.last == 0 || key > b.key || key == b.key && bytes.Compare(Name(b.t.a, m), Name(b.t.a, b.last)) > 0
}

// Add adds a member, which must be in order. false: the arena is full; then Abandon is the only use of the builder.
func (b *Builder) Add(m arena.Ref) bool {
	key := keyOf(Score(b.t.a, m))
	if b.t.len >= MaxLen || !b.leafWithRoom() {
		return false
	}
	l := b.t.leaf(b.open[0])
	l.set(int(l.n), key, m)
	l.n++
	b.t.len++
	b.t.blocks += blockSize(b.t.a, m)
	b.key, b.last = key, m
	return true
}

func (b *Builder) leafWithRoom() bool {
	if b.open[0] != 0 {
		if int(b.t.leaf(b.open[0]).n) < leafFill {
			return true
		}
		if !b.close(0) {
			return false
		}
	}
	b.open[0] = b.t.newLeaf()
	return b.open[0] != 0
}

// close makes the open node of a level a child of the one above.
func (b *Builder) close(level int) bool {
	up := level + 1
	if b.open[up] != 0 && int(b.t.inner(b.open[up]).n) >= innerFill {
		if !b.close(up) {
			return false
		}
	}
	if b.open[up] == 0 {
		if b.open[up] = b.t.newInner(); b.open[up] == 0 {
			return false
		}
	}
	r := b.open[level]
	e := entry{key: b.t.firstKey(r, level), member: b.t.firstMember(r, level), child: r}
	if level == 0 {
		e.count = uint32(b.t.leaf(r).n)
	} else {
		n := b.t.inner(r)
		e.count = uint32(n.before(int(n.n)))
	}
	p := b.t.inner(b.open[up])
	p.set(int(p.n), &e)
	p.n++
	b.open[level] = 0
	return true
}

// Finish gives the tree. false: the arena is full; then Abandon is the only use of the builder.
func (b *Builder) Finish() (Root, bool) {
	if b.t.len == 0 {
		return Root{}, true
	}
	level := 0
	for b.above(level) {
		if b.open[level] != 0 && !b.close(level) {
			return Root{}, false
		}
		level++
	}
	b.t.node, b.t.height = uint64(b.open[level]), uint8(level+1)
	b.open = [maxHeight]arena.Ref{}
	return b.t.Root, true
}

// above tells whether there is an open node above a level.
func (b *Builder) above(level int) bool {
	for _, r := range b.open[level+1:] {
		if r != 0 {
			return true
		}
	}
	return false
}

// Abandon frees the nodes built so far. The members stay the caller's.
func (b *Builder) Abandon() { b.dropAll(false) }

// Discard frees the nodes built so far and the members that were added.
func (b *Builder) Discard() { b.dropAll(true) }

func (b *Builder) dropAll(members bool) {
	for level, r := range b.open {
		if r != 0 {
			b.drop(r, level, members)
		}
	}
	*b = NewBuilder(b.t.a)
}

func (b *Builder) drop(r arena.Ref, level int, members bool) {
	if level > 0 {
		n := b.t.inner(r)
		for i := range int(n.n) {
			b.drop(n.child(i), level-1, members)
		}
	} else if members {
		l := b.t.leaf(r)
		for i := range int(l.n) {
			FreeMember(b.t.a, l.member(i))
		}
	}
	b.t.dropNode(r, level)
}
