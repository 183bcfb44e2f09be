// The monitor: it takes loops away from threads whose turn does not end, and balances connections between loops.

package engine

import (
	"sync/atomic"
	"time"
)

const (
	quietTicks = 10 // ticks without any work after which the monitor sleeps until a loop wakes it
)

// monitor watches the loops while any of them has work. Asleep it costs nothing; awake it looks at one word per loop every
// half of the hand-over time.
type monitor struct {
	fleet *fleet
	armed atomic.Bool
	bell  chan struct{}
	quit  chan struct{}
	seen  map[*loop]sight
	loads balancer
}

// sight is what the monitor remembers of a loop from its last look.
type sight struct {
	turn  uint64
	wakes int64
}

func (m *monitor) init(f *fleet) {
	m.fleet = f
	m.bell = make(chan struct{}, 1)
	m.quit = make(chan struct{})
	m.seen = map[*loop]sight{}
	m.loads.fleet = f
}

// arm wakes the monitor; a loop calls it whenever it has slept. Cost: one load.
func (m *monitor) arm() {
	if !m.armed.Load() && m.armed.CompareAndSwap(false, true) {
		select {
		case m.bell <- struct{}{}:
		default:
		}
	}
}

// stop ends run; called once.
func (m *monitor) stop() { close(m.quit) }

// run is the monitor's goroutine, owned by the fleet, ended by stop.
func (m *monitor) run() {
	tick := time.NewTicker(m.fleet.srv.opts.HandOver / 2)
	defer tick.Stop()
	for {
		tick.Stop()
		select {
		case <-m.quit:
			return
		case <-m.bell:
		}
		tick.Reset(m.fleet.srv.opts.HandOver / 2)
		if !m.watch(tick.C) {
			return
		}
	}
}

// watch looks at every tick until nothing has happened for a while. false: the fleet has ended.
func (m *monitor) watch(tick <-chan time.Time) bool {
	for quiet := 0; quiet < quietTicks; quiet++ {
		select {
		case <-m.quit:
			return false
		case <-tick:
		}
		if m.lookAround() {
			quiet = 0
		}
	}
	m.armed.Store(false)
	if m.lookAround() { // somebody woke in between and did not ring
		m.arm()
	}
	return true
}

// lookAround looks at every loop; true if any has work.
func (m *monitor) lookAround() (work bool) {
	loops := *m.fleet.running.Load()
	for _, l := range loops {
		now := sight{l.turn.Load(), l.wakesSum.Load()}
		before := m.seen[l]
		if now.turn&turnBusy != 0 && now.turn == before.turn && m.fleet.handOver(l, now.turn) {
			now.turn = 0
		}
		if now != before || now.turn&turnBusy != 0 {
			work = true
		}
		if l == m.fleet.first && now.wakes == before.wakes && now.turn != before.turn {
			l.knock.Store(true)
		}
		m.seen[l] = now
	}
	m.loads.tick(loops)
	m.fleet.measureRoom()
	for _, l := range loops[min(1, len(loops)):] {
		work = work || !l.ending.Load() // stay awake until the work is gathered
	}
	if len(m.seen) > len(loops) {
		m.forget(loops)
	}
	return work
}

// forget drops what is known of loops that have ended.
func (m *monitor) forget(loops []*loop) {
	seen := map[*loop]sight{}
	for _, l := range loops {
		seen[l] = m.seen[l]
	}
	m.seen = seen
}

// handOver gives the loop to another thread, if its turn is still the one that took too long. The late thread keeps the
// connection of that turn and brings it back when it is done; all else goes on at once, beginning with the events that
// were harvested but not served.
func (f *fleet) handOver(l *loop, turn uint64) bool {
	f.mu.Lock()
	if f.late >= maxSpares {
		f.mu.Unlock()
		return false
	}
	f.late++
	f.mu.Unlock()
	if !l.turn.CompareAndSwap(turn, turn&^turnBusy|turnTaken) {
		f.lateDone() // it ended just now
		return false
	}
	l.current.flags.Or(flagHeld)
	f.srv.tally.handOvers.Add(1)
	f.mu.Lock()
	next := f.spare()
	f.mu.Unlock()
	next.assign <- l
	return true
}
