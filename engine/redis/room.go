// Room: what a write adds to the store is made room for before it is added, so that the memory limit holds at all times.

package redis

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// makeRoom evicts what a write that is about to be run needs. Nothing may be locked.
func (c *client) makeRoom(cmd *command) error {
	limit := c.e.store.MaxMemory()
	if limit <= 0 {
		return nil
	}
	need := c.estimate(cmd)
	if int64(need) > limit && cmd.flags&denyoom != 0 {
		return errOOM // before everything is evicted for something that can never fit
	}
	err := c.tx.MakeRoom(need)
	if c.track != nil && !c.replyOff && !c.skip {
		c.track.deliver() // what was evicted for the command comes before its reply
	}
	if err != nil && cmd.flags&denyoom != 0 {
		return errOOM
	}
	return nil
}

// estimate is about what a write adds to the store: its own bytes and an item's overhead.
func (c *client) estimate(cmd *command) int {
	n := 32
	if cmd.grows != nil {
		n += c.growth(c.args[max(cmd.single, 1)], cmd.grows(c.args))
	}
	for _, a := range c.args {
		n += len(a)
	}
	return n
}

// growth is how much longer the string at a key gets if it is to have n bytes. It looks the key up only where it matters, so that one
// bit set in a long bitmap does not evict as much as the bitmap.
func (c *client) growth(name []byte, n int) int {
	if n < 1024 {
		return n
	}
	k := c.e.store.Key(name)
	if !c.tx.TryLock1(k) {
		return n
	}
	if it := c.tx.Find(c.db, k); it.Ok() {
		n = max(n-len(it.Value()), 0)
	}
	c.tx.Unlock()
	return n
}

// errRoom is for the dispatcher alone: a command needs c.short bytes that are not there.
var errRoom error = replyError("OOM this command needs more room")

// mostTries is how often a command that needs more room is begun anew: what it works with may have grown in between.
const mostTries = 3

// room asks for n bytes, an upper bound of what a command is about to store that does not follow from its words. It is asked under the locks, when that is
// known, and before anything was changed. An error has to be returned: the dispatcher then makes room and runs the command again. Inside of transactions and scripts
// nothing can be evicted: they are refused only where nothing ever is, else the next write makes up for it.
func (c *client) room(n int64) error {
	if c.tx.Fits(n) {
		return nil
	}
	if c.script != nil || c.multi != nil && c.multi.running {
		if c.e.store.Evicts() {
			return nil
		}
		return errOOM
	}
	c.short = n
	return errRoom
}

// withRoom makes the room that a command has asked for, and runs it again.
func (c *client) withRoom(cmd *command) (err error) {
	mark := len(c.w.Out)
	for range mostTries {
		if c.short > c.e.store.MaxMemory() || c.tx.MakeRoom(int(c.short)) != nil {
			break
		}
		if err = c.execute(cmd); err != errRoom {
			return err
		}
		c.w.Out = c.w.Out[:mark]
	}
	return errOOM
}

// limited tells whether there is a limit at all, for bounds that cost something.
func (c *client) limited() bool { return c.e.store.MaxMemory() > 0 }

// What one more member can take beside its name: its block's head and rounding, its place in a table, and in a tree as well. Sorting needs 16 bytes a member for a while.
const (
	setEach    = 40
	sortedEach = 80
	sortEach   = 16
	listEach   = 12

	restoredEach = 64 // of a payload's elements, beside what the payload has
)

// setBound is at most what a set with the members of the n-th key's takes.
func (c *client) setBound(n int, s *value.Set) int64 {
	it := c.tx.Find(c.db, c.keys[n])
	switch {
	case !it.Ok():
		return 0
	case it.Owns():
		return it.Bytes() + it.Owned()/8 // tables of equal length may be a little differently full
	}
	return it.Bytes() + setEach*int64(s.Len())
}

// sortedBound is at most what a sorted set of so many members that take so many bytes where they come from takes.
func sortedBound(it core.Item, n int) int64 {
	if it.Ok() && it.Owns() && it.Type() == core.SortedSet {
		return it.Bytes() + sortEach*int64(n)
	}
	return it.Bytes() + (sortedEach+sortEach)*int64(n)
}
