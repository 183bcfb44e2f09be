// Tests of memcached's queues by sampling.
package evict

import "testing"

func TestSegmentedProtectsItemsHitTwice(t *testing.T) {
	p, _ := policy(t, "memcached-lru", Options{})
	p.Resize(100)
	add := func(hits int) Candidate {
		c := Candidate{Access: p.Insert(1, 1)}
		for range hits {
			c.Access = p.Hit(1, c.Access)
		}
		return c
	}
	twice, once, never := add(2), add(1), add(0)
	for range 50 {
		add(0)
	}
	young := add(0)
	// One hit only marks an item: the older of never and once goes, as if both were unused.
	if got := p.Pick([]Candidate{young, never, once, twice}); got != 2 {
		t.Fatalf("picked %d, want the oldest inactive", got)
	}
	// An active item goes once it is idle for more than twice the age of the inactive.
	if got := p.Pick([]Candidate{young, twice}); got != 1 {
		t.Fatalf("picked %d, want the long idle active item", got)
	}
}

func TestSegmentedClockKeepsItsBitsForLargeStores(t *testing.T) {
	p, _ := policy(t, "memcached-lru", Options{})
	p.Resize(1 << 22)
	first := Candidate{Access: p.Insert(1, 1)}
	for range 1 << 22 {
		p.Insert(1, 1)
	}
	last := Candidate{Access: p.Insert(1, 1)}
	if got := p.Pick([]Candidate{last, first}); got != 1 {
		t.Fatal("the clock has wrapped within one lifetime")
	}
}
