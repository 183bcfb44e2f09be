// Flush and Swap: whole databases, with the store held exclusively.

package core

import "time"

// Flush empties a database (-1: all of them) and returns how many items went. Only inside Exclusive. The memory is given back
// before Flush returns if sync, else by a background goroutine; it does not count as used from here on.
func (t *Tx) Flush(db int, sync bool) (items int) {
	t.mustBeAlone()
	t.announceAll(db)
	t.forgetTracked()
	var doomed []*keyspace
	for i := range t.s.shards {
		sh := &t.s.shards[i]
		for d := range t.s.dbs {
			pos := t.s.dbs[d].Load()
			ks := sh.spaces[pos]
			if ks == nil || db >= 0 && d != db {
				continue
			}
			items += ks.tab.Len()
			doomed = append(doomed, ks)
			sh.spaces[pos] = nil
			sh.count[pos].items.Store(0)
			sh.count[pos].expiring.Store(0)
			sh.count[pos].trail.Store(0)
		}
	}
	t.s.doom(doomed, sync)
	return items
}

// doom gives the memory of keyspaces back that were taken out of their shards. What a snapshot still walks is left to it.
func (s *Store) doom(spaces []*keyspace, sync bool) {
	free := spaces[:0]
	for _, ks := range spaces {
		table := int64(ks.tab.Bytes())
		s.sizes.dying.Add(ks.bytes + table)
		s.sizes.tables.Add(-table)
		ks.eachWheel(func(w *wheel) {
			s.sizes.heap.Add(-headsBytes)
			s.sizes.dying.Add(w.bytes())
			s.sizes.wheels.Add(-w.bytes())
		})
		ks.detached = true
		if ks.walk == nil {
			free = append(free, ks)
		}
	}
	if sync {
		for _, ks := range free {
			s.freeAll(ks, func() bool { return true })
		}
	} else if len(free) > 0 {
		s.start("lazyfree", func() { s.freeSlowly(free) })
	}
}

// freeSlowly frees in the background.
func (s *Store) freeSlowly(spaces []*keyspace) {
	pause := s.pauses()
	for _, ks := range spaces {
		s.freeAll(ks, pause)
	}
}

// pauses gives a function that waits as long as the work since its last call took, so that background work takes at most half a core from the
// others. It says false when the store closes.
func (s *Store) pauses() func() bool {
	last := time.Now()
	return func() bool {
		if s.hurry.Load() {
			return true
		}
		select {
		case <-s.stop: // all memory goes at once, unless it is kept
			return s.hurry.Load()
		case <-time.After(min(time.Since(last), 10*time.Millisecond)):
		}
		last = time.Now()
		return true
	}
}

// Swap exchanges two databases. Only inside Exclusive.
func (t *Tx) Swap(a, b int) {
	t.mustBeAlone()
	t.announceAll(a, b)
	t.announceAll(b, a)
	x, y := t.s.dbs[a].Load(), t.s.dbs[b].Load()
	t.s.dbs[a].Store(y)
	t.s.dbs[b].Store(x)
}

func (t *Tx) mustBeAlone() {
	if !t.alone {
		panic("core: only inside Exclusive")
	}
}
