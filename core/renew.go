// Renewal: replacing a wheel most of whose entries are outdated, a little at a time.

package core

import (
	"math/bits"

	"github.com/cachesrv/cachesrv/core/table"
)

// renewal is what is left to do until a keyspace's new wheel has an entry for every item that needs one. Items that are removed leave theirs behind: in a full cache that takes
// in as many timed items as it evicts, half of all entries soon are outdated, and the wheel is renewed. Until all items are queued anew the old one still fires.
// Doing all of it at once held a shard of a million items for 250 ms (BenchmarkRenewal).
type renewal struct {
	old    *wheel
	cursor uint64 // Table.Scan's
	queued bool   // all items are: only the chunks of old are left to be given back
}

// renewSteps is how much of a renewal a planned expiry does: about 1 µs. A renewal is through after a seventh of as many plans as there are items.
const renewSteps = 2

// overgrown tells that more than half of a wheel's entries are outdated, or that too many could not be stored.
func (ks *keyspace) overgrown() bool {
	planned := int(ks.count.expiring.Load()) + ks.timed // items that need an entry
	return ks.wheel.entries > 2*planned+1024 || ks.wheel.lost && ks.wheel.entries < planned/2
}

// renew begins a renewal if one is due, and does so many steps of it. A step queues the items of a bucket or two, or gives a chunk back.
func (s *Store) renew(ks *keyspace, steps int) {
	if ks.renewal == nil {
		if !ks.overgrown() {
			return
		}
		ks.renewal = &renewal{old: ks.wheel}
		ks.wheel = &wheel{now: ks.wheel.now}
		s.sizes.heap.Add(headsBytes)
	}
	for r := ks.renewal; steps > 0; steps-- {
		switch {
		case !r.queued:
			r.cursor = ks.tab.Scan(r.cursor, func(p *table.Probe) { s.requeueItem(ks, p) })
			r.queued = r.cursor == 0
		case !r.old.drop(s):
			s.sizes.heap.Add(-headsBytes)
			ks.renewal = nil
			return
		}
	}
}

// requeueItem queues the item that p stands on, if it needs an entry.
func (s *Store) requeueItem(ks *keyspace, p *table.Probe) {
	if !p.Marked() && ks.timed == 0 {
		return
	}
	it := s.item(p.Ref())
	if at := s.due(it); at != 0 {
		ks.wheel.add(s, uint32(s.hash(it.Name())), s.sweeper.unit(at))
	}
}

// pop is wheel.pop of the wheel that has something due by unit to.
func (ks *keyspace) pop(s *Store, to uint32, buf *[chunkEntries]uint64) (*wheel, []uint64, bool) {
	if r := ks.renewal; r != nil && !r.queued {
		if entries, ok := r.old.pop(s, to, buf); ok {
			return r.old, entries, true
		}
	}
	entries, ok := ks.wheel.pop(s, to, buf)
	return ks.wheel, entries, ok
}

// nextUnit is when the first filled slot begins; false if none is.
func (ks *keyspace) nextUnit() (unit uint32, ok bool) {
	_, _, unit, ok = ks.wheel.next()
	if r := ks.renewal; r != nil && !r.queued {
		if _, _, at, some := r.old.next(); some && (!ok || at < unit) {
			return at, true
		}
	}
	return unit, ok
}

// drop gives a chunk back, whichever; false: there is none.
func (w *wheel) drop(s *Store) bool {
	for level, filled := range w.filled {
		if filled != 0 {
			w.take(s, level, bits.TrailingZeros64(filled))
			return true
		}
	}
	return false
}

// eachWheel calls f for what the keyspace has of wheels.
func (ks *keyspace) eachWheel(f func(w *wheel)) {
	if ks.wheel != nil {
		f(ks.wheel)
	}
	if ks.renewal != nil {
		f(ks.renewal.old)
	}
}
