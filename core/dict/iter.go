// Walking: Iter over everything, Scan from a cursor, and entries by chance.

package dict

import (
	"math/rand/v2"

	"github.com/cachesrv/cachesrv/core/table"
)

// Iter walks over all entries in no order. The dict must not change meanwhile, but for values that stay in their blocks.
type Iter struct {
	d    *Dict
	p    table.Probe
	next int // bucket
}

// Iter begins a walk.
func (d *Dict) Iter() Iter { return Iter{d: d} }

// Next gives the next entry, false after the last.
func (i *Iter) Next() (Entry, bool) {
	for i.next == 0 || !i.p.Next() {
		if i.next == i.d.tab.Buckets() {
			return Entry{}, false
		}
		i.p = i.d.tab.At(i.next)
		i.next++
	}
	e := i.d.read(i.p.Ref(), i.p.Marked())
	e.p = i.p
	return e, true
}

// Scan visits some entries from a cursor on and returns the next cursor; 0 starts and ends. What is there from start to end is visited, however
// the dict grows or shrinks between the calls. f must not change the dict.
func (d *Dict) Scan(cursor uint64, f func(e *Entry)) uint64 {
	return d.tab.Scan(cursor, func(p *table.Probe) {
		e := d.read(p.Ref(), p.Marked())
		e.p = *p
		f(&e)
	})
}

// longChain is more than a chain ever holds, but for one in some 10^9.
const longChain = 24

// Random gives an entry, every one with the same chance: a random bucket is taken with a chance that goes with what it holds. It costs
// about five buckets. There must be one.
func (d *Dict) Random() Entry {
	for {
		bucket := rand.IntN(d.tab.Buckets())
		n := 0
		for p := d.tab.At(bucket); p.Next(); {
			n++
		}
		if n == 0 || n < longChain && rand.IntN(longChain) >= n && d.tab.Buckets() > 1 {
			continue
		}
		p := d.tab.At(bucket)
		for range rand.IntN(n) + 1 {
			p.Next()
		}
		e := d.read(p.Ref(), p.Marked())
		e.p = p
		return e
	}
}
