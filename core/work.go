// Work: what the store does beside what it was asked for, as far as others may have to wait for it.

package core

import "time"

// Work is a kind of it.
type Work uint8

const (
	Sweeping Work = iota // removing what is due, one batch of a shard
	Evicting             // making room for a write
)

// OnWork has f told how long each piece of such work takes from now on; nil ends that. f must not call the store, and may be called by several
// goroutines and while shards are locked.
func (s *Store) OnWork(f func(w Work, took time.Duration)) {
	if f == nil {
		s.onWork.Store(nil)
		return
	}
	s.onWork.Store(&f)
}

// swept is told when a batch of sweeping began that is over now.
func (s *Store) swept(began time.Time) {
	took := time.Since(began)
	s.counts.sweeping.Add(int64(took))
	if f := s.onWork.Load(); f != nil {
		(*f)(Sweeping, took)
	}
}

// overLimit keeps the time for which the memory in use was over the limit, as far as those saw it who wanted room. now is on the store's clock.
func (s *Store) overLimit(over bool, now int64) {
	since := s.counts.overSince.Load()
	switch {
	case over && since == 0:
		s.counts.overSince.CompareAndSwap(0, max(now, 1))
	case !over && since != 0 && s.counts.overSince.CompareAndSwap(since, 0):
		s.counts.overFor.Add(max(now-since, 0))
	}
}

// OverLimit tells in ms for how long the memory in use has been over the limit, now (0: it is not) and in all.
func (s *Store) OverLimit() (now, total int64) {
	if since := s.counts.overSince.Load(); since != 0 {
		now = max(s.now()-since, 0)
	}
	return now, s.counts.overFor.Load() + now
}
