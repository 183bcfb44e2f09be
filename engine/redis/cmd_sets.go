// The commands on one set: adding, removing, asking, drawing, walking.

package redis

import (
	"bytes"
	"math"
	"strconv"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func setsCommands() []*command {
	return append([]*command{
		{name: "sadd", arity: -3, flags: write | denyoom | fast, cats: catSet, keys: oneKey(rw | inserts), run: cmdSADD,
			group: "set", since: "1.0.0", syntax: "key:key0 member...", cost: "O(N), N being the number of members given",
			past: []change{{"2.4.0", "Several members."}}, sum: "Adds members to a set, creating it if need be."},
		{name: "scard", arity: 2, flags: readonly | fast, cats: catSet, keys: oneKey(ro), run: cmdSCARD,
			group: "set", since: "1.0.0", syntax: "key:key0", cost: "O(1)", sum: "Tells how many members a set has."},
		{name: "sismember", arity: 3, flags: readonly | fast, cats: catSet, keys: oneKey(ro), run: cmdSISMEMBER,
			group: "set", since: "1.0.0", syntax: "key:key0 member", cost: "O(1)", sum: "Tells whether something is a member of a set."},
		{name: "smembers", arity: 2, flags: readonly, cats: catSet, keys: oneKey(ro | reads), run: cmdSMEMBERS,
			tips:  []string{"nondeterministic_output_order"},
			group: "set", since: "1.0.0", syntax: "key:key0", cost: "O(N), N being the number of members", sum: "Lists the members of a set."},
		{name: "smismember", arity: -3, flags: readonly | fast, cats: catSet, keys: oneKey(ro | reads), run: cmdSMISMEMBER,
			group: "set", since: "6.2.0", syntax: "key:key0 member...", cost: "O(N), N being the number of members given",
			sum: "Tells of several things whether they are members of a set."},
		{name: "smove", arity: 4, flags: write | fast, cats: catSet, keys: fromTo(rw|reads|deletes, rw|inserts), run: cmdSMOVE,
			group: "set", since: "1.0.0", syntax: "source:key0 destination:key1 member", cost: "O(1)", sum: "Moves a member from one set to another."},
		{name: "spop", arity: -2, flags: write | fast, cats: catSet, keys: oneKey(rw | reads | deletes), run: cmdSPOP,
			tips:  []string{"nondeterministic_output"},
			group: "set", since: "1.0.0", syntax: "key:key0 [count:int]^3.2.0", cost: "O(1), with a count O(N), N being the count",
			past: []change{{"3.2.0", "The `count` argument."}}, sum: "Removes members of a set by chance and returns them."},
		{name: "srandmember", arity: -2, flags: readonly, cats: catSet, keys: oneKey(ro | reads), run: cmdSRANDMEMBER,
			tips:  []string{"nondeterministic_output"},
			group: "set", since: "1.0.0", syntax: "key:key0 [count:int]^2.6.0", cost: "O(1), with a count O(N), N being the count without its sign",
			past: []change{{"2.6.0", "The `count` argument."}}, sum: "Returns members of a set by chance."},
		{name: "srem", arity: -3, flags: write | fast, cats: catSet, keys: oneKey(rw | deletes), run: cmdSREM,
			group: "set", since: "1.0.0", syntax: "key:key0 member...", cost: "O(N), N being the number of members given",
			past: []change{{"2.4.0", "Several members."}}, sum: "Removes members from a set."},
		{name: "sscan", arity: -3, flags: readonly, cats: catSet, keys: oneKey(ro | reads), run: cmdSSCAN,
			tips:  []string{"nondeterministic_output"},
			group: "set", since: "2.8.0", syntax: `key:key0 cursor:int ["MATCH" pattern:pattern] ["COUNT" count:int]`,
			cost: "O(1) a call, O(N) for the N members in all", sum: "Walks over the members of a set, a few at each call."},
	}, algebraCommands()...)
}

// openSet opens the set at the n-th key; write: for a command that may change it.
func (c *client) openSet(n int, write bool) (s value.Set, err error) {
	err = c.openSetAt(&s, n, write)
	return s, err
}

// openSetAt is openSet into a zero s, for what is called most: the copies are 4 % of SISMEMBER's CPU time, the network not counted.
func (c *client) openSetAt(s *value.Set, n int, write bool) error {
	p, err := c.place(n, core.Set, write)
	if err == nil {
		s.Open(p)
	}
	return err
}

// SADD key member [member …]
func cmdSADD(c *client) error {
	var s value.Set
	if err := c.openSetAt(&s, 0, true); err != nil {
		return err
	}
	members := c.args[2:]
	if err := s.Expect(members[0], len(members)); err != nil {
		return storeError(err)
	}
	n := 0
	for i, m := range members {
		added, err := s.Add(m)
		if err != nil {
			s.Done()
			c.sadded(n)
			if c.tx.Journalling() {
				c.record(c.args[:2+i]...)
			}
			return storeError(err)
		}
		if added {
			n++
		}
	}
	s.Done()
	c.sadded(n)
	c.integer(int64(n))
	return nil
}

// sadded counts and tells what was added to the first key's set.
func (c *client) sadded(n int) {
	if n > 0 {
		c.changed(n)
		c.event(classSet, "sadd", c.keys[0])
	}
}

// SREM key member [member …]
func cmdSREM(c *client) error {
	s, err := c.openSet(0, true)
	if err != nil {
		return err
	}
	n := 0
	for _, m := range c.args[2:] {
		if s.Remove(m) {
			n++
			if s.Len() == 0 {
				break
			}
		}
	}
	s.Done()
	if n > 0 {
		c.changed(n)
		c.shrunk(classSet, "srem", c.keys[0])
	}
	c.integer(int64(n))
	return nil
}

// SCARD key
func cmdSCARD(c *client) error {
	s, err := c.openSet(0, false)
	if err != nil {
		return err
	}
	c.integer(int64(s.Len()))
	return nil
}

// SISMEMBER key member
func cmdSISMEMBER(c *client) error {
	var s value.Set
	if err := c.openSetAt(&s, 0, false); err != nil {
		return err
	}
	c.flag(s.Has(c.args[2]))
	return nil
}

// SMISMEMBER key member [member …]
func cmdSMISMEMBER(c *client) error {
	s, err := c.openSet(0, false)
	if err != nil {
		return err
	}
	c.array(len(c.args) - 2)
	for _, m := range c.args[2:] {
		c.flag(s.Has(m))
	}
	return nil
}

// SMEMBERS key
func cmdSMEMBERS(c *client) error {
	s, err := c.openSet(0, false)
	if err != nil {
		return err
	}
	c.set(s.Len())
	for i := s.Iter(); i.Next(); {
		c.elem(i.Elem)
	}
	return nil
}

// SMOVE source destination member
func cmdSMOVE(c *client) error {
	from, err := c.openSet(0, true)
	if err != nil {
		return err
	}
	if !from.Ok() {
		c.flag(false)
		return nil
	}
	to, err := c.openSet(1, true)
	if err != nil {
		return err
	}
	m := c.args[3]
	if has := from.Has(m); !has || bytes.Equal(c.args[1], c.args[2]) {
		c.flag(has)
		return nil
	}
	if err := to.Expect(m, 1); err != nil { // first to the new place: there is no way back once memory is short
		return storeError(err)
	}
	added, err := to.Add(m)
	to.Done()
	if err != nil {
		return storeError(err)
	}
	from.Remove(m)
	from.Done()
	c.changed(1)
	c.shrunk(classSet, "srem", c.keys[0])
	if added {
		c.changed(1)
		c.event(classSet, "sadd", c.keys[1])
	}
	c.flag(true)
	return nil
}

// SPOP key [count]
func cmdSPOP(c *client) error {
	if len(c.args) > 2 {
		return spopCount(c)
	}
	var s value.Set
	if err := c.openSetAt(&s, 0, true); err != nil {
		return err
	}
	if !s.Ok() {
		c.null()
		return nil
	}
	m := s.Pop(c.w.Scratch[:0])
	s.Done()
	c.bulk(m)
	c.changed(1)
	c.shrunk(classSet, "spop", c.keys[0])
	if c.tx.Journalling() {
		c.record([]byte("SREM"), c.args[1], bytes.Clone(m))
	}
	c.keepScratch(m)
	return nil
}

func spopCount(c *client) error {
	if len(c.args) > 3 {
		return errSyntax
	}
	count, err := integer(c.args[2])
	if err != nil || count < 0 {
		return errPositive
	}
	s, err := c.openSet(0, true)
	if err != nil {
		return err
	}
	if !s.Ok() || count == 0 {
		c.set(0)
		return nil
	}
	if size := s.Len(); count >= int64(size) {
		c.set(size)
		for i := s.Iter(); i.Next(); {
			c.elem(i.Elem)
		}
		c.tx.Delete(c.db, c.keys[0])
		c.changed(size)
		c.shrunk(classSet, "spop", c.keys[0])
		if c.tx.Journalling() {
			c.record([]byte("DEL"), c.args[1])
		}
		return nil
	}
	var words [][]byte
	journalling := c.tx.Journalling()
	if journalling {
		words = append(words, []byte("SREM"), c.args[1])
	}
	c.set(int(count))
	err = s.PopMany(int(count), func(m pack.Elem) {
		c.elem(m)
		if journalling {
			words = append(words, m.Append(nil))
		}
	})
	if err != nil {
		return storeError(err)
	}
	s.Done()
	c.changed(int(count))
	c.event(classSet, "spop", c.keys[0])
	if journalling {
		c.record(words...)
	}
	return nil
}

// mostDraws bounds how many elements, the same ones again and again, a random choice with a negative count may return: the reply would be as
// long as a client likes to say.
const mostDraws = 1 << 24

// drawCount reads the count of a random choice: negative ones allow for repetition.
func drawCount(b []byte) (int64, error) {
	n, err := integer(b)
	switch {
	case err != nil:
		return 0, err
	case n == math.MinInt64:
		return 0, errRange64
	case n < -mostDraws:
		return 0, errTooManyDraws
	}
	return n, nil
}

// SRANDMEMBER key [count]
func cmdSRANDMEMBER(c *client) error {
	if len(c.args) > 3 {
		return errSyntax
	}
	counted, count := len(c.args) == 3, int64(0)
	if counted {
		var err error
		if count, err = drawCount(c.args[2]); err != nil {
			return err
		}
	}
	s, err := c.openSet(0, false)
	switch {
	case err != nil:
		return err
	case !counted && !s.Ok():
		c.null()
	case !counted:
		c.elem(s.Random())
	case !s.Ok():
		c.array(0)
	case count < 0:
		c.array(int(-count))
		for range -count {
			if c.elem(s.Random()); len(c.w.Out) > c.e.maxReply {
				return errOutOfRange
			}
		}
	default:
		n := int(min(count, int64(s.Len())))
		c.array(n)
		s.Distinct(n, func(m pack.Elem) { c.elem(m) })
	}
	return nil
}

// SSCAN key cursor [MATCH pattern] [COUNT count]
func cmdSSCAN(c *client) error {
	cursor, ok := scanCursor(c.args[2])
	if !ok {
		return errCursor
	}
	s, err := c.openSet(0, false)
	if err != nil {
		return err
	}
	if !s.Ok() {
		c.emptyScan()
		return nil
	}
	o := scanOptions{count: 10}
	sc := scanner{args: c.args[3:]}
	for sc.more() {
		if !o.option(&sc) {
			sc.fail(errSyntax)
		}
	}
	if sc.err != nil {
		return sc.err
	}
	n, found := 0, c.w.Scratch[:0]
	var digits [24]byte
	cursor = s.Scan(cursor, o.count, func(m pack.Elem) {
		text := m.Text
		if m.IsNum() {
			text = strconv.AppendInt(digits[:0], m.Num, 10)
		}
		if o.matches(text) {
			n++
			found = resp.AppendBulk(found, text)
		}
	})
	c.array(2)
	c.bulkString(strconv.FormatUint(cursor, 10))
	c.array(n)
	c.w.Out = append(c.w.Out, found...)
	c.keepScratch(found)
	return nil
}
