// Meta command that stores: ms.

package memcached

import "github.com/cachesrv/cachesrv/core"

var metaSetCommands = []command{
	{name: "ms", min: 3, key: 1, flags: flagBody | flagDeny | flagReplace, run: cmdMS,
		meta:   &metaRow{noKey: replyError, tooMany: replyManyOptions, modes: "EAPRS", badMode: replyBadMS},
		syntax: "ms <key> <bytes> [b c C<version> E<version> F<flags> I k M<mode> O<opaque> q T<expiry>]",
		about:  "Stores the value; M says how: E add, A append, P prepend, R replace, S set. C compares the version, with I an older one stores the value as stale."},
}

// ms <key> <bytes> <flag>*, <value>
func cmdMS(x *call) string {
	x.countSet()
	x.seconds = 0
	if x.meta.has('T') {
		x.seconds = x.meta.ttl
	}
	compare := x.meta.has('C')
	switch x.meta.mode {
	case 'E':
		if x.tx.Read(0, x.key).Ok() {
			return x.notSet(codeNotStored)
		}
	case 'A', 'P':
		return x.metaExtend(x.meta.mode == 'P')
	case 'R':
		if !compare && !x.tx.Find(0, x.key).Ok() {
			return x.notSet(codeNotStored)
		}
	default:
	}
	if compare && x.meta.mode != 'E' {
		return x.metaCAS()
	}
	return x.metaPut(deadline(x.seconds, x.tx.Now()), 0)
}

// metaCAS stores the value if the item has the version that C names. With I an older version will do: the value is then stale, and
// the item keeps its expiry and its winner.
func (x *call) metaCAS() string {
	it := x.tx.Find(0, x.key)
	switch {
	case !it.Ok():
		x.tally.inc(casMisses)
		return x.notSet(codeNotFound)
	case x.meta.cas != 0 && x.isVersion(it):
		x.tally.of(casHits, it.Size())
		return x.metaPut(deadline(x.seconds, x.tx.Now()), 0)
	case x.meta.has('I') && x.isOlder(it):
		return x.metaPut(it.ExpireAt(), markStale|it.Type()&markWon)
	}
	x.tally.of(casBadval, it.Size())
	return x.notSet(codeExists)
}

// isOlder tells whether the version of C was given before the item's. An item without a version is younger than all that
// were given.
func (x *call) isOlder(it core.Item) bool {
	now := it.CAS()
	if now == 0 && !x.e.set.noCAS {
		now = x.e.store.NextCAS()
	}
	return x.meta.cas != 0 && x.meta.cas < now
}

// metaPut stores the value with these marks.
func (x *call) metaPut(at int64, marks core.Type) string {
	x.tally.inc(totalItems)
	version := x.freshCAS(false)
	if at == gone {
		x.drop(x.key)
		return x.wasSet(version)
	}
	if x.meta.has('b') {
		marks |= markBinary
	}
	v := core.Value{Bytes: x.body, ExpireAt: at, Flags: x.flags, CAS: version, Type: marks}
	if err := x.tx.Put(0, x.key, v); err != nil {
		return x.refused(err)
	}
	x.countStored(&v)
	if x.tx.Journalling() {
		x.recordSet(at)
	}
	return x.wasSet(version)
}

// metaExtend puts the body before or behind a value that is there. Flags and expiry stay; the value is no longer stale.
func (x *call) metaExtend(before bool) string {
	it := x.tx.Find(0, x.key)
	switch {
	case !it.Ok():
		return x.notSet(codeNotStored)
	case x.meta.cas != 0 && !x.e.set.noCAS && !x.isVersion(it):
		return x.notSet(codeExists)
	}
	it, joined := x.join(it, before)
	if !joined {
		return x.notSet(codeNotStored)
	}
	x.tally.classes.inc(it.Size(), classSets)
	version := x.freshCAS(it.CAS() != 0)
	if version != 0 && !x.tx.SetCAS(0, x.key, version) {
		version = 0
	}
	x.tally.inc(totalItems)
	if x.tx.Journalling() {
		x.recordJoin(before)
	}
	return x.wasSet(version)
}

func (x *call) wasSet(version uint64) string {
	if x.meta.has('q') {
		return ""
	}
	return x.answerSet(codeDone, version)
}

func (x *call) notSet(code string) string { return x.answerSet(code, 0) }

// answerSet writes the reply of ms.
func (x *call) answerSet(code string, version uint64) string {
	m := &x.meta
	out := append(x.w.Out, code...)
	for _, flag := range m.flags[:m.n] {
		if flag[0] == 'c' {
			out = appendUint(append(out, ' ', 'c'), version)
			continue
		}
		out = m.appendBack(out, flag, m.has('b'))
	}
	x.w.Out = append(out, '\r', '\n')
	return ""
}
