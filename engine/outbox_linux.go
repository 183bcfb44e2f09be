// outbox: replies that wait for the end of their loop's round.

package engine

// Sending a reply wakes its client. A client that is woken for the first reply of a round runs beside the loop, asks again at once, and
// the next rounds get smaller and smaller; with small replies sent together at the end of the round, batches stay large on both
// sides. Measured with 50 connections without pipelining: +5 % requests per CPU second, +20 % requests per second, p99.9 -30 %.
const (
	outboxReply = 4 << 10  // longer replies are sent at once: copying them would cost more than it gains
	outboxTotal = 64 << 10 // when so much waits, it is sent
)

// outbox belongs to the loop, not to the thread, so that a thread which takes the loop over sends what the late one left.
type outbox struct {
	buf   []byte
	mail  []letter
	next  int    // mail[next:] is not sent yet
	after uint64 // the position that they all wait for; 0 none
}

// letter is the reply in buf[start:end], for c.
type letter struct {
	c          *Conn
	start, end int
}

// post puts the worker's replies for c into the outbox; false if they are better sent now.
func (o *outbox) post(c *Conn, out []byte) bool {
	if c.posted || len(out) > outboxReply || len(o.buf)+len(out) > outboxTotal {
		return false
	}
	start := len(o.buf)
	o.buf = append(o.buf, out...)
	o.mail = append(o.mail, letter{c, start, len(o.buf)})
	o.after = max(o.after, c.after)
	c.posted = true
	return true
}

// deliver sends everything in the outbox. It is called in the middle of other connections' turns, so it runs no session and leaves the
// thread's buffers alone: a connection that has to end is only marked and queued for it.
func (l *loop) deliver() {
	o := &l.outbox
	for o.next < len(o.mail) {
		m := o.mail[o.next]
		o.mail[o.next].c = nil
		o.next++
		if m.c.posted = false; !m.c.has(flagDead) {
			l.transmit(m.c, o.buf[m.start:m.end])
		}
	}
	o.buf, o.mail, o.next, o.after = o.buf[:0], o.mail[:0], 0, 0
}

// transmit sends replies of c that are not the worker's any more; what the kernel does not take is kept with c.
func (l *loop) transmit(c *Conn, out []byte) {
	sent := 0
	if c.out == nil && (c.after == 0 || l.passes(c)) {
		var err error
		if sent, err = l.sendAll(c, out); err != nil {
			l.giveUp(c, err.Error())
			return
		}
	}
	if sent == len(out) {
		return
	}
	c.append(out[sent:])
	if why := l.overOut(c); why != "" {
		c.exceeded(why)
		l.giveUp(c, why)
	}
}

// giveUp has c closed in the loop's next round.
func (l *loop) giveUp(c *Conn, why string) {
	c.reason(why)
	c.flags.Or(flagKilled)
	l.again(c)
}

// sendAll sends as much of out as the kernel takes.
func (l *loop) sendAll(c *Conn, out []byte) (sent int, err error) {
	if c.tls != nil {
		return l.sendSealed(c, out)
	}
	for sent < len(out) {
		n, e := send(c.fd, out[sent:])
		l.writes++
		if e != 0 {
			if !again(e) {
				err = e
			}
			break
		}
		sent += n
	}
	c.bytesOut.Store(c.bytesOut.Load() + int64(sent))
	return sent, err
}
