// fleet: the loops of a server, the threads that run them, and the threads to spare.

package engine

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// maxSpares bounds the threads that late commands may keep busy at a time.
const maxSpares = 64

// fleet is the backend of epoll loops. The first loop accepts and stays for good; the others come and go with the load.
type fleet struct {
	srv     *Server
	table   connTable
	monitor monitor
	first   *loop
	running atomic.Pointer[[]*loop] // the loops as they are now; replaced under mu
	roomy   atomic.Bool             // there are more processors than loops and late threads: a loop may keep its own while it waits

	reserve    int   // descriptor to give up when there are none left (the first loop's)
	complained int64 // when the last warning about that was logged (the first loop's)

	mu      sync.Mutex // guards what follows
	idle    []*thread  // parked spares, at most one is kept
	late    int        // threads in a turn that lost them their loop
	numbers int        // loops made so far
	final   bool       // ending: no new loops
	closed  bool       // gone is closed
	gone    chan struct{}
	past    Stats // counters of loops that have ended
}

func newFleet(s *Server) (*fleet, error) {
	f := &fleet{srv: s, reserve: openReserve(), gone: make(chan struct{})}
	f.monitor.init(f)
	first, err := f.newLoop(0)
	if err != nil {
		return nil, err
	}
	f.first, f.numbers = first, 1
	f.running.Store(&[]*loop{first})
	f.measureRoom()
	return f, nil
}

func (f *fleet) start(listeners []*listener) error {
	for _, l := range listeners {
		f.add(l)
	}
	Go("loop monitor", f.srv.log, f.monitor.run)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spare().assign <- f.first
	return nil
}

func (f *fleet) add(from *listener) {
	f.first.tell(func(*thread) { f.first.addListener(from) })
}

func (f *fleet) remove(from *listener) {
	f.first.tell(func(*thread) {
		f.first.dropListener(from)
		from.close(f.srv.log)
	})
}

// stopAccepting returns when the first loop accepts no more.
func (f *fleet) stopAccepting() {
	done := make(chan struct{})
	f.first.tell(func(*thread) {
		f.first.dropListeners()
		close(done)
	})
	select {
	case <-done:
	case <-time.After(time.Second): // only if all spare threads are taken by late commands
	}
}

// drain asks every connection to end as soon as nothing is pending, and every loop to end with its last connection.
func (f *fleet) drain() {
	f.mu.Lock()
	f.final = true
	f.mu.Unlock()
	f.srv.eachConn(func(c *Conn) {
		c.flags.Or(flagStopping)
		c.mail()
	})
	for _, l := range *f.running.Load() {
		l.ending.Store(true)
		l.tell(func(*thread) {})
	}
}

// finish cuts off what is left. Loops end when their connections have.
func (f *fleet) finish() {
	f.srv.mu.Lock()
	serving := f.srv.serving
	f.srv.mu.Unlock()
	if !serving {
		f.first.release()
		f.closeReserve()
		close(f.gone)
		return
	}
	f.srv.Conns(func(c *Conn) bool {
		c.Kill("the server stops")
		return true
	})
}

func (f *fleet) ended() <-chan struct{} { return f.gone }

// spare takes a spare thread or makes a new one. f.mu is held.
func (f *fleet) spare() *thread {
	if n := len(f.idle); n > 0 {
		t := f.idle[n-1]
		f.idle = f.idle[:n-1]
		return t
	}
	return f.newThread()
}

// park keeps a thread that has nothing to do as a spare; false: there is one already, or the fleet ends.
func (f *fleet) park(t *thread) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.idle) > 0 || f.over() {
		return false
	}
	f.idle = append(f.idle, t)
	return true
}

// lateDone counts a late thread that has finished its turn.
func (f *fleet) lateDone() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.late--
	f.conclude()
}

// tryEnd takes a loop without connections out; false: something came after all. From then on nobody gives it a connection.
func (f *fleet) tryEnd(l *loop) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if l.conns.Load() != 0 || l.hasMail.Load() {
		return false
	}
	var rest []*loop
	for _, other := range *f.running.Load() {
		if other != l {
			rest = append(rest, other)
		}
	}
	f.running.Store(&rest)
	f.past.Reads += l.reads
	f.past.Writes += l.writes
	f.past.Wakes += l.wakes
	l.release()
	f.conclude()
	return true
}

// measureRoom renews roomy; the monitor calls it now and then.
func (f *fleet) measureRoom() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.roomy.Store(runtime.GOMAXPROCS(0) > len(*f.running.Load())+f.late)
}

// over tells whether everything has ended. f.mu is held.
func (f *fleet) over() bool { return f.final && len(*f.running.Load()) == 0 && f.late == 0 }

// conclude lets the spares and the monitor go when all is over. f.mu is held.
func (f *fleet) conclude() {
	if !f.over() || f.closed {
		return
	}
	f.closed = true
	for _, t := range f.idle {
		close(t.assign)
	}
	f.idle = nil
	f.monitor.stop()
	f.closeReserve()
	close(f.gone)
}

func (f *fleet) closeReserve() {
	if f.reserve >= 0 {
		closeSocket(f.reserve)
		f.reserve = -1
	}
}

// stats adds the loops' counters.
func (f *fleet) stats(s *Stats) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.Reads, s.Writes, s.Wakes = s.Reads+f.past.Reads, s.Writes+f.past.Writes, s.Wakes+f.past.Wakes
	now := f.srv.now()
	for _, l := range *f.running.Load() {
		s.Reads += l.readsSum.Load()
		s.Writes += l.writesSum.Load()
		s.Wakes += l.wakesSum.Load()
		s.Loops++
		s.LoopTime += time.Duration(threadTime(l.tid.Load()))
		if last := l.lastWork.Load(); last != 0 && now-last < int64(time.Second) {
			s.LoopsBusy++
		}
	}
}
