// Hashes, with and without an expiry for every field.

package rdb

import (
	"errors"

	"github.com/cachesrv/cachesrv/core/pack"
)

// Fields takes the fields of a hash with their values, in any order. expireAt is in Unix ms, 0 never; it may be past.
type Fields interface {
	Field(field, value []byte, expireAt int64) error
}

// lastExpiry is the latest expiry of a field that any command sets; noExpiry has been written as the first one where there was none.
const (
	lastExpiry = 1<<46 - 1
	noExpiry   = 1 << 48
)

var errHalf = errors.New("a field without all that belongs to it")

// HasTTL tells that the value is of a kind in which fields have an expiry, 0 for never; its listpack then has three elements a field,
// ordered by expiry with the zeroes at the end.
func (d *Decoder) HasTTL() bool { return d.kind.hasTTL() }

func (k Kind) hasTTL() bool { return k >= KindHashTTLEarly && k <= KindHashPackTTL }

func (d *Decoder) checkHash(r *reader) {
	check := checkFields{d: d}
	d.same = d.kind.form() == listpack
	d.walkHash(r, &check)
	d.checked(r)
}

// Hash gives the fields of a hash to a sink.
func (d *Decoder) Hash(to Fields) error {
	r := &reader{b: d.b}
	d.walkHash(r, to)
	return d.walked(r)
}

func (d *Decoder) walkHash(r *reader, to Fields) {
	var base uint64 // the first expiry, to which others are relative
	if d.kind == KindHashTTL || d.kind == KindHashPackTTL {
		if base = uint64(r.millis()); base > noExpiry {
			r.fail("a first expiry beyond the end of time")
		}
	}
	least := 2
	if d.kind.hasTTL() {
		least = 3
	}
	c := d.open(r, least)
	if d.kind.form() == texts {
		c.left *= 2
	}
	for c.more() {
		at := uint64(0)
		if d.kind == KindHashTTL || d.kind == KindHashTTLEarly {
			at = r.length()
			if d.kind == KindHashTTL && at > 0 {
				if at > lastExpiry+1 {
					r.fail("an expiry beyond the end of time")
				}
				at += base - 1
			}
		}
		field := c.next(&d.first)
		if !c.more() {
			r.fail(errHalf.Error())
			return
		}
		value := c.next(&d.second)
		if d.kind.hasTTL() && d.kind.form() == listpack {
			if at = d.packedTTL(r, &c); !r.ok() {
				return
			}
		}
		if at > lastExpiry {
			r.fail("an expiry beyond the end of time")
		}
		if !r.ok() || !d.give(to.Field(field, value, int64(at))) {
			return
		}
	}
	d.same = d.same && !c.odd
}

// packedTTL reads the third element of a packed field.
func (d *Decoder) packedTTL(r *reader, c *cursor) uint64 {
	if !c.more() {
		r.fail(errHalf.Error())
		return 0
	}
	e := c.element()
	if e.Text != nil {
		n, ok := pack.ParseInt(e.Text)
		if !ok {
			r.fail("an expiry that is no number")
			return 0
		}
		e.Num = n
	}
	return uint64(e.Num) // negative ones are beyond the end of time
}

// checkFields is the sink of the check.
type checkFields struct {
	d    *Decoder
	last int64
}

func (c *checkFields) Field(field, _ []byte, expireAt int64) error {
	d := c.d
	if !d.seen.add(field) {
		return errTwice
	}
	if d.kind.hasTTL() && d.kind.form() == listpack {
		if d.n > 0 && (expireAt != 0 && (c.last == 0 || expireAt < c.last)) {
			return errOrder
		}
		c.last = expireAt
	}
	d.n++
	return nil
}
