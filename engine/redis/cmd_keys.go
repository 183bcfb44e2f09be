// The generic key commands: whole keys of any type.

package redis

import (
	"bytes"
	"math"
	"strconv"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/glob"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

func keyCommands() []*command {
	many := []string{"request_policy:multi_shard", "response_policy:agg_sum"}
	return []*command{
		{name: "copy", arity: -3, flags: write | denyoom, cats: catKeyspace, keys: fromTo(ro|reads, ow|updates), run: cmdCOPY,
			group: "generic", since: "6.2.0", syntax: `source:key0 destination:key1 ["DB" destination-db:int] [REPLACE]`,
			cost: "O(N), N being the size of the value", sum: "Copies a key's value to another key."},
		{name: "del", arity: -2, flags: write, cats: catKeyspace, keys: allKeys(rm | deletes), run: cmdDEL, tips: many,
			group: "generic", since: "1.0.0", syntax: "key:key0...", cost: "O(N), N being the number of keys, and of elements for collections",
			sum: "Deletes keys."},
		{name: "exists", arity: -2, flags: readonly | fast, cats: catKeyspace, keys: allKeys(ro), run: cmdEXISTS, tips: many,
			group: "generic", since: "1.0.0", syntax: "key:key0...", cost: "O(N), N being the number of keys",
			past: []change{{"3.0.3", "Several keys."}}, sum: "Counts how many of the keys exist; one named twice counts twice."},
		{name: "keys", arity: 2, flags: readonly, cats: catKeyspace | catDangerous, run: cmdKEYS,
			tips:  []string{"request_policy:all_shards", "nondeterministic_output_order"},
			group: "generic", since: "1.0.0", syntax: "pattern:pattern", cost: "O(N), N being the number of keys in the database",
			sum: "Lists the keys whose names match a pattern."},
		{name: "move", arity: 3, flags: write | fast, cats: catKeyspace, keys: oneKey(rw | reads | updates), run: cmdMOVE,
			group: "generic", since: "1.0.0", syntax: "key:key0 db:int", cost: "O(1)", sum: "Moves a key to another database."},
		{name: "randomkey", arity: 1, flags: readonly, cats: catKeyspace, run: cmdRANDOMKEY,
			tips:  []string{"request_policy:all_shards", "nondeterministic_output"},
			group: "generic", since: "1.0.0", cost: "O(1)", sum: "Names some key of the database."},
		{name: "rename", arity: 3, flags: write, cats: catKeyspace, keys: fromTo(rw|reads|deletes, ow|updates), run: cmdRENAME,
			group: "generic", since: "1.0.0", syntax: "key:key0 newkey:key1", cost: "O(1)", sum: "Renames a key, replacing what had the new name."},
		{name: "renamenx", arity: 3, flags: write | fast, cats: catKeyspace, keys: fromTo(rw|reads|deletes, ow|inserts), run: cmdRENAMENX,
			group: "generic", since: "1.0.0", syntax: "key:key0 newkey:key1", cost: "O(1)", sum: "Renames a key if nothing has the new name.",
			past: []change{{"3.2.0", "Renaming a key to its own name is no error."}}},
		{name: "scan", arity: -2, flags: readonly, cats: catKeyspace, run: cmdSCAN,
			tips:  []string{"nondeterministic_output", "request_policy:special"},
			group: "generic", since: "2.8.0", syntax: `cursor:int ["MATCH" pattern:pattern] ["COUNT" count:int] ["TYPE" type]^6.0.0`,
			cost: "O(1) a call, O(N) for the N keys of the database in all", past: []change{{"6.0.0", "`TYPE`."}},
			sum: "Walks over the keys of the database, a few at each call."},
		{name: "touch", arity: -2, flags: readonly | fast | touches, cats: catKeyspace, keys: allKeys(ro), run: cmdTOUCH, tips: many,
			group: "generic", since: "3.2.1", syntax: "key:key0...", cost: "O(N), N being the number of keys",
			sum: "Makes keys count as just used and tells how many exist."},
		{name: "type", arity: 2, flags: readonly | fast, cats: catKeyspace, keys: oneKey(ro), run: cmdTYPE,
			group: "generic", since: "1.0.0", syntax: "key:key0", cost: "O(1)", sum: "Tells the type of a value."},
		{name: "unlink", arity: -2, flags: write | fast, cats: catKeyspace, keys: allKeys(rm | deletes), run: cmdDEL, tips: many,
			group: "generic", since: "4.0.0", syntax: "key:key0...", cost: "O(1) for every key; large values are freed in the background",
			sum: "Deletes keys without waiting for their memory to be freed."},
	}
}

// dbIndex reads a database number.
func (c *client) dbIndex(b []byte, bad error) (int, error) {
	n, ok := resp.ParseInt(b)
	if !ok || n != int64(int32(n)) {
		if ok && bad == errNotInt {
			return 0, errRange
		}
		return 0, bad
	}
	if n < 0 || int(n) >= c.e.store.Databases() {
		return 0, errDBRange
	}
	return int(n), nil
}

// DEL key [key …]
func cmdDEL(c *client) error {
	n := 0
	for _, k := range c.keys {
		if c.tx.Delete(c.db, k) {
			c.event(classGeneric, "del", k)
			n++
		}
	}
	c.changed(n)
	c.integer(int64(n))
	return nil
}

// EXISTS key [key …]
func cmdEXISTS(c *client) error {
	n := 0
	for i := range c.keys {
		if c.peek(i).Ok() {
			n++
		}
	}
	c.integer(int64(n))
	return nil
}

// TOUCH key [key …]
func cmdTOUCH(c *client) error {
	n := 0
	for i := range c.keys {
		if c.read(i).Ok() {
			n++
		}
	}
	c.integer(int64(n))
	return nil
}

// TYPE key
func cmdTYPE(c *client) error {
	if it := c.peek(0); it.Ok() {
		c.status(typeNames[it.Type()])
	} else {
		c.status("none")
	}
	return nil
}

// KEYS pattern
func cmdKEYS(c *client) error {
	pattern := c.args[1]
	all := string(pattern) == "*"
	n, names := 0, c.w.Scratch[:0]
	c.tx.Each(c.db, func(it core.Item) bool {
		if name := it.Name(); all || glob.Match(pattern, name) {
			n++
			names = resp.AppendBulk(names, name)
		}
		return true
	})
	c.array(n)
	c.w.Out = append(c.w.Out, names...)
	c.keepScratch(names)
	return nil
}

// keepScratch gives grown scratch space back to the worker unless it has become large.
func (c *client) keepScratch(b []byte) {
	if cap(b) > 64<<10 {
		b = nil
	}
	c.w.Scratch = b[:0]
}

// RANDOMKEY
func cmdRANDOMKEY(c *client) error {
	name, ok := c.tx.Random(c.db, c.w.Scratch[:0])
	if ok {
		c.bulk(name)
	} else {
		c.null()
	}
	c.keepScratch(name)
	return nil
}

// SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]
func cmdSCAN(c *client) error {
	cursor, ok := scanCursor(c.args[1])
	if !ok {
		return errCursor
	}
	count := int64(10)
	var pattern, typ []byte
	s := scanner{args: c.args[2:]}
	for s.more() {
		if v, ok := s.option("count"); ok {
			if count = s.integer(v, errNotInt); s.err == nil && count < 1 {
				s.fail(errSyntax)
			}
		} else if v, ok := s.option("match"); ok {
			pattern = v
		} else if v, ok := s.option("type"); ok {
			typ = v
		} else {
			s.fail(errSyntax)
		}
	}
	if s.err != nil {
		return s.err
	}
	n, names := 0, c.w.Scratch[:0]
	visit := func(it core.Item) {
		name := it.Name()
		if pattern != nil && string(pattern) != "*" && !glob.Match(pattern, name) {
			return
		}
		if typ != nil && !equalFold(typ, typeNames[it.Type()]) {
			return
		}
		n++
		names = resp.AppendBulk(names, name)
	}
	cursor = c.tx.Scan(c.db, cursor, int(min(count, math.MaxInt32)), visit)
	c.array(2)
	c.bulkString(strconv.FormatUint(cursor, 10))
	c.array(n)
	c.w.Out = append(c.w.Out, names...)
	c.keepScratch(names)
	return nil
}

// scanCursor reads a cursor as C's strtoul does: a sign is allowed, an empty word is 0.
func scanCursor(b []byte) (uint64, bool) {
	if len(b) == 0 {
		return 0, true
	}
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	neg := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg = b[0] == '-'
		b = b[1:]
		if len(b) == 0 {
			return 0, false
		}
	}
	var u uint64
	for _, d := range b {
		if d < '0' || d > '9' || u > (math.MaxUint64-uint64(d-'0'))/10 {
			return 0, false
		}
		u = u*10 + uint64(d-'0')
	}
	if neg {
		u = -u
	}
	return u, true
}

// RENAME key newkey
func cmdRENAME(c *client) error { return rename(c, false) }

// RENAMENX key newkey
func cmdRENAMENX(c *client) error { return rename(c, true) }

func rename(c *client, nx bool) error {
	if !c.tx.Read(c.db, c.keys[0]).Ok() {
		return errNoKey
	}
	same := bytes.Equal(c.args[1], c.args[2])
	if nx && (same || c.tx.Find(c.db, c.keys[1]).Ok()) {
		c.flag(false)
		return nil
	}
	if !same {
		c.renewing(c.db, c.keys[1])
		if _, err := c.tx.Move(c.db, c.keys[0], c.db, c.keys[1]); err != nil {
			return storeError(err)
		}
		c.changed(1)
		c.event(classGeneric, "rename_from", c.keys[0])
		c.event(classGeneric, "rename_to", c.keys[1])
	}
	if nx {
		c.flag(true)
	} else {
		c.ok()
	}
	return nil
}

// MOVE key db
func cmdMOVE(c *client) error {
	db, err := c.dbIndex(c.args[2], errNotInt)
	if err != nil {
		return err
	}
	if db == c.db {
		return errSameObject
	}
	if c.tx.Find(db, c.keys[0]).Ok() {
		c.flag(false)
		return nil
	}
	moved, err := c.tx.Move(c.db, c.keys[0], db, c.keys[0])
	if err != nil {
		return storeError(err)
	}
	if moved {
		c.changed(1)
		c.event(classGeneric, "move_from", c.keys[0])
		c.eventIn(db, classGeneric, "move_to", c.keys[0])
	}
	c.flag(moved)
	return nil
}

// COPY source destination [DB destination-db] [REPLACE]
func cmdCOPY(c *client) error {
	db, replace := c.db, false
	s := scanner{args: c.args[3:]}
	for s.more() {
		if s.word("replace") {
			replace = true
		} else if v, ok := s.option("db"); ok {
			n, err := c.dbIndex(v, errNotInt)
			if err != nil {
				s.fail(err)
			}
			db = n
		} else {
			s.fail(errSyntax)
		}
	}
	if s.err != nil {
		return s.err
	}
	if db == c.db && bytes.Equal(c.args[1], c.args[2]) {
		return errSameObject
	}
	it := c.read(0)
	if !it.Ok() || !replace && c.tx.Find(db, c.keys[1]).Ok() {
		c.flag(false)
		return nil
	}
	if err := c.room(it.Bytes() + int64(len(c.args[2]))); err != nil {
		return err
	}
	c.renewing(db, c.keys[1])
	if _, err := c.tx.Copy(c.db, c.keys[0], db, c.keys[1]); err != nil {
		return storeError(err)
	}
	c.changed(1)
	c.eventIn(db, classGeneric, "copy_to", c.keys[1])
	c.flag(true)
	return nil
}
