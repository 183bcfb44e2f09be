// From the store to serialized values and back: which type is whose, and strings.

package redis

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/deque"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// placed is the place of an item that was found under its shard's lock.
func (c *client) placed(it core.Item) value.Place {
	return value.At(c.tx, c.e.limits, c.db, c.e.store.Key(it.Name()), it)
}

// writeValue writes an item's value, the kind in front. The item's shard is locked.
func (c *client) writeValue(w *rdb.Writer, it core.Item) {
	switch it.Type() {
	case core.String:
		w.Kind(rdb.KindString)
		w.Text(it.Value())
	case core.List:
		c.writeList(w, it)
	case core.Set:
		c.writeSet(w, it)
	case core.SortedSet:
		c.writeSortedSet(w, it)
	case core.Hash:
		c.writeHash(w, it)
	case core.Stream:
		c.writeStream(w, it)
	}
}

// storeValue puts the value that d has opened under the command's first key, in the place of what was there. On an error the key is as it was,
// or gone: then that was recorded. payload is the length of what it came in, for the room that is made for it; 0 while a file is loaded, which memory limits do not stop.
func (c *client) storeValue(d *rdb.Decoder, expireAt int64, payload int) error {
	k := c.keys[0]
	if d.Type() == rdb.String {
		return c.storeString(d, expireAt)
	}
	if v, ok := c.packedValue(d); ok {
		v.ExpireAt = expireAt
		c.renewing(c.db, k)
		err := c.tx.Put(c.db, k, v)
		if err == nil && d.HasTTL() {
			c.tx.PlanParts(c.db, k)
		}
		return storeError(err)
	}
	need := restoredEach * int64(d.Len())
	if d.Type() == rdb.Stream {
		need += 3 * int64(payload) // what is pending takes 41 bytes there
	}
	if payload > 0 {
		if err := c.room(need); err != nil {
			return err
		}
	}
	c.tx.Delete(c.db, k)
	err := c.build(d)
	if err == nil && expireAt != 0 && !c.tx.SetExpire(c.db, k, expireAt) && c.tx.Find(c.db, k).Ok() {
		err = core.ErrNoMemory
	}
	if err != nil {
		c.unbuild()
	}
	return storeError(err)
}

// unbuild removes what a failed command has left of its first key.
func (c *client) unbuild() {
	c.tx.Delete(c.db, c.keys[0])
	c.changed(1)
	c.event(classGeneric, "del", c.keys[0])
	if c.tx.Journalling() {
		c.record([]byte("DEL"), c.args[1])
	}
}

// packedValue is a collection that can be kept in the bytes in which it comes. As in Redis its elements are counted for that, but not measured.
func (c *client) packedValue(d *rdb.Decoder) (v core.Value, ok bool) {
	b, ok := d.Packed()
	if !ok || len(b) > core.MaxValue {
		return v, false
	}
	lim, most := c.e.limits, int64(0)
	switch d.Type() {
	case rdb.List: // whose limit is one of bytes as well
		ok = deque.LimitsOf(lim.ListSize.Int(), lim.ListDepth.Int()).Packs(len(b), d.Len())
		return core.Value{Type: core.List, Enc: value.ListPacked, Bytes: b}, ok
	case rdb.Set:
		v, most = core.Value{Type: core.Set, Enc: value.SetInts}, lim.SetInts.Int()
		if d.Kind() != rdb.KindIntset {
			v.Enc, most = value.SetPacked, lim.SetEntries.Int()
		}
	case rdb.SortedSet:
		v, most = core.Value{Type: core.SortedSet}, lim.SortedSetEntries.Int()
	case rdb.Hash:
		v, most = core.Value{Type: core.Hash}, lim.HashEntries.Int()
		if d.HasTTL() {
			v.Enc = value.HashTimed
		}
	}
	v.Bytes = b
	return v, int64(d.Len()) <= most
}

// build makes the collection that d has opened, element by element, under the command's first key, which is free.
func (c *client) build(d *rdb.Decoder) error {
	p := value.At(c.tx, c.e.limits, c.db, c.keys[0], core.Item{})
	switch d.Type() {
	case rdb.List:
		return c.buildList(d, p)
	case rdb.Set:
		return c.buildSet(d, p)
	case rdb.SortedSet:
		return c.buildSortedSet(d, p)
	case rdb.Hash:
		return c.buildHash(d, p)
	}
	return c.buildStream(d, p)
}

// mixElem mixes an element's text.
func (d *digest) mixElem(e pack.Elem) {
	if e.Text != nil {
		d.mix(e.Text)
		return
	}
	var buf [24]byte
	d.mix(e.Append(buf[:0]))
}
