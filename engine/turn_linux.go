// A connection's turn on a loop: read, feed, write; visits, moves and the end. Every function that can call into the session
// returns false when the loop was taken away meanwhile; its caller then returns at once without touching the loop.

package engine

import (
	"io"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// flushesPerTurn is how often one connection may fill the reply buffer before the others get their turn.
const flushesPerTurn = 8

// postsPerVisit is how many posts one connection runs before the others get their turn.
const postsPerVisit = 1000

// event serves what the kernel reported for c.
func (t *thread) event(l *loop, c *Conn, mask uint32) bool {
	if mask&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		if c.has(flagSuspended) { // nobody would read the end, and what waits for this client must learn of it
			return t.close(l, c, "hung up while suspended")
		}
		c.eof = true // more follows: read on until the end shows
	}
	if c.out != nil && mask&unix.EPOLLOUT != 0 && !t.drain(l, c) {
		return false
	}
	if c.has(flagDead) {
		return true
	}
	if mask&^unix.EPOLLOUT == 0 && !c.unfed && !c.more {
		return t.settle(l, c)
	}
	if mask&^unix.EPOLLOUT != 0 {
		c.more = true
	}
	return t.proceed(l, c)
}

// proceed runs what c has, as far as nothing forbids it: first requests already here, then one read.
func (t *thread) proceed(l *loop, c *Conn) bool {
	if c.unfed && !c.barred() {
		c.unfed = false
		if !t.feed(l, c, c.in) {
			return false
		}
	} else if c.more && !c.barred() {
		if !t.read(l, c) {
			return false
		}
	}
	if c.has(flagDead) {
		return true
	}
	return t.settle(l, c)
}

// settle decides what becomes of c after its turn: closed, queued for more, moved, or left alone.
func (t *thread) settle(l *loop, c *Conn) bool {
	flags, shed := c.flags.Load(), l.shed.Load() > 0 // read once: nothing may move away that has a reply in the outbox
	if c.posted && (flags&(flagClosing|flagStopping) != 0 || shed) {
		l.deliver()
		flags = c.flags.Load()
	}
	switch {
	case flags&flagKilled != 0:
		return t.close(l, c, "")
	case flags&flagClosing != 0:
		if c.out == nil {
			return t.close(l, c, "")
		}
		l.arm(c)
		return true
	case flags&flagSuspended != 0 && c.eof: // the end came with the request that suspended it
		return t.close(l, c, "hung up while suspended")
	case flags&(flagSuspended|flagAwait) == 0 && (c.unfed || c.more):
		if !c.barred() {
			l.again(c)
			return true
		}
	case flags&flagStopping != 0 && flags&flagAwait == 0 && c.out == nil:
		return t.close(l, c, "the server stops")
	}
	if flags&flagSuspended != 0 && c.wake != 0 {
		l.arm(c)
	}
	if shed {
		l.moveAway(c)
	}
	return true
}

// read takes one helping from the socket and feeds it.
func (t *thread) read(l *loop, c *Conn) bool {
	var room []byte
	kept := len(c.in)
	inPlace := kept > readBuffer/2 || c.want > readBuffer
	if inPlace {
		room = c.room()
	} else {
		copy(t.buf, c.in)
		room = t.buf[kept:]
	}
	var n int
	if c.tls == nil {
		var e syscall.Errno
		n, e = recv(c.fd, room)
		l.reads++
		if e != 0 {
			if again(e) {
				c.more = false
				return true
			}
			return t.close(l, c, e.Error())
		}
		if n == 0 {
			return t.hungUp(l, c)
		}
		c.more = n == len(room) || c.eof
	} else {
		var err error
		n, c.more, err = t.unseal(l, c, room)
		switch {
		case err == io.EOF:
			return t.hungUp(l, c)
		case err != nil:
			return t.close(l, c, err.Error())
		case n == 0:
			return true
		}
	}
	c.bytesIn.Store(c.bytesIn.Load() + int64(n))
	c.active.Store(l.now)
	if w := l.window.Load(); c.epoch != w {
		c.epoch = w
		l.active.Add(1)
	}
	if inPlace {
		c.in = c.in[:kept+n]
		c.queryLen.Store(int64(kept + n))
		return t.feed(l, c, c.in)
	}
	return t.feed(l, c, t.buf[:kept+n])
}

// hungUp ends c, whose client has sent everything. Replies are still sent: it may have closed one direction only.
func (t *thread) hungUp(l *loop, c *Conn) bool {
	if c.posted {
		l.deliver()
	}
	if c.more = false; c.out != nil {
		c.Close("the client hung up")
		return true
	}
	return t.close(l, c, "the client hung up")
}

// feed runs the complete requests of in, sends the replies and keeps the rest. Its cost per turn without pipelining
// is what decides the server's speed: no allocation, no lock, two atomic operations on the turn.
func (t *thread) feed(l *loop, c *Conn, in []byte) bool {
	for flushes := 0; c.want <= len(in); {
		if c.posted { // a late turn must not leave a reply of its own behind
			if l.deliver(); c.has(flagKilled) {
				return true
			}
		}
		l.heed()
		t.begin(l, c)
		taken := t.call(c, in)
		if !t.end(l) {
			t.bringBack(c, in[taken:])
			return false
		}
		in = in[taken:]
		c.want = 0 // it was that of a request that is done by now
		if c.timerPos > 0 && c.has(flagSettled) && c.softSince == 0 && t.fleet.srv.idleTimeout.Load() == 0 {
			l.timers.remove(c) // its first-command deadline: taking it out now, while it is in the cache, costs less than looking later
		}
		if len(in) == 0 {
			break
		}
		if c.has(flagsBlocked) {
			c.unfed = true
			break
		}
		if !t.w.Full() {
			c.want = c.session.Want()
			break
		}
		if !t.flush(l, c) {
			return false
		}
		if flushes++; flushes >= flushesPerTurn || c.barred() {
			c.unfed = !c.has(flagDead)
			break
		}
	}
	if (len(t.w.Out) > 0 || c.after != 0) && !t.flush(l, c) {
		return false
	}
	if c.has(flagDead) {
		return true
	}
	if len(in) > 0 || c.in != nil {
		if cap(c.in) > readBuffer {
			t.w.forget()
		}
		c.keep(in)
		if limit := c.bounds().QueryMax; limit > 0 && int64(len(in)) > limit && !c.unfed {
			return t.limit(l, c, queryLimit)
		}
	}
	return true
}

// call runs the session, and turns a panic in it into the end of this one connection. The worker may hold locks and half a
// reply then, so it is given up.
func (t *thread) call(c *Conn, in []byte) (taken int) {
	defer func() {
		if r := recover(); r != nil {
			t.panicked(c, r)
			taken = len(in)
		}
	}()
	return c.session.Feed(t.w, in)
}

// panicked gives up the worker and the connection; call it from the deferred function.
func (t *thread) panicked(c *Conn, r any) {
	caught(t.fleet.srv.log, "session of client", r)
	t.w.discard()
	t.w = t.fleet.srv.newWorker()
	c.Kill("a panic in its session")
}

// runPost is call for a posted function.
func (t *thread) runPost(c *Conn, f func(w *Worker)) {
	defer func() {
		if r := recover(); r != nil {
			t.panicked(c, r)
		}
	}()
	f(t.w)
}

// flush sends what the worker has for c, keeps what the kernel does not take, and enforces the limits on that.
func (t *thread) flush(l *loop, c *Conn) bool {
	out := t.w.Out
	if c.out != nil || c.has(flagWaits) {
		c.stash(t.w, 0)
		return t.checkOut(l, c)
	}
	if l.outbox.post(c, out) {
		t.w.reset()
		return true
	}
	if len(l.outbox.mail) > 0 {
		if l.deliver(); c.has(flagKilled) {
			t.w.reset()
			return true
		}
	}
	if c.out != nil || c.after != 0 && !l.passes(c) {
		c.stash(t.w, 0)
		return t.checkOut(l, c)
	}
	sent, err := l.sendAll(c, out)
	if err != nil {
		t.w.reset()
		return t.close(l, c, err.Error())
	}
	if sent == len(out) {
		t.w.reset()
		return true
	}
	c.stash(t.w, sent)
	return t.checkOut(l, c)
}

// drain sends what c could not send before.
func (t *thread) drain(l *loop, c *Conn) bool {
	if c.after != 0 && !l.passes(c) {
		return true
	}
	sent, err := l.sendAll(c, c.out[c.sent:])
	if err != nil {
		return t.close(l, c, err.Error())
	}
	c.active.Store(l.now)
	c.setOut(c.out, c.sent+sent)
	return t.checkOut(l, c)
}

// checkOut closes c when its pending output is over a limit; nothing of it is sent any more then.
func (t *thread) checkOut(l *loop, c *Conn) bool {
	if why := l.overOut(c); why != "" {
		return t.limit(l, c, why)
	}
	return true
}

// overOut says which limit the pending output of c is over, "" for none, and sets its timer when it goes over the soft one.
func (l *loop) overOut(c *Conn) (why string) {
	why, since := c.bounds().overOut(int64(c.pending()), l.now, c.softSince)
	if why != "" {
		return why
	}
	began := since != 0 && c.softSince == 0
	if c.softSince = since; began {
		l.arm(c)
	}
	return ""
}

// limit closes c for exceeding a limit.
func (t *thread) limit(l *loop, c *Conn, why string) bool {
	c.exceeded(why)
	return t.close(l, c, why)
}

// visit does what somebody else asked for: opening, posts, kill, resume, new timers.
func (t *thread) visit(l *loop, c *Conn) bool {
	c.mu.Lock()
	mine := c.home == driver(l) && !c.gone
	c.mu.Unlock()
	if !mine || c.has(flagHeld|flagDead) {
		return true
	}
	if c.place != driver(l) {
		if !t.open(l, c) {
			return false
		}
	}
	for n := 0; n < postsPerVisit && !c.has(flagClosing|flagKilled|flagDead); n++ {
		f, done := c.nextPosts(t.w)
		if f == nil {
			if done {
				break
			}
			if !t.flush(l, c) {
				return false
			}
			continue
		}
		if c.posted {
			if l.deliver(); c.has(flagKilled) {
				break
			}
		}
		l.heed()
		t.begin(l, c)
		t.runPost(c, f)
		if !t.end(l) {
			t.bringBack(c, nil)
			return false
		}
		if t.w.Full() && !t.flush(l, c) {
			return false
		}
		if done {
			break
		}
	}
	if c.has(flagDead) {
		t.w.reset()
		return true
	}
	if len(t.w.Out) > 0 && !t.flush(l, c) {
		return false
	}
	if (c.missed || c.has(flagWaits)) && c.out != nil && !c.has(flagDead|flagKilled) && !t.drain(l, c) {
		return false
	}
	if c.has(flagDead) {
		return true
	}
	if c.missed { // the kernel is to say again what it said meanwhile, above all that the peer has hung up
		c.missed = false
		if err := l.watchConn(c, unix.EPOLL_CTL_MOD); err != nil {
			return t.close(l, c, err.Error())
		}
	}
	l.arm(c)
	c.goOn()
	if c.has(flagStopping) {
		c.more = true // what has arrived by now is still answered
	}
	return t.proceed(l, c)
}

// open puts a new or moved connection into the epoll set; a new one gets its session.
func (t *thread) open(l *loop, c *Conn) bool {
	if c.session == nil && !c.srv.open(c) {
		return t.close(l, c, "")
	}
	if err := l.register(c); err != nil {
		return t.close(l, c, err.Error())
	}
	l.arm(c)
	c.more = c.more || c.tls != nil // the session may hold requests already
	return true
}

// close ends c: no post is taken any more, the socket goes, then the session is told.
func (t *thread) close(l *loop, c *Conn, why string) bool {
	srv := t.fleet.srv
	if c.posted {
		l.deliver()
	}
	l.timers.remove(c)
	l.letGo(c)
	if c.has(flagClosing) && c.session != nil {
		t.swallow(c)
	}
	if c.tls != nil {
		l.farewell(c)
	}
	c.flags.Or(flagDead)
	t.fleet.table.set(c.fd, nil)
	c.mu.Lock()
	c.gone = true
	c.dropPosts()
	if c.why == "" {
		c.why = why
	}
	why = c.why
	closeSocket(c.fd)
	c.mu.Unlock()
	c.drop()
	srv.leave(c)
	l.conns.Add(-1)
	t.w.reset()
	if srv.log.IsDebug() {
		srv.log.Debug("closed", "client", c.ID, "why", why)
	}
	if c.session == nil {
		return true
	}
	t.begin(l, c)
	t.farewell(c)
	kept := t.end(l)
	t.w.reset()
	return kept
}

// farewell tells the session that its connection is gone.
func (t *thread) farewell(c *Conn) {
	defer func() {
		if r := recover(); r != nil {
			t.panicked(c, r)
		}
	}()
	c.session.Closed(t.w)
}

// swallow reads what the client sent behind its last request, as far as it is here: closing a socket with unread
// input resets the connection, and the last reply could be lost with it.
func (t *thread) swallow(c *Conn) {
	for range 16 {
		if n, e := recv(c.fd, t.buf); e != 0 || n < len(t.buf) {
			return
		}
	}
}

// bringBack returns c to its loop after a late turn; the loop belongs to another thread now. rest is input not taken.
func (t *thread) bringBack(c *Conn, rest []byte) {
	if cap(c.in) > readBuffer {
		t.w.forget()
	}
	if rest != nil {
		c.keep(rest)
	}
	c.want, c.unfed, c.more, c.missed = 0, len(c.in) > 0, true, true
	if len(t.w.Out) > 0 {
		c.stash(t.w, 0)
	}
	for !c.has(flagHeld) { // the monitor is between taking the loop and marking the connection
		runtime.Gosched()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flags.And(^flagHeld)
	c.mailed = true
	c.home.visit(c)
}
