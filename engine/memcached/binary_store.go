// Storing over the binary protocol: set, add, replace, append, prepend, delete. A version in the header makes any of them
// depend on the item being unchanged.

package memcached

import (
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core"
)

func binSET(x *call) {
	x.countSet()
	if x.f.cas == 0 || x.unchanged(x.tx.Find(0, x.key)) {
		x.putFrame()
	}
}

func binADD(x *call) {
	x.countSet()
	if x.f.cas != 0 {
		if x.unchanged(x.tx.Find(0, x.key)) {
			x.putFrame()
		}
		return
	}
	if x.tx.Read(0, x.key).Ok() { // counts as an access, as in the original
		x.refuse(statusExists)
		return
	}
	x.putFrame()
}

func binREPLACE(x *call) {
	x.countSet()
	it := x.tx.Find(0, x.key)
	if x.f.cas == 0 && !it.Ok() {
		x.refuse(statusNotFound)
		return
	}
	if x.unchanged(it) {
		x.putFrame()
	}
}

// unchanged tells whether the item has the version in the header, or there is none in the header. It refuses otherwise.
func (x *call) unchanged(it core.Item) bool {
	if x.f.cas == 0 {
		return true
	}
	switch {
	case !it.Ok():
		x.tally.inc(casMisses)
		x.refuse(statusNotFound)
		return false
	case it.CAS() != x.f.cas:
		x.tally.of(casBadval, it.Size())
		x.refuse(statusExists)
		return false
	}
	x.tally.of(casHits, it.Size())
	return true
}

// putFrame stores the value with the flags and the expiry in the extras.
func (x *call) putFrame() {
	x.flags = binary.BigEndian.Uint32(x.f.ext)
	if version, ok := x.putBinary(int64(binary.BigEndian.Uint32(x.f.ext[4:]))); ok {
		x.done(version)
	}
}

// putBinary stores x.body with x.flags and gives the version, or refuses. Only an answer shows the version: after a quiet
// request the item has none until somebody asks. An item that is born expired only removes what was there.
func (x *call) putBinary(seconds int64) (version uint64, ok bool) {
	at := deadline(seconds, x.tx.Now())
	if !x.op.quiet && !x.e.set.noCAS {
		version = x.e.store.NextCAS()
	}
	x.tally.inc(totalItems)
	if at == gone {
		x.drop(x.key)
		return version, true
	}
	v := core.Value{Bytes: x.body, ExpireAt: at, Flags: x.flags, CAS: version}
	err := x.tx.Put(0, x.key, v)
	if err == nil {
		x.countStored(&v)
		if x.tx.Journalling() {
			x.recordSet(at)
		}
		return version, true
	}
	if x.notTaken(err) {
		x.refuse(statusTooLarge)
	} else {
		x.refuse(statusNoMemory)
	}
	return 0, false
}

func binAPPEND(x *call)  { x.extendBinary(false) }
func binPREPEND(x *call) { x.extendBinary(true) }

func (x *call) extendBinary(before bool) {
	if it := x.tx.Find(0, x.key); x.f.cas != 0 && it.Ok() && it.CAS() != x.f.cas {
		x.countSet()
		x.refuse(statusExists)
		return
	}
	if x.extend(before) != replyStored {
		x.refuse(statusNotStored)
		return
	}
	x.done(x.shownVersion())
}

// shownVersion gives the version of an item that was just changed, for the answer; quiet requests need none.
func (x *call) shownVersion() uint64 {
	if x.op.quiet {
		return 0
	}
	version, _ := x.version(x.key, x.tx.Find(0, x.key))
	return version
}

func binDELETE(x *call) {
	if x.e.prefixes.on.Load() {
		x.e.prefixes.count(x.key.Name, prefixDelete, false)
	}
	it := x.tx.Find(0, x.key)
	switch {
	case !it.Ok():
		x.tally.inc(deleteMisses)
		x.refuse(statusNotFound)
	case x.f.cas != 0 && it.CAS() != x.f.cas:
		x.refuse(statusExists)
	default:
		x.tally.of(deleteHits, it.Size())
		x.remove(x.key, it)
		x.done(0)
	}
}
