// Walking: Iter over everything, Scan from a cursor, and entries by chance.

package dict

import (
	"math/rand/v2"

	"github.com/cachesrv/cachesrv/core/table"
)

// Iter walks over all entries in no order. The dict must not change meanwhile, but for values that stay in their blocks.
type Iter struct {
	d    Dict // a copy: with a pointer, whoever keeps an Iter in something longer would move his Dict to the heap
	p    table.Probe
	next int // bucket
}

// Iter begins a walk.
func (d *Dict) Iter() Iter { return Iter{d: *d} }

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

// Random gives an entry, every one with the same chance: a random bucket is taken with a chance that goes with what it holds, up to bound; there
// is more in one of some thousand buckets, whose entries come a little less often. Several buckets are looked at in one go, so that
// waiting for one covers the others (BenchmarkRandom). There must be an entry.
func (d *Dict) Random() Entry {
	const batch = 4
	buckets := d.tab.Buckets()
	bound := 2*d.tab.Len()/buckets + 6
	for {
		var at, held [batch]int
		for i := range at {
			at[i] = rand.IntN(buckets)
			d.tab.AheadOf(at[i])
		}
		for i := range at {
			held[i] = d.tab.Held(at[i])
		}
		for i, n := range held {
			if n > 0 && (n >= bound || buckets == 1 || rand.IntN(bound) < n) {
				return d.nth(at[i], rand.IntN(n))
			}
		}
	}
}

// nth is an entry of a bucket that holds more than n.
func (d *Dict) nth(bucket, n int) Entry {
	p := d.tab.At(bucket)
	for range n + 1 {
		p.Next()
	}
	e := d.read(p.Ref(), p.Marked())
	e.p = p
	return e
}
