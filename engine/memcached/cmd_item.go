// Commands on one item that take no body: delete, touch, incr, decr.

package memcached

import "github.com/cachesrv/cachesrv/core"

var itemCommands = []command{
	{name: "delete", min: 2, max: 4, key: 1, noreply: 2, usage: deleteUsage, run: cmdDELETE,
		syntax: "delete <key> [0] [noreply]", about: "Removes the item."},
	{name: "touch", min: 3, max: 4, key: 1, noreply: 1, flags: flagGrows, args: touchArgs, run: cmdTOUCH,
		syntax: "touch <key> <expiry> [noreply]", about: "Sets a new expiry."},
	{name: "incr", min: 3, max: 4, key: 1, noreply: 1, flags: flagGrows, args: deltaArgs, run: cmdINCR,
		syntax: "incr <key> <delta> [noreply]", about: "Adds to a decimal number, modulo 2^64."},
	{name: "decr", min: 3, max: 4, key: 1, noreply: 1, flags: flagGrows, args: deltaArgs, run: cmdDECR,
		syntax: "decr <key> <delta> [noreply]", about: "Subtracts from a decimal number, not below 0."},
}

// deleteUsage allows the time argument that old clients send, if it is "0".
func deleteUsage(x *call) string {
	n := len(x.args)
	if n == 2 {
		return ""
	}
	zero := string(x.args[2]) == "0"
	if n == 3 && (zero || x.quiet) || n == 4 && zero && x.quiet {
		return ""
	}
	return replyBadDelete
}

func cmdDELETE(x *call) string {
	if x.e.prefixes.on.Load() {
		x.e.prefixes.count(x.key.Name, prefixDelete, false)
	}
	it := x.tx.Find(0, x.key)
	if !it.Ok() {
		x.tally.inc(deleteMisses)
		return replyNotFound
	}
	x.tally.of(deleteHits, it.Size())
	x.remove(x.key, it)
	return replyDeleted
}

func touchArgs(x *call) string {
	var ok bool
	if x.seconds, ok = parseI64(x.args[2]); !ok {
		return replyBadExptime
	}
	return ""
}

func cmdTOUCH(x *call) string {
	x.tally.inc(cmdTouch)
	it := x.tx.Read(0, x.key)
	if !it.Ok() {
		x.tally.inc(touchMisses)
		return replyNotFound
	}
	wasRead(it)
	x.tally.of(touchHits, it.Size())
	x.touch(x.key, it, deadline(x.seconds, x.tx.Now()))
	return replyTouched
}

// remove removes an item that was found and has not moved since.
func (x *call) remove(k core.Key, it core.Item) {
	x.tx.DeleteFound(0, k, it)
	if x.tx.Journalling() {
		x.record(wordDelete, k.Name)
	}
}

// touch sets the expiry of an item that was found and has not moved since. It may move then.
func (x *call) touch(k core.Key, it core.Item, at int64) {
	if at == gone {
		x.remove(k, it)
		return
	}
	if x.tx.SetExpireFound(0, k, it, at) && x.tx.Journalling() {
		x.recordTouch(k.Name, at)
	}
}

func deltaArgs(x *call) string {
	var ok bool
	if x.delta, ok = parseU64(x.args[2]); !ok {
		return replyBadDelta
	}
	return ""
}

func cmdINCR(x *call) string { return x.count(true) }
func cmdDECR(x *call) string { return x.count(false) }

// count answers incr and decr.
func (x *call) count(up bool) string {
	it := x.tx.Read(0, x.key)
	hits, misses := decrHits, decrMisses
	if up {
		hits, misses = incrHits, incrMisses
	}
	if !it.Ok() {
		x.tally.inc(misses)
		return replyNotFound
	}
	version, size := it.CAS(), it.Size()
	if reply := x.addDelta(it, up); reply != "" {
		return reply
	}
	x.tally.of(hits, size)
	x.renew(version)
	x.w.Out = append(append(x.w.Out, x.w.Scratch...), '\r', '\n')
	if x.tx.Journalling() {
		x.recordDelta(up)
	}
	return ""
}

// addDelta adds delta to the number that an item's value begins with, or subtracts it, and leaves the digits in
// Scratch. It returns the error reply, "" for none; the version is left as it was. A shorter result is filled up with spaces
// to the old length, as clients of the original know it.
func (x *call) addDelta(it core.Item, up bool) string {
	old := it.Value()
	n, ok := parseU64(old)
	if len(old) == 0 || !ok {
		return replyNotNumber
	}
	switch {
	case up:
		n += x.delta
	case x.delta > n:
		n = 0
	default:
		n -= x.delta
	}
	out := appendUint(x.w.Scratch[:0], n)
	x.w.Scratch = out
	longer := len(out) > len(old)
	if longer && x.full {
		x.notMade(len(out))
		return replyNoDelta
	}
	if !longer {
		value := x.tx.Patch(0, x.key, it)
		for i := copy(value, out); i < len(value); i++ {
			value[i] = ' '
		}
		return ""
	}
	value, err := x.tx.Resize(0, x.key, len(out), core.EncPlain)
	if err != nil {
		x.notMade(len(out))
		return replyNoDelta
	}
	copy(value, out)
	unmark(x.tx.Find(0, x.key)) // the original makes another item
	return ""
}
