// What the journal reads: every change in memcached's own words, with expiries as Unix ms instead of the client's
// relative seconds, and without versions (they are local to a process).

package memcached

import "strconv"

var (
	wordSet    = []byte("set")
	wordDelete = []byte("delete")
	wordTouch  = []byte("touch")
	wordFlush  = []byte("flush_all")

	wordAppend, wordPrepend = []byte("append"), []byte("prepend")
	wordIncr, wordDecr      = []byte("incr"), []byte("decr")

	wordVivify, wordInvalid = []byte("mg"), []byte("md")
	wordZero                = []byte("0")
)

// recordSet records "set <key> <flags> <expiry ms> <value>": what set, add, replace and cas came to.
func (x *call) recordSet(at int64) {
	b := strconv.AppendUint(x.w.Scratch[:0], uint64(x.flags), 10)
	n := len(b)
	b = strconv.AppendInt(b, at, 10)
	x.w.Scratch = b
	x.record(wordSet, x.key.Name, b[:n], b[n:], x.body)
}

// recordJoin records "append <key> <bytes>" or "prepend <key> <bytes>".
func (x *call) recordJoin(before bool) {
	if before {
		x.record(wordPrepend, x.key.Name, x.body)
		return
	}
	x.record(wordAppend, x.key.Name, x.body)
}

// recordDelta records "incr <key> <delta>" or "decr <key> <delta>".
func (x *call) recordDelta(up bool) {
	x.w.Scratch = strconv.AppendUint(x.w.Scratch[:0], x.delta, 10)
	if up {
		x.record(wordIncr, x.key.Name, x.w.Scratch)
		return
	}
	x.record(wordDecr, x.key.Name, x.w.Scratch)
}

// recordNumber records as recordSet does that the digits in Scratch were stored.
func (x *call) recordNumber(at int64) {
	n := len(x.w.Scratch)
	x.w.Scratch = strconv.AppendInt(x.w.Scratch, at, 10)
	x.record(wordSet, x.key.Name, wordZero, x.w.Scratch[n:], x.w.Scratch[:n])
}

// recordVivify records "mg <key> <expiry ms>": an empty item was made for a client that is to fill it.
func (x *call) recordVivify(at int64) {
	x.w.Scratch = strconv.AppendInt(x.w.Scratch[:0], at, 10)
	x.record(wordVivify, x.key.Name, x.w.Scratch)
}

// recordInvalid records "md <key> <expiry ms> <what>": what is I for marked stale, x for emptied, or both.
func (x *call) recordInvalid(at int64) {
	b := x.w.Scratch[:0]
	for _, letter := range []byte("Ix") {
		if x.meta.has(letter) {
			b = append(b, letter)
		}
	}
	n := len(b)
	b = strconv.AppendInt(b, at, 10)
	x.w.Scratch = b
	x.record(wordInvalid, x.key.Name, b[n:], b[:n])
}

// recordTouch records "touch <key> <expiry ms>".
func (x *call) recordTouch(key []byte, at int64) {
	x.w.Scratch = strconv.AppendInt(x.w.Scratch[:0], at, 10)
	x.record(wordTouch, key, x.w.Scratch)
}
