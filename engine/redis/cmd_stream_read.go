// XRANGE, XREVRANGE and XREAD: reading entries.

package redis

import (
	"github.com/cachesrv/cachesrv/core/stream"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// streamEntry replies the entry that a walk stands on: its id and its fields.
func (c *client) streamEntry(w *stream.Walk) {
	c.array(2)
	c.streamID(w.ID)
	c.array(2 * w.Fields)
	out := c.w.Out
	for range w.Fields {
		name, value := w.Field()
		out = appendElem(appendElem(out, name), value)
	}
	c.w.Out = out
}

// streamRange replies the entries of a range, at most count of them unless that is 0.
func (c *client) streamRange(s *value.Stream, start, end stream.ID, count int64, rev bool) {
	mark, n := c.openArray(), 0
	for w := s.Walk(start, end, rev); w.Next(); {
		c.streamEntry(&w)
		if n++; int64(n) == count {
			break
		}
	}
	c.closeArray(mark, n)
}

// streamOne replies the entry of an id without an array around it; false if it is not there.
func (c *client) streamOne(s *value.Stream, id stream.ID) bool {
	w := s.Walk(id, id, false)
	if !w.Next() {
		return false
	}
	c.streamEntry(&w)
	return true
}

// XRANGE key start end [COUNT count]
func cmdXRANGE(c *client) error { return xrange(c, c.args[2], c.args[3], false) }

// XREVRANGE key end start [COUNT count]
func cmdXREVRANGE(c *client) error { return xrange(c, c.args[3], c.args[2], true) }

func xrange(c *client, from, to []byte, rev bool) error {
	start, err := parseStart(from)
	if err != nil {
		return err
	}
	end, err := parseEnd(to)
	if err != nil {
		return err
	}
	count := int64(-1)
	for sc := (scanner{args: c.args[4:]}); len(sc.args) > 0; {
		v, ok := sc.option("count")
		if !ok {
			return errSyntax
		}
		if count, err = integer(v); err != nil {
			return err
		}
		count = max(count, 0)
	}
	s, err := c.readStream(0)
	switch {
	case err != nil:
		return err
	case !s.Ok():
		c.array(0)
	case count == 0:
		c.nullArray()
	default:
		c.streamRange(&s, start, end, max(count, 0), rev)
	}
	return nil
}

// readArgs are the arguments of XREAD and XREADGROUP.
type readArgs struct {
	count           int64 // 0: all
	block, noack    bool
	ms              int64 // with block: for how long, 0 for ever
	group, consumer []byte
	groupAt         int // which argument the group is
	keys, ids       [][]byte
}

// parse reads what comes before the ids, and takes keys and ids apart.
func (a *readArgs) parse(c *client, grouped bool) (err error) {
	for i := 1; i < len(c.args) && a.keys == nil; i++ {
		word, more := c.args[i], len(c.args)-1-i
		switch {
		case more > 0 && equalFold(word, "block"):
			i++
			a.block = true
			a.ms, err = c.blockTime(c.args[i])
		case more > 0 && equalFold(word, "count"):
			i++
			a.count, err = integer(c.args[i])
			a.count = max(a.count, 0)
		case more > 0 && equalFold(word, "streams"):
			rest := c.args[i+1:]
			if len(rest)%2 != 0 {
				symbol := '$'
				if grouped {
					symbol = '>'
				}
				return errorf("ERR Unbalanced '%s' list of streams: for each stream key an ID or '%c' must be specified.", c.cmd.full, symbol)
			}
			a.keys, a.ids = rest[:len(rest)/2], rest[len(rest)/2:]
		case more > 1 && equalFold(word, "group"):
			if !grouped {
				return errReadGroup
			}
			a.group, a.consumer, a.groupAt = c.args[i+1], c.args[i+2], i+1
			i += 2
		case equalFold(word, "noack"):
			if !grouped {
				return errReadNoack
			}
			a.noack = true
		default:
			return errSyntax
		}
		if err != nil {
			return err
		}
	}
	switch {
	case a.keys == nil:
		return errSyntax
	case grouped && a.group == nil:
		return errReadNoGroup
	case len(c.keys) != len(a.keys) || string(c.keys[0].Name) != string(a.keys[0]):
		return errSyntax // a group or consumer called "streams" hides the word from those who lock the keys
	}
	return nil
}

// blockTime reads a time in milliseconds.
func (c *client) blockTime(b []byte) (ms int64, err error) {
	ms, ok := resp.ParseInt(b)
	switch {
	case !ok:
		return 0, errTimeout
	case ms < 0:
		return 0, errTimeoutNeg
	case ms > 0 && ms+c.tx.Now() < 0:
		return 0, errTimeoutRange
	}
	return ms, nil
}

// nothing waits for something to read, or replies that there is nothing.
func (a *readArgs) nothing(c *client) error {
	if !a.block {
		c.nullArray()
		return nil
	}
	if !c.denyBlocking {
		b := c.waiter()
		b.streams, b.groupAt = len(a.keys), a.groupAt
	}
	return c.await(c.keys, a.ms)
}

// startRead and endRead enclose the streams of a reply: an array of pairs, or a map.
func (c *client) startRead() int { return c.openArray() }

func (c *client) endRead(mark, n int) {
	c.closeArray(mark, n)
	if c.v3 {
		c.w.Out[mark] = '%'
	}
}

// readKey begins a stream's part of the reply.
func (c *client) readKey(name []byte) {
	if !c.v3 {
		c.array(2)
	}
	c.bulk(name)
}

// XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key …] id [id …]
func cmdXREAD(c *client) error {
	var a readArgs
	if err := a.parse(c, false); err != nil {
		return err
	}
	var room [someIDs]stream.ID
	after := room[:0]
	for i, word := range a.ids {
		s, err := c.readStream(i)
		if err != nil {
			return err
		}
		id := s.Last
		switch string(cut(word)) {
		case "$":
		case ">":
			return errReadNew
		default:
			if id, err = parseID(word, 0); err != nil {
				return err
			}
		}
		after = append(after, id)
	}
	mark, n := c.startRead(), 0
	for i, id := range after {
		s, err := c.findStream(i)
		if err != nil {
			return err
		}
		if s.Length == 0 || !id.Less(s.Edge(true)) {
			continue
		}
		n++
		c.readKey(a.keys[i])
		start, _ := id.Next()
		if c.streamRange(&s, start, stream.MaxID, a.count, false); len(c.w.Out) > c.e.maxReply {
			return errReplyTooLong
		}
	}
	if n == 0 {
		c.w.Out = c.w.Out[:mark]
		for i, word := range a.ids { // who waits, waits for what is added from now on
			if len(word) == 1 && word[0] == '$' {
				a.ids[i] = idWord(after[i])
			}
		}
		return a.nothing(c)
	}
	c.endRead(mark, n)
	return nil
}
