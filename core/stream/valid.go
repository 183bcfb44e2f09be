// ValidNode: checking the bytes of a node from outside.

package stream

import "github.com/cachesrv/cachesrv/core/pack"

// ValidNode tells whether a listpack is a node of a stream: counts that agree, whole entries with ids that go up, none before the node's own,
// which must be greater than after. Every node that is added must have passed. It gives the ids of the first and the last entry, deleted ones included.
func ValidNode(list pack.Listpack, id, after ID) (first, last ID, ok bool) {
	if !after.Less(id) || !list.Valid(true) {
		return first, last, false
	}
	c := checker{lp: list, at: list.First()}
	entries, deleted := c.number(), c.number()
	names := c.number()
	c.skip(names)
	if c.number() != 0 || c.bad || entries < 0 || deleted < 0 || names < 0 {
		return first, last, false
	}
	last, live, dead := after, int64(0), int64(0)
	for c.at < list.End() {
		at := c.count
		flags := c.number()
		next := ID{id.Ms + uint64(c.number()), id.Seq + uint64(c.number())}
		fields := names
		if flags&flagSame == 0 {
			if fields = c.number(); fields > 1<<30 {
				return first, last, false
			}
			fields *= 2
		}
		if fields < 0 || flags&^(flagDeleted|flagSame) != 0 {
			return first, last, false
		}
		c.skip(fields)
		if n := c.count - at; c.number() != n || c.bad || next.Less(id) || !last.Less(next) {
			return first, last, false
		}
		if live+dead == 0 {
			first = next
		}
		last = next
		if flags&flagDeleted != 0 {
			dead++
		} else {
			live++
		}
	}
	return first, last, live == entries && dead == deleted && live+dead > 0
}

// checker walks over elements.
type checker struct {
	lp    pack.Listpack
	at    int
	count int64 // elements passed
	bad   bool  // there were too few, or not a number where one is due
}

func (c *checker) number() int64 {
	if c.at >= c.lp.End() {
		c.bad = true
		return 0
	}
	e := c.lp.Get(c.at)
	c.skip(1)
	c.bad = c.bad || !e.IsNum()
	return e.Num
}

// skip passes n elements; it ends at the end whatever n is.
func (c *checker) skip(n int64) {
	for ; n > 0; n-- {
		if c.at >= c.lp.End() {
			c.bad = true
			return
		}
		c.at = c.lp.Next(c.at)
		c.count++
	}
}
