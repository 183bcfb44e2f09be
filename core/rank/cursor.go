// Cursor: walking over entries, up or down.

package rank

import "github.com/cachesrv/cachesrv/core/arena"

// Cursor stands on a rank. It holds no memory; after a change of the tree, Seek its Rank again. Stepping from leaf to leaf is a
// descent of its own, which costs a few nanoseconds an entry and spares the leaves links to each other.
type Cursor struct {
	rank int
	leaf arena.Ref // 0: not known yet
	at   int32     // entry of the leaf, where 0 <= at < n
	n    int32
}

// Seek makes a cursor on a rank. It may be outside of the tree.
func (t *Tree) Seek(rank int) Cursor { return Cursor{rank: rank} }

// Rank is where the cursor stands.
func (c *Cursor) Rank() int { return c.rank }

// Ascend gives the member at the cursor with its score and steps to the next; false if there is none.
func (t *Tree) Ascend(c *Cursor) (m arena.Ref, score float64, ok bool) {
	m, score, ok = t.here(c)
	c.rank++
	c.at++
	return m, score, ok
}

// Descend gives the member at the cursor with its score and steps to the one before; false if there is none.
func (t *Tree) Descend(c *Cursor) (m arena.Ref, score float64, ok bool) {
	m, score, ok = t.here(c)
	c.rank--
	c.at--
	return m, score, ok
}

func (t *Tree) here(c *Cursor) (arena.Ref, float64, bool) {
	if c.leaf == 0 || uint32(c.at) >= uint32(c.n) {
		if c.rank < 0 || c.rank >= t.Len() {
			return 0, 0, false
		}
		var p path
		t.seek(&p, c.rank)
		c.leaf, c.at, c.n = p.ref, int32(p.at), int32(p.leaf.n)
	}
	l := t.leaf(c.leaf)
	m, key := l.member(int(c.at)), l.keys[c.at]
	if key == signBit {
		return m, Score(t.a, m), true // only the block tells the two zeroes apart
	}
	return m, scoreOf(key), true
}
