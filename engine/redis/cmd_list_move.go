// LMOVE, RPOPLPUSH, LMPOP: list commands with several keys.

package redis

import (
	"strconv"

	"github.com/cachesrv/cachesrv/engine/redis/resp"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func lmoveRow() *command {
	return &command{name: "lmove", arity: 5, flags: write | denyoom, cats: catList, keys: fromTo(rw|reads|deletes, rw|inserts), run: cmdLMOVE,
		group: "list", since: "6.2.0", syntax: "source:key0 destination:key1 wherefrom:<LEFT|RIGHT> whereto:<LEFT|RIGHT>",
		cost: "O(1)", sum: "Takes an element from one list and adds it to another."}
}

func rpoplpushRow() *command {
	return &command{name: "rpoplpush", arity: 3, flags: write | denyoom, cats: catList, keys: fromTo(rw|reads|deletes, rw|inserts), run: cmdRPOPLPUSH,
		group: "list", since: "1.2.0", syntax: "source:key0 destination:key1", gone: deprecation{"6.2.0", "`LMOVE` with the `RIGHT` and `LEFT` arguments"},
		cost: "O(1)", sum: "Takes the last element of one list and adds it at the start of another."}
}

func lmpopRow() *command {
	return &command{name: "lmpop", arity: -4, flags: write, cats: catList, keys: countedAt(1, rw|reads|deletes), run: cmdLMPOP,
		group: "list", since: "7.0.0", syntax: `numkeys:int key:key0... where:<LEFT|RIGHT> ["COUNT" count:int]`,
		cost: "O(N+M), N being the number of keys, M the number of elements taken", sum: "Takes elements from the first of several lists that has any."}
}

// listEnd reads LEFT or RIGHT.
func listEnd(b []byte) (left bool, err error) {
	if left = equalFold(b, "left"); !left && !equalFold(b, "right") {
		return false, errSyntax
	}
	return left, nil
}

// LMOVE source destination LEFT|RIGHT LEFT|RIGHT
func cmdLMOVE(c *client) error {
	from, err := listEnd(c.args[3])
	if err != nil {
		return err
	}
	to, err := listEnd(c.args[4])
	if err != nil {
		return err
	}
	return c.moveElem(from, to)
}

// RPOPLPUSH source destination
func cmdRPOPLPUSH(c *client) error { return c.moveElem(false, true) }

// moveElem takes an element from one end of the first key's list and adds it at one end of the second's. It is added first, so that
// nothing has to be put back when there is no memory for it.
func (c *client) moveElem(fromLeft, toLeft bool) error {
	var src, dst value.List
	if err := c.findList(&src, 0); err != nil {
		return err
	}
	if src.Len() == 0 {
		c.null()
		return nil
	}
	same := string(c.keys[0].Name) == string(c.keys[1].Name)
	if !same {
		if err := c.findList(&dst, 1); err != nil {
			return err
		}
	}
	at := 0
	if !fromLeft {
		at = src.Len() - 1
	}
	e := src.At(at)
	c.elem(e)
	if same {
		if fromLeft != toLeft && src.Len() > 1 {
			if err := src.Rotate(fromLeft); err != nil {
				return storeError(err)
			}
		}
		c.changed(1)
		c.event(classList, pushEvent(toLeft), c.keys[1])
		c.event(classList, popEvent(fromLeft), c.keys[0])
		return nil
	}
	end := len(c.w.Out) - 2 // the reply is a copy that changing the lists leaves alone
	words := [1][]byte{c.w.Out[end-e.Len() : end]}
	if _, err := dst.Push(toLeft, words[:]); err != nil {
		return storeError(err)
	}
	if err := src.Delete(at, 1); err != nil {
		last := 0
		if !toLeft {
			last = dst.Len() - 1
		}
		dst.Delete(last, 1)
		return storeError(err)
	}
	c.changed(1)
	c.event(classList, pushEvent(toLeft), c.keys[1])
	c.shrunk(classList, popEvent(fromLeft), c.keys[0])
	return nil
}

// LMPOP numkeys key [key …] LEFT|RIGHT [COUNT count]
func cmdLMPOP(c *client) error {
	found, err := c.lmpop(1)
	if err == nil && !found {
		c.nullArray()
	}
	return err
}

// lmpop reads the arguments from the number of keys on, which is argument at, and replies what there is.
func (c *client) lmpop(at int) (found bool, err error) {
	keys, ok := resp.ParseInt(c.args[at])
	if !ok || keys < 1 {
		return false, errNumKeys
	}
	if keys >= int64(len(c.args)-at-1) {
		return false, errSyntax
	}
	rest := c.args[at+1+int(keys):]
	left, err := listEnd(rest[0])
	if err != nil {
		return false, err
	}
	count, err := popCount(rest[1:])
	if err != nil {
		return false, err
	}
	for i := range c.keys {
		var l value.List
		if err := c.findList(&l, i); err != nil {
			return false, err
		}
		if l.Len() == 0 {
			continue
		}
		n := min(count, int64(l.Len()))
		name := c.args[at+1+i]
		if c.tx.Journalling() {
			c.record(popWord(left), name, strconv.AppendInt(nil, n, 10))
		}
		c.array(2)
		c.bulk(name)
		return true, c.take(&l, i, left, n)
	}
	return false, nil
}

// popCount reads the option COUNT, once at most.
func popCount(args [][]byte) (int64, error) {
	if len(args) == 0 {
		return 1, nil
	}
	s := scanner{args: args}
	v, ok := s.option("count")
	if !ok {
		return 0, errSyntax
	}
	n, ok := resp.ParseInt(v)
	if !ok || n < 1 {
		return 0, errCountPositive
	}
	if s.more() {
		return 0, errSyntax
	}
	return n, nil
}
