// The registry of connections: admission, listing, farewell.

package engine

import (
	"net/netip"
	"slices"
	"time"
)

// admit takes a place for a new connection, or says why it is refused.
func (s *Server) admit(l *listener, peer netip.AddrPort) (reason Refusal, ok bool) {
	if s.count.Add(1) > s.maxClients.Load() {
		s.count.Add(-1)
		s.tally.rejected.Add(1)
		return TooManyClients, false
	}
	if l.path == "" && s.protected.Load() && !peer.Addr().Unmap().IsLoopback() && !s.opts.HasPassword() {
		s.count.Add(-1)
		s.tally.rejected.Add(1)
		return ProtectedMode, false
	}
	return 0, true
}

// newConn makes the connection of an admitted socket; it is not listed before open.
func (s *Server) newConn(l *listener, peer netip.AddrPort, fd int, home driver, now int64) *Conn {
	c := &Conn{ID: s.lastID.Add(1), Created: s.began.Add(time.Duration(now)), srv: s, from: l, peer: peer, fd: fd, home: home}
	c.active.Store(now)
	s.tally.accepted.Add(1)
	return c
}

// open asks the engine for the session, on the thread that owns c, and lists the connection. false: the engine gave none, or panicked.
func (s *Server) open(c *Conn) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			caught(s.log, "opening a session", r)
			c.reason("a panic while its session was made")
		}
	}()
	if c.session = s.engine.Open(c); c.session == nil {
		c.reason("the engine gave no session")
		return false
	}
	s.conns.Store(c.ID, c)
	if s.draining.Load() { // it was not listed yet when the others were told
		c.flags.Or(flagStopping)
	}
	return true
}

// leave gives the place of a connection back. The owner calls it once, before Session.Closed.
func (s *Server) leave(c *Conn) {
	s.conns.Delete(c.ID)
	if c.tls != nil {
		s.addBuffers(-secureCost)
	}
	s.count.Add(-1)
	s.tally.closed.Add(1)
	s.tally.goneIn.Add(c.bytesIn.Load())
	s.tally.goneOut.Add(c.bytesOut.Load())
}

// Conns visits the connections in ascending ID until f says false. It visits those there at its start; some may be gone
// when their turn comes.
func (s *Server) Conns(f func(*Conn) bool) {
	all := make([]*Conn, 0, s.conns.Size())
	s.conns.Range(func(_ uint64, c *Conn) bool {
		all = append(all, c)
		return true
	})
	slices.SortFunc(all, func(a, b *Conn) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	for _, c := range all {
		if !f(c) {
			return
		}
	}
}

// Conn finds a connection by its ID, nil if it is gone.
func (s *Server) Conn(id uint64) *Conn {
	c, _ := s.conns.Load(id)
	return c
}

// Count is the number of connections.
func (s *Server) Count() int { return int(s.count.Load()) }

// eachConn visits every connection that still takes messages, with its mutex held.
func (s *Server) eachConn(f func(c *Conn)) {
	s.conns.Range(func(_ uint64, c *Conn) bool {
		c.mu.Lock()
		if !c.gone {
			f(c)
		}
		c.mu.Unlock()
		return true
	})
}
