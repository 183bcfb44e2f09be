// What SORT needs of the other types: the elements of lists and sorted sets, fields of hashes, and a list to store into.

package redis

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// loadOrdered loads a collection that has an order of its own.
func (s *sorting) loadOrdered(p value.Place, t core.Type) {
	if t == core.SortedSet {
		s.loadScores(value.OpenSortedSet(p))
		return
	}
	panic("redis: SORT of a type that nothing makes yet")
}

// loadScores loads a sorted set: as it is, DESC turns it round and the window is all that is looked at.
func (s *sorting) loadScores(z value.SortedSet) {
	n := z.Len()
	s.window(n)
	rank, step := 0, n
	if s.asIs {
		rank, step = s.from, s.to-s.from
		s.from, s.to = 0, step
		if s.desc {
			rank = n - 1 - rank
		}
	}
	s.vector = make([]sortable, 0, step)
	for w := z.From(rank, s.asIs && s.desc); len(s.vector) < step; {
		m, ok := w.Next()
		if !ok {
			return
		}
		s.add(m, false)
	}
}

// fieldOf is a field of a hash.
func (s *sorting) fieldOf(k core.Key, it core.Item, field []byte) ([]byte, bool) {
	h := value.OpenHash(value.At(s.c.tx, s.c.e.limits, s.c.db, k, it))
	v, ok := h.Get(field)
	if ok && v.IsNum() {
		return s.own(v), true
	}
	return v.Text, ok
}

// storeList makes a key a list of some values, whatever it was.
func (c *client) storeList(k core.Key, values [][]byte) error {
	panic("redis: SORT into a type that is not there yet")
}
