// XREADGROUP: handing entries out to the consumers of a group.

package redis

import (
	"strconv"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/stream"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key …] id [id …]
func cmdXREADGROUP(c *client) error {
	var a readArgs
	if err := a.parse(c, true); err != nil {
		return err
	}
	var room [someIDs]stream.ID
	after := room[:0] // the greatest id stands for >
	for i, word := range a.ids {
		s, err := c.readStream(i)
		if err != nil {
			return err
		}
		if _, ok := s.Group(a.group); !ok {
			return errorf("NOGROUP No such key '%s' or consumer group '%s' in XREADGROUP with GROUP option", cut(a.keys[i]), cut(a.group))
		}
		id := stream.MaxID
		switch string(cut(word)) {
		case "$":
			return errReadLast
		case ">":
		default:
			if id, err = parseID(word, 0); err != nil {
				return err
			}
		}
		after = append(after, id)
	}
	c.tell()
	mark, n := c.startRead(), 0
	for i, id := range after {
		served, err := c.readForGroup(&a, i, id)
		if err != nil {
			return storeError(err)
		}
		if served {
			n++
		}
	}
	if n == 0 {
		c.w.Out = c.w.Out[:mark]
		return a.nothing(c)
	}
	c.endRead(mark, n)
	return nil
}

// readForGroup replies what there is of one stream, false if nothing.
func (c *client) readForGroup(a *readArgs, i int, after stream.ID) (served bool, err error) {
	s, err := c.findStream(i)
	if err != nil {
		return false, err
	}
	s.Edit()
	served, err = c.handOut(a, &s, i, after)
	return served, s.Done(err)
}

func (c *client) handOut(a *readArgs, s *value.Stream, i int, after stream.ID) (served bool, err error) {
	g, _ := s.Group(a.group)
	history := after != stream.MaxID
	who, err := c.consumer(g, a.consumer, c.keys[i])
	if err != nil {
		return false, err
	}
	if !history && (s.Length == 0 || !g.Last().Less(s.Edge(true))) {
		return false, nil
	}
	c.changed(1)
	c.readKey(a.keys[i])
	if history {
		start, _ := after.Next()
		c.readHistory(s, who, start, a.count)
		return true, nil
	}
	start, _ := g.Last().Next()
	mark, n, moved := c.openArray(), 0, false
	for w := s.Walk(start, stream.MaxID, false); w.Next(); {
		c.streamEntry(&w)
		var nack stream.Nack
		if !a.noack {
			if nack, err = c.handOne(g, who, w.ID); err != nil {
				break // the group stands before the entry that could not be handed out
			}
		}
		moved = g.Advance(w.ID) || moved
		if nack.Ok() && c.tx.Journalling() {
			c.tellClaim(g, nack, a.keys[i])
		}
		if n++; int64(n) == a.count {
			break
		}
	}
	c.closeArray(mark, n)
	if moved && c.tx.Journalling() {
		c.tellGroup(g, a.keys[i])
	}
	return true, err
}

// handOne notes that an entry was handed to a consumer, whoever had it before.
func (c *client) handOne(g stream.Group, who stream.Consumer, id stream.ID) (stream.Nack, error) {
	now := c.tx.Now()
	n := g.Nack(id)
	if !n.Ok() {
		if n = g.Hand(who, id, now, 1); !n.Ok() {
			return n, core.ErrNoMemory
		}
	} else {
		if !g.Give(n, who) {
			return n, core.ErrNoMemory
		}
		n.SetTime(now)
		n.SetCount(1)
	}
	who.SetActive(now)
	return n, nil
}

// readHistory replies what a consumer has pending, and counts that as handed out once more. As in the original the journal does not learn of that:
// a consumer that looks at its history again and again would write all of it again and again.
func (c *client) readHistory(s *value.Stream, who stream.Consumer, start stream.ID, count int64) {
	mark, n := c.openArray(), 0
	p := who.Pending()
	at := p.Seek(start)
	for k := p.Next(&at); k.Ok(); k = p.Next(&at) {
		if c.streamOne(s, k.ID()) {
			k.SetTime(c.tx.Now())
			k.SetCount(k.Count() + 1)
		} else {
			c.array(2)
			c.streamID(k.ID())
			c.nullArray()
		}
		if n++; int64(n) == count {
			break
		}
	}
	c.closeArray(mark, n)
}

// consumer finds a consumer of a group of the stream at k, or makes it, and notes that it was seen. The journal gets a consumer that was made, since nothing
// may follow by which it would be made there.
func (c *client) consumer(g stream.Group, name []byte, k core.Key) (who stream.Consumer, err error) {
	who, ok := g.Consumer(name)
	if !ok {
		if who, ok = g.AddConsumer(name, c.tx.Now()); !ok {
			return who, core.ErrNoMemory
		}
		c.changed(1)
		c.notice(classStream, "xgroup-createconsumer", k)
		if c.tx.Journalling() {
			c.tell([]byte("XGROUP"), []byte("CREATECONSUMER"), k.Name, g.Name(), name)
		}
		return who, nil
	}
	who.SetSeen(c.tx.Now())
	return who, nil
}

// tellClaim gives the journal what a pending entry has become, as a claim that leads to the same whatever was before.
func (c *client) tellClaim(g stream.Group, n stream.Nack, key []byte) {
	c.tell([]byte("XCLAIM"), key, g.Name(), n.Consumer().Name(), []byte("0"), idWord(n.ID()), []byte("TIME"), strconv.AppendInt(nil, n.Time(), 10),
		[]byte("RETRYCOUNT"), strconv.AppendInt(nil, n.Count(), 10), []byte("FORCE"), []byte("JUSTID"), []byte("LASTID"), idWord(g.Last()))
}

// tellGroup gives the journal a group's place.
func (c *client) tellGroup(g stream.Group, key []byte) {
	c.tell([]byte("XGROUP"), []byte("SETID"), key, g.Name(), idWord(g.Last()), []byte("ENTRIESREAD"), strconv.AppendInt(nil, g.Read(), 10))
}
