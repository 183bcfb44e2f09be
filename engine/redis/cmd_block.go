// The blocking commands of lists and sorted sets: each is another command that waits where that one finds nothing.

package redis

import (
	"math"
	"math/big"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func blockCommands() []*command {
	last := []keySpec{{access: rw | reads | deletes, first: 1, last: -2, step: 1}}
	float := []change{{"6.0.0", "The timeout may have a fraction."}}
	pop := func(name, sum string, run func(*client) error) *command {
		return &command{name: name, arity: -3, flags: write | blocking, cats: catList, keys: last, run: run, ready: hasList,
			group: "list", since: "2.0.0", syntax: "key:key0... timeout:double", past: float, cost: "O(N), N being the number of keys", sum: sum}
	}
	zpop := func(name, sum string, run func(*client) error) *command {
		return &command{name: name, arity: -3, flags: write | blocking | fast, cats: catSortedSet, keys: last, run: run, ready: hasSorted,
			group: "sorted-set", since: "5.0.0", syntax: "key:key0... timeout:double", past: float, cost: "O(log N) for N members", sum: sum}
	}
	return []*command{
		{name: "blmove", arity: 6, flags: write | denyoom | blocking, cats: catList, keys: fromTo(rw|reads|deletes, rw|inserts), run: cmdBLMOVE, ready: hasList,
			group: "list", since: "6.2.0", syntax: "source:key0 destination:key1 wherefrom:<LEFT|RIGHT> whereto:<LEFT|RIGHT> timeout:double",
			cost: "O(1)", sum: "Takes an element from one list and adds it to another, waiting for one if need be."},
		{name: "blmpop", arity: -5, flags: write | blocking, cats: catList, keys: countedAt(2, rw|reads|deletes), run: cmdBLMPOP, ready: hasList,
			group: "list", since: "7.0.0", syntax: `timeout:double numkeys:int key:key0... where:<LEFT|RIGHT> ["COUNT" count:int]`,
			cost: "O(N+M), N being the number of keys, M the number of elements taken", sum: "Takes elements from the first of several lists that has any, waiting for some if need be."},
		pop("blpop", "Takes the first element of the first of several lists that has any, waiting for one if need be.", cmdBLPOP),
		pop("brpop", "Takes the last element of the first of several lists that has any, waiting for one if need be.", cmdBRPOP),
		{name: "brpoplpush", arity: 4, flags: write | denyoom | blocking, cats: catList, keys: fromTo(rw|reads|deletes, rw|inserts), run: cmdBRPOPLPUSH, ready: hasList,
			group: "list", since: "2.2.0", syntax: "source:key0 destination:key1 timeout:double", past: float, gone: deprecation{"6.2.0", "`BLMOVE` with the `RIGHT` and `LEFT` arguments"},
			cost: "O(1)", sum: "Takes the last element of one list and adds it at the start of another, waiting for one if need be."},
		{name: "bzmpop", arity: -5, flags: write | blocking, cats: catSortedSet, keys: countedAt(2, rw|reads|deletes), run: cmdBZMPOP, ready: hasSorted,
			group: "sorted-set", since: "7.0.0", syntax: `timeout:double numkeys:int key:key0... where:<MIN | MAX> ["COUNT" count:int]`,
			cost: "O(K + M log N) for M of N members and K keys", sum: "Removes the members at one end of the first sorted set that there is, waiting for one if need be."},
		zpop("bzpopmax", "Removes the member with the highest score of the first sorted set that there is, waiting for one if need be.", cmdBZPOPMAX),
		zpop("bzpopmin", "Removes the member with the lowest score of the first sorted set that there is, waiting for one if need be.", cmdBZPOPMIN),
	}
}

// hasList and hasSorted tell that there is something to be had of a key.
func hasList(_ *client, _ *blocked, _ core.Key, it core.Item) bool {
	return it.Ok() && it.Type() == core.List
}
func hasSorted(_ *client, _ *blocked, _ core.Key, it core.Item) bool {
	return it.Ok() && it.Type() == core.SortedSet
}

// patience reads a time in seconds, as milliseconds: what is between two of them counts as the later.
func (c *client) patience(b []byte) (ms int64, err error) {
	if n, ok := resp.ParseInt(b); ok && n >= 0 && n < 1<<32 {
		return n * 1000, nil
	}
	f, ok := parseLong(b)
	if !ok {
		return 0, errTimeoutFloat
	}
	if f.IsInf() && f.Sign() > 0 {
		return 0, errTimeoutRange
	}
	f.Mul(f, big.NewFloat(1000))
	ms, acc := f.Int64()
	switch {
	case f.Sign() > 0 && ms == math.MaxInt64:
		return 0, errTimeoutRange
	case f.Sign() > 0 && acc == big.Below:
		ms++
	case ms < 0:
		return 0, errTimeoutNeg
	}
	if ms > math.MaxInt64-c.tx.Now() {
		return 0, errTimeoutRange
	}
	return ms, nil
}

// BLPOP key [key …] timeout
func cmdBLPOP(c *client) error { return c.popFirst(true) }

// BRPOP key [key …] timeout
func cmdBRPOP(c *client) error { return c.popFirst(false) }

func (c *client) popFirst(front bool) error {
	ms, err := c.patience(c.args[len(c.args)-1])
	if err != nil {
		return err
	}
	for i := range c.keys {
		var l value.List
		if err := c.findList(&l, i); err != nil {
			return err
		}
		if l.Len() == 0 {
			continue
		}
		if c.tx.Journalling() {
			c.record(popWord(front), c.args[1+i])
		}
		c.array(2)
		c.bulk(c.args[1+i])
		return c.takeOne(&l, i, front)
	}
	return c.await(c.keys, ms)
}

// popWord is the command that takes from one end of a list.
func popWord(front bool) []byte {
	if front {
		return []byte("LPOP")
	}
	return []byte("RPOP")
}

// BLMOVE source destination LEFT|RIGHT LEFT|RIGHT timeout
func cmdBLMOVE(c *client) error {
	from, err := listEnd(c.args[3])
	if err != nil {
		return err
	}
	to, err := listEnd(c.args[4])
	if err != nil {
		return err
	}
	return c.moveOrWait(from, to, c.args[5], "LMOVE")
}

// BRPOPLPUSH source destination timeout
func cmdBRPOPLPUSH(c *client) error { return c.moveOrWait(false, true, c.args[3], "RPOPLPUSH") }

func (c *client) moveOrWait(fromLeft, toLeft bool, timeout []byte, word string) error {
	ms, err := c.patience(timeout)
	if err != nil {
		return err
	}
	it := c.tx.Find(c.db, c.keys[0])
	if !it.Ok() && !c.denyBlocking {
		return c.await(c.keys[:1], ms)
	}
	if c.tx.Journalling() {
		words := append([][]byte{[]byte(word)}, c.args[1:len(c.args)-1]...)
		c.record(words...)
	}
	return c.moveElem(fromLeft, toLeft)
}

// BLMPOP timeout numkeys key [key …] LEFT|RIGHT [COUNT count]
func cmdBLMPOP(c *client) error {
	ms, err := c.patience(c.args[1])
	if err != nil {
		return err
	}
	found, err := c.lmpop(2)
	if err != nil || found {
		return err
	}
	return c.await(c.keys, ms)
}

// BZPOPMIN key [key …] timeout
func cmdBZPOPMIN(c *client) error { return c.zpopFirst(false) }

// BZPOPMAX key [key …] timeout
func cmdBZPOPMAX(c *client) error { return c.zpopFirst(true) }

func (c *client) zpopFirst(highest bool) error {
	ms, err := c.patience(c.args[len(c.args)-1])
	if err != nil {
		return err
	}
	for i := range c.keys {
		z, err := c.findSorted(i)
		if err != nil {
			return err
		}
		if !z.Ok() {
			continue
		}
		if c.tx.Journalling() {
			c.record(zpopWord(highest), c.args[1+i])
		}
		w, at := z.From(0, false), 0
		if highest {
			at = z.Len() - 1
			w = z.From(at, true)
		}
		e, _ := w.Next()
		c.array(3)
		c.bulk(c.args[1+i])
		c.elem(e)
		c.double(w.Score())
		return c.popSpan(i, &z, highest, value.Span{From: at, To: at + 1})
	}
	return c.await(c.keys, ms)
}

// BZMPOP timeout numkeys key [key …] MIN|MAX [COUNT count]
func cmdBZMPOP(c *client) error {
	ms, err := c.patience(c.args[1])
	if err != nil {
		return err
	}
	found, err := c.zmpop(2)
	if err != nil || found {
		return err
	}
	return c.await(c.keys, ms)
}
