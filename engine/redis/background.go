// Background: the engine's own goroutines and their end, and the one job at a time that walks over all data.

package redis

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/cachesrv/cachesrv/engine"
)

// job is what walks over all data in the background. The store takes one snapshot at a time, so there is one job at a time.
type job int32

const (
	noJob      job = iota
	jobSave        // a snapshot to a file: SAVE, BGSAVE, a save rule
	jobRewrite     // the append-only file is written anew
	jobSend        // a snapshot to a client
)

// background is what runs beside the clients. stop is closed once, when the engine closes; who was started by start ends then.
type background struct {
	stop    chan struct{}
	closing sync.Once
	ending  sync.Once
	mu      sync.Mutex // guards what follows up to running
	closed  bool
	freed   chan struct{} // closed and made anew when a job ends
	running sync.WaitGroup

	job          atomic.Int32
	walked, keys atomic.Int64 // of the job: keys written, and how many there are
	spool        atomic.Pointer[spool]
	lastPeak     atomic.Int64 // most bytes that waited in the spool of the last job
}

func (b *background) init() { b.stop, b.freed = make(chan struct{}), make(chan struct{}) }

// start runs f as a background worker of the engine, whose end Close waits for. false: the engine is closed.
func (e *Engine) start(name string, f func()) bool {
	b := &e.background
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.running.Add(1)
	engine.Go(name, e.log, func() {
		defer b.running.Done()
		f()
	})
	return true
}

// startLowly is start for work that gives way to clients.
func (e *Engine) startLowly(name string, f func()) bool {
	return e.start(name, func() { engine.Lowly(f) })
}

// begin claims the place of the one job; false: another is at work.
func (e *Engine) begin(j job) bool { return e.background.job.CompareAndSwap(int32(noJob), int32(j)) }

// await is begin that waits while other jobs are at work.
func (e *Engine) await(ctx context.Context, j job) error {
	for {
		freed := e.nextFree()
		if e.begin(j) {
			return nil
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return ctx.Err()
		case <-e.background.stop:
			return errClosing
		}
	}
}

// nextFree is closed when the next job ends.
func (e *Engine) nextFree() <-chan struct{} {
	e.background.mu.Lock()
	defer e.background.mu.Unlock()
	return e.background.freed
}

// finish gives the place back.
func (e *Engine) finish() {
	b := &e.background
	b.walked.Store(0)
	b.keys.Store(0)
	b.job.Store(int32(noJob))
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.freed)
	b.freed = make(chan struct{})
	e.saves.look()
	e.aof.ring()
}

// working tells which job is at work.
func (e *Engine) working() job { return job(e.background.job.Load()) }

// closing tells that the engine closes.
func (e *Engine) closing() bool {
	select {
	case <-e.background.stop:
		return true
	default:
		return false
	}
}

// Close ends what runs in the background. No client may be served any more.
func (e *Engine) Close() {
	b := &e.background
	b.closing.Do(func() {
		b.mu.Lock()
		b.closed = true
		b.mu.Unlock()
		close(b.stop)
	})
	end := func() {
		b.ending.Do(func() {
			b.running.Wait()
			e.unlockSnapshot()
			e.aof.close()
		})
	}
	if e.stopping.hasty.Load() {
		e.inHaste(end)
	} else {
		end()
	}
}
