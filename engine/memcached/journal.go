// What the journal reads: every change in memcached's own words, with expiries as Unix ms instead of the client's
// relative seconds, and without versions (they are local to a process).

package memcached

import "strconv"

var (
	wordSet    = []byte("set")
	wordDelete = []byte("delete")
	wordTouch  = []byte("touch")
	wordFlush  = []byte("flush_all")
)

// recordSet records "set <key> <flags> <expiry ms> <value>": what set, add, replace and cas came to.
func (x *call) recordSet(at int64) {
	b := strconv.AppendUint(x.w.Scratch[:0], uint64(x.flags), 10)
	n := len(b)
	b = strconv.AppendInt(b, at, 10)
	x.w.Scratch = b
	x.record(wordSet, x.key.Name, b[:n], b[n:], x.body)
}

// recordExtend records "append <key> <bytes>" or "prepend <key> <bytes>".
func (x *call) recordExtend() { x.record([]byte(x.cmd.name), x.key.Name, x.body) }

// recordDelta records "incr <key> <delta>" or "decr <key> <delta>".
func (x *call) recordDelta() {
	x.w.Scratch = strconv.AppendUint(x.w.Scratch[:0], x.delta, 10)
	x.record([]byte(x.cmd.name), x.key.Name, x.w.Scratch)
}

// recordTouch records "touch <key> <expiry ms>".
func (x *call) recordTouch(key []byte, at int64) {
	x.w.Scratch = strconv.AppendInt(x.w.Scratch[:0], at, 10)
	x.record(wordTouch, key, x.w.Scratch)
}
