// loop: one epoll set and the connections in it. What runs it is a thread, and that may change (see handover_linux.go).

package engine

import (
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// eventsPerPoll is how many events one poll harvests. More would only make the last connection of a batch wait longer.
const eventsPerPoll = 128

// The states of a loop's turn, in its two low bits; the rest counts the turns.
const (
	turnFree  = 0 // the thread is in loop code, which never takes long
	turnBusy  = 1 // the thread is in the session's code
	turnTaken = 2 // the monitor took the loop away
	turnStep  = 4
)

// loop is an epoll set with its list of work. Everything without a lock or atomic belongs to the thread that runs the loop, and
// passes to the next thread at a hand-over, together with the events harvested and not yet served.
type loop struct {
	fleet *fleet
	num   int
	epfd  int
	evfd  int // wakes a sleeping poll

	events   [eventsPerPoll]unix.EpollEvent
	next, n  int     // events[next:n] are not served yet
	now      int64   // clock of this round
	ready    []*Conn // connections with work left that no event will announce
	work     []*Conn // the ready ones of this round; work[workNext:] are left
	workNext int
	timers   timers
	outbox   outbox
	held     []*Conn // whose replies the gate holds back
	sealed   []byte  // records of the moment; nil while there was no TLS
	seq      uint64  // turns begun
	current  *Conn   // whose turn it is; read by the monitor after taking over
	nobody   Conn    // whose turn it is while the gate settles; dead from the beginning

	lookAtHeld func(*thread) // askForHeld, made once

	listeners []*listener // open addresses, on the first loop only
	acceptAt  int64       // accept again at this time after running out of files
	knock     atomic.Bool // the round is a long one: new connections are not to wait for its end

	turn   atomic.Uint64
	conns  atomic.Int64 // connections that call this loop home
	ending atomic.Bool  // end when no connection is left
	asleep atomic.Bool  // waiting in the kernel: whoever brings work must signal evfd

	// Figures for the monitor and Stats.
	reads, writes, wakes          int64
	readsSum, writesSum, wakesSum atomic.Int64
	lastWork                      atomic.Int64
	tid                           atomic.Int64 // thread that runs the loop, for its CPU clock
	active                        atomic.Int64 // connections fed in the present window
	busy                          atomic.Int64 // thousandths of a core used in the last window
	window                        atomic.Uint32
	shed                          atomic.Int64 // connections still to be moved to shedTo
	shedTo                        atomic.Pointer[loop]

	mu        sync.Mutex // guards mail and orders
	mail      []*Conn
	orders    []func(t *thread)
	hasMail   atomic.Bool // mail or orders are there
	holding   atomic.Bool // held is not empty
	asked     atomic.Bool // the order to look at it is on its way
	inbox     []*Conn     // letters taken out of mail; inbox[inboxNext:] are left (the thread's)
	inboxNext int
}

func (f *fleet) newLoop(num int) (*loop, error) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("engine: epoll_create: %w", err)
	}
	evfd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(epfd)
		return nil, fmt.Errorf("engine: eventfd: %w", err)
	}
	l := &loop{fleet: f, num: num, epfd: epfd, evfd: evfd}
	l.lookAtHeld = l.askForHeld
	l.nobody.flags.Store(flagDead)
	// Edge-triggered: every signal is one event, and the counter never needs to be read.
	ev := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET, Fd: -1}
	if err := unix.EpollCtl(epfd, unix.EPOLL_CTL_ADD, evfd, &ev); err != nil {
		l.release()
		return nil, fmt.Errorf("engine: epoll_ctl: %w", err)
	}
	return l, nil
}

// release gives the descriptors back.
func (l *loop) release() {
	unix.Close(l.epfd)
	unix.Close(l.evfd)
}

func (l *loop) number() int { return l.num }

// visit queues c for the loop; the caller holds c.mu, so that c cannot move away meanwhile.
func (l *loop) visit(c *Conn) {
	l.mu.Lock()
	l.mail = append(l.mail, c)
	l.hasMail.Store(true)
	l.mu.Unlock()
	l.wake()
}

// tell has the loop's thread run f between two batches.
func (l *loop) tell(f func(t *thread)) {
	l.mu.Lock()
	l.orders = append(l.orders, f)
	l.hasMail.Store(true)
	l.mu.Unlock()
	l.wake()
}

// wake ends a sleeping poll. The order matters: the loop says that it sleeps before it looks for mail one last time.
func (l *loop) wake() {
	if l.asleep.Load() && l.asleep.CompareAndSwap(true, false) {
		signalEvent(l.evfd)
	}
}

// register adds c's socket to the epoll set: edge-triggered and for everything at once, so that no further epoll_ctl is
// ever needed. What is readable or writable already is reported again.
func (l *loop) register(c *Conn) error {
	if err := l.watchConn(c, unix.EPOLL_CTL_ADD); err != nil {
		return err
	}
	c.place = l
	return nil
}

func (l *loop) watchConn(c *Conn, op int) error {
	ev := unix.EpollEvent{
		Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET,
		Fd:     int32(c.fd),
		Pad:    int32(uint32(c.ID)),
	}
	return unix.EpollCtl(l.epfd, op, c.fd, &ev)
}

// again queues c for the next round, because it has work that no event will announce.
func (l *loop) again(c *Conn) {
	if !c.queued {
		c.queued = true
		l.ready = append(l.ready, c)
	}
}

// arm sets c's timer to its next deadline.
func (l *loop) arm(c *Conn) {
	if when, why := c.deadline(); when > 0 {
		l.timers.set(c, coarse(when, l.now, why))
	}
}

// coarse moves a deadline that is more than 4 s away back to the next quarter of a second: 10,000 connections opened in 3 s are then looked
// at in a dozen wake-ups, not in 10,000 (2 % of a core for those seconds).
// A session's own time stays exact.
func coarse(when, now int64, why string) int64 {
	const step = 250e6
	if when-now < 4e9 || why == timeToWake {
		return when
	}
	return (when + step - 1) / step * step
}

// publish makes the round's counters visible.
func (l *loop) publish() {
	l.readsSum.Store(l.reads)
	l.writesSum.Store(l.writes)
	l.lastWork.Store(l.now)
}
