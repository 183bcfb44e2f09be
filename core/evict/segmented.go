// memcached-lru: memcached's queues HOT, WARM, COLD and TEMP, told apart by age instead of by links.
package evict

import (
	"math"
	"sync/atomic"
)

// Segment is one of memcached's queues.
type Segment uint8

// The queues. New items enter Hot, or Temp if they live short. What leaves Hot or Warm at the tail goes to Cold, or to Warm if it was read
// twice, and what leaves Cold is evicted.
const (
	Hot Segment = iota
	Warm
	Cold
	Temp
	Segments // how many there are
)

// SegmentTuning is what memcached's `lru tune` and `lru temp_ttl` set.
type SegmentTuning struct {
	HotShare, WarmShare   float64 // of the bytes of all items, 0 to 1
	HotFactor, WarmFactor float64 // of COLD's age: nothing stays longer without being read
	TempTTL               int64   // seconds; items that live so long at most are not evicted. Negative: none
}

// DefaultSegments are memcached's own.
var DefaultSegments = SegmentTuning{HotShare: 0.2, WarmShare: 0.4, HotFactor: 0.2, WarmFactor: 2, TempTTL: -1}

// Segmenter is a policy that has memcached's queues.
type Segmenter interface {
	// Segment tells in which queue an item is now, and whether it was read twice since it came there.
	Segment(access uint32, expireAt int64) (s Segment, active bool)
	// WasIn tells in which queue an item was until the Hit that gave it this word.
	WasIn(access uint32, expireAt int64) Segment
	// Tune takes effect at once, for items that are there too.
	Tune(t SegmentTuning)
}

// The access word: 20 bits of clock, whether the item was read once and twice, and the queue it was put into. The clock counts what is
// put into queues, so two words of one queue tell which of them is nearer to its tail. segCold is written by no one.
const (
	segClock   = 1<<20 - 1
	segFetched = 1 << 20
	segActive  = 1 << 21
	segShift   = 22

	// A lifetime of the store, as many insertions as it has items, takes so many ticks of the clock at most: it must
	// not come round again while an item is there.
	segLifetime = 1 << 16
	// segLongest bounds how long HOT and WARM may be: an item that is older is half round at most when it is met.
	segLongest = 1 << 19

	segGain = 1. / 64 // of one sample
)

// segmented has no queues. An item's place follows from its word: in HOT and WARM it is as long as its age is below the limit of that queue,
// and then it is where the tail would have sent it. The limits follow from the samples of Pick, which show what part of the bytes is in
// HOT and WARM: a queue that has too large a share gets a shorter limit. So moving an item costs nothing, a sample tells where the queues end, and
// nothing has to be counted when items are deleted.
type segmented struct {
	base
	clock atomic.Uint32 // insertions >> shift
	fine  atomic.Uint32 // insertions
	shift atomic.Uint32
	span  atomic.Uint32 // ticks of a lifetime

	tuning atomic.Pointer[SegmentTuning]
	// limits in ticks, what Hit and Pick ask for; they follow from the three below and the tuning.
	hot, warm atomic.Uint32
	// Ages in ticks at which the queues have their shares, and that of COLD's tail: of the last victims. The bits of a float64.
	hotAge, warmAge, coldAge age64

	past history // of the clock
}

// age64 is an age that samples correct. An update lost between two of them does not matter.
type age64 struct{ bits atomic.Uint64 }

func (a *age64) get() float64  { return math.Float64frombits(a.bits.Load()) }
func (a *age64) set(f float64) { a.bits.Store(math.Float64bits(f)) }

func newSegmented(b base, o Options) Policy {
	b.sampled(10)
	p := &segmented{base: b}
	if o.Segments == (SegmentTuning{}) {
		o.Segments = DefaultSegments
	}
	p.tuning.Store(&o.Segments)
	p.hot.Store(segLongest)
	p.warm.Store(segLongest)
	return p
}

func (*segmented) Kind() Kind { return LRU }

// Renews: what is overwritten begins anew, as in memcached.
func (*segmented) Renews() bool { return true }

func segWord(s Segment, now uint32) uint32 { return uint32(s)<<segShift | now&segClock }

// tick is the time by the clock, which has moved on if the second has.
func (p *segmented) tick() uint32 {
	if second := uint32(p.now() / 1000); second != p.past.second.Load() {
		p.past.note(&p.clock, second)
	}
	return p.clock.Load()
}

func (p *segmented) Insert(_ uint64, _ uint32, expireAt int64) uint32 {
	if n := p.fine.Add(1); n&(1<<p.shift.Load()-1) == 0 {
		p.clock.Add(1)
	}
	s := Hot
	if expireAt != 0 && p.short(expireAt) {
		s = Temp
	}
	return segWord(s, p.tick())
}

// short tells whether an item that expires then belongs into TEMP.
func (p *segmented) short(expireAt int64) bool {
	ttl := p.tuning.Load().TempTTL
	return ttl >= 0 && (expireAt-p.now())/1000 <= ttl
}

// Hit follows memcached: the first read marks an item as fetched, the second makes it active. That one moves it out of COLD, and within WARM to
// the head; in HOT it tells at the tail where to go, and in TEMP nothing.
func (p *segmented) Hit(_ uint64, access uint32) uint32 {
	if access&segFetched == 0 {
		return access | segFetched
	}
	switch s, _, _ := p.place(access); {
	case s == Cold:
		return segWord(Warm, p.tick()) | segFetched
	case s == Warm:
		return segWord(Warm, p.tick()) | segFetched | segActive
	}
	return access | segActive
}

// place tells in which queue an item is by now, for how many ticks, and whether it was read twice there.
func (p *segmented) place(access uint32) (s Segment, age uint32, active bool) {
	s, active = Segment(access>>segShift), access&segActive != 0
	age = (p.clock.Load() - access) & segClock
	if s == Hot {
		limit := p.hot.Load()
		if age < limit {
			return Hot, age, active
		}
		age -= limit
		if !active {
			return Cold, age, false
		}
		s, active = Warm, false
	}
	if s == Warm {
		limit := p.warm.Load()
		if age < limit {
			return Warm, age, active
		}
		return Cold, age - limit, false
	}
	return s, age, active
}

// held tells whether an item is in TEMP, out of reach. Words that another policy wrote may say so too, and an expiry may have been changed: only
// what is gone soon is believed.
func (p *segmented) held(access uint32, expireAt int64) bool {
	return access>>segShift == uint32(Temp) && expireAt != 0 && p.short(expireAt)
}

// standing is place for who knows the expiry too: what is in TEMP by its word only is where it would be if it had begun in HOT.
func (p *segmented) standing(access uint32, expireAt int64) (s Segment, age uint32, active bool) {
	if access>>segShift == uint32(Temp) && !p.held(access, expireAt) {
		access = access&^(uint32(Temp)<<segShift) | uint32(Hot)<<segShift
	}
	return p.place(access)
}

// Segment implements Segmenter.
func (p *segmented) Segment(access uint32, expireAt int64) (Segment, bool) {
	s, _, active := p.standing(access, expireAt)
	return s, active
}

// WasIn implements Segmenter: an item that has just come to WARM was in COLD.
func (p *segmented) WasIn(access uint32, expireAt int64) Segment {
	if access>>segShift == uint32(Warm) && access&segActive == 0 {
		return Cold
	}
	s, _ := p.Segment(access, expireAt)
	return s
}

// Idle is the time since an item was put into a queue or moved within it.
func (p *segmented) Idle(access uint32) (int64, bool) {
	now := p.clock.Load()
	second, ok := p.past.at(now - (now-access)&segClock)
	return max(0, p.now()/1000-int64(second)), ok
}

// Bytes is asked before every write: it takes no lock.
func (p *segmented) Bytes() int { return historyBytes }

// Pick takes the candidate nearest to the tail of COLD. Where none is in COLD, the tail of HOT has to go there, and then that of WARM.
func (p *segmented) Pick(cands []Candidate) int {
	best, foremost := -1, uint32(0)
	var bytes [Segments]uint64
	for i := range cands {
		c := &cands[i]
		s, age, _ := p.standing(c.Access, c.ExpireAt)
		if s == Temp {
			continue
		}
		bytes[s] += uint64(c.Size)
		if at := segTurn[s] | age; best < 0 || at > foremost {
			best, foremost = i, at
		}
	}
	if best >= 0 {
		p.learn(bytes[Hot], bytes[Warm], bytes[Hot]+bytes[Warm]+bytes[Cold], cands[best].Access)
	}
	return best
}

// segTurn orders the queues by who goes first; ages lie below.
var segTurn = [Segments]uint32{Cold: 2 << 20, Hot: 1 << 20, Warm: 0}

// learn corrects the limits by one sample, of which hot and warm bytes are in these queues, and by its victim.
func (p *segmented) learn(hot, warm, all uint64, victim uint32) {
	t, span := p.tuning.Load(), float64(p.span.Load())
	if all > 0 {
		p.hotAge.set(corrected(p.hotAge.get(), t.HotShare-float64(hot)/float64(all), span))
		p.warmAge.set(corrected(p.warmAge.get(), t.WarmShare-float64(warm)/float64(all), span))
	}
	cold, age := p.coldAge.get(), float64((p.clock.Load()-victim)&segClock)
	if cold == 0 {
		cold = age
	}
	p.coldAge.set(cold + segGain*(age-cold))
	p.limit(t)
}

// corrected is an age by which a queue gets nearer to the share that it is missing. The step grows with the age, so that a limit that did not
// matter for long is found again soon.
func corrected(age, missing, span float64) float64 {
	return min(max(age+segGain*missing*max(age, span), 0), segLongest)
}

// limit puts shares and factors together. COLD's age is not known before the first victim.
func (p *segmented) limit(t *SegmentTuning) {
	hot, warm := p.hotAge.get(), p.warmAge.get()
	if cold := p.coldAge.get(); cold > 0 {
		hot, warm = min(hot, cold*t.HotFactor), min(warm, cold*t.WarmFactor)
	}
	p.hot.Store(uint32(hot))
	p.warm.Store(uint32(warm))
}

// Tune implements Segmenter.
func (p *segmented) Tune(t SegmentTuning) {
	p.tuning.Store(&t)
	if p.coldAge.get() == 0 {
		p.guess(p.span.Load())
	}
	p.limit(&t)
}

// guess sets the limits for as long as there was no victim: HOT's as if the newest items were in it.
func (p *segmented) guess(span uint32) {
	t := p.tuning.Load()
	p.hotAge.set(t.HotShare * float64(span))
	p.warmAge.set(min(t.WarmFactor*float64(span), segLongest))
}

// Resize keeps a lifetime below segLifetime ticks. Ages known so far are in ticks of the old length.
func (p *segmented) Resize(items int) {
	shift := uint32(0)
	for items>>shift > segLifetime {
		shift++
	}
	span := uint32(items) >> shift
	scale := math.Ldexp(1, int(p.shift.Swap(shift))-int(shift))
	p.span.Store(span)
	if p.coldAge.get() == 0 {
		p.guess(span)
	} else if scale != 1 {
		for _, a := range []*age64{&p.hotAge, &p.warmAge, &p.coldAge} {
			a.set(min(a.get()*scale, segLongest))
		}
	}
	p.limit(p.tuning.Load())
}
