// The adaptive policy: it learns from the running traffic how soon items of which kind come back.
package evict

import (
	"math/bits"
	"sync/atomic"
)

// The access word: a stamp of the last access in the upper 20 bits, a level in the lower 4. The stamp counts
// accesses in units of about 1/256 of the number of items. The level is the binary logarithm of
// how often the item was accessed, older accesses counting less.
const (
	levelBits  = 4
	levelMask  = levels - 1 // also of words that another policy wrote; levels is a power of two
	stampBits  = 24 - levelBits
	stampMask  = 1<<stampBits - 1
	unitsShift = 8 // units in a span of accesses as long as the number of items: 1 << 8

	maxUnitShift = 23 // the unit's die has 24 bits

	// coolShift: a level is lost for every 1<<13 units (32 times the number of items) between two accesses.
	coolShift = 13

	adaptiveSample = 16
)

// adaptive evicts the candidate with the lowest index: the chance of a hit per unit of time that the
// item would go on occupying its place, for the best moment to give it up (the Gittins index of a
// one-armed bandit). The chances come from counting, by level and age, when items of that level are
// really accessed again; ghosts count those that had been evicted in between. So a loop, where the oldest item
// is the next to be read, and a stack, where it is the least likely, are one formula with other counts.
type adaptive struct {
	base
	clock  atomic.Uint32 // the time in units
	memory atomic.Pointer[memory]
}

// memory is what grows with the number of items; Resize replaces it.
type memory struct {
	items   int
	unit    uint32 // accesses that advance the clock by one; a power of two
	weight  uint32 // hits that are counted as one event of that weight; a power of two
	learner *learner
	ghosts  ghosts // all victims, remembered for a short while
	sampled ghosts // few of the victims, remembered for long
}

const (
	// Slots of the two ghost tables, as fractions of the number of items, and the least they have. A slot is 4 bytes.
	ghostShare   = 2 // 1/2
	sampledShare = 8 // 1/8
	ghostMin     = 1024
	sampleRate   = 64 // one victim in 64 is also remembered in sampled

	// Up to this number of items every hit is counted; above it, ever fewer.
	countAll  = 256
	maxWeight = 16 // a hit's weight has 8 bits of the die
)

func newAdaptive(b base, _ Options) Policy {
	b.sampled(adaptiveSample)
	p := &adaptive{base: b}
	p.memory.Store(&memory{unit: 1 << 12})
	return p
}

func (*adaptive) Kind() Kind { return Modern }

// roll draws the die of an access from what is known of it: a multiplication instead of a generator's
// state, and no two accesses roll the same, because the word changes with the clock.
func roll(hash uint64, access uint32) uint64 {
	die := (hash ^ uint64(access)*0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93
	return die ^ die>>32
}

// tick counts an access and returns the time. Only one access in unit, chosen by the die, writes the
// clock, so that processors do not fight for its cache line.
func (p *adaptive) tick(m *memory, die uint64) (now uint32) {
	if uint32(die)&(m.unit-1) == 0 {
		return p.clock.Add(1)
	}
	return p.clock.Load()
}

func word(now, level uint32) uint32 { return now<<levelBits&AccessMask | level }

func age(now, access uint32) uint32 { return (now - access>>levelBits) & stampMask }

// Hit takes accesses to an item within one unit of time for a single one: this costs the hottest items
// (most hits) two loads, and a burst does not count as popularity. Other hits write shared memory once in unit and
// once in weight calls.
func (p *adaptive) Hit(hash uint64, access uint32) uint32 {
	if age(p.clock.Load(), access) == 0 {
		return access
	}
	m := p.memory.Load()
	die := roll(hash, access)
	now := p.tick(m, die)
	a, old := age(now, access), access&levelMask
	level := warm(old, a, die)
	if m.learner != nil && uint32(die>>24)&(m.weight-1) == 0 {
		m.learner.reuse(old, a, m.weight)
		m.learner.start(level, m.weight)
	}
	return word(now, level)
}

// warm is the level after one more access at that age. Both steps are taken by chance, so that
// the average follows log2 of the count with whole levels only.
//
// It has no branches, since a processor cannot foresee a die.
func warm(level, age uint32, die uint64) uint32 {
	lost := (age + uint32(die>>32)&(1<<coolShift-1)) >> coolShift
	level -= min(lost, level)
	chance := die >> 48 & (1<<level - 1) // 0 once in 1<<level
	return min(level+uint32((chance-1)>>63), levels-1)
}

func (p *adaptive) Insert(hash uint64, _ uint32, _ int64) uint32 {
	m := p.memory.Load()
	die := roll(hash, p.clock.Load())
	now := p.tick(m, die)
	level := uint32(0)
	if m.learner != nil {
		if old, a, ok := m.ghosts.take(hash, now); ok {
			level = warm(old, a, die)
			m.learner.reuse(old, a, 1)
		} else if isSampled(hash) {
			if old, a, ok := m.sampled.take(hash, now); ok {
				m.learner.reuse(old, a, sampleRate)
			}
		}
		m.learner.start(level, 1)
		m.learner.update(now)
	}
	return word(now, level)
}

// isSampled uses bits of the hash that choose neither the set nor the tag of a ghost.
func isSampled(hash uint64) bool { return hash>>48%sampleRate == 0 }

func (p *adaptive) Evicted(c Candidate) {
	m := p.memory.Load()
	if m.learner == nil {
		return
	}
	now := p.clock.Load()
	m.ghosts.put(c.Hash, c.Access, now)
	if isSampled(c.Hash) {
		m.sampled.put(c.Hash, c.Access, now)
	}
}

func (p *adaptive) Pick(cands []Candidate) int {
	m := p.memory.Load()
	now := p.clock.Load()
	best, bestIndex, bestAge := -1, uint32(0), uint32(0)
	for i := range cands {
		if !p.allowed(&cands[i]) {
			continue
		}
		a, index := age(now, cands[i].Access), uint32(0)
		if m.learner != nil {
			index = m.learner.rank(cands[i].Access&levelMask, a)
		}
		if best < 0 || index < bestIndex || index == bestIndex && a > bestAge {
			best, bestIndex, bestAge = i, index, a
		}
	}
	return best
}

// Resize keeps what was learned, since it is kept in units of the number of items, and forgets the ghosts.
// The unit changes by doubling or halving; stamps given before keep their order and their distance in units.
func (p *adaptive) Resize(items int) {
	old := p.memory.Load()
	if items <= 0 {
		if old.learner != nil {
			p.memory.Store(&memory{unit: old.unit})
		}
		return
	}
	if old.learner != nil && items < 2*old.items && items > old.items/2 {
		return
	}
	m := &memory{items: items, unit: 1, weight: 1, learner: old.learner}
	if u := items >> unitsShift; u > 1 {
		m.unit = 1 << min(bits.Len(uint(u))-1, maxUnitShift)
	}
	for m.weight < maxWeight && items/int(m.weight) > countAll {
		m.weight *= 2
	}
	if m.learner == nil {
		m.learner = newLearner()
	}
	m.learner.every.Store(max(1<<unitsShift/4, 512/m.unit))
	m.ghosts = newGhosts(max(items/ghostShare, ghostMin))
	m.sampled = newGhosts(max(items/sampledShare, ghostMin))
	p.memory.Store(m)
}

func (p *adaptive) Bytes() int {
	m := p.memory.Load()
	n := 0
	if m.learner != nil {
		n = learnerBytes + m.ghosts.bytes() + m.sampled.bytes()
	}
	return n
}
