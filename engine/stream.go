// stream: one connection of the portable backend.

package engine

import (
	"io"
	"net"
	"sync"
	"time"
)

const (
	streamBuffer = 16 << 10 // what one read takes
	streamAhead  = 64 << 10 // read at most this much of a connection that may not go on
	writePiece   = 256 << 10
)

// stream runs one connection. Whoever holds run is the connection's owner in the sense of Session: the reader, a visitor for
// posts and resumes, the writer for its bookkeeping.
type stream struct {
	backend *streams
	c       *Conn
	conn    net.Conn
	raw     net.Conn // what conn lies on: itself without TLS

	run     sync.Mutex // guards what follows and the owner's fields of c
	wake    sync.Cond  // the reader waits here until it may go on
	flying  int        // bytes the writer has taken out of c.out and not yet written
	writing bool       // a writer is at work
	timer   *time.Timer
	timerAt int64
}

// serve is the reader: it opens the session, reads, and feeds what it reads.
func (st *stream) serve() {
	c := st.c
	st.run.Lock()
	defer st.run.Unlock()
	if !c.srv.open(c) {
		st.end("")
		return
	}
	st.arm()
	st.settle()
	buf := make([]byte, streamBuffer)
	for !c.has(flagDead) {
		st.run.Unlock()
		n, err := st.conn.Read(buf)
		st.run.Lock()
		st.backend.reads.Add(1)
		if c.has(flagDead) {
			return
		}
		if n > 0 {
			st.received(buf[:n])
		}
		if err != nil {
			st.hungUp(err)
			return
		}
		for st.mustWait() {
			st.wake.Wait()
			st.advance()
		}
	}
}

// received takes input, and feeds it unless the connection may not go on.
func (st *stream) received(p []byte) {
	c := st.c
	c.bytesIn.Add(int64(len(p)))
	c.active.Store(c.srv.now())
	if len(c.in) == 0 && !c.barred() {
		st.feed(p)
	} else {
		for len(p) > 0 {
			n := copy(c.room(), p)
			c.setIn(c.in[:len(c.in)+n])
			p = p[n:]
		}
		c.unfed = true
		st.advance()
	}
	st.settle()
}

// hungUp serves what came before the end of the input, and ends.
func (st *stream) hungUp(err error) {
	c := st.c
	if err != io.EOF || c.has(flagSuspended) {
		st.end(err.Error())
		return
	}
	c.eof = true
	for !c.has(flagDead) && c.unfed {
		if st.advance(); c.unfed && !c.has(flagDead) {
			if c.has(flagSuspended | flagClosing) {
				break
			}
			st.wake.Wait()
		}
	}
	if !c.has(flagDead) {
		c.Close("the client hung up")
		st.settle()
	}
}

// mustWait tells whether the reader has read far enough ahead.
func (st *stream) mustWait() bool {
	c := st.c
	if c.has(flagDead) || !c.barred() {
		return false
	}
	return len(c.in) > streamAhead || !c.has(flagsBlocked) || c.has(flagClosing)
}

// advance feeds what is there if nothing forbids it.
func (st *stream) advance() {
	c := st.c
	for c.unfed && !c.barred() {
		c.unfed = false
		st.feed(c.in)
	}
}

// feed runs the complete requests of in and keeps the rest; the twin of thread.feed.
func (st *stream) feed(in []byte) {
	c := st.c
	w := st.backend.worker()
	for c.want <= len(in) {
		var ok bool
		var taken int
		if taken, ok = st.call(w, in); !ok {
			w, taken = st.backend.worker(), len(in)
		}
		in = in[taken:]
		c.want = 0 // it was that of a request that is done by now
		if len(in) == 0 {
			break
		}
		if c.has(flagsBlocked) {
			c.unfed = true
			break
		}
		if !w.Full() {
			c.want = c.session.Want()
			break
		}
		st.push(w)
		if c.barred() {
			c.unfed = !c.has(flagDead)
			break
		}
	}
	st.push(w)
	st.backend.back(w)
	if c.has(flagDead) {
		return
	}
	if len(in) > 0 || c.in != nil {
		c.keep(in)
		if limit := c.bounds().QueryMax; limit > 0 && int64(len(in)) > limit && !c.unfed {
			st.limit(queryLimit)
		}
	}
}

// call runs the session; ok is false after a panic, when the worker is given up.
func (st *stream) call(w *Worker, in []byte) (taken int, ok bool) {
	defer st.rescue(w)
	return st.c.session.Feed(w, in), true
}

// post runs a posted function; false as in call.
func (st *stream) post(w *Worker, f func(w *Worker)) (ok bool) {
	defer st.rescue(w)
	f(w)
	return true
}

// rescue, deferred, turns a panic in the session into the end of its connection.
func (st *stream) rescue(w *Worker) {
	if r := recover(); r != nil {
		caught(st.backend.srv.log, "session of client", r)
		w.discard()
		st.c.Kill("a panic in its session")
	}
}

// push moves the worker's output to the connection's, checks the limits and sees to it that somebody writes.
func (st *stream) push(w *Worker) {
	c := st.c
	if len(w.Out) == 0 && c.after == 0 || c.has(flagDead) {
		w.reset()
		return
	}
	c.stash(w, 0)
	if c.after != 0 {
		if c.ask() == Open {
			c.opened()
		} else {
			c.flags.Or(flagWaits)
		}
	}
	if st.checkOut() && !st.writing {
		st.writing = true
		st.backend.spawn("writer", st.write)
	}
}

// checkOut closes the connection when its pending output is over a limit: then it is false.
func (st *stream) checkOut() bool {
	c := st.c
	waiting := int64(c.pending() + st.flying)
	c.pendings.Store(waiting)
	why, since := c.bounds().overOut(waiting, c.srv.now(), c.softSince)
	if why != "" {
		st.limit(why)
		return false
	}
	began := since != 0 && c.softSince == 0
	if c.softSince = since; began {
		st.arm()
	}
	return true
}

// write sends what there is, and ends.
func (st *stream) write() {
	c := st.c
	st.run.Lock()
	defer st.run.Unlock()
	for st.gated(); !c.has(flagDead|flagKilled) && c.out != nil; st.gated() {
		out, size := c.out[c.sent:], int64(cap(c.out))
		c.srv.addBuffers(size) // setOut takes it off, though it is still there
		c.setOut(nil, 0)
		st.flying = len(out)
		for len(out) > 0 && !c.has(flagDead) {
			st.run.Unlock()
			n, err := st.conn.Write(out[:min(len(out), writePiece)])
			st.run.Lock()
			st.backend.writes.Add(1)
			out = out[n:]
			st.flying = len(out)
			if c.has(flagDead) {
				break
			}
			c.bytesOut.Add(int64(n))
			c.active.Store(c.srv.now())
			if err != nil {
				st.end(err.Error())
			} else {
				st.checkOut()
				st.wake.Broadcast()
			}
		}
		st.flying = 0
		c.srv.addBuffers(-size)
	}
	st.writing = false
	if !c.has(flagDead) {
		st.checkOut()
		st.advance() // what came while replies were held back
		st.settle()
	}
	st.wake.Broadcast()
}

// visited does what others asked for: posts, kill, resume, new timers.
func (st *stream) visited() {
	c := st.c
	st.run.Lock()
	defer st.run.Unlock()
	if c.has(flagDead) {
		return
	}
	w := st.backend.worker()
	for !c.has(flagClosing | flagKilled | flagDead) {
		f, done := c.nextPosts(w)
		if f != nil && !st.post(w, f) {
			w = st.backend.worker()
		}
		st.push(w)
		if done {
			break
		}
	}
	st.backend.back(w)
	if c.has(flagDead) {
		return
	}
	st.arm()
	c.goOn()
	st.advance()
	st.settle()
	st.wake.Broadcast()
}

// gated waits for the gate, if the replies that are there must. run is held, but not while it waits.
func (st *stream) gated() {
	c := st.c
	for c.after != 0 && !c.has(flagDead|flagKilled) {
		moved := st.backend.nextMove()
		switch c.ask() {
		case Open:
			c.opened()
		case Never:
			c.Kill(lostReplies)
		default:
			st.run.Unlock()
			<-moved
			st.run.Lock()
		}
	}
}

// settle ends the connection if its time has come.
func (st *stream) settle() {
	c := st.c
	idle := c.out == nil && st.flying == 0
	switch flags := c.flags.Load(); {
	case flags&flagDead != 0:
	case flags&flagKilled != 0:
		st.end("")
	case flags&flagClosing != 0:
		if idle {
			st.end("")
		} else {
			st.arm()
		}
	case flags&flagStopping != 0 && flags&flagAwait == 0 && idle && (!c.unfed || flags&flagSuspended != 0):
		st.end("the server stops")
	case flags&flagSuspended != 0 && c.wake != 0:
		st.arm()
	}
}

// limit ends the connection for exceeding a limit.
func (st *stream) limit(why string) {
	st.c.exceeded(why)
	st.end(why)
}

// end closes the connection and tells the session.
func (st *stream) end(why string) {
	c, srv := st.c, st.backend.srv
	if c.has(flagDead) {
		return
	}
	c.flags.Or(flagDead)
	c.mu.Lock()
	c.gone = true
	c.dropPosts()
	if c.why == "" {
		c.why = why
	}
	why = c.why
	c.mu.Unlock()
	if c.out == nil && st.flying == 0 {
		st.conn.Close()
	}
	if c.has(flagWaits) {
		st.backend.gateMoved() // its writer
	}
	st.raw.Close() // without TLS's last word, which could only wait behind what the peer does not take
	if st.timer != nil {
		st.timer.Stop()
	}
	c.drop()
	srv.leave(c)
	srv.log.Debug("closed", "client", c.ID, "why", why)
	if c.session != nil {
		w := st.backend.worker()
		if st.post(w, c.session.Closed) {
			st.backend.back(w)
		}
	}
	st.wake.Broadcast()
}

// arm sets the timer to the next deadline.
func (st *stream) arm() {
	when, _ := st.c.deadline()
	if when == 0 || st.c.has(flagDead) || st.timerAt != 0 && st.timerAt <= when {
		return
	}
	st.timerAt = when
	in := time.Duration(max(0, when-st.c.srv.now()))
	if st.timer == nil {
		st.timer = time.AfterFunc(in, func() { Go("deadline", st.backend.srv.log, st.due) })
		return
	}
	st.timer.Reset(in)
}

// due closes the connection if its time is up, and sets the timer again if not.
func (st *stream) due() {
	c, srv := st.c, st.backend.srv
	st.run.Lock()
	defer st.run.Unlock()
	if c.has(flagDead) {
		return
	}
	st.timerAt = 0
	when, why := c.deadline()
	if when != 0 && when <= srv.now() && why == timeToWake {
		c.awaken()
		when, why = c.deadline()
	}
	if when == 0 || when > srv.now() {
		st.arm()
		return
	}
	if why == softTooLong {
		st.limit(why)
		return
	}
	srv.tally.idleClosed.Add(1)
	st.end(why)
}
