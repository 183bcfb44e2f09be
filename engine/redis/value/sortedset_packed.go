// The packed form of a sorted set: where pairs stand, and editing them.

package value

import (
	"bytes"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// longestScore is the longest text of a score or an integer.
const longestScore = 32

// packed is the listpack. Its own header tells its length: in a full arena the item may be longer.
func (z *SortedSet) packed() pack.Listpack { return pack.OpenListpack(z.it.Value()) }

// room makes the item's value at least n bytes long, for writing. It never becomes shorter, which could fail in a full arena.
func (z *SortedSet) room(n int) ([]byte, error) {
	return z.resize(max(n, len(z.it.Value())), packedScores)
}

// scoreAt is the score at a position. A whole number is kept as an integer, which knows no negative zero.
func scoreAt(lp pack.Listpack, p int) float64 {
	e := lp.Get(p)
	if e.IsNum() {
		return float64(e.Num)
	}
	f, _ := resp.ParseBound(e.Text)
	return f
}

// scoreElem is how a score is kept. buf takes its text.
func scoreElem(score float64, buf []byte) pack.Elem {
	if n, ok := resp.Whole(score); ok {
		return pack.Number(n)
	}
	return pack.Text(resp.AppendFloat(buf, score))
}

// textOf is an element's text; buf takes that of a number.
func textOf(e pack.Elem, buf []byte) []byte {
	if e.IsNum() {
		return e.Append(buf)
	}
	return e.Text
}

// compareElem orders an element's text and a name as bytes.
func compareElem(e pack.Elem, name []byte) int {
	var digits [longestScore]byte
	return bytes.Compare(textOf(e, digits[:0]), name)
}

// placeOf is the position where a pair belongs.
func placeOf(lp pack.Listpack, member []byte, score float64) int {
	for p := lp.First(); p < lp.End(); {
		next := lp.Next(p)
		if s := scoreAt(lp, next); s > score || s == score && compareElem(lp.Get(p), member) > 0 {
			return p
		}
		p = lp.Next(next)
	}
	return lp.End()
}

func (z *SortedSet) putPacked(member []byte, score float64, how Change) (float64, Outcome, error) {
	if !z.Ok() {
		if how&IfThere != 0 {
			return 0, Refused, nil
		}
		return z.addPacked(member, score)
	}
	lp := z.packed()
	p := lp.Find(lp.First(), member, 1)
	if p == pack.NotFound {
		if how&IfThere != 0 {
			return 0, Refused, nil
		}
		return z.addPacked(member, score)
	}
	at := lp.Next(p)
	score, outcome, err := how.decide(scoreAt(lp, at), score)
	if outcome == Updated {
		err = z.rescore(p, at, member, score)
	}
	return score, outcome, err
}

// addPacked adds a member that is not there, to a packed set or to none. A set that would become too long, or its member too long, becomes big.
func (z *SortedSet) addPacked(member []byte, score float64) (float64, Outcome, error) {
	var buf [longestScore]byte
	name, s := pack.Text(member), scoreElem(score, buf[:0])
	n := pack.Size(name, s)
	fits := int64(z.Len())+1 <= z.lim.SortedSetEntries.Int() && int64(len(member)) <= z.lim.SortedSetValue.Int()
	if z.Ok() && fits {
		fits = z.packed().Fits(n)
	}
	switch {
	case !fits && z.Ok():
		if err := z.spread(); err != nil {
			return 0, Refused, err
		}
		return z.putBig(member, score, 0)
	case !fits:
		if err := z.createBig(); err != nil {
			return 0, Refused, err
		}
		score, outcome, err := z.putBig(member, score, 0)
		if err != nil {
			z.Finish()
		}
		return score, outcome, err
	case !z.Ok():
		return score, Added, z.first(name, s, n)
	}
	old := len(z.packed())
	b, err := z.room(old + n)
	if err != nil {
		return 0, Refused, err
	}
	lp := pack.Listpack(b[:old])
	lp.Insert(placeOf(lp, member, score), name, s)
	return score, Added, nil
}

// first makes a packed set of one pair, which takes n bytes.
func (z *SortedSet) first(name, score pack.Elem, n int) error {
	var small [128]byte
	b := small[:]
	if n += pack.EmptyListpack; n > len(b) {
		b = make([]byte, n)
	}
	lp := pack.NewListpack(b).Append(name, score)
	return z.put(core.Value{Bytes: lp, Type: core.SortedSet, Enc: packedScores})
}

// rescore gives the member at p, whose score is at at, another one. The pair moves to its place.
func (z *SortedSet) rescore(p, at int, member []byte, score float64) error {
	var buf [longestScore]byte
	s := scoreElem(score, buf[:0])
	lp := z.packed()
	old, end := len(lp), lp.Next(at)
	n := old - (end - at) + pack.Size(s)
	b, err := z.room(max(old, n))
	if err != nil {
		return err
	}
	lp = pack.Listpack(b[:old])
	if z.stays(lp, p, end, member, score) {
		lp = lp.Splice(at, end, s)
	} else {
		lp = lp.Splice(p, end)
		lp = lp.Insert(placeOf(lp, member, score), pack.Text(member), s)
	}
	if n < old {
		z.resize(n, packedScores)
	}
	return nil
}

// stays tells whether the pair in [p, end) keeps its place with another score.
func (z *SortedSet) stays(lp pack.Listpack, p, end int, member []byte, score float64) bool {
	if end < lp.End() {
		if s := scoreAt(lp, lp.Next(end)); s < score || s == score && compareElem(lp.Get(end), member) < 0 {
			return false
		}
	}
	before := lp.Prev(p)
	if before == pack.NotFound {
		return true
	}
	s := scoreAt(lp, before)
	return s < score || s == score && compareElem(lp.Get(lp.Prev(before)), member) < 0
}

// cut takes the pairs in [p, end) out; the key goes with the last of them.
func (z *SortedSet) cut(p, end int) error {
	lp := z.packed()
	n := len(lp) - (end - p)
	if n <= pack.EmptyListpack {
		z.delete()
		return nil
	}
	b, err := z.room(0) // announces the change
	if err != nil {
		return err
	}
	pack.OpenListpack(b).Splice(p, end)
	z.resize(n, packedScores)
	return nil
}
