// segments: what clients see of the queues of the policy memcached-lru, and of the one queue of allkeys-lru.

package memcached

import (
	"sync/atomic"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/evict"
)

// segmentCount names one figure of a size class about the queues, after the hits to each of them, which evict.Segment names.
type segmentCount uint8

const (
	movedToCold segmentCount = iota + segmentCount(evict.Segments) // counted when an item leaves COLD, other than deleted or overwritten
	movedToWarm                                                    // from COLD, by a read
	movedWithin                                                    // within WARM, by a read
	evictedActive
	segmentCounts // how many there are
)

// segmentTally counts by class. A worker has one from its first hit on with the policy memcached-lru; only that worker adds to it, so the atomic
// additions find the line in its cache. The engine has one for what the store removes.
type segmentTally [classLimit][segmentCounts]atomic.Uint64

func (t *segmentTally) reset() {
	for class := range t {
		for c := range t[class] {
			t[class][c].Store(0)
		}
	}
}

// readFrom counts a get that found an item, under its shard's lock: from which queue of p, and where that has moved it. Callers look for the policy
// themselves, so that without it a get costs a load and a branch.
func (x *call) readFrom(p evict.Segmenter, it core.Item) {
	t := x.tally.segments.Load()
	if t == nil {
		t = new(segmentTally)
		x.tally.segments.Store(t)
	}
	row, s := &t[classID(it.Size())&(classLimit-1)], p.WasIn(it.Access(), it.ExpireAt())
	row[s].Add(1)
	if is, _ := p.Segment(it.Access(), it.ExpireAt()); is != evict.Warm {
		return
	}
	if s == evict.Cold {
		row[movedToWarm].Add(1)
		row[movedToCold].Add(1)
	} else {
		row[movedWithin].Add(1)
	}
}

// lostFrom counts what the store has removed. Any goroutine.
func (e *Engine) lostFrom(it core.Item, why core.RemoveReason) {
	class := classID(it.Size()) & (classLimit - 1)
	if why == core.Evicted {
		idle, _ := e.store.IdleSeconds(it)
		e.evictedIdle[class].Store(idle)
	}
	p := e.store.Segmenter()
	if p == nil {
		return
	}
	s, active := p.Segment(it.Access(), it.ExpireAt())
	if s == evict.Cold || why == core.Evicted && s == evict.Hot { // the tail of HOT goes by way of COLD
		e.lost[class][movedToCold].Add(1)
	}
	if active && why == core.Evicted {
		e.lost[class][evictedActive].Add(1)
	}
}

// segmentsOf is a figure of one class, over all workers; of all classes if class is negative.
func (e *Engine) segmentsOf(class int, c segmentCount) (n int64) {
	add := func(t *segmentTally) {
		if class >= 0 {
			n += int64(t[class][c].Load())
			return
		}
		for class := range t {
			n += int64(t[class][c].Load())
		}
	}
	add(&e.lost)
	for _, x := range *e.calls.Load() {
		if x != nil {
			if t := x.tally.segments.Load(); t != nil {
				add(t)
			}
		}
	}
	return n
}

// censusMost is how many items a census looks at: some 2 ms. In a larger store they stand for the others.
const censusMost = 1 << 14

// census tells for every class how many of the items looked at are in which queue, and how long those nearest to the tails are there, in seconds.
type census struct {
	n   [classLimit][evict.Segments]int64
	age [classLimit][evict.Segments]int64
}

// takeCensus walks over the items, since queues that are told apart by age have no counts; nil if the policy has no queues.
func (x *call) takeCensus() *census {
	store := x.e.store
	p := store.Segmenter()
	if p == nil && store.Policy() != "allkeys-lru" {
		return nil
	}
	c, seen := new(census), 0
	x.tx.Each(0, func(it core.Item) bool {
		class, s := classID(it.Size())&(classLimit-1), evict.Cold
		if p != nil {
			s, _ = p.Segment(it.Access(), it.ExpireAt())
		}
		idle, _ := store.IdleSeconds(it)
		c.n[class][s]++
		c.age[class][s] = max(c.age[class][s], idle)
		seen++
		return seen < censusMost
	})
	return c
}

// share gives the items of a class that has so many to the queues, in the proportions of the census.
func (c *census) share(class int, items int64) (n [evict.Segments]int64) {
	seen, given := int64(0), int64(0)
	for _, k := range c.n[class] {
		seen += k
	}
	if seen == 0 {
		n[evict.Cold] = items
		return n
	}
	for s, k := range c.n[class] {
		n[s] = k
		if seen != items {
			n[s] = items * k / seen
		}
		given += n[s]
	}
	n[evict.Cold] += items - given
	return n
}
