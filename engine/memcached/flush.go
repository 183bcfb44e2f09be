// Flushing: emptying the store, now or at a later moment.

package memcached

import (
	"sync"
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// flush empties the store and journals it. Call it inside Enter…Leave with nothing locked.
func flush(tx *core.Tx) {
	tx.Exclusive(func() {
		tx.Flush(-1, false)
		if tx.Journalling() {
			tx.Record(0, [][]byte{wordFlush})
		}
	})
}

// flushEarly is by how much a delayed flush comes before the moment that is named, in ms. The original's does, whose clock counts
// whole seconds: a delay of 1 is at once, one of 2 within the next second.
const flushEarly = 1000

// flushIn empties the store at once for no delay, for 0, 1 and negative ones, else at the moment that seconds mean. Either replaces
// the moment of an earlier flush. Call it as flush.
func (x *call) flushIn(seconds int64) {
	now := x.tx.Now()
	if at := deadline(seconds, now) - flushEarly; at > now {
		x.e.flusher.schedule(at, now)
		return
	}
	x.e.flusher.cancel()
	if seconds > relativeMax && seconds <= x.e.started.Unix() {
		return // the moment is one before there was anything
	}
	flush(x.tx)
}

// flusher empties the store at the moment that a flush_all with a delay named. Everything stored before that moment
// goes, also what was stored after the command. There is at most one moment; a new flush_all replaces it.
type flusher struct {
	e *Engine

	mu     sync.Mutex // guards what follows
	timer  *time.Timer
	at     int64  // the moment, 0 none; it stays when the engine closes
	turn   uint64 // of the latest schedule; a timer of an earlier one does nothing
	closed bool

	tx   *core.Tx   // made at the first flush
	flow sync.Mutex // held during a timed flush: guards tx
}

// schedule sets the moment, in Unix ms of the store's clock.
func (f *flusher) schedule(at, now int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	f.stop()
	f.at = at
	turn := f.turn
	wait := min(at-now, int64(maxWait/time.Millisecond))
	f.timer = time.AfterFunc(time.Duration(wait)*time.Millisecond, func() {
		engine.Go("memcached-flush", f.e.log, func() { f.run(turn) })
	})
}

// maxWait keeps a moment far away from overflowing the timer: 200 years.
const maxWait = 200 * 365 * 24 * time.Hour

// cancel forgets a moment that has not come.
func (f *flusher) cancel() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stop()
	f.at = 0
}

// stop ends the pending timer. mu is held.
func (f *flusher) stop() {
	f.turn++
	if f.timer != nil {
		f.timer.Stop()
		f.timer = nil
	}
}

// close ends a pending flush for good, and waits for one that is running.
func (f *flusher) close() {
	f.mu.Lock()
	f.stop()
	f.closed = true
	f.mu.Unlock()
	f.flow.Lock()
	defer f.flow.Unlock()
}

// run is the timer's goroutine.
func (f *flusher) run(turn uint64) {
	f.flow.Lock()
	defer f.flow.Unlock()
	f.mu.Lock()
	current := turn == f.turn && !f.closed
	if current {
		f.at = 0
	}
	f.mu.Unlock()
	if !current {
		return
	}
	if f.tx == nil {
		f.tx = f.e.store.NewTx()
	}
	f.tx.Enter()
	defer f.tx.Leave()
	flush(f.tx)
}
