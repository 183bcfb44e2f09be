// Tests of memcached's queues by ages.
package evict

import (
	"math"
	"math/rand/v2"
	"testing"
)

// segments makes the policy; its limits are those of a store of so many items that has not evicted yet.
func segments(t *testing.T, items int, tune SegmentTuning) (*segmented, *testClock) {
	t.Helper()
	p, clock := policy(t, "memcached-lru", Options{Segments: tune})
	p.Resize(items)
	return p.(*segmented), clock
}

// put is a new item that was read so often.
func put(p Policy, reads int) Candidate {
	c := Candidate{Access: p.Insert(1, 1, 0), Size: 1}
	for range reads {
		c.Access = p.Hit(1, c.Access)
	}
	return c
}

func in(t *testing.T, p *segmented, c Candidate, want Segment, active bool) {
	t.Helper()
	if s, a := p.Segment(c.Access, c.ExpireAt); s != want || a != active {
		t.Fatalf("the item is in %d, active %v, want %d, %v", s, a, want, active)
	}
}

// The ways of an item: HOT until a fifth of the items is younger, then COLD, or WARM if it was read twice.
func TestSegmentedMovesItemsAsMemcachedDoes(t *testing.T) {
	p, _ := segments(t, 100, DefaultSegments)
	never, once, twice := put(p, 0), put(p, 1), put(p, 2)
	in(t, p, never, Hot, false)
	in(t, p, once, Hot, false)
	in(t, p, twice, Hot, true)
	for range 20 {
		put(p, 0)
	}
	in(t, p, never, Cold, false)
	in(t, p, once, Cold, false)
	in(t, p, twice, Warm, false)

	if never.Access = p.Hit(1, never.Access); p.WasIn(never.Access, 0) != Cold {
		t.Error("the first read moved the item")
	}
	in(t, p, never, Cold, false)
	never.Access = p.Hit(1, never.Access)
	if p.WasIn(never.Access, 0) != Cold {
		t.Error("it does not know that the item was in COLD")
	}
	in(t, p, never, Warm, false)
	never.Access = p.Hit(1, never.Access)
	if p.WasIn(never.Access, 0) != Warm {
		t.Error("it does not know that the item was in WARM")
	}
	in(t, p, never, Warm, true)

	for range 200 { // twice the number of items: COLD's age and the factor of WARM
		put(p, 0)
	}
	in(t, p, never, Cold, false)
}

// The victim is the tail of COLD, then of HOT, then of WARM.
func TestSegmentedEvictsFromTheTails(t *testing.T) {
	p, _ := segments(t, 100, DefaultSegments)
	warm := put(p, 2)
	first := put(p, 0)
	second := put(p, 1)
	for range 30 {
		put(p, 0)
	}
	hot := put(p, 2)
	young := put(p, 0)
	for _, c := range []struct {
		cands []Candidate
		want  int
	}{
		{[]Candidate{young, hot, second, warm, first}, 4},
		{[]Candidate{young, hot, second, warm}, 2},
		{[]Candidate{young, hot, warm}, 1},
		{[]Candidate{warm}, 0},
	} {
		if got := p.Pick(c.cands); got != c.want {
			t.Fatalf("picked %d of %d, want %d", got, len(c.cands), c.want)
		}
	}
}

// What lives as long as temporary_ttl at most is neither moved nor evicted, until its expiry is changed or the setting.
func TestSegmentedHoldsTemporaryItems(t *testing.T) {
	tune := DefaultSegments
	tune.TempTTL = 60
	p, clock := segments(t, 100, tune)
	expiring := func(seconds int64) Candidate {
		at := clock.ms + seconds*1000
		return Candidate{Access: p.Insert(1, 1, at), ExpireAt: at, Size: 1}
	}
	short, long := expiring(60), expiring(61)
	in(t, p, short, Temp, false)
	in(t, p, long, Hot, false)
	for range 1000 {
		put(p, 0)
	}
	for range 5 {
		short.Access = p.Hit(1, short.Access)
	}
	in(t, p, short, Temp, true)
	if got := p.Pick([]Candidate{short}); got != -1 {
		t.Error("a temporary item may be evicted")
	}
	if got := p.Pick([]Candidate{short, put(p, 2)}); got != 1 {
		t.Error("a temporary item goes first")
	}
	clock.ms += 2000
	in(t, p, long, Cold, false) // 59 seconds are left: it is not temporary for that
	touched := short
	touched.ExpireAt += 3_600_000
	in(t, p, touched, Cold, false) // past HOT and WARM
	if got := p.Pick([]Candidate{touched}); got != 0 {
		t.Error("an item that lives an hour is held")
	}
	p.Tune(DefaultSegments)
	if got := p.Pick([]Candidate{short}); got != 0 {
		t.Error("temporary items are held when there are none any more")
	}
}

// crowd is a store of n items under a load in which a few keys are read often, with victims as the store samples them.
type crowd struct {
	p     *segmented
	r     *rand.Rand
	items []Candidate
	size  func() uint32
}

func (c *crowd) run(accesses int) {
	for range accesses {
		if i := c.r.IntN(len(c.items)); c.r.IntN(3) == 0 {
			c.items[i/4].Access = c.p.Hit(1, c.items[i/4].Access)
			continue
		}
		var at [10]int
		var cands [10]Candidate
		for i := range cands {
			at[i] = c.r.IntN(len(c.items))
			cands[i] = c.items[at[i]]
		}
		v := c.p.Pick(cands[:])
		c.items[at[v]] = Candidate{Access: c.p.Insert(1, 1, 0), Size: c.size()}
	}
}

// shares are the parts of the bytes in HOT and WARM.
func (c *crowd) shares() (hot, warm float64) {
	var bytes [Segments]float64
	all := 0.0
	for _, it := range c.items {
		s, _ := c.p.Segment(it.Access, 0)
		bytes[s] += float64(it.Size)
		all += float64(it.Size)
	}
	return bytes[Hot] / all, bytes[Warm] / all
}

// The shares of HOT and WARM are kept whatever they are, from the start and when they are changed.
func TestSegmentedKeepsTheShares(t *testing.T) {
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 5))
		loose := SegmentTuning{HotShare: 0.2, WarmShare: 0.3, HotFactor: 100, WarmFactor: 100, TempTTL: -1}
		p, _ := segments(t, 2000, loose)
		c := &crowd{p: p, r: r, size: func() uint32 { return uint32(10 + r.IntN(1000)) }}
		for range 2000 {
			c.items = append(c.items, Candidate{Access: p.Insert(1, 1, 0), Size: c.size()})
		}
		for _, want := range [][2]float64{{0.2, 0.3}, {0.6, 0.05}, {0.05, 0.3}, {0.2, 0.3}} {
			loose.HotShare, loose.WarmShare = want[0], want[1]
			p.Tune(loose)
			c.run(60_000)
			hot, warm := c.shares()
			if math.Abs(hot-want[0]) > 0.05 || math.Abs(warm-want[1]) > 0.05 {
				t.Errorf("seed %d: %.3f of the bytes are in HOT and %.3f in WARM, want %v", seed, hot, warm, want)
			}
		}
	}
}

// The factors bound the queues where the shares would let them grow.
func TestSegmentedKeepsTheFactors(t *testing.T) {
	p, _ := segments(t, 2000, SegmentTuning{HotShare: 0.8, WarmShare: 0.01, HotFactor: 0.1, WarmFactor: 2, TempTTL: -1})
	r := rand.New(rand.NewPCG(1, 6))
	c := &crowd{p: p, r: r, size: func() uint32 { return 1 }}
	for range 2000 {
		c.items = append(c.items, Candidate{Access: p.Insert(1, 1, 0), Size: 1})
	}
	c.run(60_000)
	if hot, _ := c.shares(); hot < 0.05 || hot > 0.15 {
		t.Errorf("%.3f of the items are in HOT, want about 0.1: a tenth of COLD's age", hot)
	}
}

func TestSegmentedClockKeepsItsBitsForLargeStores(t *testing.T) {
	p, _ := segments(t, 1<<22, DefaultSegments)
	first := put(p, 0)
	for range 1 << 22 {
		p.Insert(1, 1, 0)
	}
	if got := p.Pick([]Candidate{put(p, 0), first}); got != 1 {
		t.Fatal("the clock has wrapped within one lifetime")
	}
}

// When the unit of the clock changes, the limits mean the same number of items.
func TestSegmentedLimitsFollowTheClock(t *testing.T) {
	p, _ := segments(t, segLifetime, DefaultSegments)
	p.Pick([]Candidate{put(p, 0)})
	p.hotAge.set(1000)
	p.coldAge.set(20000)
	p.Resize(4 * segLifetime)
	if hot, cold := p.hotAge.get(), p.coldAge.get(); hot != 250 || cold != 5000 {
		t.Errorf("HOT is %v long and COLD %v, want 250 and 5000", hot, cold)
	}
}
