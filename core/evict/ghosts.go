// Ghosts: the access words of evicted items, found again by a tag of their hash.
package evict

import "sync/atomic"

// ghosts is a set-associative table. A slot holds 16 bits of time, 4 of level and a 12-bit tag that is never 0;
// 0 is an empty slot. A full set gives up its oldest, where every level halves the age: whom the
// store knew well is remembered longer. Two writers that meet in a set may lose an
// entry, and one find in some 500 is somebody else's: both only blur the statistics.
type ghosts struct{ slots []atomic.Uint32 }

const (
	ghostWays  = 8
	ghostTag   = 1<<12 - 1
	ghostLevel = 12
	ghostTime  = 16
	// coarse: a ghost's time is its stamp without the lowest bits, in units of 1/16 of the number of items.
	coarse = stampBits - 16
)

func newGhosts(slots int) ghosts {
	sets := (slots + ghostWays - 1) / ghostWays
	return ghosts{slots: make([]atomic.Uint32, sets*ghostWays)}
}

func (g *ghosts) bytes() int { return 4 * len(g.slots) }

// set returns the slots where the hash may be, and its tag.
func (g *ghosts) set(hash uint64) ([]atomic.Uint32, uint32) {
	sets := uint64(len(g.slots) / ghostWays)
	i := int(hash>>12&0xffffffff*sets>>32) * ghostWays
	return g.slots[i : i+ghostWays], max(uint32(hash)&ghostTag, 1)
}

// take removes the ghost of that hash and returns its level and age.
func (g *ghosts) take(hash uint64, now uint32) (level, age uint32, ok bool) {
	set, tag := g.set(hash)
	for i := range set {
		if s := set[i].Load(); s&ghostTag == tag {
			set[i].Store(0)
			return s >> ghostLevel & levelMask, ghostAge(s, now) << coarse, true
		}
	}
	return 0, 0, false
}

// put remembers the access word of a victim.
func (g *ghosts) put(hash uint64, access, now uint32) {
	set, tag := g.set(hash)
	victim, oldest := 0, uint32(0)
	for i := range set {
		s := set[i].Load()
		if s&ghostTag == tag {
			victim = i
			break
		}
		a := ghostAge(s, now) >> (s >> ghostLevel & levelMask)
		if s == 0 {
			a = 1 << 16 // better than any age
		}
		if a >= oldest {
			victim, oldest = i, a
		}
	}
	stamp := access >> levelBits >> coarse
	set[victim].Store(stamp<<ghostTime | access&levelMask<<ghostLevel | tag)
}

// ghostAge is the age of a slot's entry in coarse units.
func ghostAge(slot, now uint32) uint32 { return (now>>coarse - slot>>ghostTime) & (1<<16 - 1) }
