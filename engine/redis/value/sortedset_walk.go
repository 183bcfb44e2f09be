// Walking over a sorted set: in order from a rank, and from a scan's cursor.

package value

import (
	"strconv"

	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/core/sorted"
)

// Scores walks over members in order, up or down. It is a value for the stack; the set must not change meanwhile.
type Scores struct {
	z       *SortedSet
	reverse bool

	lp    pack.Listpack // a packed set's, and the member to come
	p     int
	name  int // positions of the last member and its score
	score int

	c  sorted.Cursor // a big set's, and the last member
	m  sorted.Member
	at float64
}

// From begins a walk at a rank of the set.
func (z *SortedSet) From(rank int, reverse bool) Scores {
	w := Scores{z: z, reverse: reverse, p: pack.NotFound}
	if z.big() {
		w.c = z.set.Seek(rank)
	} else if z.Ok() && rank >= 0 {
		w.lp = z.packed()
		w.p = w.lp.Seek(2 * rank)
	}
	return w
}

// Next gives the next member, false behind the last.
func (w *Scores) Next() (member pack.Elem, ok bool) {
	if !w.Step() {
		return member, false
	}
	return w.Member(), true
}

// Step goes to the next member without looking at its name, which in a big set would bring a block of its own into the cache. False behind the last.
func (w *Scores) Step() bool {
	if w.lp == nil {
		return w.stepBig()
	}
	p := w.p
	if p == pack.NotFound || p == w.lp.End() {
		return false
	}
	w.name, w.score = p, w.lp.Next(p)
	if !w.reverse {
		w.p = w.lp.Next(w.score)
	} else if w.p = w.lp.Prev(p); w.p != pack.NotFound {
		w.p = w.lp.Prev(w.p)
	}
	return true
}

func (w *Scores) stepBig() (ok bool) {
	if !w.z.big() {
		return false
	}
	if w.reverse {
		w.m, w.at, ok = w.z.set.Descend(&w.c)
	} else {
		w.m, w.at, ok = w.z.set.Ascend(&w.c)
	}
	return ok
}

// Member is the name of the member that Step went to.
func (w *Scores) Member() pack.Elem {
	if w.lp == nil {
		return pack.Elem{Text: w.z.set.Name(w.m)}
	}
	return w.lp.Get(w.name)
}

// Score is the score of the member that Next or Step gave last.
func (w *Scores) Score() float64 {
	if w.lp == nil {
		return w.at
	}
	return scoreAt(w.lp, w.score)
}

// Scan visits some members with the texts of their scores, from a cursor on, and returns the next cursor; 0 starts and ends. A packed set is
// visited whole. f must not keep what it gets. The text of a big set's scores has all 17 digits, as Redis shows it here.
func (z *SortedSet) Scan(cursor uint64, count int, f func(member, score []byte)) uint64 {
	var name, text [longestScore]byte
	if !z.Ok() {
		return 0
	}
	if !z.big() {
		lp := z.packed()
		for p := lp.First(); p < lp.End(); p = lp.Skip(p, 2) {
			f(textOf(lp.Get(p), name[:0]), textOf(lp.Get(lp.Next(p)), text[:0]))
		}
		return 0
	}
	visited := 0
	for steps := 0; ; steps++ {
		cursor = z.set.Scan(cursor, func(m sorted.Member) {
			visited++
			f(z.set.Name(m), appendLongScore(text[:0], z.set.Score(m)))
		})
		if cursor == 0 || visited >= count || steps >= 10*count {
			return cursor
		}
	}
}

func appendLongScore(b []byte, f float64) []byte {
	switch s := strconv.AppendFloat(b, f, 'g', 17, 64); string(s[len(b):]) {
	case "+Inf":
		return append(b, "inf"...)
	case "-Inf":
		return append(b, "-inf"...)
	default:
		return s
	}
}
