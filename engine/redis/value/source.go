// Source: an input of a union, an intersection or a difference of sorted sets.

package value

import (
	"strconv"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/dict"
	"github.com/cachesrv/cachesrv/core/pack"
)

// Source is a sorted set, or a set, whose members all have the score 1, or nothing. It is only read.
type Source struct {
	z    SortedSet
	ints pack.Intset   // of a set, one of these
	list pack.Listpack //
	dict dict.Dict     //
	kind sourceKind
	n    int
}

type sourceKind uint8

const (
	nothing sourceKind = iota
	scores
	integers
	listed
	hashed
)

// OpenSource opens what is at a place; false: something of another type.
func OpenSource(p Place) (s Source, ok bool) {
	if !p.Ok() {
		return s, true
	}
	switch p.it.Type() {
	case core.SortedSet:
		s.kind, s.z = scores, OpenSortedSet(p)
		s.n = s.z.Len()
	case core.Set:
		s.openSet(&p)
	default:
		return s, false
	}
	return s, true
}

func (s *Source) openSet(p *Place) {
	switch {
	case p.big():
		s.kind, s.dict = hashed, dict.Open(p.tx.Arena(), p.it.Value(), dict.Set)
		s.n = s.dict.Len()
	case p.it.Enc() == 0:
		s.kind, s.ints = integers, pack.OpenIntset(p.it.Value())
		s.n = s.ints.Len()
	default:
		s.kind, s.list = listed, pack.OpenListpack(p.it.Value())
		s.n = s.list.Len()
	}
}

// Len is the number of members.
func (s *Source) Len() int { return s.n }

// Score looks a member up; hash is its name's.
func (s *Source) Score(hash uint64, name []byte) (float64, bool) {
	switch s.kind {
	case scores:
		if s.z.big() {
			m := s.z.set.Find(hash, name)
			if m == 0 {
				return 0, false
			}
			return s.z.set.Score(m), true
		}
		return s.z.Score(name)
	case integers:
		n, ok := pack.ParseInt(name)
		return 1, ok && s.ints.Has(n)
	case listed:
		return 1, s.list.Find(s.list.First(), name, 0) != pack.NotFound
	case hashed:
		return 1, s.dict.Has(hash, name)
	}
	return 0, false
}

// Members walks over a source in its own order.
type Members struct {
	s    *Source
	w    Scores
	it   dict.Iter
	i    int
	text [longestScore]byte // of a number
}

// Members begins a walk.
func (s *Source) Members() Members {
	m := Members{s: s}
	switch s.kind {
	case scores:
		m.w = s.z.From(0, false)
	case hashed:
		m.it = s.dict.Iter()
	case listed:
		m.i = s.list.First()
	}
	return m
}

// Next gives the next member and its score. The name is valid until the next call.
func (m *Members) Next() (name []byte, score float64, ok bool) {
	switch m.s.kind {
	case scores:
		e, ok := m.w.Next()
		if !ok {
			return nil, 0, false
		}
		return textOf(e, m.text[:0]), m.w.Score(), true
	case integers:
		if m.i == m.s.n {
			return nil, 0, false
		}
		m.i++
		return strconv.AppendInt(m.text[:0], m.s.ints.At(m.i-1), 10), 1, true
	case listed:
		if m.i == m.s.list.End() {
			return nil, 0, false
		}
		e := m.s.list.Get(m.i)
		m.i = m.s.list.Next(m.i)
		return textOf(e, m.text[:0]), 1, true
	case hashed:
		e, ok := m.it.Next()
		return e.Name(), 1, ok
	}
	return nil, 0, false
}
