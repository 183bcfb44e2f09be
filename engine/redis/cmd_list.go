// The list commands: rows, adding and taking at the ends, reading and writing by index.

package redis

import (
	"math"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func listCommands() []*command {
	return []*command{
		pushRow("lpush", "1.0.0", "2.4.0", "Adds elements at the start of a list, creating it if need be.", cmdLPUSH),
		pushRow("lpushx", "2.2.0", "4.0.0", "Adds elements at the start of a list if there is one.", cmdLPUSHX),
		pushRow("rpush", "1.0.0", "2.4.0", "Adds elements at the end of a list, creating it if need be.", cmdRPUSH),
		pushRow("rpushx", "2.2.0", "4.0.0", "Adds elements at the end of a list if there is one.", cmdRPUSHX),
		popRow("lpop", "Takes elements from the start of a list.", cmdLPOP),
		popRow("rpop", "Takes elements from the end of a list.", cmdRPOP),
		{name: "lindex", arity: 3, flags: readonly, cats: catList, keys: oneKey(ro | reads), run: cmdLINDEX,
			group: "list", since: "1.0.0", syntax: "key:key0 index:int", cost: "O(1) near the ends, else O(N), N being the number of packs from the nearer end",
			sum: "Reads an element by its index."},
		{name: "linsert", arity: 5, flags: write | denyoom, cats: catList, keys: oneKey(rw | inserts), run: cmdLINSERT,
			group: "list", since: "2.2.0", syntax: "key:key0 where:<BEFORE|AFTER> pivot element",
			cost: "O(N), N being the number of elements up to the pivot", sum: "Adds an element before or after another."},
		{name: "llen", arity: 2, flags: readonly | fast, cats: catList, keys: oneKey(ro), run: cmdLLEN,
			group: "list", since: "1.0.0", syntax: "key:key0", cost: "O(1)", sum: "Tells the number of elements of a list."},
		{name: "lrange", arity: 4, flags: readonly, cats: catList, keys: oneKey(ro | reads), run: cmdLRANGE,
			group: "list", since: "1.0.0", syntax: "key:key0 start:int stop:int",
			cost: "O(S+N), S being the number of packs between the start and the nearer end, N the number of elements read", sum: "Reads a range of elements."},
		{name: "lrem", arity: 4, flags: write, cats: catList, keys: oneKey(rw | deletes), run: cmdLREM,
			group: "list", since: "1.0.0", syntax: "key:key0 count:int element", cost: "O(N), N being the number of elements of the list",
			sum: "Deletes elements that equal a value."},
		{name: "lset", arity: 4, flags: write | denyoom, cats: catList, keys: oneKey(rw | updates), run: cmdLSET,
			group: "list", since: "1.0.0", syntax: "key:key0 index:int element", cost: "O(1) near the ends, else O(N), N being the number of packs from the nearer end",
			sum: "Replaces an element by its index."},
		{name: "ltrim", arity: 4, flags: write, cats: catList, keys: oneKey(rw | deletes), run: cmdLTRIM,
			group: "list", since: "1.0.0", syntax: "key:key0 start:int stop:int", cost: "O(N), N being the number of packs that go",
			sum: "Deletes all elements outside of a range."},
		lposRow(), lmoveRow(), rpoplpushRow(), lmpopRow(),
	}
}

func pushRow(name, since, many, sum string, run func(*client) error) *command {
	return &command{name: name, arity: -3, flags: write | denyoom | fast, cats: catList, keys: oneKey(rw | inserts), run: run,
		group: "list", since: since, syntax: "key:key0 element...", past: []change{{many, "Several elements at once."}},
		cost: "O(N), N being the number of elements added", sum: sum}
}

func popRow(name, sum string, run func(*client) error) *command {
	return &command{name: name, arity: -2, flags: write | fast, cats: catList, keys: oneKey(rw | reads | deletes), run: run,
		group: "list", since: "1.0.0", syntax: "key:key0 [count:int]^6.2.0", past: []change{{"6.2.0", "The `count` argument."}},
		cost: "O(N), N being the number of elements taken", sum: sum}
}

// readList opens the n-th key's list for a command that reads, findList for one that writes.
func (c *client) readList(l *value.List, n int) error { return c.openList(l, n, false) }
func (c *client) findList(l *value.List, n int) error { return c.openList(l, n, true) }

func (c *client) openList(l *value.List, n int, write bool) error {
	p, err := c.place(n, core.List, write)
	if err == nil {
		l.Open(p, &c.w.Scratch)
	}
	return err
}

// indexIn is an index counted from the end if negative; ok: an element has it.
func indexIn(index int64, size int) (i int, ok bool) {
	if index < 0 {
		index += int64(size)
	}
	return int(index), index >= 0 && index < int64(size)
}

// rangeIn is the range from start to stop, both included and counted from the end if negative, of so many elements.
func rangeIn(start, stop int64, size int) (from, n int) {
	end := int64(size)
	if start < 0 {
		start = max(start+end, 0)
	}
	if stop < 0 {
		stop += end
	}
	stop = min(stop, end-1)
	if start > stop {
		return 0, 0
	}
	return int(start), int(stop - start + 1)
}

// LPUSH key element [element …]
func cmdLPUSH(c *client) error { return c.push(true, false) }

// RPUSH key element [element …]
func cmdRPUSH(c *client) error { return c.push(false, false) }

// LPUSHX key element [element …]
func cmdLPUSHX(c *client) error { return c.push(true, true) }

// RPUSHX key element [element …]
func cmdRPUSHX(c *client) error { return c.push(false, true) }

func (c *client) push(front, mustExist bool) error {
	var l value.List
	if err := c.findList(&l, 0); err != nil {
		return err
	}
	if mustExist && l.Len() == 0 {
		c.flag(false)
		return nil
	}
	if err := c.pushAll(&l, front, c.args[2:]); err != nil {
		return err
	}
	c.integer(int64(l.Len()))
	return nil
}

// pushEvent and popEvent are how a push and a pop at one end are told.
func pushEvent(front bool) string {
	if front {
		return "lpush"
	}
	return "rpush"
}

func popEvent(front bool) string {
	if front {
		return "lpop"
	}
	return "rpop"
}

// pushAll adds values at one end. If memory ends in between, the journal gets what was added.
func (c *client) pushAll(l *value.List, front bool, values [][]byte) error {
	n, err := l.Push(front, values)
	if n > 0 {
		c.changed(n)
		c.event(classList, pushEvent(front), c.keys[0])
	}
	if err != nil && n > 0 && c.tx.Journalling() {
		c.record(c.args[:2+n]...)
	}
	return storeError(err)
}

// LPOP key [count]
func cmdLPOP(c *client) error { return c.pop(true) }

// RPOP key [count]
func cmdRPOP(c *client) error { return c.pop(false) }

func (c *client) pop(front bool) error {
	if len(c.args) > 3 {
		return errArity(c.cmd)
	}
	count, counted := int64(1), len(c.args) == 3
	if counted {
		var ok bool
		if count, ok = resp.ParseInt(c.args[2]); !ok || count < 0 {
			return errPositive
		}
	}
	var l value.List
	if err := c.findList(&l, 0); err != nil {
		return err
	}
	switch {
	case l.Len() == 0 && counted:
		c.nullArray()
		return nil
	case l.Len() == 0:
		c.null()
		return nil
	case counted:
		return c.take(&l, 0, front, count)
	}
	return c.takeOne(&l, 0, front)
}

// takeOne replies the element at one end of the list at the k-th key and deletes it.
func (c *client) takeOne(l *value.List, k int, front bool) error {
	at := 0
	if !front {
		at = l.Len() - 1
	}
	c.elem(l.At(at))
	if err := l.Delete(at, 1); err != nil {
		return storeError(err)
	}
	c.changed(1)
	c.shrunk(classList, popEvent(front), c.keys[k])
	return nil
}

// take replies an array of up to count elements from one end of the list at the k-th key, in the order in which they go, and deletes them.
func (c *client) take(l *value.List, k int, front bool, count int64) error {
	size := l.Len()
	n := int(min(count, int64(size)))
	c.array(n)
	if n == 0 {
		return nil
	}
	from := 0
	if !front {
		from = size - n
		cur := l.Seek(size)
		for range n {
			e, _ := cur.Prev()
			c.elem(e)
		}
	} else {
		c.elems(l, 0, n)
	}
	if err := l.Delete(from, n); err != nil {
		return storeError(err)
	}
	c.changed(n)
	c.shrunk(classList, popEvent(front), c.keys[k])
	return nil
}

// elems replies n elements from an index on.
func (c *client) elems(l *value.List, from, n int) {
	out := c.w.Out
	cur := l.Seek(from)
	for range n {
		e, _ := cur.Next()
		out = appendElem(out, e)
	}
	c.w.Out = out
}

// LLEN key
func cmdLLEN(c *client) error {
	var l value.List
	if err := c.readList(&l, 0); err != nil {
		return err
	}
	c.integer(int64(l.Len()))
	return nil
}

// LINDEX key index
func cmdLINDEX(c *client) error {
	var l value.List
	if err := c.readList(&l, 0); err != nil {
		return err
	}
	if l.Len() == 0 {
		c.null()
		return nil
	}
	index, err := integer(c.args[2])
	if err != nil {
		return err
	}
	if i, ok := indexIn(index, l.Len()); ok {
		c.elem(l.At(i))
	} else {
		c.null()
	}
	return nil
}

// bounds reads the two indexes of LRANGE and LTRIM.
func (c *client) bounds() (start, stop int64, err error) {
	if start, err = integer(c.args[2]); err == nil {
		stop, err = integer(c.args[3])
	}
	return start, stop, err
}

// LRANGE key start stop
func cmdLRANGE(c *client) error {
	start, stop, err := c.bounds()
	if err != nil {
		return err
	}
	var l value.List
	if err := c.readList(&l, 0); err != nil {
		return err
	}
	from, n := rangeIn(start, stop, l.Len())
	c.array(n)
	if n > 0 {
		c.elems(&l, from, n)
	}
	return nil
}

// LSET key index element
func cmdLSET(c *client) error {
	var l value.List
	if err := c.findList(&l, 0); err != nil {
		return err
	}
	if l.Len() == 0 {
		return errNoKey
	}
	index, err := integer(c.args[2])
	if err != nil {
		return err
	}
	i, ok := indexIn(index, l.Len())
	if !ok {
		return errIndex
	}
	if err := l.Set(i, c.args[3]); err != nil {
		return storeError(err)
	}
	c.changed(1)
	c.event(classList, "lset", c.keys[0])
	c.ok()
	return nil
}

// LTRIM key start stop
func cmdLTRIM(c *client) error {
	start, stop, err := c.bounds()
	if err != nil {
		return err
	}
	var l value.List
	if err := c.findList(&l, 0); err != nil {
		return err
	}
	size := l.Len()
	if from, n := rangeIn(start, stop, size); n < size {
		if err := l.Trim(from, n); err != nil {
			return storeError(err)
		}
		c.changed(size - n)
	}
	if size > 0 {
		c.shrunk(classList, "ltrim", c.keys[0])
	}
	c.ok()
	return nil
}

// LREM key count element
func cmdLREM(c *client) error {
	count, err := signedCount(c.args[2])
	if err != nil {
		return err
	}
	var l value.List
	if err := c.findList(&l, 0); err != nil {
		return err
	}
	limit, fromEnd := count, count < 0
	if fromEnd {
		limit = -count
	}
	if count == 0 {
		limit = math.MaxInt
	}
	n, err := l.Remove(c.args[3], int(limit), fromEnd)
	if err != nil {
		return storeError(err)
	}
	if n > 0 {
		c.changed(n)
		c.shrunk(classList, "lrem", c.keys[0])
	}
	c.integer(int64(n))
	return nil
}
