// XACK and XPENDING: what was handed out and not yet acknowledged.

package redis

import "github.com/cachesrv/cachesrv/core/stream"

// XACK key group id [id …]
func cmdXACK(c *client) error {
	s, err := c.readStream(0)
	if err != nil {
		return err
	}
	g, ok := s.Group(c.args[2])
	if !ok {
		c.integer(0)
		return nil
	}
	var room [someIDs]stream.ID
	ids, err := parseIDs(room[:0], c.args[3:])
	if err != nil {
		return err
	}
	s.Edit()
	done := 0
	for _, id := range ids {
		if n := g.Nack(id); n.Ok() {
			g.Ack(n)
			done++
		}
	}
	if err := s.Done(nil); err != nil {
		return storeError(err)
	}
	c.changed(done)
	c.integer(int64(done))
	return nil
}

// pendingArgs are the arguments of an XPENDING with a range.
type pendingArgs struct {
	idle, count int64
	start, end  stream.ID
	consumer    []byte
}

func (a *pendingArgs) parse(args [][]byte) (err error) {
	if equalFold(args[0], "idle") {
		if a.idle, err = integer(args[1]); err != nil {
			return err
		}
		if args = args[2:]; len(args) < 3 {
			return errSyntax
		}
	}
	if a.count, err = integer(args[2]); err != nil {
		return err
	}
	if a.start, err = parseStart(args[0]); err != nil {
		return err
	}
	if a.end, err = parseEnd(args[1]); err != nil {
		return err
	}
	if len(args) > 3 {
		a.consumer = args[3]
	}
	return nil
}

// XPENDING key group [[IDLE ms] start end count [consumer]]
func cmdXPENDING(c *client) error {
	var a pendingArgs
	if n := len(c.args); n > 3 {
		if n < 6 || n > 9 {
			return errSyntax
		}
		if err := a.parse(c.args[3:]); err != nil {
			return err
		}
	}
	s, err := c.readStream(0)
	if err != nil {
		return err
	}
	g, ok := s.Group(c.args[2])
	if !ok {
		return errNoGroup(c.args[1], c.args[2])
	}
	p := g.Pending()
	if len(c.args) == 3 {
		c.pendingSummary(g, &p)
		return nil
	}
	if a.consumer != nil {
		who, ok := g.Consumer(a.consumer)
		if !ok {
			c.array(0)
			return nil
		}
		p = who.Pending()
	}
	c.pendingRange(&p, &a)
	return nil
}

// pendingSummary replies how many there are, from which id to which, and of whom.
func (c *client) pendingSummary(g stream.Group, p *stream.Pending) {
	c.array(4)
	c.integer(int64(p.Len()))
	if p.Len() == 0 {
		c.null()
		c.null()
		c.nullArray()
		return
	}
	c.streamID(p.At(0).ID())
	c.streamID(p.At(p.Len() - 1).ID())
	mark, n := c.openArray(), 0
	for i := range g.Consumers() {
		who := g.ConsumerAt(i)
		of := who.Pending()
		if of.Len() == 0 {
			continue
		}
		c.array(2)
		c.bulk(who.Name())
		c.bulkInt(int64(of.Len()))
		n++
	}
	c.closeArray(mark, n)
}

func (c *client) pendingRange(p *stream.Pending, a *pendingArgs) {
	now := c.tx.Now()
	mark, n := c.openArray(), 0
	at := p.Seek(a.start)
	for int64(n) < a.count {
		k := p.Next(&at)
		if !k.Ok() || a.end.Less(k.ID()) {
			break
		}
		if a.idle != 0 && now-k.Time() < a.idle {
			continue
		}
		c.array(4)
		c.streamID(k.ID())
		c.bulk(k.Consumer().Name())
		c.integer(max(now-k.Time(), 0))
		c.integer(k.Count())
		n++
	}
	c.closeArray(mark, n)
}
