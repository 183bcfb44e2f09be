// Meta commands that remove, mark and count: md, ma.

package memcached

import "github.com/cachesrv/cachesrv/core"

var metaItemCommands = []command{
	{name: "md", min: 2, key: 1, meta: &metaRow{noKey: replyError, tooMany: replyManyOptions, badFlags: replyVague}, run: cmdMD,
		syntax: "md <key> [b C<version> E<version> I k O<opaque> q T<expiry> x]",
		about:  "Removes the item. I marks it stale instead, T then sets its expiry; x empties it instead."},
	{name: "ma", min: 2, key: 1, flags: flagGrows, meta: &metaRow{noKey: replyError, tooMany: replyManyOptions, badFlags: replyVague, modes: "I+D-", badMode: replyBadMA}, run: cmdMA,
		syntax: "ma <key> [b c C<version> D<delta> E<version> J<initial> k M<mode> N<expiry> O<opaque> q t T<expiry> v]",
		about:  "Adds to a decimal number, or with MD subtracts from it; N makes a missing one."},
}

// md <key> <flag>*
func cmdMD(x *call) string {
	m := &x.meta
	if x.e.prefixes.on.Load() {
		x.e.prefixes.count(x.key.Name, prefixDelete, false)
	}
	it := x.tx.Find(0, x.key)
	switch {
	case !it.Ok():
		x.tally.inc(deleteMisses)
		return x.answerBack(codeNotFound)
	case m.has('C') && !x.isVersion(it):
		x.tally.inc(deleteMisses)
		return x.answerBack(codeExists)
	case m.has('I') || m.has('x'):
		x.invalidate(it)
		return x.answerDone()
	}
	x.tally.of(deleteHits, it.Size())
	x.remove(x.key, it)
	return x.answerDone()
}

// invalidate marks an item stale, empties it, or both. It gets another version, so that who holds an earlier one is late; and
// nobody has won it.
func (x *call) invalidate(it core.Item) {
	m := &x.meta
	v := core.Value{Bytes: it.Value(), ExpireAt: it.ExpireAt(), Flags: it.Flags(), CAS: x.freshCAS(it.CAS() != 0), Type: it.Type()}
	if m.has('I') {
		v.Type = v.Type&^markWon | markStale
		if m.has('T') {
			v.ExpireAt = deadline(m.ttl, x.tx.Now())
		}
	}
	if m.has('x') {
		v.Bytes, v.Flags = nil, 0
	}
	if v.ExpireAt == gone || x.tx.Put(0, x.key, v) != nil {
		x.drop(x.key) // without memory for a version, no item is better than one that looks good
		return
	}
	if x.tx.Journalling() {
		x.recordInvalid(v.ExpireAt)
	}
}

// ma <key> <flag>*
func cmdMA(x *call) string {
	m := &x.meta
	up := m.mode != 'D' && m.mode != '-'
	hits, misses := decrHits, decrMisses
	if up {
		hits, misses = incrHits, incrMisses
	}
	it := x.tx.Read(0, x.key)
	switch {
	case !it.Ok() && m.has('N'):
		return x.newNumber()
	case !it.Ok():
		x.tally.inc(misses)
		return x.answerBack(codeNotFound)
	case len(it.Value()) > 0 && m.cas != 0 && !x.e.set.noCAS && !x.isVersion(it):
		return x.answerBack(codeExists)
	}
	x.delta = m.delta
	version, size := it.CAS(), it.Size()
	if reply := x.addDelta(it, up); reply != "" {
		return reply
	}
	x.tally.of(hits, size)
	version = x.freshCAS(version != 0)
	if version != 0 && !x.tx.SetCAS(0, x.key, version) {
		version = 0
	}
	it = x.tx.Find(0, x.key) // it may have moved
	at := x.answerMA(it.ExpireAt(), version, m.has('q'), false)
	if x.tx.Journalling() {
		x.recordDelta(up)
	}
	if m.has('T') {
		x.touch(x.key, it, at)
	}
	return ""
}

// newNumber stores the first value of a number. q does not silence it: the client is to know that it was made.
func (x *call) newNumber() string {
	m := &x.meta
	x.w.Scratch = appendUint(x.w.Scratch[:0], m.initial)
	if x.full {
		x.notMade(len(x.w.Scratch))
		return replyNoVivify
	}
	version, mark := x.freshCAS(false), len(x.w.Out)
	at := x.answerMA(0, version, false, true)
	x.tally.inc(totalItems)
	if at == gone {
		return ""
	}
	v := core.Value{Bytes: x.w.Scratch, ExpireAt: at, CAS: version}
	if m.has('b') {
		v.Type = markBinary
	}
	if x.tx.Put(0, x.key, v) != nil {
		x.w.Out = x.w.Out[:mark]
		x.notMade(len(v.Bytes))
		return replyNoVivify
	}
	if x.e.watch.wants(watchFetch) {
		x.watchedFetch(x.key.Name, core.Item{}) // as every add looks whether the item is there
	}
	if x.e.watch.wants(watchStore) {
		x.watchedStore(x.key.Name, "stored", "add", m.vivify, len(v.Bytes))
	}
	if x.tx.Journalling() {
		x.recordNumber(at)
	}
	return ""
}

// answerMA writes the reply of ma for the digits in Scratch, and returns the expiry that the flags give in their order.
func (x *call) answerMA(at int64, version uint64, quiet, made bool) int64 {
	m := &x.meta
	mark, digits := len(x.w.Out), x.w.Scratch
	out := x.w.Out
	if m.has('v') {
		out = appendUint(append(out, codeValue...), uint64(len(digits)))
	} else {
		out = append(out, codeDone...)
	}
	for _, flag := range m.flags[:m.n] {
		switch flag[0] {
		case 'c':
			out = appendUint(append(out, ' ', 'c'), version)
		case 't':
			out = x.appendTTL(out, at)
		case 'T':
			at = deadline(m.ttl, x.tx.Now())
		case 'N':
			if made {
				at = deadline(m.vivify, x.tx.Now())
			}
		default:
			out = m.appendBack(out, flag, m.has('b'))
		}
	}
	out = append(out, '\r', '\n')
	if m.has('v') {
		out = append(append(out, digits...), '\r', '\n')
	}
	if quiet {
		out = out[:mark]
	}
	x.w.Out = out
	return at
}
