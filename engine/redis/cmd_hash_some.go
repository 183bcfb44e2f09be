// HRANDFIELD and HSCAN: some fields of a hash.

package redis

import (
	"math"
	"strconv"

	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/glob"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func hrandfieldRow() *command {
	return &command{name: "hrandfield", arity: -2, flags: readonly, cats: catHash, keys: oneKey(ro | reads), run: cmdHRANDFIELD,
		tips:  []string{"nondeterministic_output"},
		group: "hash", since: "6.2.0", syntax: "key:key0 [options:{count:int [WITHVALUES]}]", cost: "O(N), N being the number of fields returned",
		sum: "Draws fields of a hash by chance."}
}

func hscanRow() *command {
	return &command{name: "hscan", arity: -3, flags: readonly, cats: catHash, keys: oneKey(ro | reads), run: cmdHSCAN,
		tips:  []string{"nondeterministic_output"},
		group: "hash", since: "2.8.0", syntax: `key:key0 cursor:int ["MATCH" pattern:pattern] ["COUNT" count:int] [NOVALUES]^7.4.0`,
		cost: "O(1) a call, O(N) for the N fields of the hash in all", sum: "Walks over the fields of a hash, a few at each call."}
}

// HRANDFIELD key [count [WITHVALUES]]
func cmdHRANDFIELD(c *client) error {
	if len(c.args) == 2 {
		var h value.Hash
		if err := c.openHash(&h, false); err != nil {
			return err
		}
		if h.Live() == 0 {
			c.null()
			return nil
		}
		d := h.Dice()
		field, _ := d.Roll()
		c.elem(field)
		return nil
	}
	n, err := integer(c.args[2])
	switch {
	case err != nil:
		return err
	case n == math.MinInt64:
		return errRange64
	}
	values := len(c.args) == 4 && equalFold(c.args[3], "withvalues")
	if len(c.args) > 3 && !values {
		return errSyntax
	}
	if values && (n > math.MaxInt64/2 || n < -(math.MaxInt64/2)) {
		return errOutOfRange
	}
	var h value.Hash
	if err := c.openHash(&h, false); err != nil {
		return err
	}
	live := int64(h.Live())
	switch {
	case n == 0 || live == 0:
		c.array(0)
	case n > 0:
		n = min(n, live)
		c.pairs(int(n), values)
		h.Sample(int(n), func(field, value pack.Elem) { c.pair(field, value, values) })
	default:
		return c.rollFields(&h, -n, values)
	}
	return nil
}

// rollFields replies n fields, the same ones perhaps several times. Nothing is set aside for them: a number that no reply can
// have ends in an error.
func (c *client) rollFields(h *value.Hash, n int64, values bool) error {
	if n > int64(c.e.maxReply/leastReply) {
		return errOutOfRange
	}
	c.pairs(int(n), values)
	for d := h.Dice(); n > 0; n-- {
		field, value := d.Roll()
		c.pair(field, value, values)
		if len(c.w.Out) > c.e.maxReply {
			return errOutOfRange
		}
	}
	return nil
}

// pairs begins a reply of n fields, with values or without; pair adds one. Version 3 of the protocol has pairs as arrays.
func (c *client) pairs(n int, values bool) {
	if values && !c.v3 {
		n *= 2
	}
	c.array(n)
}

func (c *client) pair(field, value pack.Elem, values bool) {
	if values && c.v3 {
		c.array(2)
	}
	c.elem(field)
	if values {
		c.elem(value)
	}
}

// HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]
func cmdHSCAN(c *client) error {
	cursor, ok := scanCursor(c.args[2])
	if !ok {
		return errCursor
	}
	var h value.Hash
	if err := c.openHash(&h, false); err != nil {
		return err
	}
	if !h.Ok() {
		c.array(2)
		c.bulkString("0")
		c.array(0)
		return nil
	}
	count, values := int64(10), true
	var pattern []byte
	s := scanner{args: c.args[3:]}
	for s.more() {
		if v, ok := s.option("count"); ok {
			if count = s.integer(v, errNotInt); s.err == nil && count < 1 {
				s.fail(errSyntax)
			}
		} else if v, ok := s.option("match"); ok {
			pattern = v
		} else if s.word("novalues") {
			values = false
		} else {
			s.fail(errSyntax)
		}
	}
	if s.err != nil {
		return s.err
	}
	if string(pattern) == "*" {
		pattern = nil
	}
	n, out := 0, c.w.Scratch[:0]
	var digits [20]byte
	cursor = h.Scan(cursor, int(min(count, math.MaxInt32)), func(field, value pack.Elem) {
		if pattern != nil {
			name := field.Text
			if field.IsNum() {
				name = field.Append(digits[:0])
			}
			if !glob.Match(pattern, name) {
				return
			}
		}
		n++
		out = appendElem(out, field)
		if values {
			n++
			out = appendElem(out, value)
		}
	})
	c.array(2)
	c.bulkString(strconv.FormatUint(cursor, 10))
	c.w.Out = resp.AppendArray(c.w.Out, n)
	c.w.Out = append(c.w.Out, out...)
	c.keepScratch(out)
	return nil
}
