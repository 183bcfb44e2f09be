// The string commands: reading and setting whole values, and parts of them.

package redis

import (
	"strconv"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func stringCommands() []*command {
	return []*command{
		{name: "append", arity: 3, flags: write | denyoom | fast, cats: catString, keys: oneKey(rw | inserts), run: cmdAPPEND,
			group: "string", since: "2.0.0", syntax: "key:key0 value", cost: "O(1) amortised, for values that grow in small steps",
			sum: "Adds bytes to the end of a value, creating it if need be."},
		{name: "get", arity: 2, flags: readonly | fast, cats: catString, keys: oneKey(ro | reads), run: cmdGET,
			group: "string", since: "1.0.0", syntax: "key:key0", cost: "O(1)", sum: "Reads a value."},
		{name: "getdel", arity: 2, flags: write | fast, cats: catString, keys: oneKey(rw | reads | deletes), run: cmdGETDEL,
			group: "string", since: "6.2.0", syntax: "key:key0", cost: "O(1)", sum: "Reads a value and deletes its key."},
		{name: "getrange", arity: 4, flags: readonly, cats: catString, keys: oneKey(ro | reads), run: cmdGETRANGE,
			group: "string", since: "2.4.0", syntax: "key:key0 start:int end:int", cost: "O(N), N being the length of the reply",
			sum: "Reads a part of a value."},
		{name: "getset", arity: 3, flags: write | denyoom | fast, cats: catString, keys: oneKey(rw | reads | updates), run: cmdGETSET,
			group: "string", since: "1.0.0", syntax: "key:key0 value", cost: "O(1)", gone: deprecation{"6.2.0", "`SET` with the `!GET` argument"},
			sum: "Sets a value and returns the one before."},
		{name: "mget", arity: -2, flags: readonly | fast, cats: catString, keys: allKeys(ro | reads), run: cmdMGET,
			tips:  []string{"request_policy:multi_shard"},
			group: "string", since: "1.0.0", syntax: "key:key0...", cost: "O(N), N being the number of keys",
			sum: "Reads the values of several keys."},
		{name: "mset", arity: -3, flags: write | denyoom, cats: catString, keys: pairs(ow | updates), run: cmdMSET,
			tips:  []string{"request_policy:multi_shard", "response_policy:all_succeeded"},
			group: "string", since: "1.0.1", syntax: "key_value:{key:key0 value}...", cost: "O(N), N being the number of keys",
			sum: "Sets the values of several keys, all at once."},
		{name: "msetnx", arity: -3, flags: write | denyoom, cats: catString, keys: pairs(ow | inserts), run: cmdMSETNX,
			tips:  []string{"request_policy:multi_shard", "response_policy:agg_min"},
			group: "string", since: "1.0.1", syntax: "key_value:{key:key0 value}...", cost: "O(N), N being the number of keys",
			sum: "Sets the values of several keys if none of them exists."},
		{name: "psetex", arity: 4, flags: write | denyoom | brief, cats: catString, keys: oneKey(ow | updates), run: cmdPSETEX,
			group: "string", since: "2.6.0", syntax: "key:key0 milliseconds:int value", cost: "O(1)",
			sum: "Sets a value that expires after some milliseconds."},
		{name: "setex", arity: 4, flags: write | denyoom | brief, cats: catString, keys: oneKey(ow | updates), run: cmdSETEX,
			group: "string", since: "2.0.0", syntax: "key:key0 seconds:int value", cost: "O(1)",
			sum: "Sets a value that expires after some seconds."},
		{name: "setnx", arity: 3, flags: write | denyoom | fast, cats: catString, keys: oneKey(ow | inserts), run: cmdSETNX,
			group: "string", since: "1.0.0", syntax: "key:key0 value", cost: "O(1)", sum: "Sets a value if its key does not exist."},
		{name: "setrange", arity: 4, flags: write | denyoom, cats: catString, keys: oneKey(rw | updates), run: cmdSETRANGE, grows: setrangeGrowth,
			group: "string", since: "2.2.0", syntax: "key:key0 offset:int value", cost: "O(M), M being the length of the value after the change if it grows, else of the part written",
			sum: "Writes over a part of a value, padding it with zero bytes up to there."},
		{name: "strlen", arity: 2, flags: readonly | fast, cats: catString, keys: oneKey(ro), run: cmdSTRLEN,
			group: "string", since: "2.2.0", syntax: "key:key0", cost: "O(1)", sum: "Tells the length of a value."},
		{name: "substr", arity: 4, flags: readonly, cats: catString, keys: oneKey(ro | reads), run: cmdGETRANGE,
			group: "string", since: "1.0.0", syntax: "key:key0 start:int end:int", cost: "O(N), N being the length of the reply",
			gone: deprecation{"2.0.0", "`GETRANGE`"}, sum: "Reads a part of a value; the old name of GETRANGE."},
		setRow(), getexRow(), lcsRow(),
		incrRow("incr", 2, "key:key0", "Adds one to a number.", cmdINCR),
		incrRow("decr", 2, "key:key0", "Takes one from a number.", cmdDECR),
		incrRow("incrby", 3, "key:key0 increment:int", "Adds to a number.", cmdINCRBY),
		incrRow("decrby", 3, "key:key0 decrement:int", "Takes from a number.", cmdDECRBY),
		incrFloatRow(),
	}
}

// encText marks a short text that is no integer even if it looks like one: what INCRBYFLOAT writes.
const encText = core.Enc(2)

// read looks the n-th key up for a reading command: it counts as an access and as a hit or miss.
func (c *client) read(n int) core.Item {
	it := c.tx.Read(c.db, c.keys[n])
	c.countRead(it, c.keys[n])
	return it
}

// countRead counts a hit or a miss of a key.
func (c *client) countRead(it core.Item, k core.Key) {
	if c.countHit(it); !it.Ok() {
		c.notice(classMiss, "keymiss", k)
	}
}

// countHit is countRead without the event.
func (c *client) countHit(it core.Item) {
	if it.Ok() {
		c.st.hits.Add(1)
	} else {
		c.st.misses.Add(1)
	}
}

// peek is read without counting as an access for eviction.
func (c *client) peek(n int) core.Item {
	it := c.tx.Find(c.db, c.keys[n])
	c.countRead(it, c.keys[n])
	return it
}

// inspect is peek for commands that look at how a key is kept: a miss is no event.
func (c *client) inspect(n int) core.Item {
	it := c.tx.Find(c.db, c.keys[n])
	c.countHit(it)
	return it
}

// readString and findString give the n-th key's value, which must be a string; the zero Item if there is none.
func (c *client) readString(n int) (core.Item, error) {
	it := c.read(n)
	if it.Ok() && it.Type() != core.String {
		return it, errWrongType
	}
	return it, nil
}

// findString is for commands that will write: no hit, no miss.
func (c *client) findString(n int) (core.Item, error) {
	it := c.tx.Read(c.db, c.keys[n])
	if it.Ok() && it.Type() != core.String {
		return it, errWrongType
	}
	return it, nil
}

// place looks the n-th key up for a command on a collection of a type; write: for one that may change it, which is no hit or miss.
func (c *client) place(n int, typ core.Type, write bool) (value.Place, error) {
	it := c.tx.Read(c.db, c.keys[n])
	if !write {
		c.countRead(it, c.keys[n])
	}
	if it.Ok() && it.Type() != typ {
		return value.Place{}, errWrongType
	}
	return value.At(c.tx, c.e.limits, c.db, c.keys[n], it), nil
}

// put stores a plain value without expiry; event is how that is told.
func (c *client) put(n int, value []byte, event string) error {
	if err := c.tx.Put(c.db, c.keys[n], core.Value{Bytes: value}); err != nil {
		return storeError(err)
	}
	c.changed(1)
	c.event(classString, event, c.keys[n])
	return nil
}

// GET key
func cmdGET(c *client) error {
	it, err := c.readString(0)
	if err != nil {
		return err
	}
	if it.Ok() {
		c.bulk(it.Value())
	} else {
		c.null()
	}
	return nil
}

// GETDEL key
func cmdGETDEL(c *client) error {
	it, err := c.readString(0)
	if err != nil {
		return err
	}
	if !it.Ok() {
		c.null()
		return nil
	}
	c.bulk(it.Value())
	c.tx.Delete(c.db, c.keys[0])
	c.changed(1)
	c.event(classGeneric, "del", c.keys[0])
	if c.tx.Journalling() {
		c.record([]byte("DEL"), c.args[1])
	}
	return nil
}

// GETSET key value
func cmdGETSET(c *client) error {
	it, err := c.readString(0)
	if err != nil {
		return err
	}
	if it.Ok() {
		c.bulk(it.Value())
	} else {
		c.null()
	}
	if c.tx.Journalling() {
		c.record([]byte("SET"), c.args[1], c.args[2])
	}
	return c.put(0, c.args[2], "set")
}

// MGET key [key …]
func cmdMGET(c *client) error {
	c.array(len(c.keys))
	for i := range c.keys {
		if it := c.read(i); it.Ok() && it.Type() == core.String {
			c.bulk(it.Value())
		} else {
			c.null()
		}
		if len(c.w.Out) > c.e.maxReply {
			return errReplyTooLong
		}
	}
	return nil
}

// MSET key value [key value …]
func cmdMSET(c *client) error {
	if len(c.args)%2 == 0 {
		return errArity(c.cmd)
	}
	if err := c.putAll(); err != nil {
		return err
	}
	c.ok()
	return nil
}

// putAll stores the value behind each key. When memory ends in between, the journal gets what was stored.
func (c *client) putAll() error {
	for i := range c.keys {
		if err := c.put(i, c.args[2+2*i], "set"); err != nil {
			if c.tx.Journalling() {
				c.record(append([][]byte{[]byte("MSET")}, c.args[1:1+2*i]...)...)
			}
			return err
		}
	}
	if c.tx.Journalling() {
		c.record(append([][]byte{[]byte("MSET")}, c.args[1:]...)...)
	}
	return nil
}

// MSETNX key value [key value …]
func cmdMSETNX(c *client) error {
	if len(c.args)%2 == 0 {
		return errArity(c.cmd)
	}
	for _, k := range c.keys {
		if c.tx.Read(c.db, k).Ok() {
			c.flag(false)
			return nil
		}
	}
	if err := c.putAll(); err != nil {
		return err
	}
	c.flag(true)
	return nil
}

// SETNX key value
func cmdSETNX(c *client) error {
	if c.tx.Read(c.db, c.keys[0]).Ok() {
		c.flag(false)
		return nil
	}
	if err := c.put(0, c.args[2], "set"); err != nil {
		return err
	}
	c.flag(true)
	return nil
}

// STRLEN key
func cmdSTRLEN(c *client) error {
	it, err := c.readString(0)
	if err != nil {
		return err
	}
	n := 0
	if it.Ok() {
		n = len(it.Value())
	}
	c.integer(int64(n))
	return nil
}

// tooLong checks the length that a value would get against proto-max-bulk-len.
func (c *client) tooLong(size, more int64) bool {
	total := size + more
	return total < size || total < more || total > c.e.maxBulk.Int()
}

// APPEND key value
func cmdAPPEND(c *client) error {
	it, err := c.findString(0)
	if err != nil {
		return err
	}
	value := c.args[2]
	if !it.Ok() {
		if err := c.put(0, value, "append"); err != nil {
			return err
		}
		c.integer(int64(len(value)))
		return nil
	}
	old := len(it.Value())
	if c.tooLong(int64(old), int64(len(value))) {
		return errTooLong
	}
	b, err := c.tx.Resize(c.db, c.keys[0], old+len(value), core.EncRaw)
	if err != nil {
		return storeError(err)
	}
	copy(b[old:], value)
	c.changed(1)
	c.event(classString, "append", c.keys[0])
	c.integer(int64(len(b)))
	return nil
}

// SETRANGE key offset value
func cmdSETRANGE(c *client) error {
	offset, err := integer(c.args[2])
	if err != nil {
		return err
	}
	if offset < 0 {
		return errOffset
	}
	it, err := c.findString(0)
	if err != nil {
		return err
	}
	value, old := c.args[3], 0
	if it.Ok() {
		old = len(it.Value())
	}
	if len(value) == 0 {
		c.integer(int64(old))
		return nil
	}
	if c.tooLong(offset, int64(len(value))) {
		return errTooLong
	}
	end := int(offset) + len(value)
	b, err := c.stretch(it, max(end, old))
	if err != nil {
		return err
	}
	copy(b[offset:], value)
	c.changed(1)
	c.event(classString, "setrange", c.keys[0])
	c.integer(int64(len(b)))
	return nil
}

// stretch gives the first key's value, which becomes n bytes long, for writing; it is the item found there, if any. Zeroes follow what was there.
func (c *client) stretch(it core.Item, n int) ([]byte, error) {
	if it.Ok() && it.Enc() == core.EncRaw && len(it.Value()) == n {
		return c.tx.Patch(c.db, c.keys[0], it), nil // saves a second look-up: SETBIT and PFADD take a third less CPU time, the network not counted
	}
	if !it.Ok() {
		if err := c.tx.Put(c.db, c.keys[0], core.Value{Enc: core.EncRaw}); err != nil {
			return nil, storeError(err)
		}
	}
	b, err := c.tx.Resize(c.db, c.keys[0], n, core.EncRaw)
	if err != nil && !it.Ok() {
		c.tx.Delete(c.db, c.keys[0])
	}
	return b, storeError(err)
}

// setrangeGrowth is what SETRANGE may add beyond its own bytes.
func setrangeGrowth(args [][]byte) int {
	n, err := strconv.Atoi(string(args[2]))
	if err != nil {
		return 0
	}
	return min(max(n, 0), core.MaxValue)
}

// GETRANGE key start end
func cmdGETRANGE(c *client) error {
	start, err := integer(c.args[2])
	if err != nil {
		return err
	}
	end, err := integer(c.args[3])
	if err != nil {
		return err
	}
	it, err := c.readString(0)
	if err != nil {
		return err
	}
	var v []byte
	if it.Ok() {
		v = it.Value()
	}
	c.bulk(part(v, start, end))
	return nil
}

// part cuts v from start to end, both included and counted from the end when negative.
func part(v []byte, start, end int64) []byte {
	n := int64(len(v))
	if start < 0 && end < 0 && start > end {
		return nil
	}
	if start < 0 {
		start = max(start+n, 0)
	}
	if end < 0 {
		end = max(end+n, 0)
	}
	end = min(end, n-1)
	if start > end || n == 0 {
		return nil
	}
	return v[start : end+1]
}
