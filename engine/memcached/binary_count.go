// Counting over the binary protocol: increment and decrement, which may create the number.

package memcached

import "encoding/binary"

func binINCR(x *call) { x.countFrame(true) }
func binDECR(x *call) { x.countFrame(false) }

// neverCreate is the expiry that says: fail if there is no number.
const neverCreate = 0xffffffff

// countFrame adds to or subtracts from the number that the value begins with, as count does for lines. Extras: delta,
// initial number, expiry of a new one.
func (x *call) countFrame(up bool) {
	it := x.tx.Read(0, x.key)
	hits, misses := decrHits, decrMisses
	if up {
		hits, misses = incrHits, incrMisses
	}
	if !it.Ok() {
		x.createNumber(misses)
		return
	}
	version, size := it.CAS(), it.Size()
	if len(it.Value()) > 0 && x.f.cas != 0 && version != x.f.cas {
		x.refuse(statusExists)
		return
	}
	x.delta = binary.BigEndian.Uint64(x.f.ext)
	switch x.addDelta(it, up) {
	case "":
	case replyNotNumber:
		x.refuse(statusNotNumber)
		return
	default:
		x.refuseWith(statusNoMemory, "Out of memory incrementing value")
		return
	}
	x.tally.of(hits, size)
	n, _ := parseU64(x.w.Scratch)
	x.renew(version)
	if x.tx.Journalling() {
		x.recordDelta(up)
	}
	x.answerNumber(n, x.shownVersion())
}

// createNumber stores the initial number, unless the expiry forbids it.
func (x *call) createNumber(misses counter) {
	initial, expiry := binary.BigEndian.Uint64(x.f.ext[8:]), binary.BigEndian.Uint32(x.f.ext[16:])
	if expiry == neverCreate {
		x.tally.inc(misses)
		x.refuse(statusNotFound)
		return
	}
	x.body, x.flags = appendUint(x.digits[:0], initial), 0 // not in Scratch, which the journal uses
	if x.full {
		x.notMade(len(x.body))
		x.refuseWith(statusNoMemory, "Out of memory allocating new item")
		return
	}
	if version, ok := x.putBinary(int64(expiry)); ok {
		x.answerNumber(initial, version)
	}
}

func (x *call) answerNumber(n, version uint64) {
	if x.op.quiet {
		return
	}
	x.w.Out = binary.BigEndian.AppendUint64(x.f.appendHeader(x.w.Out, statusOK, 0, 0, 8, version), n)
}
