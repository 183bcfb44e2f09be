// The counters: INCR, DECR, INCRBY, DECRBY, INCRBYFLOAT.

package redis

import (
	"math"
	"math/big"
	"strconv"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// incrRow is the row of a counter of integers; they differ in little else than their names.
func incrRow(name string, arity int, syntax, sum string, run func(*client) error) *command {
	return &command{name: name, arity: arity, flags: write | denyoom | fast, cats: catString, keys: oneKey(rw | reads | updates),
		group: "string", since: "1.0.0", syntax: syntax, cost: "O(1)", sum: sum, run: run}
}

func incrFloatRow() *command {
	row := incrRow("incrbyfloat", 3, "key:key0 increment:double", "Adds a fraction to a number.", cmdINCRBYFLOAT)
	row.since = "2.6.0"
	return row
}

// INCR key
func cmdINCR(c *client) error { return c.add(1) }

// DECR key
func cmdDECR(c *client) error { return c.add(-1) }

// INCRBY key increment
func cmdINCRBY(c *client) error {
	n, err := integer(c.args[2])
	if err != nil {
		return err
	}
	return c.add(n)
}

// DECRBY key decrement
func cmdDECRBY(c *client) error {
	n, err := integer(c.args[2])
	if err != nil {
		return err
	}
	if n == math.MinInt64 {
		return errDecrement
	}
	return c.add(-n)
}

// add changes the number in the first key, which is 0 if it does not exist.
func (c *client) add(n int64) error {
	it, err := c.findString(0)
	if err != nil {
		return err
	}
	var old int64
	if it.Ok() {
		var ok bool
		if old, ok = resp.ParseInt(it.Value()); !ok {
			return errNotInt
		}
	}
	sum := old + n
	if n > 0 && sum < old || n < 0 && sum > old {
		return errOverflow
	}
	var digits [20]byte
	if err := c.replace(it, strconv.AppendInt(digits[:0], sum, 10), core.EncPlain, "incrby"); err != nil {
		return err
	}
	c.integer(sum)
	return nil
}

// replace gives the first key a new value and keeps its expiry; it is the item found there, if any.
func (c *client) replace(it core.Item, value []byte, enc core.Enc, event string) error {
	if !it.Ok() {
		if err := c.tx.Put(c.db, c.keys[0], core.Value{Bytes: value, Enc: enc}); err != nil {
			return storeError(err)
		}
	} else {
		b, err := c.tx.Resize(c.db, c.keys[0], len(value), enc)
		if err != nil {
			return storeError(err)
		}
		copy(b, value)
	}
	c.changed(1)
	c.event(classString, event, c.keys[0])
	return nil
}

// INCRBYFLOAT key increment
func cmdINCRBYFLOAT(c *client) error {
	it, err := c.findString(0)
	if err != nil {
		return err
	}
	old := new(big.Float).SetPrec(longPrec)
	if it.Ok() {
		var ok bool
		if old, ok = parseLong(it.Value()); !ok {
			return errNotFloat
		}
	}
	n, ok := parseLong(c.args[2])
	if !ok {
		return errNotFloat
	}
	sum, ok := addLong(old, n)
	if !ok {
		return errNaNOrInf
	}
	value := appendLong(c.w.Scratch[:0], sum)
	c.w.Scratch = value[:0]
	if err := c.replace(it, value, encText, "incrbyfloat"); err != nil {
		return err
	}
	if c.tx.Journalling() {
		c.record([]byte("SET"), c.args[1], value, []byte("KEEPTTL"))
	}
	c.bulk(value)
	return nil
}
