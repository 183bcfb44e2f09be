// DEBUG LISTPACK and HTSTATS-KEY: how one value is kept; QUICKLIST-PACKED-THRESHOLD, which test suites set.

package redis

import (
	"fmt"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
)

// debugItem finds the key that is the first argument, and locks it; the caller unlocks.
func (c *client) debugItem() (core.Item, error) {
	k := c.e.store.Key(c.args[2])
	c.tx.Lock1(k)
	it := c.tx.Find(c.db, k)
	if !it.Ok() {
		return it, errNoKey
	}
	return it, nil
}

// debugLISTPACK writes the bytes of a packed value to the log, where the original writes to its standard output.
func debugLISTPACK(c *client) error {
	it, err := c.debugItem()
	defer c.tx.Unlock()
	if err != nil {
		return err
	}
	if name := encoding(it); name != "listpack" && name != "listpackex" {
		return replyError("ERR Not a listpack encoded object.")
	}
	const most = 4096
	v := it.Value()
	c.e.log.Warn("DEBUG LISTPACK", "bytes", len(v), "content", fmt.Sprintf("%x", v[:min(len(v), most)]))
	c.status("Listpack structure written to the log")
	return nil
}

func debugHTSTATSKEY(c *client) error {
	it, err := c.debugItem()
	defer c.tx.Unlock()
	if err != nil {
		return err
	}
	if name := encoding(it); name != "hashtable" && name != "skiplist" {
		return replyError("ERR The value stored at the specified key is not represented using an hash table")
	}
	c.verbatim(fmt.Sprintf("[Dictionary HT]\nbytes of all blocks: %d\n", it.Owned()))
	return nil
}

// mostPacked is the highest threshold that the original takes.
const mostPacked = 1<<32 - 1<<20

// debugPACKED reads the threshold and forgets it: a list of ours keeps elements of any length in the same way.
func debugPACKED(c *client) error {
	if n, ok := config.ParseMemory(string(c.args[2])); !ok || n > mostPacked {
		return replyError("ERR argument must be a memory value bigger than 1 and smaller than 4gb")
	}
	c.ok()
	return nil
}
