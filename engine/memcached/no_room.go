// Values that are not taken: too large, or no memory for them. The same for every protocol.

package memcached

import "github.com/cachesrv/cachesrv/core"

// itemOverhead is an upper estimate of what the store adds to a key and its value.
const itemOverhead = 64

// makeRoom makes room for what the request may add to its key. Without room, what stores is turned away; handlers that make an item or
// a longer number only now and then ask x.full. Nothing is locked.
func (x *call) makeRoom() bool {
	x.full = x.tx.MakeRoom(itemOverhead+len(x.key.Name)+len(x.body)) != nil
	return !x.full
}

// turnAway is for a value that is refused before its handler runs; cmd is the command's name in the log of events. Nothing is locked.
func (x *call) turnAway(name []byte, why error, cmd string) {
	x.key = x.keyOf(name)
	x.tx.Lock1(x.key)
	if x.e.watch.wants(watchStore) {
		status := "no_memory"
		if why == core.ErrTooLarge {
			status = "too_large"
		}
		x.watchedStore(name, status, cmd, 0, 0)
	}
	if x.cmd.has(flagReplace) && x.e.watch.wants(watchFetch) {
		x.watchedFetch(name, x.tx.Find(0, x.key))
	}
	x.notTaken(why)
	x.tx.Unlock()
}

// refused turns the store's error into the reply of a line. The shard is locked.
func (x *call) refused(why error) string {
	if x.notTaken(why) {
		return replyTooLarge
	}
	return replyNoMemory
}

// notTaken counts a value that is not stored and tells whether it was too large. A set then leaves nothing behind: a client must not
// read an old value that it believes overwritten. The shard is locked.
func (x *call) notTaken(why error) (tooLarge bool) {
	if x.cmd.has(flagReplace) {
		x.drop(x.key)
	}
	if why == core.ErrTooLarge {
		x.tally.inc(storeTooLarge)
		return true
	}
	x.tally.of(storeNoMemory, x.newSize(len(x.body)))
	return false
}

// notMade counts, for its class, an item with a value of n bytes that is no storage command's and found no memory.
func (x *call) notMade(n int) {
	x.tally.classes.inc(x.newSize(n), classNoMemory)
}

// newSize is about the size of an item with a value of n bytes: what it may have besides name and value is not known yet.
func (x *call) newSize(n int) int { return core.ItemBytes(len(x.key.Name), &core.Value{}) + n }
