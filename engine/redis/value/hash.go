// Hash: fields with values, some of which may expire, and how they are read.

package value

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/dict"
	"github.com/cachesrv/cachesrv/core/pack"
)

// How a hash is kept. A hash only ever goes down this list: one that had a field with an expiry keeps the place for it.
const (
	hashPacked core.Enc = iota // a listpack of field, value, …
	HashTimed                  // a listpack of field, value, Unix ms, …: first those that expire, in that order, then those that do not, with a 0
	hashBig                    // a dict
)

// MaxFieldExpire is the last Unix ms at which a field can expire, as in Redis.
const MaxFieldExpire = 1<<46 - 1

// Hash is the hash at a place, if there is one. A field that is due is there until it is removed, but only Len knows it.
type Hash struct {
	Place
	enc   core.Enc
	moved bool          // the packed item is not where Place has it
	lp    pack.Listpack // unless it is big; nil without an item
	d     dict.Dict     // if it is big
}

// Open opens what is at a place: a hash or nothing. It is for handles on the caller's stack, which are long enough for a copy to be felt.
func (h *Hash) Open(p Place) {
	h.Place = p
	h.load()
}

// OpenHash gives the handle of what is at a place.
func OpenHash(p Place) (h Hash) {
	h.Open(p)
	return h
}

// load reads the item.
func (h *Hash) load() {
	h.moved = false
	switch {
	case !h.it.Ok():
		h.enc, h.lp = hashPacked, nil
	case h.it.Owns():
		h.enc, h.lp = hashBig, nil
		h.d = dict.Open(h.tx.Arena(), h.it.Value(), dict.Map)
	default:
		h.enc, h.lp = h.it.Enc(), pack.OpenListpack(h.it.Value())
	}
}

// Big tells that the hash is a dict.
func (h *Hash) Big() bool { return h.enc == hashBig }

// width is how many elements a field takes in the listpack.
func (h *Hash) width() int { return 2 + int(h.enc) }

// Len is the number of fields, with those that are due and not yet removed.
func (h *Hash) Len() int {
	switch {
	case h.enc == hashBig:
		return h.d.Len()
	case h.lp == nil:
		return 0
	}
	return h.lp.Len() / h.width()
}

// Live is the number of fields that are not due.
func (h *Hash) Live() int { return h.Len() - h.due() }

// due is how many fields are due.
func (h *Hash) due() (n int) {
	switch {
	case h.enc == hashBig && h.d.Expiring() > 0:
		n = h.d.Due(h.tx.Now())
	case h.enc == HashTimed:
		for p := h.lp.First(); p < h.lp.End(); n++ {
			at := h.lp.Skip(p, 2)
			if !h.gone(h.lp.Get(at).Num) {
				break
			}
			p = h.lp.Next(at)
		}
	}
	return n
}

// gone tells whether a field with this expiry is due.
func (h *Hash) gone(at int64) bool { return at != 0 && at <= h.tx.Now() }

// find is where a field is in the listpack, due or not.
func (h *Hash) find(field []byte) int {
	if h.lp == nil {
		return pack.NotFound
	}
	return h.lp.Find(h.lp.First(), field, h.width()-1)
}

// Get gives a field's value.
func (h *Hash) Get(field []byte) (v pack.Elem, ok bool) {
	v, _, ok = h.Look(field)
	return v, ok
}

// Look gives a field's value and when it expires, 0 never.
func (h *Hash) Look(field []byte) (v pack.Elem, at int64, ok bool) {
	if h.enc == hashBig {
		e := h.d.Find(h.tx.Hash(field), field)
		if !e.Ok() || h.gone(e.ExpireAt()) {
			return pack.Elem{}, 0, false
		}
		return pack.Elem{Text: e.Value()}, e.ExpireAt(), true
	}
	p := h.find(field)
	if p == pack.NotFound {
		return pack.Elem{}, 0, false
	}
	p = h.lp.Next(p)
	if h.enc == HashTimed {
		if at = h.lp.Get(h.lp.Next(p)).Num; h.gone(at) {
			return pack.Elem{}, 0, false
		}
	}
	return h.lp.Get(p), at, true
}

// NextDue is when the first field of a hash expires, 0 if none does.
func NextDue(a *arena.Arena, it core.Item) int64 {
	switch {
	case it.Owns():
		d := dict.Open(a, it.Value(), dict.Map)
		return d.NextDue()
	case it.Enc() == HashTimed:
		return firstDue(pack.OpenListpack(it.Value()))
	}
	return 0
}

func firstDue(lp pack.Listpack) int64 {
	if p := lp.Skip(lp.First(), 2); p < lp.End() {
		return lp.Get(p).Num
	}
	return 0
}

func (h *Hash) nextDue() int64 {
	switch {
	case h.enc == hashBig && h.d.Expiring() > 0:
		return h.d.NextDue()
	case h.enc == HashTimed && h.lp != nil:
		return firstDue(h.lp)
	}
	return 0
}
