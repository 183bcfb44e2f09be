// Settings that may change while the server runs.

package engine

import "time"

// SetMaxClients changes the limit of connections; those already there stay. The number of files the system allows bounds it.
func (s *Server) SetMaxClients(n int) {
	s.maxClients.Store(int64(raiseFileLimit(n, s.log)))
}

// MaxClients is the limit in force, which the system's limit of files may have lowered.
func (s *Server) MaxClients() int { return int(s.maxClients.Load()) }

// SetIdleTimeout changes the idle timeout for all connections, 0 ends it.
func (s *Server) SetIdleTimeout(d time.Duration) {
	s.idleTimeout.Store(int64(d))
	s.eachConn(func(c *Conn) { c.mail() }) // every owner sets its timer again
}

// SetKeepAlive changes TCP keepalive for connections accepted from now on.
func (s *Server) SetKeepAlive(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.KeepAlive = d
	for _, l := range s.listeners {
		s.backend.keepAlive(l)
	}
}

// SetProtected switches protected mode for connections accepted from now on.
func (s *Server) SetProtected(on bool) { s.protected.Store(on) }

// SetLimits changes the limits of connections that have none of their own.
func (s *Server) SetLimits(settled ClassLimits, before Limits) {
	s.limits.Store(&limitSet{settled: settled, before: before})
}
