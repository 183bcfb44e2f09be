// Ranges of a sorted set: where they begin and end as ranks, removing them, and members by rank.

package value

import (
	"github.com/cachesrv/cachesrv/core/pack"
)

// ScoreRange is a range of scores; its ends may be left out of it.
type ScoreRange struct {
	Min, Max     float64
	MinEx, MaxEx bool
}

func (r *ScoreRange) below(score float64) bool { return score < r.Min || r.MinEx && score == r.Min }
func (r *ScoreRange) above(score float64) bool { return score > r.Max || r.MaxEx && score == r.Max }

// NameRange is a range of names. An end without a name is open: Least comes before all names, Most behind all.
type NameRange struct {
	Min, Max NameEnd
}

// NameEnd is one end of a range of names.
type NameEnd struct {
	Name        []byte
	Ex          bool // Name itself is left out
	Least, Most bool
}

func (r *NameRange) below(e pack.Elem) bool {
	if r.Min.Least || r.Min.Most {
		return r.Min.Most
	}
	d := compareElem(e, r.Min.Name)
	return d < 0 || r.Min.Ex && d == 0
}

func (r *NameRange) above(e pack.Elem) bool {
	if r.Max.Least || r.Max.Most {
		return r.Max.Least
	}
	d := compareElem(e, r.Max.Name)
	return d > 0 || r.Max.Ex && d == 0
}

// Span is the ranks From…To-1.
type Span struct{ From, To int }

// Len is how many they are.
func (s Span) Len() int { return max(0, s.To-s.From) }

// ScoreSpan is where a range of scores lies.
func (z *SortedSet) ScoreSpan(r *ScoreRange) (s Span) {
	if z.big() {
		s = Span{z.set.Below(r.Min, r.MinEx), z.set.Below(r.Max, !r.MaxEx)}
	} else if z.Ok() {
		lp := z.packed()
		for p := lp.First(); p < lp.End(); {
			score := scoreAt(lp, lp.Next(p))
			if r.above(score) {
				break
			}
			if s.To++; r.below(score) {
				s.From++
			}
			p = lp.Skip(p, 2)
		}
	}
	s.To = max(s.From, s.To)
	return s
}

// NameSpan is where a range of names lies in a set whose scores are all equal. In one where they are not, it is a packed set's first run of names that
// are in the range, or seen from the end with reverse its last one, and some span of a big set.
func (z *SortedSet) NameSpan(r *NameRange, reverse bool) (s Span) {
	switch {
	case !z.Ok():
	case z.big():
		s = z.bigNameSpan(r)
	case reverse:
		s = z.lastRun(r)
	default:
		s = z.firstRun(r)
	}
	s.To = max(s.From, s.To)
	return s
}

func (z *SortedSet) bigNameSpan(r *NameRange) (s Span) {
	n := z.set.Len()
	switch {
	case r.Min.Most:
		s.From = n
	case !r.Min.Least:
		s.From = z.set.BelowName(r.Min.Name, r.Min.Ex)
	}
	switch {
	case r.Max.Most:
		s.To = n
	case !r.Max.Least:
		s.To = z.set.BelowName(r.Max.Name, !r.Max.Ex)
	}
	return s
}

func (z *SortedSet) firstRun(r *NameRange) (s Span) {
	lp := z.packed()
	p := lp.First()
	for ; p < lp.End() && r.below(lp.Get(p)); p = lp.Skip(p, 2) {
		s.From++
	}
	for s.To = s.From; p < lp.End() && !r.above(lp.Get(p)); p = lp.Skip(p, 2) {
		s.To++
	}
	return s
}

func (z *SortedSet) lastRun(r *NameRange) (s Span) {
	lp := z.packed()
	s.To = lp.Len() / 2
	p := lp.Last() // a score
	for ; p != pack.NotFound && r.above(lp.Get(lp.Prev(p))); p = lp.Prev(lp.Prev(p)) {
		s.To--
	}
	for s.From = s.To; p != pack.NotFound && !r.below(lp.Get(lp.Prev(p))); p = lp.Prev(lp.Prev(p)) {
		s.From--
	}
	return s
}

// RemoveSpan takes the members of a span of ranks out and tells how many they were.
func (z *SortedSet) RemoveSpan(s Span) (int, error) {
	if s.To = min(s.To, z.Len()); s.Len() == 0 {
		return 0, nil
	}
	if z.big() {
		z.begin()
		if s.Len() == 1 { // without a function value, which costs an allocation
			m, _ := z.set.At(s.From)
			z.set.Remove(z.tx.Hash(z.set.Name(m)), m)
			return 1, nil
		}
		return z.set.RemoveRange(s.From, s.To, z.tx.Hash), nil
	}
	lp := z.packed()
	p := lp.Skip(lp.First(), 2*s.From)
	return s.Len(), z.cut(p, lp.Skip(p, 2*s.Len()))
}
