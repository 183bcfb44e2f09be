// Holding shards for long: how others find out instead of waiting in a mutex.

package core

import (
	"slices"
	"sync/atomic"
	"time"
)

// holds are the marks of shards that somebody keeps for long: a script that works on its keys for seconds. Whoever fails to lock a marked shard
// waits where it costs no thread, see OnFree.
type holds struct {
	n    atomic.Int32  // who marks shards
	mark []atomic.Bool // by shard
}

// HoldLong marks what this Tx has locked, until Unlock. It costs nothing to those who want other shards.
func (t *Tx) HoldLong() {
	if t.long || t.alone || !t.locked() {
		return
	}
	t.long = true
	t.s.waiters.begin()
	t.eachHeld(func(i int) { t.s.holds.mark[i].Store(true) })
	t.s.holds.n.Add(1)
}

// endLong takes the marks away; the shards are still locked. Who waits is told after they are free.
func (t *Tx) endLong() {
	t.s.holds.n.Add(-1)
	t.eachHeld(func(i int) { t.s.holds.mark[i].Store(false) })
}

func (t *Tx) eachHeld(f func(i int)) {
	switch {
	case t.one != nil:
		f(t.oneAt)
	case t.all:
		for i := range t.s.shards {
			f(i)
		}
	default:
		for _, i := range t.held {
			f(int(i))
		}
	}
}

// Holds tells that a key may be used: its shard is locked by this Tx, or the store is held exclusively.
func (t *Tx) Holds(k Key) bool {
	if t.alone || t.all || t.one != nil && t.one == t.s.shardOf(k) {
		return true
	}
	_, ok := slices.BinarySearch(t.held, int32(k.Hash>>t.s.shift))
	return ok
}

// Alone tells that the store is held exclusively by this Tx.
func (t *Tx) Alone() bool { return t.alone }

// tryLock is lock that gives up on a marked shard. It never sleeps in the mutex, where it could not see the mark.
func (s *Store) tryLock(i int) bool {
	sh := &s.shards[i]
	if sh.mu.TryLock() {
		return true
	}
	for spins, pause := 0, 20*time.Microsecond; ; spins++ {
		if s.holds.n.Load() > 0 && s.holds.mark[i].Load() {
			return false
		}
		if sh.mu.TryLock() {
			return true
		}
		if spins < lockSpins {
			for range 32 { // as in lock
			}
			continue
		}
		time.Sleep(pause)
		pause = min(2*pause, time.Millisecond)
	}
}

// TryLock1, TryLock and TryLockAll are Lock1, Lock and LockAll, but for shards that are held for long: then they lock nothing and return
// false; try again when OnFree calls.
func (t *Tx) TryLock1(k Key) bool {
	t.mustBeFree()
	i := int(k.Hash >> t.s.shift)
	if !t.s.tryLock(i) {
		return false
	}
	t.one, t.oneAt = &t.s.shards[i], i
	return true
}

// TryLock: see TryLock1.
func (t *Tx) TryLock(keys []Key) bool {
	if len(keys) == 1 {
		return t.TryLock1(keys[0])
	}
	t.mustBeFree()
	t.collect(keys)
	for n, i := range t.held {
		if !t.s.tryLock(int(i)) {
			t.held = t.held[:n]
			t.Unlock()
			return false
		}
	}
	return true
}

// TryLockAll: see TryLock1.
func (t *Tx) TryLockAll() bool {
	t.mustBeFree()
	for i := range t.s.shards {
		if !t.s.tryLock(i) {
			for j := range i {
				t.s.shards[j].mu.Unlock()
			}
			return false
		}
	}
	t.all = true
	return true
}

// Nudge makes those who wait for the store look again, though it is not free: they may have to be told something.
func (s *Store) Nudge() {
	w := &s.waiters
	w.mu.Lock()
	calls := w.calls
	w.calls = nil
	w.mu.Unlock()
	for _, f := range calls {
		f()
	}
}
