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
	var l value.List
	l.Open(p, &s.c.w.Scratch)
	s.loadList(&l)
}

// inOrder sets the window of n elements and says what is to be loaded: all of them, or if they stay in their order only the window, which DESC
// counts from the end.
func (s *sorting) inOrder(n int) (from, count int) {
	s.window(n)
	if from, count = 0, n; s.asIs {
		from, count = s.from, s.to-s.from
		s.from, s.to = 0, count
		if s.desc {
			from = n - 1 - from
		}
	}
	s.vector = make([]sortable, 0, count)
	return from, count
}

// loadList loads a list.
func (s *sorting) loadList(l *value.List) {
	from, count := s.inOrder(l.Len())
	if count == 0 {
		return
	}
	step := 1
	if s.asIs && s.desc {
		step = -1
		from++ // a cursor stands before an element
	}
	for at := l.Seek(from); len(s.vector) < count; {
		e, ok := at.Step(step)
		if !ok {
			return
		}
		s.add(e, true)
	}
}

// loadScores loads a sorted set.
func (s *sorting) loadScores(z value.SortedSet) {
	rank, count := s.inOrder(z.Len())
	if count == 0 {
		return
	}
	for w := z.From(rank, s.asIs && s.desc); len(s.vector) < count; {
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
	var l value.List
	l.Open(value.At(c.tx, c.e.limits, c.db, k, core.Item{}), &c.w.Scratch)
	_, err := l.Push(false, values)
	return err
}
