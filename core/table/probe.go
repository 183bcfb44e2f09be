// Probe: stepping over the slots of one bucket, all of them or those that agree with a hash.

package table

import "github.com/cachesrv/cachesrv/core/arena"

// Probe stands on a slot of a bucket after Next said true. It is valid until the table changes, except through the probe itself.
type Probe struct {
	a     *arena.Arena
	b     *bucket
	want  uint64 // tag in its place
	mask  uint64 // which bits of want must agree
	index uint32 // of the bucket
	i     int    // next slot
}

// Find steps over the slots whose 25 bits agree with h.
func (t *Table) Find(h uint64) Probe {
	i := uint32(t.Index(h))
	return Probe{a: t.a, b: t.bucket(i), want: h << tagShift, mask: tagMask, index: i}
}

// At steps over all slots of bucket i.
func (t *Table) At(i int) Probe {
	return Probe{a: t.a, b: t.bucket(uint32(i)), index: uint32(i)}
}

// Held is the number of items in bucket i. It has no branch to guess wrong but the one for chains.
func (t *Table) Held(i int) (n int) {
	for b := t.bucket(uint32(i)); ; b = t.a.Words(refOf(b[width-1])) {
		for _, s := range b[:width-1] {
			n += int((s | -s) >> 63)
		}
		switch s := b[width-1]; {
		case s == 0:
			return n
		case s&chainBit == 0:
			return n + 1
		}
	}
}

// First is the first word of the bucket: reading it brings the bucket into the cache.
func (p *Probe) First() uint64 { return p.b[0] }

// Next goes to the next slot, false if there is none.
func (p *Probe) Next() bool {
	for p.i < width {
		s := p.b[p.i]
		p.i++
		if s == 0 {
			return false
		}
		if s&chainBit != 0 {
			p.b, p.i = p.a.Words(refOf(s)), 0
			continue
		}
		if (s^p.want)&p.mask == 0 {
			return true
		}
	}
	return false
}

func (p *Probe) slot() *uint64 { return &p.b[p.i-1] }

// Ref is the reference in the slot, Marked its mark, Tag its low bits of the hash.
func (p *Probe) Ref() arena.Ref { return refOf(*p.slot()) }
func (p *Probe) Marked() bool   { return *p.slot()&markBit != 0 }
func (p *Probe) Tag() uint32    { return uint32(*p.slot() >> tagShift) }

// Index is the bucket's.
func (p *Probe) Index() int { return int(p.index) }

// Set replaces the reference and the mark; the hash bits stay.
func (p *Probe) Set(r arena.Ref, mark bool) {
	s := p.slot()
	*s = *s&tagMask | pack(0, r, mark)
}
