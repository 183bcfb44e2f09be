// XCLAIM and XAUTOCLAIM: making pending entries another consumer's.

package redis

import (
	"math"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/stream"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// claim is what XCLAIM and XAUTOCLAIM do with an entry.
type claim struct {
	minIdle int64
	justID  bool
	force   bool  // also entries that are not pending
	retry   int64 // the new count, negative: one more, or as it is with justID
	time    int64 // of the handing out
	lastID  stream.ID

	n      int  // entries claimed
	untold bool // the journal does not know of the group's place yet
}

// parties are the stream and the group of a claim, and who gets the entries.
type parties struct {
	s   *value.Stream
	g   stream.Group
	who stream.Consumer
}

// options reads what follows the ids of XCLAIM.
func (m *claim) options(c *client, args [][]byte) (err error) {
	now := c.tx.Now()
	at, timed := int64(0), false
	for sc := (scanner{args: args}); len(sc.args) > 0; {
		if sc.word("force") {
			m.force = true
		} else if sc.word("justid") {
			m.justID = true
		} else if v, ok := sc.option("idle"); ok {
			at, timed = now-sc.integer(v, errClaimIdleOpt), true
		} else if v, ok := sc.option("time"); ok {
			at, timed = sc.integer(v, errClaimTime), true
		} else if v, ok := sc.option("retrycount"); ok {
			m.retry = sc.integer(v, errClaimRetry)
		} else if v, ok := sc.option("lastid"); ok {
			if m.lastID, err = parseID(v, 0); err != nil {
				sc.fail(err)
			}
		} else {
			sc.fail(errorf("ERR Unrecognized XCLAIM option '%s'", cut(sc.args[0])))
		}
		if sc.err != nil {
			return sc.err
		}
	}
	if m.time = now; timed && at >= 0 && at <= now {
		m.time = at
	}
	return nil
}

// begin finds the consumer, or makes it.
func (m *claim) begin(c *client, s *value.Stream, g stream.Group, name []byte) (parties, error) {
	s.Edit()
	who, err := c.consumer(g, name, c.keys[0])
	if err == nil && g.Last().Less(m.lastID) {
		g.SetLast(m.lastID)
		m.untold = true
	}
	return parties{s, g, who}, err
}

// drop takes a pending entry out that is no longer in the stream.
func (m *claim) drop(c *client, p parties, n stream.Nack) {
	if c.tx.Journalling() {
		c.tellClaim(p.g, n, c.args[1])
	}
	m.untold = false
	p.g.Ack(n)
	c.changed(1)
}

// take makes an entry, which is in the stream, the consumer's, and replies it.
func (m *claim) take(c *client, p parties, n stream.Nack) error {
	if !p.g.Give(n, p.who) {
		return core.ErrNoMemory
	}
	n.SetTime(m.time)
	switch {
	case m.retry >= 0:
		n.SetCount(m.retry)
	case !m.justID:
		n.SetCount(n.Count() + 1)
	}
	if m.justID {
		c.streamID(n.ID())
	} else {
		c.streamOne(p.s, n.ID())
	}
	m.n++
	p.who.SetActive(c.tx.Now())
	if c.tx.Journalling() {
		c.tellClaim(p.g, n, c.args[1])
	}
	m.untold = false
	c.changed(1)
	return nil
}

// XCLAIM key group consumer min-idle-time id [id …] [IDLE ms] [TIME unix-ms] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID id]
func cmdXCLAIM(c *client) error {
	s, err := c.readStream(0)
	if err != nil {
		return err
	}
	m := claim{retry: -1}
	g, ok := s.Group(c.args[2])
	if !ok {
		return errNoGroup(c.args[1], c.args[2])
	}
	if m.minIdle, err = integer(c.args[4]); err != nil {
		return errClaimIdle
	}
	var room [someIDs]stream.ID
	ids := room[:0]
	for _, a := range c.args[5:] {
		id, err := parseID(a, 0)
		if err != nil {
			break // options begin
		}
		ids = append(ids, id)
	}
	if err := m.options(c, c.args[5+len(ids):]); err != nil {
		return err
	}
	c.tell()
	mark := c.openArray()
	if err = s.Done(m.run(c, &s, g, ids)); err != nil {
		return storeError(err)
	}
	c.closeArray(mark, m.n)
	return nil
}

func (m *claim) run(c *client, s *value.Stream, g stream.Group, ids []stream.ID) error {
	p, err := m.begin(c, s, g, c.args[3])
	if err != nil {
		return err
	}
	for i := 0; i < len(ids) && err == nil; i++ {
		err = m.one(c, p, ids[i])
	}
	if m.untold {
		if c.tx.Journalling() {
			c.tellGroup(g, c.args[1])
		}
		c.changed(1)
	}
	return err
}

func (m *claim) one(c *client, p parties, id stream.ID) error {
	n := p.g.Nack(id)
	if !p.s.Has(id) {
		if n.Ok() {
			m.drop(c, p, n)
		}
		return nil
	}
	if !n.Ok() {
		if !m.force {
			return nil
		}
		if n = p.g.Hand(p.who, id, m.time, 1); !n.Ok() {
			return core.ErrNoMemory
		}
	} else if m.minIdle > 0 && c.tx.Now()-n.Time() < m.minIdle {
		return nil
	}
	return m.take(c, p, n)
}

const (
	autoclaimCount = 100 // entries, where COUNT does not say
	autoclaimLook  = 10  // times as many are looked at at most
)

// autoclaimArgs are the arguments of XAUTOCLAIM behind the names.
func autoclaimArgs(c *client, m *claim) (start stream.ID, count int64, err error) {
	if m.minIdle, err = integer(c.args[4]); err != nil {
		return start, 0, errAutoclaimIdle
	}
	if start, err = parseStart(c.args[5]); err != nil {
		return start, 0, err
	}
	count = autoclaimCount
	for sc := (scanner{args: c.args[6:]}); len(sc.args) > 0; {
		if v, ok := sc.option("count"); ok {
			if count = sc.integer(v, errAutoclaimMany); sc.err == nil && (count < 1 || count > math.MaxInt64/16) {
				sc.fail(errAutoclaimMany)
			}
		} else if sc.word("justid") {
			m.justID = true
		} else {
			sc.fail(errSyntax)
		}
		if sc.err != nil {
			return start, 0, sc.err
		}
	}
	return start, count, nil
}

// XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID]
func cmdXAUTOCLAIM(c *client) error {
	m := claim{retry: -1, time: c.tx.Now()}
	start, count, err := autoclaimArgs(c, &m)
	if err != nil {
		return err
	}
	s, err := c.readStream(0)
	if err != nil {
		return err
	}
	g, ok := s.Group(c.args[2])
	if !ok {
		return errNoGroup(c.args[1], c.args[2])
	}
	c.tell()
	c.array(3)
	from := len(c.w.Out)
	mark := c.openArray()
	next, gone, err := m.sweep(c, &s, g, start, count)
	if err = s.Done(err); err != nil {
		return storeError(err)
	}
	c.closeArray(mark, m.n)
	c.putBefore(from, next)
	c.array(len(gone))
	for _, id := range gone {
		c.streamID(id)
	}
	return nil
}

// sweep claims from start on. It gives where to go on, and the ids whose entries are no longer there.
func (m *claim) sweep(c *client, s *value.Stream, g stream.Group, start stream.ID, count int64) (next stream.ID, gone []stream.ID, err error) {
	p, err := m.begin(c, s, g, c.args[3])
	if err != nil {
		return next, nil, err
	}
	looks := count * autoclaimLook
	all := g.Pending()
	at := all.Seek(start)
	n := all.Next(&at)
	for ; n.Ok() && looks > 0 && count > 0; n = all.Next(&at) {
		looks--
		id := n.ID()
		switch {
		case !s.Has(id):
			gone = append(gone, id)
			m.drop(c, p, n)
			count--
			all = g.Pending()
			at = all.Seek(id)
		case m.minIdle > 0 && c.tx.Now()-n.Time() < m.minIdle:
		default:
			if err := m.take(c, p, n); err != nil {
				return next, gone, err
			}
			count--
		}
	}
	if n.Ok() {
		next = n.ID()
	}
	return next, gone, nil
}

// putBefore replies an id before what was replied from a place on.
func (c *client) putBefore(from int, id stream.ID) {
	end := len(c.w.Out)
	c.streamID(id)
	n := len(c.w.Out) - end
	var b [idDigits + 8]byte
	copy(b[:], c.w.Out[end:])
	copy(c.w.Out[from+n:], c.w.Out[from:end])
	copy(c.w.Out[from:], b[:n])
}
