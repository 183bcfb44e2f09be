// Sets.

package rdb

import (
	"errors"
	"strconv"

	"github.com/cachesrv/cachesrv/core/pack"
)

// Members takes the members of a set, in any order.
type Members interface{ Member(text []byte) error }

// errTwice is how a checking sink ends a walk.
var errTwice = errors.New("the same element twice")

func (d *Decoder) checkSet(r *reader) {
	d.same = d.kind.form() != texts
	d.walkSet(r, (*checkMembers)(d))
	d.checked(r)
}

// checked turns what a checking sink found into what is wrong with the value.
func (d *Decoder) checked(r *reader) {
	if d.err != nil {
		r.fail(d.err.Error())
		d.err = nil
	}
}

// Set gives the members of a set to a sink.
func (d *Decoder) Set(to Members) error {
	r := &reader{b: d.b}
	d.walkSet(r, to)
	return d.walked(r)
}

func (d *Decoder) walkSet(r *reader, to Members) {
	c := d.open(r, 1)
	if c.form == intset {
		s := pack.Intset(c.b)
		for i := range s.Len() {
			d.first = strconv.AppendInt(d.first[:0], s.At(i), 10)
			if !d.give(to.Member(d.first)) {
				return
			}
		}
		return
	}
	for c.more() {
		text := c.next(&d.first)
		if !r.ok() || !d.give(to.Member(text)) {
			return
		}
	}
	d.same = d.same && !c.odd
}

// checkMembers is the sink of the check.
type checkMembers Decoder

func (d *checkMembers) Member(text []byte) error {
	// An intset is in order, which its own check has found.
	if d.kind != KindIntset && !d.seen.add(text) {
		return errTwice
	}
	d.n++
	return nil
}
