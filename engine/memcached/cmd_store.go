// Storage commands: set, add, replace, append, prepend, cas.

package memcached

import (
	"math"

	"github.com/cachesrv/cachesrv/core"
)

const storage = flagBody | flagGrows | flagDeny

var storageCommands = []command{
	{name: "set", min: 5, max: 6, key: 1, noreply: 1, flags: storage | flagReplace, args: storageArgs, run: cmdSET,
		syntax: "set <key> <flags> <expiry> <bytes> [noreply]", about: "Stores the value."},
	{name: "add", min: 5, max: 6, key: 1, noreply: 1, flags: storage, args: storageArgs, run: cmdADD,
		syntax: "add <key> <flags> <expiry> <bytes> [noreply]", about: "Stores the value if the key is not there."},
	{name: "replace", min: 5, max: 6, key: 1, noreply: 1, flags: storage, args: storageArgs, run: cmdREPLACE,
		syntax: "replace <key> <flags> <expiry> <bytes> [noreply]", about: "Stores the value if the key is there."},
	{name: "append", min: 5, max: 6, key: 1, noreply: 1, flags: storage, args: storageArgs, run: cmdAPPEND,
		syntax: "append <key> <flags> <expiry> <bytes> [noreply]", about: "Puts bytes behind a value that is there; flags and expiry are ignored."},
	{name: "prepend", min: 5, max: 6, key: 1, noreply: 1, flags: storage, args: storageArgs, run: cmdPREPEND,
		syntax: "prepend <key> <flags> <expiry> <bytes> [noreply]", about: "Puts bytes before a value that is there; flags and expiry are ignored."},
	{name: "cas", min: 6, max: 7, key: 1, noreply: 1, flags: storage | flagCAS, args: storageArgs, run: cmdCAS,
		syntax: "cas <key> <flags> <expiry> <bytes> <version> [noreply]", about: "Stores the value if nobody changed it since gets gave the version."},
}

// announced reads the length of a body, -1 if there is none that could be meant. The original cuts it to 32 bits;
// a length that does not fit is an error here.
func announced(word []byte) int {
	n, ok := parseI64(word)
	if !ok || n < 0 || n > math.MaxInt32-2 {
		return -1
	}
	return int(n)
}

// storageArgs reads <flags> <expiry> <bytes> [<version>].
func storageArgs(x *call) string {
	var okFlags, okExpiry bool
	x.flags, okFlags = parseU32(x.args[2])
	x.seconds, okExpiry = parseI64(x.args[3])
	if !okFlags || !okExpiry || x.size < 0 {
		return replyBadFormat
	}
	if x.cmd.has(flagCAS) {
		var ok bool
		if x.cas, ok = parseU64(x.args[5]); !ok {
			return replyBadFormat
		}
	}
	return ""
}

func cmdSET(x *call) string {
	x.countSet()
	return x.put()
}

func cmdADD(x *call) string {
	x.countSet()
	if x.tx.Read(0, x.key).Ok() { // counts as an access, as in the original
		return replyNotStored
	}
	return x.put()
}

func cmdREPLACE(x *call) string {
	x.countSet()
	if !x.tx.Find(0, x.key).Ok() {
		return replyNotStored
	}
	return x.put()
}

func cmdCAS(x *call) string {
	x.countSet()
	it := x.tx.Find(0, x.key)
	switch {
	case !it.Ok():
		x.tally.inc(casMisses)
		return replyNotFound
	case x.cas == 0 || it.CAS() != x.cas:
		x.tally.of(casBadval, it.Size())
		return replyExists
	}
	x.tally.of(casHits, it.Size())
	return x.put()
}

func cmdAPPEND(x *call) string  { return x.extend(false) }
func cmdPREPEND(x *call) string { return x.extend(true) }

// put stores the value under the key. An item that is born expired only removes what was there.
func (x *call) put() string {
	at := deadline(x.seconds, x.tx.Now())
	x.tally.inc(totalItems)
	if at == gone {
		x.drop(x.key)
		return replyStored
	}
	v := core.Value{Bytes: x.body, ExpireAt: at, Flags: x.flags}
	if err := x.tx.Put(0, x.key, v); err != nil {
		return x.refused(err)
	}
	x.countStored(&v)
	if x.tx.Journalling() {
		x.recordSet(at)
	}
	return replyStored
}

// countStored counts a set for the class of its item.
func (x *call) countStored(v *core.Value) {
	x.tally.classes.inc(core.ItemBytes(len(x.key.Name), v), classSets)
}

// extend puts the body before or behind a value that is there. Flags and expiry stay; the version is renewed.
func (x *call) extend(before bool) string {
	x.countSet()
	it := x.tx.Find(0, x.key)
	if !it.Ok() {
		return replyNotStored
	}
	version := it.CAS()
	if it, joined := x.join(it, before); joined {
		x.tally.classes.inc(it.Size(), classSets)
	} else {
		return replyNotStored
	}
	x.renew(version)
	x.tally.inc(totalItems)
	if x.tx.Journalling() {
		x.recordJoin(before)
	}
	return replyStored
}

// join puts the body before or behind the value of an item, whose version is left as it was, and gives the item, which may
// have moved. false: it does not fit.
func (x *call) join(it core.Item, before bool) (core.Item, bool) {
	old := len(it.Value())
	if !x.e.set.fits(len(x.key.Name), old+len(x.body), it.Flags()) {
		return it, false
	}
	value, err := x.tx.Resize(0, x.key, old+len(x.body), core.EncPlain)
	if err != nil {
		return it, false
	}
	if before {
		copy(value[len(x.body):], value[:old])
		copy(value, x.body)
	} else {
		copy(value[old:], x.body)
	}
	it = x.tx.Find(0, x.key)
	unmark(it)
	return it, true
}

// renew gives the changed item another version if it had one, so that a version handed out before fails.
func (x *call) renew(version uint64) {
	if version != 0 {
		x.tx.SetCAS(0, x.key, x.e.store.NextCAS())
	}
}

// drop removes a key because of what happened to a write, with its shard locked.
func (x *call) drop(k core.Key) {
	if x.tx.Delete(0, k) && x.tx.Journalling() {
		x.record(wordDelete, k.Name)
	}
}

func (x *call) countSet() {
	x.tally.inc(cmdSet)
	if x.e.prefixes.on.Load() {
		x.e.prefixes.count(x.key.Name, prefixSet, false)
	}
}
