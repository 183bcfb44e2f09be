// What the append-only file needs while the server runs: it is turned on and off, written anew when it has grown, and tells how it is.

package redis

import (
	"errors"
	"time"

	"github.com/cachesrv/cachesrv/engine/redis/aof"
)

// logTick is how often the log's size is looked at; rewriteRetry is how long a rewrite that the server itself wanted is not tried again after it failed.
const (
	logTick      = time.Second
	rewriteRetry = 5 * time.Second
)

// keep runs until the engine ends.
func (a *appendOnly) keep() {
	tick := time.NewTicker(logTick)
	defer tick.Stop()
	a.ring()
	for {
		select {
		case <-a.e.background.stop:
			return
		case <-a.wake:
		case <-tick.C:
		}
		a.look()
	}
}

// look does what is due.
func (a *appendOnly) look() {
	l, on := a.log.Load(), a.e.settings.Bool("appendonly")
	switch {
	case on && l == nil:
		if err := a.turnOn(); err != nil {
			a.e.log.Error("The append-only file cannot be turned on. It is tried again.", "error", err)
			return
		}
	case !on && l != nil:
		a.turnOff()
		return
	case !on:
		a.releaseWaits(^uint64(0)) // who began to wait while it was turned off
	}
	a.mu.Lock()
	scheduled := a.scheduled
	rested := time.Since(a.tried) > a.retry || a.failures == 0
	overdue := false
	for _, t := range a.replaced {
		overdue = overdue || time.Since(t) > time.Duration(a.history.Int())*time.Second
	}
	a.mu.Unlock()
	if l = a.log.Load(); l != nil && rested && (l.Anew() || a.grown(l)) {
		scheduled = true
	}
	switch {
	case scheduled:
		a.start() // else when the other job is done: finish rings
	case overdue && a.e.begin(jobRewrite):
		a.collect()
		a.e.finish()
	}
}

// grown tells that the log is so much longer than after the last rewrite that another one is due.
func (a *appendOnly) grown(l *aof.Log) bool {
	percent := a.e.settings.Int("auto-aof-rewrite-percentage")
	if percent <= 0 || !l.Good() {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	size := a.sizeHeld() + l.Figures().Size
	if size <= a.e.settings.Int("auto-aof-rewrite-min-size") {
		return false
	}
	base := max(a.base, 1)
	if growth := size*100/base - 100; growth < percent {
		return false
	}
	a.e.log.Info("Starting automatic rewriting of AOF", "size", size, "after the last one", base)
	return true
}

// turnOn begins a log with nothing in it. The rewrite that look begins makes it a whole one; until then nothing is promised.
func (a *appendOnly) turnOn() error {
	if err := a.takeLock(); err != nil {
		return err
	}
	if err := a.makeDir(); err != nil {
		return err
	}
	l, err := aof.Open(nil, 0, a.policy(), a.hooks())
	if err != nil {
		return err
	}
	l.SetStamps(a.stamps())
	a.use(l)
	a.mu.Lock()
	a.failures = 0
	a.mu.Unlock()
	return nil
}

// turnOff ends the log. Its files stay as they are.
func (a *appendOnly) turnOff() {
	a.mu.Lock()
	if a.cancel != nil {
		a.cancel()
	}
	a.scheduled = false
	a.mu.Unlock()
	ctx, cancel := a.e.context()
	defer cancel()
	if a.e.await(ctx, jobRewrite) != nil {
		return // the engine ends, and the log with it
	}
	defer a.e.finish()
	if err := a.drop(); err != nil && !errors.Is(err, aof.ErrClosed) {
		a.e.log.Error("The append-only file could not be made safe when it was turned off", "error", err)
	}
}

// safe tells that everything up to a position is on the disk.
func (a *appendOnly) safe(pos uint64) bool {
	l := a.log.Load()
	return l != nil && l.Synced() >= pos
}

// await ends a client's wait when a position is on the disk.
func (a *appendOnly) await(pos uint64, b *blocked, reply string) {
	a.mu.Lock()
	a.waits = append(a.waits, logWait{pos: pos, b: b, turn: b.turn.Load(), reply: reply})
	a.mu.Unlock()
	if a.safe(pos) {
		a.synced()
	}
}

// synced is told that more has reached the disk.
func (a *appendOnly) synced() {
	if l := a.log.Load(); l != nil {
		a.releaseWaits(l.Synced())
	}
}

func (a *appendOnly) releaseWaits(pos uint64) {
	a.mu.Lock()
	var ready []logWait
	rest := a.waits[:0]
	for _, w := range a.waits {
		switch {
		case w.b.turn.Load() != w.turn || w.b.Over(): // its time was up
		case w.pos <= pos:
			ready = append(ready, w)
		default:
			rest = append(rest, w)
		}
	}
	clear(a.waits[len(rest):])
	a.waits = rest
	a.mu.Unlock()
	for _, w := range ready {
		if w.b.turn.Load() == w.turn && w.b.end() {
			w.b.reply = append(w.b.someText[:0], w.reply...)
			w.b.resume()
		}
	}
}

// info writes the log's part of INFO.
func (a *appendOnly) info(r *report) {
	a.mu.Lock()
	defer a.mu.Unlock()
	l, on := a.log.Load(), a.e.settings.Bool("appendonly")
	running := a.e.working() == jobRewrite || on && !a.e.progress.on.Load() && (l == nil || l.Anew())
	current := int64(-1)
	if !a.began.IsZero() {
		current = int64(time.Since(a.began).Seconds())
	}
	took := int64(-1)
	if a.took >= 0 {
		took = int64(a.took.Seconds())
	}
	rewritten, written := "ok", "ok"
	if a.failures > 0 {
		rewritten = "err"
	}
	if a.why != nil {
		written = "err"
	}
	r.line("aof_enabled", flagOf(on))
	r.line("aof_rewrite_in_progress", flagOf(running))
	r.line("aof_rewrite_scheduled", flagOf(a.scheduled))
	r.line("aof_last_rewrite_time_sec", took)
	r.line("aof_current_rewrite_time_sec", current)
	r.line("aof_last_bgrewrite_status", rewritten)
	r.line("aof_rewrites", a.rewrites)
	r.line("aof_rewrites_consecutive_failures", a.failures)
	r.line("aof_last_write_status", written)
	r.zeros("aof_last_cow_size", "module_fork_in_progress", "module_fork_last_cow_size")
	if !on || l == nil {
		return
	}
	f := l.Figures()
	r.line("aof_current_size", a.sizeHeld()+f.Size)
	r.line("aof_base_size", a.base)
	r.line("aof_pending_rewrite", flagOf(a.scheduled))
	r.line("aof_buffer_length", f.Buffer)
	r.line("aof_pending_bio_fsync", flagOf(f.Syncing))
	r.line("aof_delayed_fsync", f.Delayed)
}
