// BITOP: bitwise operations over whole values.

package redis

import (
	"bytes"

	"github.com/cachesrv/cachesrv/core"
)

func bitopRow() *command {
	return &command{name: "bitop", arity: -4, flags: write | denyoom, cats: catBitmap, run: cmdBITOP,
		keys:  []keySpec{{access: ow | updates, first: 2, step: 1}, {access: ro | reads, first: 3, last: -1, step: 1}},
		group: "bitmap", since: "2.6.0", cost: "O(N), N being the bytes of all values", sum: "Combines the bits of values and stores the result.",
		syntax: "operation:<AND | OR | XOR | NOT> destkey:key0 key:key1..."}
}

// bitopNamed reads the operation.
func bitopNamed(word []byte) (op bitop, ok bool) {
	switch {
	case equalFold(word, "and"):
		return bitAnd, true
	case equalFold(word, "or"):
		return bitOr, true
	case equalFold(word, "xor"):
		return bitXor, true
	}
	return bitNot, equalFold(word, "not")
}

// BITOP AND | OR | XOR | NOT destkey key [key …]
//
// The result is made where it is kept: from a copy of the longest value, or in the destination if that is a source as well.
func cmdBITOP(c *client) error {
	op, ok := bitopNamed(c.args[1])
	if !ok {
		return errSyntax
	}
	if op == bitNot && len(c.args) != 4 {
		return replyError("ERR BITOP NOT must be called with a single source key.")
	}
	var few [16][]byte
	sources := few[:0]
	var self core.Item // the destination as a source, and how often it is one
	times, longest, size := 0, 0, 0
	for i := range c.keys[1:] {
		it, err := c.readString(i + 1)
		if err != nil {
			return err
		}
		var v []byte
		if it.Ok() {
			v = it.Value()
		}
		isSelf := it.Ok() && bytes.Equal(c.keys[i+1].Name, c.keys[0].Name)
		if isSelf {
			self, times = it, times+1
		}
		if len(v) > size {
			size, longest = len(v), len(sources)
		}
		if !isSelf {
			sources = append(sources, v)
		}
	}
	if size == 0 {
		if c.tx.Delete(c.db, c.keys[0]) {
			c.changed(1)
			c.event(classGeneric, "del", c.keys[0])
		}
		c.integer(0)
		return nil
	}
	var b []byte
	err := c.room(int64(size))
	if err != nil {
		return err
	}
	if times > 0 {
		b, err = c.growSource(self, size)
	} else {
		b, err = c.putRaw(sources[longest])
		sources = append(sources[:longest], sources[longest+1:]...)
	}
	if err != nil {
		return err
	}
	switch {
	case op == bitNot:
		invert(b)
	case op == bitXor && times > 0 && times%2 == 0: // undoes itself
		clear(b)
	}
	foldAll(op, b, sources)
	c.changed(1)
	c.event(classString, "set", c.keys[0])
	c.integer(int64(size))
	return nil
}

// putRaw stores a copy of v under the first key, and gives its bytes for writing.
func (c *client) putRaw(v []byte) ([]byte, error) {
	n := len(v)
	if err := c.tx.Put(c.db, c.keys[0], core.Value{Bytes: v, Enc: core.EncRaw}); err != nil {
		return nil, storeError(err)
	}
	b, err := c.tx.Resize(c.db, c.keys[0], n, core.EncRaw)
	return b, storeError(err)
}

// growSource makes the first key's value longer and takes its expiry away, as a new value has none.
func (c *client) growSource(it core.Item, n int) ([]byte, error) {
	if at := it.ExpireAt(); at != 0 {
		if _, err := c.putRaw(it.Value()); err != nil {
			return nil, err
		}
		b, err := c.tx.Resize(c.db, c.keys[0], n, core.EncRaw)
		if err != nil {
			c.tx.SetExpire(c.db, c.keys[0], at) // into the room that it had
		}
		return b, storeError(err)
	}
	b, err := c.tx.Resize(c.db, c.keys[0], n, core.EncRaw)
	return b, storeError(err)
}
