// HINCRBY and HINCRBYFLOAT: numbers in the fields of a hash.

package redis

import (
	"math/big"
	"strconv"

	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func hincrbyRow() *command {
	return &command{name: "hincrby", arity: 4, flags: write | denyoom | fast, cats: catHash, keys: oneKey(rw | reads | updates), run: cmdHINCRBY,
		group: "hash", since: "2.0.0", syntax: "key:key0 field increment:int", cost: "O(1)", sum: "Adds to a number in a field of a hash."}
}

func hincrbyfloatRow() *command {
	return &command{name: "hincrbyfloat", arity: 4, flags: write | denyoom | fast, cats: catHash, keys: oneKey(rw | reads | updates), run: cmdHINCRBYFLOAT,
		group: "hash", since: "2.6.0", syntax: "key:key0 field increment:double", cost: "O(1)", sum: "Adds a fraction to a number in a field of a hash."}
}

// HINCRBY key field increment
func cmdHINCRBY(c *client) error {
	n, err := integer(c.args[3])
	if err != nil {
		return err
	}
	var h value.Hash
	if err := c.openHash(&h, true); err != nil {
		return err
	}
	var old int64
	if v, ok := h.Get(c.args[2]); ok {
		if old = v.Num; !v.IsNum() {
			if old, ok = pack.ParseInt(v.Text); !ok {
				return errHashInt
			}
		}
	}
	sum := old + n
	if n > 0 && sum < old || n < 0 && sum > old {
		return errOverflow
	}
	text := strconv.AppendInt(c.w.Scratch[:0], sum, 10)
	c.w.Scratch = text[:0]
	if err := c.storeSum(&h, text, "hincrby"); err != nil {
		return err
	}
	c.integer(sum)
	return nil
}

// HINCRBYFLOAT key field increment
func cmdHINCRBYFLOAT(c *client) error {
	n, ok := parseLong(c.args[3])
	if !ok {
		return errNotFloat
	}
	if n.IsInf() {
		return errIncrNaNOrInf
	}
	var h value.Hash
	if err := c.openHash(&h, true); err != nil {
		return err
	}
	old := new(big.Float).SetPrec(longPrec)
	v, at, ok := h.Look(c.args[2])
	if ok {
		if old, ok = parseLong(v.Append(nil)); !ok {
			return errHashFloat
		}
	}
	sum, ok := addLong(old, n)
	if !ok {
		return errNaNOrInf
	}
	text := appendLong(c.w.Scratch[:0], sum)
	c.w.Scratch = text[:0]
	if err := c.storeSum(&h, text, "hincrbyfloat"); err != nil {
		return err
	}
	if c.tx.Journalling() {
		if at == 0 {
			c.record([]byte("HSET"), c.args[1], c.args[2], text)
		} else {
			c.record(append(keepingWords(c.args[1], 1), c.args[2], text)...)
		}
	}
	c.bulk(text)
	return nil
}

// storeSum gives the field that args[2] names a value; when it expires stays.
func (c *client) storeSum(h *value.Hash, sum []byte, event string) error {
	increment := c.args[3]
	c.args[3] = sum // args is field, value for a moment, which costs no memory
	_, err := c.store(h, c.args[2:4], true, event)
	c.args[3] = increment
	return err
}
