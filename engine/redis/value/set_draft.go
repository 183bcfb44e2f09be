// Draft: a set that is being put together and has no key yet.

package value

import (
	"slices"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/dict"
	"github.com/cachesrv/cachesrv/core/pack"
)

// Draft grows by the same rules as a set under a key. A small one is on the Go heap, bounded by the limits; a big one holds memory of the arena until
// Store, Keep or Free.
type Draft struct {
	tx    *core.Tx
	lim   *Limits
	enc   core.Enc
	n     int
	mixed bool // not all members are integers
	ints  pack.Intset
	lp    pack.Listpack
	d     dict.Dict
}

// NewDraft makes an empty one that is small, and remains as it begins for as long as it may.
func NewDraft(tx *core.Tx, lim *Limits, enc core.Enc) Draft {
	d := Draft{tx: tx, lim: lim, enc: enc}
	if enc == SetInts {
		d.ints = pack.NewIntset(make([]byte, pack.EmptyIntset))
	} else {
		d.lp = pack.NewListpack(make([]byte, pack.EmptyListpack))
	}
	return d
}

// Enc is how it is kept.
func (d *Draft) Enc() core.Enc { return d.enc }

// Len is the number of members.
func (d *Draft) Len() int { return d.n }

// Iter walks over them.
func (d *Draft) Iter() SetIter {
	switch d.enc {
	case SetInts:
		return overInts(d.tx, d.ints)
	case SetPacked:
		return overPacked(d.tx, d.lp)
	}
	return SetIter{tx: d.tx, kind: SetBig, big: d.d.Iter()}
}

// Add adds the current member of a walk. fresh: the caller knows that it is not there.
func (d *Draft) Add(i *SetIter, fresh bool) error {
	n, isInt := i.number()
	d.mixed = d.mixed || !isInt
	if d.enc == SetInts {
		at, found := 0, false
		if isInt {
			at, found = d.ints.Search(n)
		}
		switch {
		case found:
			return nil
		case isInt && int64(d.n) < d.lim.setMax(SetInts):
			d.ints = pack.Intset(slices.Grow(d.ints, d.ints.SizeWith(n)-len(d.ints))).Insert(at, n)
			d.n++
			return nil
		case !isInt && d.lim.packs(d.n, max(len(i.Elem.Text), longestInt(d.ints)), len(d.ints)):
			d.pack()
		default:
			if err := d.Grow(); err != nil {
				return err
			}
		}
	}
	if d.enc == SetPacked {
		if !fresh && d.lp.Find(d.lp.First(), i.Text(), 0) != pack.NotFound {
			return nil
		}
		if d.lim.packs(d.n, i.Elem.Len(), len(d.lp)) {
			d.append(elem(i.Elem.Text, n, isInt))
			d.n++
			return nil
		}
		if err := d.Grow(); err != nil {
			return err
		}
	}
	if !fresh && d.d.Has(i.code(), i.Text()) {
		return nil
	}
	if !d.d.Insert(i.code(), i.Text(), nil, 0) {
		return core.ErrNoMemory
	}
	d.n++
	return nil
}

// carry adds a member of another small set that is not there, whatever the limits are by now.
func (d *Draft) carry(m pack.Elem) {
	if d.n++; d.enc == SetPacked {
		d.append(m)
		return
	}
	at, _ := d.ints.Search(m.Num)
	d.ints = pack.Intset(slices.Grow(d.ints, d.ints.SizeWith(m.Num)-len(d.ints))).Insert(at, m.Num)
}

func (d *Draft) append(e pack.Elem) {
	d.lp = pack.Listpack(slices.Grow(d.lp, pack.Size(e))).Append(e)
}

// pack turns integers into packed members.
func (d *Draft) pack() {
	d.enc, d.lp = SetPacked, pack.NewListpack(make([]byte, pack.EmptyListpack))
	for at := range d.ints.Len() {
		d.append(pack.Number(d.ints.At(at)))
	}
}

// Grow makes it big.
func (d *Draft) Grow() error {
	small := d.Iter()
	big, ok := dict.New(d.tx.Arena(), dict.Set)
	if !ok {
		return core.ErrNoMemory
	}
	d.d, d.enc = big, SetBig
	for small.Next() {
		if !d.d.Insert(small.code(), small.Text(), nil, 0) {
			return core.ErrNoMemory
		}
	}
	return nil
}

// Become makes an empty one be kept in a certain way from now on.
func (d *Draft) Become(enc core.Enc) error {
	switch enc {
	case SetPacked:
		d.pack()
	case SetBig:
		return d.Grow()
	}
	return nil
}

// Settle makes it a set of integers if all members are and there are not too many.
func (d *Draft) Settle() {
	if d.mixed || d.enc == SetInts || int64(d.n) > d.lim.setMax(SetInts) {
		return
	}
	is := pack.NewIntset(make([]byte, pack.EmptyIntset))
	for i := d.Iter(); i.Next(); {
		n, _ := i.number()
		at, _ := is.Search(n)
		is = pack.Intset(slices.Grow(is, is.SizeWith(n)-len(is))).Insert(at, n)
	}
	d.Free()
	d.enc, d.ints = SetInts, is
}

// Free gives up the memory of a big one, after which there is none.
func (d *Draft) Free() {
	if d.enc == SetBig {
		freeDict(&d.d)
	}
}

// Store makes it the value of a key, which replaces all that was there. It is used up, unless there is an error.
func (d *Draft) Store(p *Place) error {
	v := core.Value{Type: core.Set, Enc: d.enc}
	var root [dict.RootBytes]byte
	switch d.enc {
	case SetInts:
		v.Bytes = d.ints
	case SetPacked:
		v.Bytes = d.lp
	default:
		d.d.Encode(root[:])
		v.Bytes, v.Owns = root[:], true
	}
	return p.put(v)
}

// Keep makes it what is left of a set that is there, whose expiry stays. It is used up, unless there is an error.
func (d *Draft) Keep(s *Set) error {
	switch d.enc {
	case SetInts:
		return s.repack(d.ints, SetInts)
	case SetPacked:
		return s.repack(d.lp, SetPacked)
	}
	return s.adopt(&d.d)
}
