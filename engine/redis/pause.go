// pause: for some time clients are not served (CLIENT PAUSE). Whoever comes with a request is suspended until then; nobody waits for it in
// a goroutine. Meanwhile the store removes nothing by itself: what expires is gone for readers, and goes afterwards. Nobody evicts, since only writes do.

package redis

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/engine"
)

// pause is the state of CLIENT PAUSE. Its end comes by a timer or by CLIENT UNPAUSE.
type pause struct {
	held atomic.Int64 // clients that are suspended for it

	mu      sync.Mutex       // guards what follows
	all     bool             // everything, not only what changes data
	holds   [holdAll + 1]int // how many want what to wait whatever else is asked for, until the engine itself is done with something
	end     time.Time        // zero: no pause
	timer   *time.Timer
	waiting map[*client]int // with the order in which they came
	came    int
}

// hold is what the engine itself holds back.
type hold uint8

const (
	holdNothing hold = iota
	holdWrites
	holdAll
)

// pauseClients begins a pause or changes the one there is: it becomes neither shorter nor, while it lasts, weaker.
func (e *Engine) pauseClients(d time.Duration, all bool) {
	p := &e.pause
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.end.After(now) {
		all = all || p.all
	} else {
		p.end = time.Time{}
	}
	p.all = all
	if end := now.Add(d); end.After(p.end) {
		p.end = end
	}
	e.alert.Or(alertPause)
	e.store.HoldExpiry(true)
	left := p.end.Sub(now)
	if p.timer == nil {
		p.timer = time.AfterFunc(left, func() { engine.Go("end of pause", e.log, e.pauseOver) })
	} else {
		p.timer.Reset(left)
	}
}

// pauseOver is called by the timer, which may be one that has been set anew meanwhile.
func (e *Engine) pauseOver() {
	p := &e.pause
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.end.After(time.Now()) {
		e.goOn()
	}
}

// unpause ends a pause before its time.
func (e *Engine) unpause() {
	e.pause.mu.Lock()
	defer e.pause.mu.Unlock()
	e.goOn()
}

// holdClients holds back what changes data, or everything but what works on a store that others have to themselves, until letGo. Several may do so at a time:
// a reload that is over must not end what the last snapshot before the end of the server needs.
func (e *Engine) holdClients(h hold) {
	e.pause.mu.Lock()
	defer e.pause.mu.Unlock()
	e.pause.holds[h]++
	e.alert.Or(alertPause)
}

// letGo is the end of a holdClients.
func (e *Engine) letGo(h hold) {
	e.pause.mu.Lock()
	defer e.pause.mu.Unlock()
	e.pause.holds[h]--
	if !e.pause.end.After(time.Now()) {
		e.goOn() // who still has to wait comes back
	}
}

// most is the most that anybody holds back. mu is held.
func (p *pause) most() hold {
	switch {
	case p.holds[holdAll] > 0:
		return holdAll
	case p.holds[holdWrites] > 0:
		return holdWrites
	}
	return holdNothing
}

// goOn lets everybody go on, in the order in which they came; pause.mu is held.
func (e *Engine) goOn() {
	p := &e.pause
	p.end, p.all = time.Time{}, false
	if p.timer != nil {
		p.timer.Stop()
	}
	e.store.HoldExpiry(false)
	if p.most() == holdNothing {
		e.alert.And(^alertPause)
	}
	order := slices.SortedFunc(maps.Keys(p.waiting), func(a, b *client) int { return p.waiting[a] - p.waiting[b] })
	p.waiting, p.came = nil, 0
	for _, c := range order {
		c.setBit(bitPaused, false)
		c.conn.Resume()
	}
	p.held.Store(0)
}

// mayChange reports a command that a pause of writes holds back: one that writes, and one that others see the effect of though
// it counts as reading. The queued commands of a transaction count for EXEC.
func (c *client) mayChange(cmd *command) bool {
	const changes = write | mayReplicate
	if cmd.name == "exec" && cmd.parent == nil && c.multi != nil {
		return slices.ContainsFunc(c.multi.requests, func(q queued) bool { return q.cmd.flags&changes != 0 })
	}
	return cmd.flags&changes != 0
}

// holdBack suspends c if a pause holds its request back; the request comes again when the pause is over.
func (c *client) holdBack(cmd *command) bool {
	p := &c.e.pause
	p.mu.Lock()
	defer p.mu.Unlock()
	paused, most := p.end.After(time.Now()), p.most()
	if !paused && most == holdNothing || !(paused && p.all) && most != holdAll && !c.mayChange(cmd) {
		return false
	}
	if p.waiting == nil {
		p.waiting = map[*client]int{}
	}
	p.came++
	p.waiting[c] = p.came
	p.held.Store(int64(len(p.waiting)))
	c.setBit(bitPaused, true)
	c.conn.Suspend()
	return true
}

// forgetPaused is for a client that is gone.
func (c *client) forgetPaused() {
	if c.public.bits.Load()&bitPaused == 0 {
		return
	}
	p := &c.e.pause
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiting, c)
	p.held.Store(int64(len(p.waiting)))
}

// refusedUnsaved tells whether a command is refused while snapshots fail: those that write, and the one by which others look after the server.
func (c *client) refusedUnsaved(cmd *command) bool {
	if cmd.parent != nil {
		return cmd.flags&write != 0
	}
	if cmd.name == "exec" && c.multi != nil {
		return slices.ContainsFunc(c.multi.requests, func(q queued) bool { return q.cmd.flags&write != 0 })
	}
	return cmd.flags&write != 0 || cmd.name == "ping"
}

// attend looks at what alert stands for: whether the request may go on.
func (c *client) attend(cmd *command, alert uint32) error {
	if c.monitor && cmd.flags&(write|readonly|mayReplicate) != 0 {
		return errMonitorData
	}
	switch {
	case alert&alertUnlogged != 0 && c.refusedUnsaved(cmd):
		return c.e.aof.refusal()
	case alert&alertUnsaved != 0 && c.refusedUnsaved(cmd):
		return errUnsaved
	case alert&alertLoading != 0 && cmd.flags&loading == 0:
		return errLoading
	}
	if alert&alertPause != 0 && !c.monitor && c.holdBack(cmd) {
		c.parked = true
	}
	return nil
}
