// Walking over sets: all members, some by a cursor, some by chance.

package value

import (
	"math/rand/v2"
	"strconv"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/dict"
	"github.com/cachesrv/cachesrv/core/pack"
)

// SetIter walks over the members of a set, which must not change meanwhile: integers in ascending order, packed ones in theirs, others in none.
type SetIter struct {
	pack.Elem // the current member

	tx     *core.Tx
	kind   core.Enc
	at, to int // index of the next integer, or position of the next packed one
	ints   pack.Intset
	lp     pack.Listpack
	big    dict.Iter
	hash   uint64 // of the current member, when hashed
	hashed bool
	digits [24]byte
}

// Iter begins a walk.
func (s *Set) Iter() SetIter {
	switch {
	case !s.Ok():
		return SetIter{}
	case s.big():
		return SetIter{tx: s.tx, kind: SetBig, big: s.d.Iter()}
	case s.it.Enc() == SetInts:
		return overInts(s.tx, s.ints())
	}
	return overPacked(s.tx, s.packed())
}

func overInts(tx *core.Tx, is pack.Intset) SetIter { return SetIter{tx: tx, ints: is, to: is.Len()} }

func overPacked(tx *core.Tx, lp pack.Listpack) SetIter {
	return SetIter{tx: tx, kind: SetPacked, lp: lp, at: lp.First(), to: lp.End()}
}

// Next goes to the next member, false behind the last.
func (i *SetIter) Next() bool {
	if i.kind == SetBig {
		e, ok := i.big.Next()
		if ok {
			i.Elem, i.hash, i.hashed = pack.Elem{Text: e.Name()}, e.Hash(), true
		}
		return ok
	}
	if i.at == i.to {
		return false
	}
	if i.hashed = false; i.kind == SetInts {
		i.Elem = pack.Number(i.ints.At(i.at))
		i.at++
		return true
	}
	i.Elem = i.lp.Get(i.at)
	i.at = i.lp.Next(i.at)
	return true
}

// Text is the current member as bytes, valid until Next.
func (i *SetIter) Text() []byte {
	if !i.IsNum() {
		return i.Elem.Text
	}
	return strconv.AppendInt(i.digits[:0], i.Num, 10)
}

// number is the current member as an integer.
func (i *SetIter) number() (int64, bool) {
	if i.IsNum() {
		return i.Num, true
	}
	if i.kind == SetPacked {
		return 0, false // it would be stored as one
	}
	return pack.ParseInt(i.Elem.Text)
}

// code is the current member's hash, or at least the bits of it that a dict needs: those a big set has at hand.
func (i *SetIter) code() uint64 {
	if !i.hashed {
		i.hash, i.hashed = i.tx.Hash(i.Text()), true
	}
	return i.hash
}

// In tells whether the current member is in another set.
func (i *SetIter) In(s *Set) bool {
	switch {
	case !s.Ok():
		return false
	case s.big():
		return s.d.Has(i.code(), i.Text())
	case s.it.Enc() == SetInts:
		n, ok := i.number()
		return ok && s.ints().Has(n)
	}
	lp := s.packed()
	return lp.Find(lp.First(), i.Text(), 0) != pack.NotFound
}

// Scan visits some members from a cursor on, about count of them, and returns the next cursor; 0 starts and ends. Small sets are visited as a whole. f gets
// every member that is there from start to end, some of them more than once, and must not change the set.
func (s *Set) Scan(cursor uint64, count int, f func(m pack.Elem)) uint64 {
	if !s.big() {
		for i := s.Iter(); i.Next(); {
			f(i.Elem)
		}
		return 0
	}
	seen := 0
	visit := func(e *dict.Entry) {
		seen++
		f(pack.Elem{Text: e.Name()})
	}
	for buckets := 0; ; buckets++ {
		if cursor = s.d.Scan(cursor, visit); cursor == 0 || seen >= count || buckets/10 >= count {
			return cursor
		}
	}
}

// Sample walks over n distinct members by chance, every choice of n having the same.
type Sample struct {
	SetIter
	left, rest int // members to be given, and to be looked at
}

// Sample begins such a walk, which looks at all members. There must be at least n.
func (s *Set) Sample(n int) Sample { return Sample{SetIter: s.Iter(), left: n, rest: s.Len()} }

// Next goes to the next member of the sample.
func (p *Sample) Next() bool {
	for p.left > 0 && p.SetIter.Next() {
		if p.chosen() {
			return true
		}
	}
	return false
}

// chosen decides about the member that the walk has just come to.
func (p *Sample) chosen() bool {
	p.rest--
	if rand.IntN(p.rest+1) >= p.left {
		return false
	}
	p.left--
	return true
}

// few is the part of a big set up to which drawing members one by one costs less than looking at all of them.
const few = 8

// Distinct calls f for n members by chance, all different; there must be at least n.
func (s *Set) Distinct(n int, f func(m pack.Elem)) {
	if !s.big() || n > s.Len()/few {
		for p := s.Sample(n); p.Next(); {
			f(p.Elem)
		}
		return
	}
	seen := make(map[arena.Ref]struct{}, n) // nothing moves meanwhile
	for len(seen) < n {
		e := s.d.Random()
		if _, again := seen[e.Ref()]; !again {
			seen[e.Ref()] = struct{}{}
			f(pack.Elem{Text: e.Name()})
		}
	}
}
