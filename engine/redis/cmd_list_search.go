// LINSERT and LPOS: list commands that look for elements by their value.

package redis

import (
	"math"

	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func lposRow() *command {
	return &command{name: "lpos", arity: -3, flags: readonly, cats: catList, keys: oneKey(ro | reads), run: cmdLPOS,
		group: "list", since: "6.0.6", syntax: `key:key0 element ["RANK" rank:int] ["COUNT" num-matches:int] ["MAXLEN" len:int]`,
		cost: "O(N), N being the number of elements looked at", sum: "Finds the indexes of elements that equal a value."}
}

// needle is a text that elements are compared with, read as a number once.
type needle struct {
	text []byte
	elem pack.Elem
}

func needleOf(text []byte) needle { return needle{text, pack.Text(text)} }

func (n *needle) is(e pack.Elem) bool {
	if e.Text != nil {
		return string(e.Text) == string(n.text)
	}
	return n.elem.IsNum() && n.elem.Num == e.Num
}

// signedCount reads a count whose sign is a direction.
func signedCount(b []byte) (int64, error) {
	n, err := integer(b)
	if err == nil && n == math.MinInt64 {
		return 0, errRange64
	}
	return n, err
}

// LINSERT key BEFORE|AFTER pivot element
func cmdLINSERT(c *client) error {
	after := equalFold(c.args[2], "after")
	if !after && !equalFold(c.args[2], "before") {
		return errSyntax
	}
	var l value.List
	if err := c.findList(&l, 0); err != nil {
		return err
	}
	size := l.Len()
	if size == 0 {
		c.flag(false)
		return nil
	}
	pivot, cur, at := needleOf(c.args[3]), l.Seek(0), 0
	for e, ok := cur.Next(); ok && !pivot.is(e); e, ok = cur.Next() {
		at++
	}
	if at == size {
		c.integer(-1)
		return nil
	}
	if err := l.Insert(at, after, c.args[4]); err != nil {
		return storeError(err)
	}
	c.changed(1)
	c.event(classList, "linsert", c.keys[0])
	c.integer(int64(l.Len()))
	return nil
}

// posOptions are the options of LPOS. A negative count is none.
type posOptions struct{ rank, count, most int64 }

func readPosOptions(args [][]byte) (posOptions, error) {
	o := posOptions{rank: 1, count: -1}
	s := scanner{args: args}
	for s.more() {
		if v, ok := s.option("rank"); ok {
			var err error
			if o.rank, err = signedCount(v); err != nil {
				s.fail(err)
			} else if o.rank == 0 {
				s.fail(errRankZero)
			}
		} else if v, ok := s.option("count"); ok {
			if o.count, ok = resp.ParseInt(v); !ok || o.count < 0 {
				s.fail(errCountNegative)
			}
		} else if v, ok := s.option("maxlen"); ok {
			if o.most, ok = resp.ParseInt(v); !ok || o.most < 0 {
				s.fail(errMaxlenNegative)
			}
		} else {
			s.fail(errSyntax)
		}
	}
	return o, s.err
}

// LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]
func cmdLPOS(c *client) error {
	o, err := readPosOptions(c.args[3:])
	if err != nil {
		return err
	}
	var l value.List
	if err := c.readList(&l, 0); err != nil {
		return err
	}
	size := l.Len()
	if size == 0 && o.count < 0 {
		c.null()
		return nil
	}
	mark := len(c.w.Out)
	found := c.positions(&l, &o)
	switch {
	case o.count >= 0:
		c.arrayAt(mark, found)
	case found == 0:
		c.null()
	}
	return nil
}

// positions replies the index of each element that the options ask for.
func (c *client) positions(l *value.List, o *posOptions) (found int) {
	size := l.Len()
	look, at, step := int64(size), 0, 1
	cur, target, skip := l.Seek(0), needleOf(c.args[2]), o.rank-1
	if o.rank < 0 {
		cur, at, step, skip = l.Seek(size), size-1, -1, -o.rank-1
	}
	if o.most > 0 {
		look = min(look, o.most)
	}
	for ; look > 0; look-- {
		e, ok := cur.Step(step)
		if ok && target.is(e) {
			if skip--; skip < 0 {
				c.integer(int64(at))
				if found++; o.count < 0 || int64(found) == o.count {
					break
				}
			}
		}
		at += step
	}
	return found
}
