// Order: ranks of members, where ranges begin, and walking.

package sorted

import (
	"github.com/cachesrv/cachesrv/core/rank"
	"github.com/cachesrv/cachesrv/core/table"
)

// Cursor walks over members by rank, up or down. After a change of the set, Seek again.
type Cursor struct{ c rank.Cursor }

// Seek makes a cursor on a rank. It may be outside of the set.
func (s *Set) Seek(rank int) Cursor { return Cursor{s.tree.Seek(rank)} }

// Ascend gives the member at the cursor with its score and steps to the next; false if there is none.
func (s *Set) Ascend(c *Cursor) (m Member, score float64, ok bool) { return s.tree.Ascend(&c.c) }

// Descend gives the member at the cursor with its score and steps to the one before; false if there is none.
func (s *Set) Descend(c *Cursor) (m Member, score float64, ok bool) { return s.tree.Descend(&c.c) }

// At is the member of a rank, which is less than Len.
func (s *Set) At(rank int) (m Member, score float64) {
	c := s.Seek(rank)
	m, score, _ = s.Ascend(&c)
	return m, score
}

// Rank is how many members come before m.
func (s *Set) Rank(m Member) int {
	n, ok := s.tree.Rank(m)
	if !ok {
		panic("sorted: rank of a member that the tree does not have")
	}
	return n
}

// Below is how many members have a score less than score, or with orEqual not greater.
func (s *Set) Below(score float64, orEqual bool) int { return s.tree.Below(score, orEqual) }

// BelowName is how many members come before name, or with orEqual not after it, if all scores are equal.
func (s *Set) BelowName(name []byte, orEqual bool) int { return s.tree.BelowName(name, orEqual) }

// Scan visits some members from a cursor on and returns the next cursor; 0 starts and ends. A member that is there from start to end is
// visited, however the set grows or shrinks meanwhile; one may be visited twice. A cursor nobody gave is no harm.
func (s *Set) Scan(cursor uint64, f func(m Member)) uint64 {
	return s.index.Scan(cursor, func(p *table.Probe) { f(p.Ref()) })
}
