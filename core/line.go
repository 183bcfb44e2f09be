// Lines: who waits for a key to change, in the order in which they came.

package core

import (
	"bytes"
	"runtime"
	"slices"
	"sync/atomic"
)

// Wait is one client's wait for any of some keys. Await queues it, under the locks of the keys; it ends once, by whoever calls End first, and
// can then be used for the next wait: as soon as that one has called Store.Forget and let its owner know.
type Wait struct {
	// Owner is whatever the caller wants to find here again. Gone says that the wait also ends when a key goes away. Both are set before Await.
	Owner any
	Gone  bool

	state atomic.Uint32
	seats []seat // one per key; only what is within them changes after Await
	only  [1]seat
}

// The states of a Wait. While it is held, nobody else may end it.
const (
	stateOver uint32 = iota
	stateWaiting
	stateHeld
)

// seat is a Wait's place in one line. The mutex of the line's observers guards it.
type seat struct {
	of         *Wait
	line       *line
	number     uint64
	prev, next *seat
}

// line is those who wait for one key of a database. It exists while somebody does, and some stay for the next one: a queue that is worked off
// at once would make and drop its line for every job. The mutex of its shard's observers guards what changes.
type line struct {
	db          int
	key         Key // with a name of its own
	same        *line
	first, last *seat
	at          *seat  // where the latest walk is, nil before the first; only a hint
	number      uint64 // the last one given
	gone        int    // how many of them want to know when the key goes away
}

// waits counts lines, for statistics.
type waits struct{ lines, gone atomic.Int64 }

// End ends the wait; true for the one who did. The others must leave the waiting client alone. It waits for one who holds it.
func (w *Wait) End() bool {
	for !w.state.CompareAndSwap(stateWaiting, stateOver) {
		if w.Over() {
			return false
		}
		runtime.Gosched()
	}
	return true
}

// Hold keeps others from ending the wait, for some µs; false if it has ended, or somebody else holds it. What the waiting client left to be read
// stays as it is meanwhile. Resume takes it back, EndHeld ends the wait.
func (w *Wait) Hold() bool { return w.state.CompareAndSwap(stateWaiting, stateHeld) }
func (w *Wait) Resume()    { w.state.Store(stateWaiting) }
func (w *Wait) EndHeld()   { w.state.Store(stateOver) }

// Over tells that nobody waits by this Wait.
func (w *Wait) Over() bool { return w.state.Load() == stateOver }

// Begin begins a wait for no keys; Await does it too.
func (w *Wait) Begin() {
	w.seats = w.only[:0]
	w.state.Store(stateWaiting)
}

// Await queues a wait for keys of a database, whose shards must be locked. A key named twice counts once.
func (t *Tx) Await(w *Wait, db int, keys []Key) {
	w.Begin()
	if len(keys) > 1 {
		w.seats = make([]seat, 0, len(keys)) // never to grow: lines point into it
	}
	for _, k := range keys {
		t.mustHold(k)
		o := t.s.observersOf(k)
		o.mu.Lock()
		if l := o.lineOf(db, k); l == nil || l.last == nil || l.last.of != w {
			switch {
			case l == nil:
				l = &line{db: db, key: Key{slices.Clone(k.Name), k.Hash}, same: o.lines[k.Hash]}
				o.lines[k.Hash] = l
				t.s.waits.lines.Add(1)
			case l.first == nil:
				o.idle--
				t.s.waits.lines.Add(1)
			}
			w.seats = append(w.seats, seat{of: w, line: l})
			l.enter(&w.seats[len(w.seats)-1], &t.s.waits)
			o.n.Add(1)
		}
		o.mu.Unlock()
	}
}

// lineOf finds the line of a key, nil if there is none. o.mu is held.
func (o *observers) lineOf(db int, k Key) *line {
	for l := o.lines[k.Hash]; l != nil; l = l.same {
		if l.db == db && bytes.Equal(l.key.Name, k.Name) {
			return l
		}
	}
	return nil
}

// enter puts a place at the end of the line.
func (l *line) enter(p *seat, all *waits) {
	l.number++
	p.number, p.prev = l.number, l.last
	if l.last == nil {
		l.first = p
	} else {
		l.last.next = p
	}
	l.last = p
	if p.of.Gone {
		if l.gone++; l.gone == 1 {
			all.gone.Add(1)
		}
	}
}

// leave takes a place out of the line.
func (l *line) leave(p *seat, all *waits) {
	if p.prev == nil {
		l.first = p.next
	} else {
		p.prev.next = p.next
	}
	if p.next == nil {
		l.last = p.prev
	} else {
		p.next.prev = p.prev
	}
	if l.at == p {
		l.at = p.prev
	}
	p.prev, p.next = nil, nil
	if p.of.Gone {
		if l.gone--; l.gone == 0 {
			all.gone.Add(-1)
		}
	}
}

// Forget takes a wait out of all lines. The caller, who has ended it, need neither hold locks nor have entered the store.
func (s *Store) Forget(w *Wait) {
	for i := range w.seats {
		p := &w.seats[i]
		o := s.shardOf(p.line.key).observers
		o.mu.Lock()
		p.line.leave(p, &s.waits)
		if p.line.first == nil {
			s.waits.lines.Add(-1)
			if o.idle < keepLines && len(p.line.key.Name) <= keepName {
				o.idle++
			} else {
				o.dissolve(p.line)
			}
		}
		o.n.Add(-1)
		o.mu.Unlock()
	}
}

// So many lines without anybody stay in a shard, if their keys' names are not longer than that.
const (
	keepLines = 8
	keepName  = 64
)

// dissolve removes an empty line.
func (o *observers) dissolve(gone *line) {
	hash := gone.key.Hash
	if o.lines[hash] == gone {
		if gone.same == nil {
			delete(o.lines, hash)
		} else {
			o.lines[hash] = gone.same
		}
		return
	}
	for l := o.lines[hash]; l != nil; l = l.same {
		if l.same == gone {
			l.same = gone.same
		}
	}
}

// Waiting is for how many keys somebody waits, and for how many of them somebody wants to know when they go away.
func (s *Store) Waiting() (keys, gone int64) { return s.waits.lines.Load(), s.waits.gone.Load() }

// OnLost sets what is called for those who want to know when a key goes away that the store itself removes, by expiry or
// eviction: under the lock of a shard, so f must not block. Call it before the store is used.
func (s *Store) OnLost(f func(*Wait)) { s.onLost = f }

// lost tells them. The line's shard is locked.
func (s *Store) lost(l *line) {
	if s.onLost == nil {
		return
	}
	o := s.shardOf(l.key).observers
	o.mu.Lock()
	var tell []*Wait
	for p := l.first; p != nil; p = p.next {
		if p.of.Gone {
			tell = append(tell, p.of)
		}
	}
	o.mu.Unlock()
	for _, w := range tell {
		s.onLost(w)
	}
}

// note remembers that a key with a line has changed, unless it is the one whose line is being served: what the served take from it makes
// nobody else ready.
func (t *Tx) note(l *line) {
	const near = 16 // a line that is noted twice is looked at twice, which does no harm
	if l != t.serving && !slices.Contains(t.ready[max(len(t.ready)-near, t.served):], l) {
		t.ready = append(t.ready, l)
	}
}

// Reconsider has those looked at who wait for a key, whose shard must be locked, without telling others that it has changed.
func (t *Tx) Reconsider(db int, k Key) {
	t.mustHold(k)
	o := t.s.shardOf(k).observers
	if o == nil || o.n.Load() == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if l := o.lineOf(db, k); l != nil && l.first != nil {
		t.note(l)
	}
}

// Recall notes the keys of a wait as if they had changed.
func (t *Tx) Recall(w *Wait) {
	for i := range w.seats {
		t.note(w.seats[i].line)
	}
}

// Ready tells that keys have changed for which somebody waits. Whoever holds the Tx serves them before it unlocks, by NextLine.
func (t *Tx) Ready() bool { return len(t.ready) > 0 }

// Line is a walk over those who wait for a changed key, in order. Those who come while it lasts are not met.
type Line struct {
	l            *line
	number, last uint64
}

// NextLine takes the longest noted of the changed keys. Its shard need not be locked any more; false: there is none left.
func (t *Tx) NextLine() (Line, bool) {
	if t.served == len(t.ready) {
		clear(t.ready)
		t.ready, t.served, t.serving = t.ready[:0], 0, nil
		return Line{}, false
	}
	l := t.ready[t.served]
	t.served++
	t.serving = l
	o := t.s.shardOf(l.key).observers
	o.mu.Lock()
	defer o.mu.Unlock()
	return Line{l: l, last: l.number}, true
}

// DB and Key say which key it is. The name stays as it is while somebody waits and longer.
func (w *Line) DB() int  { return w.l.db }
func (w *Line) Key() Key { return w.l.key }

// Again makes Next give the last one again, if it still waits.
func (w *Line) Again() { w.number-- }

// Next gives the next wait that has not ended, nil after the last; with goneOnly the next of those who want to know when the key goes away.
func (t *Tx) Next(w *Line, goneOnly bool) *Wait {
	o := t.s.shardOf(w.l.key).observers
	o.mu.Lock()
	defer o.mu.Unlock()
	if goneOnly && w.l.gone == 0 {
		return nil
	}
	p := w.l.first
	if at := w.l.at; at != nil && at.number <= w.number { // not from the start, where many wait whom nothing suits
		p = at
	}
	for ; p != nil && p.number <= w.last; p = p.next {
		if p.number > w.number && !p.of.Over() && (p.of.Gone || !goneOnly) {
			w.l.at, w.number = p, p.number
			return p.of
		}
	}
	return nil
}
