// Client eviction: maxmemory-clients bounds what all connections together hold in their buffers.

package redis

import (
	"slices"
	"time"

	"github.com/cachesrv/cachesrv/engine"
)

const (
	evictFrom  = 64 << 10              // a connection holding less than this is no reason to look at all of them
	evictEvery = 10 * time.Millisecond // looking at all of them costs time in their number
)

// clientsLimit is maxmemory-clients in bytes, 0 for none; it may be given as a share of maxmemory.
func (e *Engine) clientsLimit() int64 {
	n := e.clientMemory.Int()
	if n < 0 {
		n = -n * e.store.MaxMemory() / 100
	}
	return n
}

// boundClients is called at the end of a Feed with the bytes that are pending: requests to come, or replies to send. Much of them, or many clients
// with little each, are a reason to look.
func (c *client) boundClients(pending int) {
	limit := c.e.clientsLimit()
	if limit == 0 || pending < evictFrom && c.e.store.Foreign() <= limit {
		return
	}
	now, last := int64(c.e.clock()), c.e.evictLooked.Load()
	if now-last >= int64(evictEvery) && c.e.evictLooked.CompareAndSwap(last, now) && c.e.evictClients(limit, c.conn) {
		c.stopped = true
	}
}

// Want tells the loop how much the incomplete request needs; the loop does not call Feed before that is there. Where all clients'
// memory is bounded it is asked for in doubling steps, so that the bound is looked at while a request grows.
func (c *client) Want() int {
	want := c.parser.Want()
	if want > evictFrom && c.e.clientsLimit() > 0 {
		want = min(want, max(2*c.rest, evictFrom))
	}
	return want
}

// holder is a connection with what it holds.
type holder struct {
	conn *engine.Conn
	c    *client
	mem  int64
}

// evictClients ends the connections that hold most until the others are within the limit; it tells whether mine was among them.
func (e *Engine) evictClients(limit int64, mine *engine.Conn) (gone bool) {
	server := e.server.Load()
	if server == nil || limit <= 0 {
		return false
	}
	var total int64
	var large []holder
	server.Conns(func(conn *engine.Conn) bool {
		o, ok := conn.Session().(*client)
		if !ok || o.public.bits.Load()&bitClosing != 0 {
			return true // its memory is about to come back
		}
		st := conn.Stats()
		mem := int64(max(st.QueryCap, st.QueryLen)+st.OutPending) + o.public.held.Load() + clientBytes + int64(o.subscriptionBytes())
		total += mem
		if o.public.bits.Load()&bitNoEvict == 0 {
			large = append(large, holder{conn, o, mem})
		}
		return true
	})
	if total <= limit {
		return false
	}
	slices.SortFunc(large, func(a, b holder) int { return int(b.mem - a.mem) })
	for _, h := range large {
		if total <= limit {
			break
		}
		total -= h.mem
		e.evictedClients.Add(1)
		e.log.Warn("connection ended: maxmemory-clients reached", "client", addr(h.conn.Remote()), "bytes", h.mem)
		h.c.setBit(bitClosing, true)
		h.conn.Kill("maxmemory-clients")
		gone = gone || h.conn == mine
	}
	return gone
}
