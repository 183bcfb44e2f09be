// SortedSet: members with scores, looked up by name and changed. Small ones are a listpack of member, score, member, score … in order.

package value

import (
	"errors"
	"math"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/core/sorted"
)

const (
	packedScores = core.Enc(0)
	bigScores    = core.Enc(2)
)

// ErrNaN: an increment would make a score that is not a number.
var ErrNaN = errors.New("value: a score that is not a number")

// SortedSet is a key's sorted set, or none yet. Whoever changed it calls Finish.
type SortedSet struct {
	Place
	set     sorted.Set // if the item is big
	edit    core.Edit
	editing bool // set has changed: its root is to be written
}

// OpenSortedSet opens what is at a place: nothing, or a sorted set.
func OpenSortedSet(p Place) SortedSet {
	z := SortedSet{Place: p}
	if z.big() {
		z.set = sorted.Open(z.tx.Arena(), z.it.Value())
	}
	return z
}

// Len is the number of members.
func (z *SortedSet) Len() int {
	switch {
	case !z.Ok():
		return 0
	case z.big():
		return z.set.Len()
	}
	return z.packed().Len() / 2
}

// Score looks a member up.
func (z *SortedSet) Score(member []byte) (score float64, ok bool) {
	switch {
	case !z.Ok():
		return 0, false
	case z.big():
		m := z.set.Find(z.tx.Hash(member), member)
		if m == 0 {
			return 0, false
		}
		return z.set.Score(m), true
	}
	lp := z.packed()
	p := lp.Find(lp.First(), member, 1)
	if p == pack.NotFound {
		return 0, false
	}
	return scoreAt(lp, lp.Next(p)), true
}

// Rank is how many members come before one, and its score.
func (z *SortedSet) Rank(member []byte) (rank int, score float64, ok bool) {
	switch {
	case !z.Ok():
		return 0, 0, false
	case z.big():
		m := z.set.Find(z.tx.Hash(member), member)
		if m == 0 {
			return 0, 0, false
		}
		return z.set.Rank(m), z.set.Score(m), true
	}
	lp := z.packed()
	at := lp.Find(lp.First(), member, 1)
	if at == pack.NotFound {
		return 0, 0, false
	}
	for p := lp.First(); p < at; p = lp.Skip(p, 2) {
		rank++
	}
	return rank, scoreAt(lp, lp.Next(at)), true
}

// Change says under which conditions Put changes a member.
type Change uint8

const (
	IfNew     Change = 1 << iota // only if it is not there
	IfThere                      // only if it is
	IfGreater                    // only to a greater score, if it is there
	IfLess                       // only to a lesser score, if it is there
	Increment                    // the score is added to the one there
)

// Outcome is what Put did.
type Outcome uint8

const (
	Refused Outcome = iota // a condition does not hold
	Same                   // the member has that score already
	Added
	Updated
)

// Put gives a member a score and tells what became of it and of the score. ErrNaN, or the store's errors: nothing has changed.
func (z *SortedSet) Put(member []byte, score float64, how Change) (float64, Outcome, error) {
	if z.big() {
		return z.putBig(member, score, how)
	}
	return z.putPacked(member, score, how)
}

func (z *SortedSet) putBig(member []byte, score float64, how Change) (float64, Outcome, error) {
	hash := z.tx.Hash(member)
	m := z.set.Find(hash, member)
	if m == 0 {
		if how&IfThere != 0 {
			return 0, Refused, nil
		}
		z.begin()
		if !z.set.Insert(hash, member, score) {
			return 0, Refused, core.ErrNoMemory
		}
		return score, Added, nil
	}
	old := z.set.Score(m)
	score, outcome, err := how.decide(old, score)
	if outcome == Updated {
		z.begin()
		if !z.set.Update(m, score) {
			return 0, Refused, core.ErrNoMemory
		}
	}
	return score, outcome, err
}

// decide is what a change makes of a score that is there.
func (how Change) decide(old, score float64) (float64, Outcome, error) {
	if how&IfNew != 0 {
		return 0, Refused, nil
	}
	if how&Increment != 0 {
		if score += old; math.IsNaN(score) {
			return 0, Refused, ErrNaN
		}
	}
	switch {
	case how&IfLess != 0 && score >= old, how&IfGreater != 0 && score <= old:
		return 0, Refused, nil
	case score == old:
		return score, Same, nil
	}
	return score, Updated, nil
}

// Remove takes a member out; false if it is not there.
func (z *SortedSet) Remove(member []byte) (bool, error) {
	switch {
	case !z.Ok():
		return false, nil
	case z.big():
		hash := z.tx.Hash(member)
		m := z.set.Find(hash, member)
		if m != 0 {
			z.begin()
			z.set.Remove(hash, m)
		}
		return m != 0, nil
	}
	lp := z.packed()
	p := lp.Find(lp.First(), member, 1)
	if p == pack.NotFound {
		return false, nil
	}
	return true, z.cut(p, lp.Skip(p, 2))
}

// begin announces a change of the big set.
func (z *SortedSet) begin() {
	if !z.editing {
		z.edit, z.editing = z.tx.Edit(z.db, z.key, z.it), true
	}
}

// Finish ends the changes: the root is written, and the key goes with the last member.
func (z *SortedSet) Finish() {
	if !z.editing {
		return
	}
	z.set.Encode(z.edit.Root)
	z.edit.Done()
	z.editing = false
	if z.set.Len() == 0 {
		z.delete()
	}
}

// Expect prepares for a number of members, the first of a length: a set that would not stay packed becomes big at once. A new one is made by the
// first Put.
func (z *SortedSet) Expect(members, length int) error {
	many := int64(members) > z.lim.SortedSetEntries.Int()
	switch {
	case !z.Ok() && (many || int64(length) > z.lim.SortedSetValue.Int()):
		return z.createBig()
	case z.Ok() && !z.big() && many:
		return z.spread()
	}
	return nil
}

func (z *SortedSet) createBig() error {
	set, ok := sorted.New(z.tx.Arena())
	if !ok {
		return core.ErrNoMemory
	}
	return z.store(set)
}

// store puts a big set at the place, with whatever is there replaced, and owns it.
func (z *SortedSet) store(set sorted.Set) error {
	var root [sorted.RootBytes]byte
	set.Encode(root[:])
	if err := z.put(core.Value{Bytes: root[:], Type: core.SortedSet, Enc: bigScores, Owns: true}); err != nil {
		drop(&set)
		return err
	}
	z.set = set
	return nil
}

// spread makes a packed set big.
func (z *SortedSet) spread() error {
	set, ok := sorted.New(z.tx.Arena())
	lp := z.packed()
	var digits [longestScore]byte
	for p := lp.First(); ok && p < lp.End(); p = lp.Skip(p, 2) {
		name := textOf(lp.Get(p), digits[:0])
		ok = set.Insert(z.tx.Hash(name), name, scoreAt(lp, lp.Next(p)))
	}
	if !ok {
		drop(&set)
		return core.ErrNoMemory
	}
	var root [sorted.RootBytes]byte
	set.Encode(root[:])
	if err := z.tx.Adopt(z.db, z.key, root[:], bigScores); err != nil {
		drop(&set)
		return err
	}
	z.find()
	z.set = set
	return nil
}

// drop frees a set that nobody got, if it was made at all.
func drop(set *sorted.Set) {
	for !set.FreeStep(1 << 20) {
	}
}
