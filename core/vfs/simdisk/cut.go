// What is found when the power comes back.

package simdisk

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// cutter decides by its dice what has reached the disk. Every node is decided once, though it may be found under two names.
type cutter struct {
	dice *rand.Rand
	done map[*node]*node
}

func newCutter(seed int64) *cutter {
	return &cutter{rand.New(rand.NewPCG(uint64(seed), 0x9e3779b97f4a7c15)), map[*node]*node{}}
}

// node gives what is left of one.
func (c *cutter) node(n *node) *node {
	if left := c.done[n]; left != nil {
		return left
	}
	left := &node{dir: n.dir, mode: n.mode, mod: n.mod}
	c.done[n] = left
	if !n.dir {
		left.data = slices.Clip(c.file(n))
		left.safe = left.data
		return left
	}
	left.names = cloneNames(n.kept)
	for _, m := range c.some(n.moves) {
		m.apply(left.names)
	}
	for _, name := range slices.Sorted(maps.Keys(left.names)) {
		left.names[name] = c.node(left.names[name])
	}
	left.kept = cloneNames(left.names)
	return left
}

// some gives the changes of names that are on the disk: all, none, the first few, or any.
func (c *cutter) some(moves []move) []move {
	switch c.dice.IntN(4) {
	case 0:
		return nil
	case 1:
		return moves
	case 2:
		return moves[:c.dice.IntN(len(moves)+1)]
	}
	var kept []move
	for _, m := range moves {
		if c.dice.IntN(2) == 0 {
			kept = append(kept, m)
		}
	}
	return kept
}

// file gives the bytes of a file.
func (c *cutter) file(n *node) []byte {
	if len(n.changes) == 0 {
		return n.safe
	}
	switch c.dice.IntN(5) {
	case 0:
		return n.safe
	case 1:
		return n.surviving()
	case 2:
		return c.first(n)
	case 3:
		return c.anySectors(n)
	}
	return c.anyWrites(n)
}

// first keeps the first few changes, and of the next one a part.
func (c *cutter) first(n *node) []byte {
	b := slices.Clone(n.safe)
	whole := c.dice.IntN(len(n.changes))
	for _, ch := range n.changes[:whole] {
		b = apply(b, ch)
	}
	return c.torn(b, n.changes[whole])
}

// anyWrites keeps, tears or drops each change for itself.
func (c *cutter) anyWrites(n *node) []byte {
	b := slices.Clone(n.safe)
	for _, ch := range n.changes {
		switch c.dice.IntN(3) {
		case 0:
			b = apply(b, ch)
		case 1:
			b = c.torn(b, ch)
		}
	}
	return b
}

// torn keeps some sectors of a write. A new length is kept.
func (c *cutter) torn(b []byte, ch change) []byte {
	if ch.data == nil {
		return apply(b, ch)
	}
	for from := 0; from < len(ch.data); {
		to := min(len(ch.data), from+sector-(int(ch.at)+from)%sector)
		if c.dice.IntN(2) == 0 {
			b = apply(b, change{ch.at + int64(from), ch.data[from:to]})
		}
		from = to
	}
	return b
}

// anySectors gives every sector the bytes of some moment since the last Sync, and the file the length of some moment, as a
// page cache does that writes back what and when it likes.
func (c *cutter) anySectors(n *node) []byte {
	left := make([]byte, lengthAfter(n, c.dice.IntN(len(n.changes)+1)))
	for s := range (len(left) + sector - 1) / sector {
		var b [sector]byte
		sectorAfter(n, s, c.dice.IntN(len(n.changes)+1), &b)
		copy(left[s*sector:], b[:])
	}
	return left
}

// lengthAfter is how long a file is with the first k changes.
func lengthAfter(n *node, k int) int64 {
	size := int64(len(n.safe))
	for _, ch := range n.changes[:k] {
		if end := ch.at + int64(len(ch.data)); ch.data == nil || end > size {
			size = end
		}
	}
	return size
}

// sectorAfter fills b with a sector as it is with the first k changes.
func sectorAfter(n *node, s, k int, b *[sector]byte) {
	from, to := int64(s*sector), int64((s+1)*sector)
	if from < int64(len(n.safe)) {
		copy(b[:], n.safe[from:])
	}
	for _, ch := range n.changes[:k] {
		end := ch.at + int64(len(ch.data))
		switch {
		case ch.data == nil && ch.at < to:
			clear(b[max(ch.at-from, 0):])
		case ch.at < to && end > from:
			a := max(ch.at, from)
			copy(b[a-from:], ch.data[a-ch.at:])
		}
	}
}

// copier copies a tree as it is, with what is not safe.
type copier map[*node]*node

func (c copier) node(n *node) *node {
	if copied := c[n]; copied != nil {
		return copied
	}
	copied := &node{dir: n.dir, mode: n.mode, mod: n.mod, data: slices.Clip(n.data), safe: slices.Clip(n.safe),
		changes: slices.Clone(n.changes), lost: maps.Clone(n.lost), moves: slices.Clone(n.moves)}
	c[n] = copied
	if !n.dir {
		return copied
	}
	copied.names, copied.kept = cloneNames(n.names), cloneNames(n.kept)
	for _, names := range []map[string]*node{copied.names, copied.kept} {
		for name, child := range names {
			names[name] = c.node(child)
		}
	}
	for i := range copied.moves {
		copied.moves[i].n = c.node(copied.moves[i].n)
	}
	return copied
}
