// thread: an OS thread that runs a loop, with the buffers and the worker it lends to the sessions.

package engine

import (
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// readBuffer is what one read of a connection without unfinished request can take. It stays in the second-level cache.
const readBuffer = 64 << 10

// thread runs one loop at a time. When the monitor takes the loop away in the middle of a turn, the thread finishes that turn
// alone, brings the connection back and becomes a spare.
type thread struct {
	fleet   *fleet
	w       *Worker
	buf     []byte
	records []byte // what is read of TLS connections; nil while there was none
	word    uint64 // the turn as this thread began it
	lost    bool   // the loop was taken away in that turn
	assign  chan *loop
}

func (f *fleet) newThread() *thread {
	t := &thread{fleet: f, w: f.srv.newWorker(), buf: make([]byte, readBuffer), assign: make(chan *loop, 1)}
	Go("loop thread", f.srv.log, t.main)
	return t
}

// main ends when the fleet needs no more spares.
func (t *thread) main() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for l := range t.assign {
		t.lost, t.word = false, l.turn.Load()
		l.tid.Store(int64(unix.Gettid()))
		if lost := t.runSafely(l); lost {
			t.fleet.lateDone()
		}
		if !t.fleet.park(t) {
			return
		}
	}
}

// runSafely runs the loop until it ends or is lost. A panic in the loop's own code costs the connection it happened
// with, not the loop.
func (t *thread) runSafely(l *loop) (lost bool) {
	for {
		lost, failed := t.runOnce(l)
		if !failed {
			return lost
		}
	}
}

func (t *thread) runOnce(l *loop) (lost, failed bool) {
	defer func() {
		if r := recover(); r != nil {
			caught(t.fleet.srv.log, "network loop", r)
			t.w.discard()
			t.w = t.fleet.srv.newWorker()
			if !t.still(l) {
				lost = true
				return
			}
			if c := l.current; c != nil && !c.has(flagDead) {
				c.Kill("a panic in the network loop")
			}
			failed = true
		}
	}()
	return t.run(l), false
}

// still ends the turn in which a panic came, if it was in one: false if the loop has been taken away. It belongs to another thread then, in whatever turn that is.
func (t *thread) still(l *loop) bool {
	switch {
	case t.lost:
		return false
	case l.turn.Load() == t.word:
		return t.word&turnBusy == 0 || t.end(l)
	}
	return l.turn.Load() == t.word&^turnBusy
}

// run is the loop itself. It returns true when the loop was taken away: then the thread must not touch it any more.
func (t *thread) run(l *loop) (lost bool) {
	for {
		l.now = t.fleet.srv.now()
		if !t.events(l) || !t.leftovers(l) || !t.letters(l) || !t.deadlines(l) {
			return true
		}
		if !t.settleRound(l) {
			return true
		}
		l.deliver()
		l.publish()
		if l.ending.Load() && l.conns.Load() == 0 && t.fleet.tryEnd(l) {
			return false
		}
		l.poll()
	}
}

// shortNap is how many ms a poll may last without the scheduler knowing. While requests come in, every wait is shorter, and what it saves is
// not the switch itself: the scheduler's watchdog, which runs every 20 µs while it finds processors in system calls, used a tenth of the
// CPU time of a server under load without pipelining (2 cores, 50 connections).
const shortNap = 5

// poll harvests the next batch, asleep if there is nothing at all to do.
func (l *loop) poll() {
	l.next, l.n = 0, 0
	if len(l.ready) > 0 || l.hasMail.Load() {
		l.harvest(pollNow(l.epfd, l.events[:], 0))
		return
	}
	ms := l.sleepFor()
	if ms != 0 {
		l.asleep.Store(true)
		if l.hasMail.Load() {
			ms = 0
		}
	}
	if nap := min(uint(ms), shortNap); ms == 0 || l.fleet.roomy.Load() {
		l.harvest(pollNow(l.epfd, l.events[:], int(nap)))
	}
	if l.n == 0 && ms != 0 && !l.hasMail.Load() {
		l.harvest(pollWait(l.epfd, l.events[:], ms))
	}
	l.asleep.Store(false)
	l.fleet.monitor.arm()
}

// harvest takes the result of a poll; an error means nothing (a signal of the scheduler came in between). That the loop woke is published at once and not
// with the round's other figures: a monitor about to sleep looks at it when it has said so, and a loop looks whether it has when this is said. So one
// of the two sees the other, and no long turn begins unwatched.
func (l *loop) harvest(n int, e syscall.Errno) {
	l.wakes++
	l.wakesSum.Store(l.wakes)
	if e == 0 {
		l.n = n
	}
}

// sleepFor is how many ms the loop may sleep, -1 for ever.
func (l *loop) sleepFor() int {
	when := l.timers.next()
	if l.acceptAt != 0 && (when == 0 || l.acceptAt < when) {
		when = l.acceptAt
	}
	if when == 0 {
		return -1
	}
	left := when - l.fleet.srv.now()
	if left <= 0 {
		return 0
	}
	return int(min(left/1e6+1, 3600e3))
}

// begin and end bracket everything that may take long. end is false if the loop was taken away meanwhile. Cost: two locked
// instructions, about 12 ns a turn.
func (t *thread) begin(l *loop, c *Conn) {
	l.seq++
	l.current = c
	t.word = l.seq*turnStep | turnBusy
	l.turn.Store(t.word)
}

func (t *thread) end(l *loop) bool {
	if l.turn.CompareAndSwap(t.word, t.word&^turnBusy) {
		return true
	}
	t.lost = true
	return false
}

// events serves the batch harvested.
func (t *thread) events(l *loop) bool {
	for l.next < l.n {
		ev := l.events[l.next]
		l.next++
		if ev.Fd < 0 {
			if ev.Fd < -1 {
				l.accept(int(-ev.Fd - 2))
			}
			continue // -1 woke the loop, which is all it is for
		}
		c := t.fleet.table.get(int(ev.Fd))
		if c == nil || int32(uint32(c.ID)) != ev.Pad || c.has(flagHeld|flagDead) {
			continue
		}
		if !t.event(l, c, ev.Events) {
			return false
		}
	}
	return true
}

// leftovers goes on with connections that had more to do than one turn.
func (t *thread) leftovers(l *loop) bool {
	if l.workNext == len(l.work) {
		l.work, l.ready = l.ready, l.work[:0]
		l.workNext = 0
	}
	for l.workNext < len(l.work) {
		c := l.work[l.workNext]
		l.work[l.workNext] = nil
		l.workNext++
		c.queued = false
		if !c.has(flagHeld|flagDead) && !t.proceed(l, c) {
			return false
		}
	}
	return true
}

// letters obeys orders and visits the connections that somebody asked to have visited.
func (t *thread) letters(l *loop) bool {
	if l.inboxNext == len(l.inbox) && l.hasMail.Load() {
		l.mu.Lock()
		l.inbox, l.mail = l.mail, l.inbox[:0]
		orders := l.orders
		l.orders = nil
		l.hasMail.Store(false)
		l.mu.Unlock()
		l.inboxNext = 0
		for _, f := range orders {
			f(t)
		}
	}
	for l.inboxNext < len(l.inbox) {
		c := l.inbox[l.inboxNext]
		l.inbox[l.inboxNext] = nil
		l.inboxNext++
		if !t.visit(l, c) {
			return false
		}
	}
	return true
}

// deadlines closes connections whose time is up.
func (t *thread) deadlines(l *loop) bool {
	if l.acceptAt != 0 && l.acceptAt <= l.now {
		l.acceptAt = 0
		l.listenAgain()
	}
	for {
		l.heed()
		c := l.timers.due(l.now)
		if c == nil {
			return true
		}
		if c.has(flagHeld | flagDead) {
			continue // the visit after the late turn sets the timer again
		}
		when, why := c.deadline()
		if when != 0 && when <= l.now && why == timeToWake {
			c.awaken()
			when, why = c.deadline()
		}
		if when > l.now {
			l.timers.set(c, coarse(when, l.now, why))
		}
		if when == 0 || when > l.now {
			continue
		}
		if why == softTooLong {
			c.exceeded(why)
		} else {
			t.fleet.srv.tally.idleClosed.Add(1)
		}
		if !t.close(l, c, why) {
			return false
		}
	}
}
