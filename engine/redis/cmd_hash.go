// The hash commands: setting, reading and deleting fields.

package redis

import (
	"strconv"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func hashCommands() []*command {
	const set = write | denyoom | fast
	disorder := []string{"nondeterministic_output_order"}
	return append([]*command{
		{name: "hdel", arity: -3, flags: write | fast, cats: catHash, keys: oneKey(rw | deletes), run: cmdHDEL,
			group: "hash", since: "2.0.0", syntax: "key:key0 field...", cost: "O(N), N being the number of fields named",
			past: []change{{"2.4.0", "Several fields."}}, sum: "Deletes fields of a hash; the key goes with the last one."},
		{name: "hexists", arity: 3, flags: readonly | fast, cats: catHash, keys: oneKey(ro), run: cmdHEXISTS,
			group: "hash", since: "2.0.0", syntax: "key:key0 field", cost: "O(1)", sum: "Tells whether a hash has a field."},
		{name: "hget", arity: 3, flags: readonly | fast, cats: catHash, keys: oneKey(ro | reads), run: cmdHGET,
			group: "hash", since: "2.0.0", syntax: "key:key0 field", cost: "O(1)", sum: "Reads a field of a hash."},
		{name: "hgetall", arity: 2, flags: readonly, cats: catHash, keys: oneKey(ro | reads), run: cmdHGETALL, tips: disorder,
			group: "hash", since: "2.0.0", syntax: "key:key0", cost: "O(N), N being the number of fields", sum: "Reads all fields of a hash with their values."},
		{name: "hkeys", arity: 2, flags: readonly, cats: catHash, keys: oneKey(ro | reads), run: cmdHKEYS, tips: disorder,
			group: "hash", since: "2.0.0", syntax: "key:key0", cost: "O(N), N being the number of fields", sum: "Lists the fields of a hash."},
		{name: "hlen", arity: 2, flags: readonly | fast, cats: catHash, keys: oneKey(ro), run: cmdHLEN,
			group: "hash", since: "2.0.0", syntax: "key:key0", cost: "O(1)", sum: "Tells how many fields a hash has."},
		{name: "hmget", arity: -3, flags: readonly | fast, cats: catHash, keys: oneKey(ro | reads), run: cmdHMGET,
			group: "hash", since: "2.0.0", syntax: "key:key0 field...", cost: "O(N), N being the number of fields named", sum: "Reads several fields of a hash."},
		{name: "hmset", arity: -4, flags: set, cats: catHash, keys: oneKey(rw | updates), run: cmdHMSET,
			group: "hash", since: "2.0.0", syntax: "key:key0 field_value:{field value}...", cost: "O(N), N being the number of fields named",
			gone: deprecation{"4.0.0", "`HSET` with multiple field-value pairs"}, sum: "Sets several fields of a hash."},
		{name: "hset", arity: -4, flags: set, cats: catHash, keys: oneKey(rw | updates), run: cmdHSET,
			group: "hash", since: "2.0.0", syntax: "key:key0 field_value:{field value}...", cost: "O(N), N being the number of fields named",
			past: []change{{"4.0.0", "Several fields."}}, sum: "Sets fields of a hash, creating it if need be."},
		{name: "hsetnx", arity: 4, flags: set, cats: catHash, keys: oneKey(rw | inserts), run: cmdHSETNX,
			group: "hash", since: "2.0.0", syntax: "key:key0 field value", cost: "O(1)", sum: "Sets a field of a hash if it does not exist."},
		{name: "hstrlen", arity: 3, flags: readonly | fast, cats: catHash, keys: oneKey(ro), run: cmdHSTRLEN,
			group: "hash", since: "3.2.0", syntax: "key:key0 field", cost: "O(1)", sum: "Tells the length of a field's value."},
		{name: "hvals", arity: 2, flags: readonly, cats: catHash, keys: oneKey(ro | reads), run: cmdHVALS, tips: disorder,
			group: "hash", since: "2.0.0", syntax: "key:key0", cost: "O(N), N being the number of fields", sum: "Lists the values of a hash."},
		hincrbyRow(), hincrbyfloatRow(), hrandfieldRow(), hscanRow(),
	}, hashExpireCommands()...)
}

// openHash opens the hash under the only key, or nothing if it does not exist. write: for a command that may change it.
func (c *client) openHash(h *value.Hash, write bool) error {
	p, err := c.place(0, core.Hash, write)
	if err == nil {
		h.Open(p)
	}
	return err
}

// HGET key field
func cmdHGET(c *client) error {
	var h value.Hash
	if err := c.openHash(&h, false); err != nil {
		return err
	}
	c.field(&h, c.args[2])
	return nil
}

// field replies a field's value.
func (c *client) field(h *value.Hash, name []byte) (ok bool) {
	v, ok := h.Get(name)
	if ok {
		c.elem(v)
	} else {
		c.null()
	}
	return ok
}

// HMGET key field [field …]
func cmdHMGET(c *client) error {
	var h value.Hash
	if err := c.openHash(&h, false); err != nil {
		return err
	}
	c.array(len(c.args) - 2)
	for _, name := range c.args[2:] {
		if c.field(&h, name); len(c.w.Out) > c.e.maxReply {
			return errReplyTooLong
		}
	}
	return nil
}

// HEXISTS key field
func cmdHEXISTS(c *client) error {
	var h value.Hash
	if err := c.openHash(&h, false); err != nil {
		return err
	}
	_, ok := h.Get(c.args[2])
	c.flag(ok)
	return nil
}

// HSTRLEN key field
func cmdHSTRLEN(c *client) error {
	var h value.Hash
	if err := c.openHash(&h, false); err != nil {
		return err
	}
	n := 0
	if v, ok := h.Get(c.args[2]); ok {
		n = v.Len()
	}
	c.integer(int64(n))
	return nil
}

// HLEN key
func cmdHLEN(c *client) error {
	var h value.Hash
	if err := c.openHash(&h, false); err != nil {
		return err
	}
	c.integer(int64(h.Len()))
	return nil
}

// HGETALL key
func cmdHGETALL(c *client) error {
	var h value.Hash
	if err := c.openHash(&h, false); err != nil {
		return err
	}
	c.mapping(h.Live())
	if lp := h.Packed(); lp != nil {
		out := c.w.Out
		for p := lp.First(); p < lp.End(); p = lp.Next(p) {
			out = appendElem(out, lp.Get(p))
		}
		c.w.Out = out
		return nil
	}
	i := h.Iter()
	for f, ok := i.Next(); ok; f, ok = i.Next() {
		c.elem(f.Name)
		c.elem(f.Value)
	}
	return nil
}

// HKEYS key
func cmdHKEYS(c *client) error {
	var h value.Hash
	if err := c.openHash(&h, false); err != nil {
		return err
	}
	c.array(h.Live())
	i := h.Iter()
	for f, ok := i.Next(); ok; f, ok = i.Next() {
		c.elem(f.Name)
	}
	return nil
}

// HVALS key
func cmdHVALS(c *client) error {
	var h value.Hash
	if err := c.openHash(&h, false); err != nil {
		return err
	}
	c.array(h.Live())
	i := h.Iter()
	for f, ok := i.Next(); ok; f, ok = i.Next() {
		c.elem(f.Value)
	}
	return nil
}

// HSET key field value [field value …]
func cmdHSET(c *client) error {
	created, err := c.setFields()
	if err == nil {
		c.integer(int64(created))
	}
	return err
}

// HMSET key field value [field value …]
func cmdHMSET(c *client) error {
	_, err := c.setFields()
	if err == nil {
		c.ok()
	}
	return err
}

func (c *client) setFields() (created int, err error) {
	if len(c.args)%2 != 0 {
		return 0, errArity(c.cmd)
	}
	var h value.Hash
	if err := c.openHash(&h, true); err != nil {
		return 0, err
	}
	return c.store(&h, c.args[2:], false, "hset")
}

// store sets fields; event is how that is told. When memory ends in between, the journal gets what was stored.
func (c *client) store(h *value.Hash, pairs [][]byte, keep bool, event string) (created int, err error) {
	created, stored, err := h.Set(pairs, keep)
	if stored > 0 {
		c.changed(stored)
		c.event(classHash, event, c.keys[0])
	}
	if err != nil {
		if stored > 0 && c.tx.Journalling() {
			words := [][]byte{[]byte("HSET"), c.args[1]}
			if keep {
				words = keepingWords(c.args[1], stored)
			}
			c.record(append(words, pairs[:2*stored]...)...)
		}
		return created, storeError(err)
	}
	return created, nil
}

// keepingWords begin a command that sets so many fields and leaves them when they expire.
func keepingWords(key []byte, n int) [][]byte {
	return [][]byte{[]byte("HSETEX"), key, []byte("KEEPTTL"), []byte("FIELDS"), strconv.AppendInt(nil, int64(n), 10)}
}

// HSETNX key field value
func cmdHSETNX(c *client) error {
	var h value.Hash
	if err := c.openHash(&h, true); err != nil {
		return err
	}
	if _, ok := h.Get(c.args[2]); ok {
		c.flag(false)
		return nil
	}
	if _, err := c.store(&h, c.args[2:], false, "hset"); err != nil {
		return err
	}
	c.flag(true)
	return nil
}

// HDEL key field [field …]
func cmdHDEL(c *client) error {
	var h value.Hash
	if err := c.openHash(&h, true); err != nil {
		return err
	}
	n := h.Delete(c.args[2:]...)
	if n > 0 {
		c.changed(n)
		c.shrunk(classHash, "hdel", c.keys[0])
	}
	c.integer(int64(n))
	return nil
}
