// memcached-lru: memcached's HOT/WARM/COLD queues approximated by sampling.
package evict

import "sync/atomic"

// The access word: 22 bits of insertion clock, a FETCHED and an ACTIVE bit. As in memcached the
// first hit only marks an item as fetched, the second makes it active (it would be moved to WARM).
const (
	segFetched = 1 << 22
	segActive  = 1 << 23
	segClock   = segFetched - 1
)

// segmented keeps memcached's rules by age: an inactive item is as old as its insertion (hits do
// not move it in HOT or COLD), an active one as old as its last hit, and it drains from WARM once it is
// idle for warm_max_factor times what the tail of COLD is.
type segmented struct {
	base
	factor uint64        // warm_max_factor, in 1/256
	clock  atomic.Uint32 // insertions >> shift
	fine   atomic.Uint32 // insertions
	shift  atomic.Uint32 // the clock must not wrap within a few lifetimes of the store
}

func newSegmented(b base, o Options) Policy {
	b.sampled(10)
	if o.WarmFactor <= 0 {
		o.WarmFactor = 2
	}
	return &segmented{base: b, factor: uint64(256 * min(max(o.WarmFactor, 1./256), 1<<20))}
}

func (*segmented) Kind() Kind { return LRU }

func (p *segmented) now22() uint32 { return p.clock.Load() & segClock }

func (p *segmented) Insert(uint64, uint32) uint32 {
	if n := p.fine.Add(1); n&(1<<p.shift.Load()-1) == 0 {
		p.clock.Add(1)
	}
	return p.now22()
}

func (p *segmented) Hit(_ uint64, access uint32) uint32 {
	switch {
	case access&segFetched == 0:
		return access | segFetched
	default:
		return segActive | segFetched | p.now22()
	}
}

// Resize keeps the clock's 22 bits at 16 lifetimes or more.
func (p *segmented) Resize(items int) {
	shift := uint32(0)
	for items>>shift > 1<<18 {
		shift++
	}
	p.shift.Store(shift)
}

func (p *segmented) Pick(cands []Candidate) int {
	now := p.now22()
	best, oldest := -1, uint64(0)
	for i := range cands {
		if !p.allowed(&cands[i]) {
			continue
		}
		age := uint64((now - cands[i].Access) & segClock)
		if cands[i].Access&segActive != 0 {
			age *= 256
		} else {
			age *= p.factor
		}
		if best < 0 || age > oldest {
			best, oldest = i, age
		}
	}
	return best
}
