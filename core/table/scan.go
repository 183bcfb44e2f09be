// Scan: visiting the table in an order that survives its growing and shrinking between two calls.

package table

import "math/bits"

// Scan visits one bucket index of the smaller of the two sizes that a half-split table has, with all that split off it, and
// returns the next cursor; 0 starts and ends. Counting on the reversed bits (Pieter Noordhuis's method in Redis) means that
// whatever the table's size at the next call, no bucket not yet visited is left behind.
func (t *Table) Scan(cursor uint64, f func(p *Probe)) uint64 {
	mask := uint64(1)<<t.level - 1
	low := cursor & mask
	t.visit(int(low), f)
	if high := low + 1<<t.level; high < uint64(t.n) {
		t.visit(int(high), f)
	}
	return bits.Reverse64(bits.Reverse64(cursor|^mask) + 1)
}

func (t *Table) visit(i int, f func(p *Probe)) {
	for p := t.At(i); p.Next(); {
		f(&p)
	}
}
