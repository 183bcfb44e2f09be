// DEBUG OBJECT, LISTPACK, QUICKLIST and HTSTATS-KEY: how one value is kept; QUICKLIST-PACKED-THRESHOLD, which test suites set.

package redis

import (
	"fmt"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
	"github.com/cachesrv/cachesrv/engine/redis/value"
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

func debugOBJECT(c *client) error {
	it, err := c.debugItem()
	defer c.tx.Unlock()
	if err != nil {
		return err
	}
	idle, _ := c.e.store.IdleSeconds(it)
	c.status(fmt.Sprintf("Value at:0x%x refcount:%d encoding:%s serializedlength:%d lru:%d lru_seconds_idle:%d",
		it.Size(), c.e.refcount(it), encoding(it), c.serializedLength(it), it.Access(), idle))
	return nil
}

// serializedLength is the length of a value in an RDB file, without its kind. It is found by writing it.
func (c *client) serializedLength(it core.Item) int {
	w := writers.Get().(*rdb.Writer)
	w.Out, w.Compress = c.w.Scratch[:0], c.e.compress.Bool()
	c.w.Scratch = nil // the values' own need
	c.writeValue(w, it)
	n := len(w.Out) - 1
	c.keepScratch(w.Out)
	w.Out = nil
	writers.Put(w)
	return n
}

// debugQUICKLIST takes the level of detail that the original knows, and has but one.
func debugQUICKLIST(c *client) error {
	it, err := c.debugItem()
	defer c.tx.Unlock()
	if err != nil {
		return err
	}
	if encoding(it) != "quicklist" {
		return replyError("ERR Not a quicklist encoded object.")
	}
	var l value.List
	l.Open(c.placed(it), &c.w.Scratch)
	c.e.log.Warn("DEBUG QUICKLIST", "elements", l.Len(), "bytes of all blocks", it.Owned())
	c.status("Quicklist structure written to the log")
	return nil
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
