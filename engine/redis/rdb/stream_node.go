// nodeWalk: the check of one stream node.

package rdb

import "github.com/cachesrv/cachesrv/core/pack"

// A node begins with the number of entries that are not deleted, the number of those that are, the number of fields that an entry
// has if it says no other, those fields, and a zero. Then come the entries: flags, id relative to the node's (two numbers),
// fields and values, or values only with sameFields, and at the end the number of elements that the entry took before.
const (
	entryDeleted = 1
	sameFields   = 2
)

// nodeWalk goes once through a node whose listpack is valid.
type nodeWalk struct {
	lp     pack.Listpack
	p      int
	master ID
	bad    bool

	live        int
	first, last ID // first entry that is not deleted, last of all; last begins as that of the node before
}

// run gives what is wrong, "" if nothing is.
func (w *nodeWalk) run() string {
	if !w.last.Less(w.master) {
		return "stream nodes that are not in order"
	}
	w.p = w.lp.First()
	live, deleted, fields := w.num(), w.num(), w.num()
	if w.bad || live < 1 || deleted < 0 || fields < 0 {
		return "a stream node that does not count its entries"
	}
	w.skip(fields)
	if w.num() != 0 || w.bad {
		return "a stream node whose fields do not end"
	}
	gone := int64(0)
	for w.p < w.lp.End() {
		flags, ms, seq := w.num(), w.num(), w.num()
		if w.bad || flags&^(entryDeleted|sameFields) != 0 {
			return "a stream entry without flags and id"
		}
		// Ids have 64 bits without a sign: a great difference looks negative and wraps around to the right one.
		id := ID{w.master.Ms + uint64(ms), w.master.Seq + uint64(seq)}
		if id.Less(w.master) || !w.last.Less(id) {
			return "stream entries that are not in order"
		}
		w.last = id
		if flags&entryDeleted != 0 {
			gone++
		} else {
			if w.live == 0 {
				w.first = id
			}
			w.live++
		}
		elements := fields + 3
		if flags&sameFields != 0 {
			w.skip(fields)
		} else {
			own := w.num()
			if own < 0 || own > int64(len(w.lp)) {
				return "a stream entry that does not count its fields"
			}
			w.skip(2 * own)
			elements = 2*own + 4
		}
		if w.num() != elements || w.bad {
			return "a stream entry that does not count its elements"
		}
	}
	if int64(w.live) != live || gone != deleted {
		return "a stream node that miscounts its entries"
	}
	return ""
}

// num takes an element that must be a number.
func (w *nodeWalk) num() int64 {
	if w.p >= w.lp.End() {
		w.bad = true
		return 0
	}
	e := w.lp.Get(w.p)
	if !e.IsNum() {
		w.bad = true
		return 0
	}
	w.p = w.lp.Next(w.p)
	return e.Num
}

// skip passes n elements.
func (w *nodeWalk) skip(n int64) {
	for ; n > 0 && !w.bad; n-- {
		if w.p >= w.lp.End() {
			w.bad = true
			return
		}
		w.p = w.lp.Next(w.p)
	}
}
