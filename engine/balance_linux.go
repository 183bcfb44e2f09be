// Balance: connections live on as few loops as the load needs. They start on the first one, spread when a loop is full, and are gathered
// again when the work fits on fewer: few connections on many threads cost every server a good part of its speed.

package engine

import (
	"time"

	"golang.org/x/sys/unix"
)

const (
	balanceEvery = 100 * time.Millisecond
	fullLoop     = 0.85 // a loop that uses more than this of a core sheds connections
	easyLoop     = 0.50 // one that uses less takes some before another loop is started
	gatherBelow  = 0.60 // all work at most this part of one loop less: gather
	hotWindows   = 2    // windows in a row before shedding
	calmWindows  = 10   // windows in a row before gathering
	everything   = 1 << 40
)

// balancer belongs to the monitor's goroutine.
type balancer struct {
	fleet *fleet
	last  int64 // when the present window began, ns
	loads map[*loop]*load
	calm  int // windows in a row in which fewer loops would do
}

// load is what one loop did in the last window. The thread's CPU time is the measure, not how long it was awake: where the cores are
// what is short, more threads would not help.
type load struct {
	tid, cpu int64
	busy     float64 // of one core
	active   int64   // connections that were served
	hot      int     // windows in a row
}

// threadTime is the CPU time a thread has used, 0 if it is gone.
func threadTime(tid int64) int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^tid<<3|6), &ts); err != nil { // the kernel's number for a thread's clock
		return 0
	}
	return ts.Nano()
}

// tick ends the window if it is over, and acts on it.
func (b *balancer) tick(loops []*loop) {
	now := b.fleet.srv.now()
	wall := now - b.last
	if b.fleet.srv.opts.Threads == 1 || wall < int64(balanceEvery) {
		return
	}
	b.last = now
	b.measure(loops, wall)
	open := loops[:0:0]
	for _, l := range loops {
		if !l.ending.Load() {
			open = append(open, l)
		}
	}
	if len(open) > 0 && !b.spread(open) {
		b.gather(open)
	}
}

func (b *balancer) measure(loops []*loop, wall int64) {
	loads := make(map[*loop]*load, len(loops))
	for _, l := range loops {
		m := b.loads[l]
		if m == nil {
			m = &load{}
		}
		tid := l.tid.Load()
		cpu := threadTime(tid)
		m.busy = 0
		if tid == m.tid && cpu >= m.cpu {
			m.busy = float64(cpu-m.cpu) / float64(wall)
		}
		m.tid, m.cpu = tid, cpu
		m.active = l.active.Swap(0)
		l.window.Add(1)
		l.busy.Store(int64(m.busy * 1000))
		if m.hot++; m.busy <= fullLoop {
			m.hot = 0
		}
		loads[l] = m
	}
	b.loads = loads
}

// spread relieves the fullest loop; true if there was anything to do.
func (b *balancer) spread(open []*loop) bool {
	var hot, cool *loop
	for _, l := range open {
		l.shed.Store(0)
		if m := b.loads[l]; m.hot >= hotWindows && m.active > 1 && (hot == nil || m.busy > b.loads[hot].busy) {
			hot = l
		}
		if cool == nil || b.loads[l].busy < b.loads[cool].busy {
			cool = l
		}
	}
	if hot == nil {
		return false
	}
	if (cool == hot || b.loads[cool].busy > easyLoop) && len(open) < b.fleet.srv.opts.Threads {
		fresh, err := b.fleet.grow()
		if err != nil {
			b.fleet.srv.log.Warn("cannot start another loop", "error", err)
		} else if fresh != nil {
			cool = fresh
			b.loads[fresh] = &load{}
		}
	}
	from, to := b.loads[hot], b.loads[cool]
	if from.busy-to.busy < fullLoop-easyLoop {
		return true // all are about as full
	}
	from.hot = 0 // measure what it brought before doing more
	n := int64(float64(from.active) * (from.busy - to.busy) / 2 / from.busy)
	hot.shedTo.Store(cool)
	hot.shed.Store(max(n, 1))
	return true
}

// gather ends the least busy loop when the others can do its work.
func (b *balancer) gather(open []*loop) {
	var sum float64
	for _, l := range open {
		sum += b.loads[l].busy
	}
	if len(open) == 1 || sum > gatherBelow*float64(len(open)-1) {
		b.calm = 0
		return
	}
	if b.calm++; b.calm < calmWindows {
		return
	}
	b.calm = 0
	var least, heir *loop
	for _, l := range open {
		if l != b.fleet.first && (least == nil || b.loads[l].busy < b.loads[least].busy) {
			least = l
		}
	}
	for _, l := range open {
		if l != least && (heir == nil || b.loads[l].busy < b.loads[heir].busy) {
			heir = l
		}
	}
	b.fleet.retire(least, heir)
}

// grow starts one more loop; nil if the fleet is ending.
func (f *fleet) grow() (*loop, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.final {
		return nil, nil
	}
	l, err := f.newLoop(f.numbers)
	if err != nil {
		return nil, err
	}
	f.numbers++
	loops := append([]*loop(nil), *f.running.Load()...)
	loops = append(loops, l)
	f.running.Store(&loops)
	f.spare().assign <- l
	return l, nil
}

// retire has a loop give all its connections to another and end with the last of them.
func (f *fleet) retire(l, heir *loop) {
	f.mu.Lock()
	l.ending.Store(true)
	f.mu.Unlock()
	l.shedTo.Store(heir)
	l.shed.Store(everything)
	f.srv.eachConn(func(c *Conn) {
		if c.home == driver(l) {
			c.mail()
		}
	})
	l.tell(func(*thread) {})
}

// claim takes a place for one more connection on l, unless l is ending.
func (f *fleet) claim(l *loop) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if l.ending.Load() {
		return false
	}
	l.conns.Add(1)
	return true
}

// homeFor chooses the loop of a new connection and takes a place there: the accepting one, or while that is full the least busy.
func (f *fleet) homeFor(accepting *loop) *loop {
	if accepting.busy.Load() > fullLoop*1000 {
		best := accepting
		for _, l := range *f.running.Load() {
			if l.busy.Load() < best.busy.Load() && !l.ending.Load() {
				best = l
			}
		}
		if best != accepting && f.claim(best) {
			return best
		}
	}
	accepting.conns.Add(1)
	return accepting
}

// moveAway gives c to the loop that takes load over, unless a request is half read or work is left. c must not be touched after it.
func (l *loop) moveAway(c *Conn) {
	to := l.shedTo.Load()
	if to == nil || c.queued || len(c.in) > 0 || c.has(flagHeld|flagDead|flagKilled|flagClosing|flagWaits) {
		return
	}
	if !l.fleet.claim(to) { // it is given up itself by now
		if to = l.fleet.first; !l.ending.Load() || to == l || !l.fleet.claim(to) {
			l.shed.Store(0)
			return
		}
		l.shedTo.Store(to)
	}
	l.timers.remove(c)
	if err := unix.EpollCtl(l.epfd, unix.EPOLL_CTL_DEL, c.fd, nil); err != nil {
		l.fleet.srv.log.Error("cannot take a connection out of a loop", "client", c.ID, "error", err)
	}
	l.shed.Add(-1)
	l.conns.Add(-1)
	l.fleet.srv.tally.moved.Add(1)
	c.place = nil
	c.mu.Lock()
	c.home = to
	c.mailed = true
	to.visit(c)
	c.mu.Unlock()
}
