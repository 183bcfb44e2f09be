// Where connections live: new ones on the first loop, moved away while it is overloaded.

package engine

import "golang.org/x/sys/unix"

// homeFor chooses the loop of a new connection.
func (f *fleet) homeFor(accepting *loop) *loop { return accepting }

// moveAway gives c to the loop that takes load over, unless a request is half read or work is left. c must not be touched after it.
func (l *loop) moveAway(c *Conn) {
	to := l.shedTo.Load()
	if to == nil || c.queued || len(c.in) > 0 || c.has(flagHeld|flagDead|flagKilled|flagClosing) {
		return
	}
	l.timers.remove(c)
	if err := unix.EpollCtl(l.epfd, unix.EPOLL_CTL_DEL, c.fd, nil); err != nil {
		c.Kill(err.Error())
		return
	}
	l.shed.Add(-1)
	to.conns.Add(1)
	l.conns.Add(-1)
	l.fleet.srv.tally.moved.Add(1)
	c.place = nil
	c.mu.Lock()
	c.home = to
	c.mailed = true
	to.visit(c)
	c.mu.Unlock()
}
