// The bytes a connection keeps between two visits of its loop: unparsed input and unsent output.

package engine

const (
	keepFirst = 512       // smallest buffer for an unfinished request
	growFirst = 16 << 10  // first size of a buffer that a big request is read into directly
	readChunk = 256 << 10 // most that one read asks for
	stealFrom = 32 << 10  // unsent output from this size on takes the worker's buffer along instead of being copied
)

// keep stores the unparsed rest of the input, which lies in c.in or in a thread's buffer, and forgets the buffer when
// nothing is left. Cost: one copy of rest, none if it lies where it shall stay (or a long request would be copied once per read).
func (c *Conn) keep(rest []byte) {
	if len(rest) == 0 {
		if c.in != nil {
			c.setIn(nil)
		}
		return
	}
	if c.in != nil && cap(c.in) > 0 && &rest[0] == &c.in[:1][0] {
		c.setIn(c.in[:len(rest)])
		return
	}
	size := max(len(rest), keepFirst)
	if cap(c.in) < len(rest) || cap(c.in) > 4*max(size, c.want) {
		c.setIn(append(make([]byte, 0, roundUp(size)), rest...))
		return
	}
	c.setIn(append(c.in[:0], rest...)) // overlapping is fine: append moves
}

// room makes c.in ready to be read into and returns the free part. The buffer doubles with what arrived; want only stops it from
// growing past what is known to be needed.
func (c *Conn) room() []byte {
	if len(c.in) == cap(c.in) {
		size := max(2*len(c.in), growFirst)
		if c.want > len(c.in) && c.want < size {
			size = c.want
		}
		c.setIn(append(make([]byte, 0, size), c.in...))
	}
	return c.in[len(c.in):min(cap(c.in), len(c.in)+readChunk)]
}

// setIn replaces the input buffer and accounts for its size.
func (c *Conn) setIn(b []byte) {
	if d := int64(cap(b) - cap(c.in)); d != 0 {
		c.srv.addBuffers(d)
		c.queryCap.Store(int64(cap(b)))
	}
	c.in = b
	c.queryLen.Store(int64(len(b)))
}

// pending is what waits to be sent.
func (c *Conn) pending() int { return len(c.out) - c.sent }

// stash keeps unsent output. Large output takes the worker's buffer over, and the worker gets a new one.
func (c *Conn) stash(w *Worker, from int) {
	rest := w.Out[from:]
	switch {
	case len(rest) == 0:
	case c.out == nil && len(rest) >= stealFrom && len(rest) >= cap(w.Out)/4:
		c.setOut(w.Out, from)
		w.Out = make([]byte, 0, outFirst)
	default:
		c.append(rest)
	}
	w.reset()
}

// append keeps a copy of bytes that the kernel did not take.
func (c *Conn) append(rest []byte) {
	b := c.out
	if c.sent > len(b)/2 { // what is gone already makes room
		b, c.sent = append(b[:0], b[c.sent:]...), 0
	}
	c.setOut(append(b, rest...), c.sent)
}

// setOut replaces the output buffer and accounts for its size; nothing left to send frees it.
func (c *Conn) setOut(b []byte, sent int) {
	if sent == len(b) {
		b, sent = nil, 0
	}
	if d := int64(cap(b) - cap(c.out)); d != 0 {
		c.srv.addBuffers(d)
	}
	c.out, c.sent = b, sent
	c.pendings.Store(int64(len(b) - sent))
}

// drop frees both buffers.
func (c *Conn) drop() {
	if c.in != nil {
		c.setIn(nil)
	}
	if c.out != nil {
		c.setOut(nil, 0)
	}
}

// roundUp rounds a small size to a power of two, a large one to 4 KB.
func roundUp(n int) int {
	if n > 32<<10 {
		return (n + 4095) &^ 4095
	}
	size := keepFirst
	for size < n {
		size *= 2
	}
	return size
}
