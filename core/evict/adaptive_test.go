// Tests of the adaptive policy alone; hit ratios are tested in package sim.
package evict

import "testing"

func TestAdaptiveRemembersNothingWithoutALimit(t *testing.T) {
	p, _ := policy(t, "allkeys-adaptive", Options{})
	if p.Bytes() != 0 {
		t.Fatalf("%d bytes before a limit is known", p.Bytes())
	}
	a := p.Insert(1, 1, 0)
	p.Hit(1, a)
	p.Evicted(Candidate{Hash: 1, Access: a})
	p.Resize(1_000_000)
	if got := p.Bytes(); got > 3_000_000 || got < 1_000_000 {
		t.Fatalf("%d bytes for a million items", got)
	}
	p.Resize(0)
	if p.Bytes() != 0 {
		t.Fatalf("%d bytes after the limit was lifted", p.Bytes())
	}
}

func TestAdaptiveReallocatesOnlyWhenDoubledOrHalved(t *testing.T) {
	p, _ := policy(t, "allkeys-adaptive", Options{})
	a := p.(*adaptive)
	p.Resize(10_000)
	m := a.memory.Load()
	for _, items := range []int{10_000, 5_001, 19_999} {
		if p.Resize(items); a.memory.Load() != m {
			t.Fatalf("reallocated for %d items", items)
		}
	}
	p.Resize(20_000)
	if a.memory.Load() == m {
		t.Fatal("not reallocated for twice the items")
	}
	if a.memory.Load().learner != m.learner {
		t.Fatal("what was learned is lost")
	}
}

// Accesses advance the clock by 256 units in as many accesses as there are items, whatever the number.
func TestAdaptiveClockFollowsTheNumberOfItems(t *testing.T) {
	for _, items := range []int{256, 5000, 1 << 20} {
		p, _ := policy(t, "allkeys-adaptive", Options{})
		a := p.(*adaptive)
		p.Resize(items)
		for i := range items {
			p.Insert(mix(uint64(i)), 1, 0)
		}
		if n := a.clock.Load(); n < 200 || n > 560 {
			t.Errorf("%d items: %d units", items, n)
		}
	}
}

func TestAdaptiveLevelIsTheLogarithmOfTheCount(t *testing.T) {
	p, _ := policy(t, "allkeys-adaptive", Options{})
	p.Resize(256) // every access of another item is a unit
	sum := 0
	const items, hits = 1000, 15
	for i := range items {
		h := mix(uint64(i))
		a := p.Insert(h, 1, 0)
		for range hits {
			p.Insert(h+1, 1, 0)
			a = p.Hit(h, a)
		}
		sum += int(a & levelMask)
	}
	if mean := float64(sum) / items; mean < 3.5 || mean > 4.5 { // log2(1+15) = 4
		t.Fatalf("mean level %v after %d hits", mean, hits)
	}
	if got := warm(5, 3<<coolShift, 1<<63-1); got > 3 {
		t.Fatalf("level 5 is %d after three cooling times", got)
	}
}

func TestAdaptiveTakesABurstForOneAccess(t *testing.T) {
	p, _ := policy(t, "allkeys-adaptive", Options{})
	p.Resize(1 << 20)
	a := p.Insert(7, 1, 0)
	for range 1000 {
		a = p.Hit(7, a)
	}
	if level := a & levelMask; level > 2 {
		t.Fatalf("level %d after a burst", level)
	}
}

// A victim that comes back has the level it had.
func TestAdaptiveKnowsVictimsAgain(t *testing.T) {
	p, _ := policy(t, "allkeys-adaptive", Options{})
	p.Resize(1000)
	known := 0
	for i := range 100 {
		h := mix(uint64(i))
		p.Evicted(Candidate{Hash: h, Access: word(p.(*adaptive).clock.Load(), 5)})
		if p.Insert(h, 1, 0)&levelMask >= 4 {
			known++
		}
		if p.Insert(h, 1, 0)&levelMask != 0 {
			t.Fatal("a ghost was found twice")
		}
	}
	if known < 95 {
		t.Fatalf("%d of 100 victims known", known)
	}
}

// Without knowledge, and across the wrap of the 20-bit stamps, the oldest goes first.
func TestAdaptivePicksTheOldestAtFirst(t *testing.T) {
	p, _ := policy(t, "allkeys-adaptive", Options{})
	a := p.(*adaptive)
	p.Resize(100)
	a.clock.Store(1<<stampBits - 500)
	a.memory.Load().learner.due.Store(1 << 30)
	var cands []Candidate
	for i := range 10 {
		cands = append(cands, Candidate{Hash: mix(uint64(i)), Access: p.Insert(mix(uint64(i)), 1, 0)})
		a.clock.Add(100)
	}
	if got := p.Pick(cands); got != 0 {
		t.Fatalf("picked %d", got)
	}
	if got := p.Pick(cands[3:]); got != 0 {
		t.Fatalf("picked %d of the rest", got)
	}
}
