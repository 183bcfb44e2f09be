// Memory and counters: what the store uses and what it did.

package core

import (
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/cachesrv/cachesrv/core/arena"
)

// usage counts memory in bytes that the arena does not count, or counts without knowing for what.
type usage struct {
	tables  atomic.Int64 // blocks of tables, in the arena
	wheels  atomic.Int64 // chunks of wheels, in the arena
	heap    atomic.Int64 // heads of wheels, on the Go heap
	dying   atomic.Int64 // flushed and not yet given back
	peak    atomic.Int64
	startup int64
}

// counters count events since start or ResetStats.
type counters struct {
	expired, expiredLazily, evicted, reclaimed, moved atomic.Int64
	sweeping                                          atomic.Int64 // ns
	overSince, overFor                                atomic.Int64 // ms, see overLimit
}

// used is what the limit limits. It costs five loads. What is dying is read first, and counted down only after it was freed, so that memory on
// its way back never counts as used.
func (s *Store) used() int64 {
	dying := s.sizes.dying.Load()
	return s.mem.Used() + s.sizes.heap.Load() - dying + s.fixed()
}

// fixed is the part of used that does not go with the items.
func (s *Store) fixed() int64 {
	return s.foreign.Load() + int64(s.evictor.current().Bytes()) +
		int64(len(s.shards))*int64(unsafe.Sizeof(shard{})+24*uintptr(len(s.dbs)))
}

// Memory is what the store's memory is used for, in bytes.
type Memory struct {
	Used    int64 // what the limit limits: Items, Tracked, Tables, Wheels, Policy, Foreign and the shards themselves
	Peak    int64 // highest Used seen by Memory or the compactor's look once a second
	Items   int64 // blocks of items, as allocated
	Tracked int64 // which keys were read by whom, see Tx.Track
	Tables  int64
	Wheels  int64
	Policy  int64
	Foreign int64 // client buffers and the like, see AddForeign
	Dying   int64 // flushed, being given back in the background; not in Used
	Mapped  int64 // pages that the arena holds: what the resident size should show of it
	Startup int64 // Used of the empty store
}

// Memory measures it, without locks.
func (s *Store) Memory() Memory {
	m := Memory{Dying: s.sizes.dying.Load(), Used: s.used(), Tables: s.sizes.tables.Load(), Policy: int64(s.evictor.current().Bytes()),
		Foreign: s.foreign.Load(), Mapped: s.mem.Mapped(), Startup: s.sizes.startup}
	chunks := s.sizes.wheels.Load()
	m.Wheels = chunks + s.sizes.heap.Load()
	m.Tracked = s.tracking.bytes.Load()
	m.Items = s.mem.Used() - m.Tables - chunks - m.Dying - m.Tracked
	m.Peak = s.notePeak(m.Used)
	return m
}

func (s *Store) notePeak(used int64) int64 {
	for {
		peak := s.sizes.peak.Load()
		if used <= peak {
			return peak
		}
		if s.sizes.peak.CompareAndSwap(peak, used) {
			return used
		}
	}
}

// AddForeign counts memory outside the store, such as client buffers, against the limit; negative to take it back.
func (s *Store) AddForeign(n int64) { s.foreign.Add(n) }

// Foreign is what AddForeign has counted.
func (s *Store) Foreign() int64 { return s.foreign.Load() }

// Class is the state of one size class of blocks; items, tables and wheels share them.
type Class = arena.Class

// Classes gives the size classes that are in use, in ascending size.
func (s *Store) Classes() []Class { return s.mem.Classes() }

// HugePages asks the system for large pages under the store.
func (s *Store) HugePages() error { return s.mem.HugePages() }

// Filling tells that a lot of data is about to come, or (false) that it has: new memory is taken from the system in large pages meanwhile, where it is used to the last.
func (s *Store) Filling(on bool) { s.mem.Filling(on) }

// Stats are the store's counters since start or ResetStats.
type Stats struct {
	Expired          int64 // items gone because they were due, however that was noticed
	ExpiredLazily    int64 // of those, noticed by a reader
	Evicted          int64
	ReclaimedExpired int64 // expired items removed where one had to be evicted
	Moved            int64 // blocks moved by the compactor
	Sweeping         time.Duration
}

// Stats reads the counters.
func (s *Store) Stats() Stats {
	c := &s.counts
	return Stats{Expired: c.expired.Load(), ExpiredLazily: c.expiredLazily.Load(), Evicted: c.evicted.Load(),
		ReclaimedExpired: c.reclaimed.Load(), Moved: c.moved.Load(), Sweeping: time.Duration(c.sweeping.Load())}
}

// ResetStats sets the counters, and the peak of memory, to zero.
func (s *Store) ResetStats() {
	for _, c := range []*atomic.Int64{&s.counts.expired, &s.counts.expiredLazily, &s.counts.evicted, &s.counts.reclaimed, &s.counts.moved, &s.counts.sweeping, &s.counts.overFor, &s.freer.freed, &s.sizes.peak} {
		c.Store(0)
	}
}
