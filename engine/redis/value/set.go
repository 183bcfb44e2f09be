// Set: distinct members, kept as integers in order, packed, or as a dict.

package value

import (
	"bytes"
	"math/rand/v2"
	"strconv"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/dict"
	"github.com/cachesrv/cachesrv/core/pack"
)

// How a set is kept.
const (
	SetInts core.Enc = iota
	SetPacked
	SetBig
)

// Set is the set at a place, or the one that the first Add makes there. After changes, Done is called before anything else of the store is touched.
type Set struct {
	Place
	d       dict.Dict // of a big one
	edit    core.Edit
	changed bool     // d is to be written back
	fresh   core.Enc // how a new set begins
}

// OpenSet opens what is at a place: a set, or nothing.
func OpenSet(p Place) (s Set) {
	s.Open(p)
	return s
}

// Open is OpenSet for a zero Set, without copying it.
func (s *Set) Open(p Place) {
	s.Place = p
	s.open()
}

func (s *Set) open() {
	if s.big() {
		s.d = dict.Open(s.tx.Arena(), s.it.Value(), dict.Set)
	}
}

// Len is the number of members.
func (s *Set) Len() int {
	switch {
	case !s.Ok():
		return 0
	case s.big():
		return s.d.Len()
	case s.it.Enc() == SetInts:
		return s.ints().Len()
	}
	return s.packed().Len()
}

// Enc is how the set is kept.
func (s *Set) Enc() core.Enc { return s.it.Enc() }

// Same tells that two handles are of one and the same set.
func (s *Set) Same(o *Set) bool { return s.Ok() && o.Ok() && bytes.Equal(s.key.Name, o.key.Name) }

// The value may be longer than its set where it could not be shortened, see shorten.
func (s *Set) ints() pack.Intset     { return pack.OpenIntset(s.it.Value()) }
func (s *Set) packed() pack.Listpack { return pack.OpenListpack(s.it.Value()) }

// Has tells whether m is a member.
func (s *Set) Has(m []byte) bool {
	switch {
	case !s.Ok():
		return false
	case s.big():
		return s.d.Has(s.tx.Hash(m), m)
	case s.it.Enc() == SetInts:
		n, ok := pack.ParseInt(m)
		return ok && s.ints().Has(n)
	}
	lp := s.packed()
	return lp.Find(lp.First(), m, 0) != pack.NotFound
}

// Expect prepares for n members, of which the first is given, to be added: where they are too many for the way in which the set is kept, it
// becomes big at once, as in Redis even if some of them turn out to be there already.
func (s *Set) Expect(first []byte, n int) error {
	if s.Ok() {
		if !s.big() && int64(n) > s.lim.setMax(s.it.Enc()) {
			return s.grow()
		}
		return nil
	}
	s.fresh = s.lim.setStart(first, n)
	return nil
}

// Add makes m a member and tells whether it was none. On an error it is still none.
func (s *Set) Add(m []byte) (bool, error) {
	if s.big() {
		return s.addBig(m)
	}
	n, isInt := pack.ParseInt(m)
	if !s.Ok() {
		return s.first(m, n, isInt)
	}
	enc := s.it.Enc()
	if enc == SetInts && isInt {
		if i, found := s.ints().Search(n); found {
			return false, nil
		} else if int64(s.ints().Len()) < s.lim.setMax(SetInts) {
			old := len(s.ints())
			b, err := s.room(s.ints().SizeWith(n))
			if err == nil {
				pack.Intset(b[:old]).Insert(i, n)
			}
			return err == nil, err
		}
	} else if enc == SetPacked {
		lp := s.packed()
		if lp.Find(lp.First(), m, 0) != pack.NotFound {
			return false, nil
		}
	}
	if enc == SetPacked || !isInt {
		if s.lim.packs(s.Len(), max(len(m), s.longest()), len(s.it.Value())) {
			err := s.addPacked(m, n, isInt)
			return err == nil, err
		}
	}
	if err := s.grow(); err != nil {
		return false, err
	}
	return s.addBig(m)
}

func elem(m []byte, n int64, isInt bool) pack.Elem {
	if isInt {
		return pack.Number(n)
	}
	return pack.Elem{Text: m}
}

// longest is the length that the longest of a set's integers would have as a member of a packed set.
func (s *Set) longest() int {
	if s.it.Enc() != SetInts {
		return 0
	}
	return longestInt(s.ints())
}

func longestInt(is pack.Intset) int {
	if is.Len() == 0 {
		return 0
	}
	return max(pack.Number(is.At(0)).Len(), pack.Number(is.At(is.Len()-1)).Len())
}

// first makes the set with its first member.
func (s *Set) first(m []byte, n int64, isInt bool) (bool, error) {
	var err error
	switch {
	case s.fresh == SetInts && isInt && s.lim.setMax(SetInts) > 0:
		var b [pack.EmptyIntset + 8]byte
		is, _ := pack.NewIntset(b[:]).Add(n)
		err = s.put(core.Value{Bytes: is, Type: core.Set, Enc: SetInts})
	case s.fresh != SetBig && s.lim.packs(0, len(m), 0):
		var b pack.Builder
		b.Add(elem(m, n, isInt))
		err = s.put(core.Value{Bytes: b.Done(), Type: core.Set, Enc: SetPacked})
	default:
		err = s.firstBig(m)
	}
	return err == nil, err
}

func (s *Set) firstBig(m []byte) error {
	d, ok := dict.New(s.tx.Arena(), dict.Set)
	if !ok {
		return core.ErrNoMemory
	}
	if !d.Insert(s.tx.Hash(m), m, nil, 0) {
		freeDict(&d)
		return core.ErrNoMemory
	}
	var root [dict.RootBytes]byte
	d.Encode(root[:])
	if err := s.put(core.Value{Bytes: root[:], Type: core.Set, Enc: SetBig, Owns: true}); err != nil {
		freeDict(&d)
		return err
	}
	s.open()
	return nil
}

// freeDict frees a dict that no item owns yet.
func freeDict(d *dict.Dict) {
	for !d.FreeStep(1 << 20) {
	}
}

// addPacked adds a member to a packed set, or to one of integers that becomes packed.
func (s *Set) addPacked(m []byte, n int64, isInt bool) error {
	e := elem(m, n, isInt)
	if s.it.Enc() == SetPacked {
		old := len(s.packed())
		b, err := s.room(old + pack.Size(e))
		if err == nil {
			pack.Listpack(b[:old]).Append(e)
		}
		return err
	}
	var b pack.Builder
	for i := range s.ints().Len() {
		b.Add(pack.Number(s.ints().At(i)))
	}
	b.Add(e)
	return s.repack(b.Done(), SetPacked)
}

// repack gives the set that is there other bytes.
func (s *Set) repack(b []byte, enc core.Enc) error {
	err := s.tx.Repack(s.db, s.key, b, enc)
	s.find()
	return err
}

func (s *Set) addBig(m []byte) (bool, error) {
	hash := s.tx.Hash(m)
	if s.d.Has(hash, m) {
		return false, nil
	}
	s.change()
	if !s.d.Insert(hash, m, nil, 0) {
		return false, core.ErrNoMemory
	}
	return true, nil
}

// grow makes a small set big.
func (s *Set) grow() error {
	d, ok := dict.New(s.tx.Arena(), dict.Set)
	if !ok {
		return core.ErrNoMemory
	}
	for i := s.Iter(); i.Next(); {
		if m := i.Text(); !d.Insert(s.tx.Hash(m), m, nil, 0) {
			freeDict(&d)
			return core.ErrNoMemory
		}
	}
	err := s.adopt(&d)
	if err != nil {
		freeDict(&d)
	}
	return err
}

// adopt makes a dict the set that is there.
func (s *Set) adopt(d *dict.Dict) error {
	var root [dict.RootBytes]byte
	d.Encode(root[:])
	if err := s.tx.Adopt(s.db, s.key, root[:], SetBig); err != nil {
		return err
	}
	s.find()
	s.open()
	return nil
}

// change begins a change of the dict.
func (s *Set) change() {
	if !s.changed {
		s.edit, s.changed = s.tx.Edit(s.db, s.key, s.it), true
	}
}

// Done ends the changes made through this handle. A set without members is deleted.
func (s *Set) Done() {
	if s.changed {
		s.d.Encode(s.edit.Root)
		s.edit.Done()
		s.changed = false
	}
	if s.Ok() && s.Len() == 0 {
		s.delete()
	}
}

// Remove makes m no member and tells whether it was one.
func (s *Set) Remove(m []byte) bool {
	switch {
	case !s.Ok():
		return false
	case s.big():
		e := s.d.Find(s.tx.Hash(m), m)
		if !e.Ok() {
			return false
		}
		s.change()
		s.d.Remove(&e)
		return true
	case s.it.Enc() == SetInts:
		n, ok := pack.ParseInt(m)
		if !ok {
			return false
		}
		i, found := s.ints().Search(n)
		if found {
			s.removeInt(i)
		}
		return found
	}
	lp := s.packed()
	p := lp.Find(lp.First(), m, 0)
	if p != pack.NotFound {
		s.removeAt(p)
	}
	return p != pack.NotFound
}

// removeInt and removeAt take a member out of a small set. Making a value shorter can fail only where the arena is full and the class of the
// block is another; then the block stays as long as it was.
func (s *Set) removeInt(i int) {
	b := s.writable()
	s.shorten(len(pack.OpenIntset(b).RemoveAt(i)))
}

func (s *Set) removeAt(p int) {
	b := s.writable()
	s.shorten(len(pack.OpenListpack(b).Delete(p)))
}

// room makes a small set's value at least n bytes long, for writing.
func (s *Set) room(n int) ([]byte, error) { return s.resize(max(n, len(s.it.Value())), s.it.Enc()) }

// writable is a small set's bytes, to be changed in place.
func (s *Set) writable() []byte {
	b, _ := s.resize(len(s.it.Value()), s.it.Enc())
	return b
}

// shorten cuts a small set down to the bytes that are left of it.
func (s *Set) shorten(n int) {
	if n > 0 {
		s.resize(n, s.it.Enc())
	}
}

// Random is some member, every one with the same chance. There must be one.
func (s *Set) Random() pack.Elem {
	switch {
	case s.big():
		e := s.d.Random()
		return pack.Elem{Text: e.Name()}
	case s.it.Enc() == SetInts:
		return pack.Number(s.ints().At(rand.IntN(s.ints().Len())))
	}
	lp := s.packed()
	return lp.Get(lp.Seek(rand.IntN(lp.Len())))
}

// Pop takes some member out and appends it to dst. There must be one.
func (s *Set) Pop(dst []byte) []byte {
	switch {
	case s.big():
		e := s.d.Random()
		dst = append(dst, e.Name()...)
		s.change()
		s.d.Remove(&e)
	case s.it.Enc() == SetInts:
		i := rand.IntN(s.ints().Len())
		dst = strconv.AppendInt(dst, s.ints().At(i), 10)
		s.removeInt(i)
	default:
		lp := s.packed()
		p := lp.Seek(rand.IntN(lp.Len()))
		dst = lp.Get(p).Append(dst)
		s.removeAt(p)
	}
	return dst
}

// PopMany takes n members by chance out, fewer than there are, and calls f for each. On an error none is out.
func (s *Set) PopMany(n int, f func(m pack.Elem)) error {
	if rest := s.Len() - n; s.big() && rest > n/manyPopped {
		s.change()
		for range n {
			e := s.d.Random()
			f(pack.Elem{Text: e.Name()})
			s.d.Remove(&e)
		}
		return nil
	}
	enc := s.it.Enc()
	rest := NewDraft(s.tx, s.lim, min(enc, SetPacked))
	for p := s.Sample(n); p.SetIter.Next(); {
		switch {
		case p.chosen():
			f(p.Elem)
		case enc == SetBig:
			if err := rest.Add(&p.SetIter, true); err != nil {
				rest.Free()
				return err
			}
		default:
			rest.carry(p.Elem)
		}
	}
	err := rest.Keep(s)
	if err != nil {
		rest.Free()
	}
	return err
}

// manyPopped: where no more than one of so many members that go would stay, those that stay are made a new set, which may be a small one again. The figure is Redis's.
const manyPopped = 5
