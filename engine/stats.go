// Stats: what the server counts.

package engine

import (
	"sync/atomic"
	"time"
)

// Stats are the server's counters since start or ResetStats.
type Stats struct {
	Accepted, Rejected, Closed int64
	BytesIn, BytesOut          int64
	Reads, Writes, Wakes       int64         // system calls of the loops
	OutClosed, QueryClosed     int64         // closed for their pending output; for an unfinished request
	IdleClosed                 int64         // closed for being idle
	Handshakes, HandshakesBad  int64         // TLS handshakes that were completed; that failed
	HandOvers, Moved           int64         // loops handed over; connections moved between loops
	Loops, LoopsBusy           int           // running now; that had work in the last second
	LoopTime                   time.Duration // CPU time of the threads that run loops now
	Buffers                    int64         // bytes of connection buffers held now
}

// tally is the live form of Stats. What happens per request is counted by the loops and connections themselves.
type tally struct {
	accepted, rejected, closed atomic.Int64
	goneIn, goneOut            atomic.Int64 // bytes of connections that are gone
	outClosed, queryClosed     atomic.Int64
	idleClosed                 atomic.Int64
	handshakes, handshakesBad  atomic.Int64
	handOvers, moved           atomic.Int64
	buffers                    atomic.Int64
	zero                       atomic.Pointer[Stats] // what ResetStats subtracts
}

// addBuffers accounts for connection buffers, dropped ones with n below 0; they count against the store's limit too.
func (s *Server) addBuffers(n int64) {
	s.tally.buffers.Add(n)
	s.trim.dropped(-n)
	if s.store != nil {
		s.store.AddForeign(n)
	}
}

// Stats adds up what all loops have counted.
func (s *Server) Stats() Stats {
	now := s.total()
	if z := s.tally.zero.Load(); z != nil {
		now.Accepted -= z.Accepted
		now.Rejected -= z.Rejected
		now.Closed -= z.Closed
		now.BytesIn -= z.BytesIn
		now.BytesOut -= z.BytesOut
		now.Reads -= z.Reads
		now.Writes -= z.Writes
		now.Wakes -= z.Wakes
		now.OutClosed -= z.OutClosed
		now.QueryClosed -= z.QueryClosed
		now.IdleClosed -= z.IdleClosed
		now.Handshakes -= z.Handshakes
		now.HandshakesBad -= z.HandshakesBad
		now.HandOvers -= z.HandOvers
		now.Moved -= z.Moved
	}
	return now
}

// ResetStats starts the counters again from zero; those that tell a present state stay.
func (s *Server) ResetStats() {
	z := s.total()
	s.tally.zero.Store(&z)
}

func (s *Server) total() Stats {
	t := &s.tally
	st := Stats{
		Accepted:    t.accepted.Load(),
		Rejected:    t.rejected.Load(),
		Closed:      t.closed.Load(),
		OutClosed:   t.outClosed.Load(),
		QueryClosed: t.queryClosed.Load(),
		IdleClosed:  t.idleClosed.Load(),
		HandOvers:   t.handOvers.Load(),
		Handshakes:  t.handshakes.Load(),

		HandshakesBad: t.handshakesBad.Load(),
		Moved:         t.moved.Load(),
		Buffers:       t.buffers.Load(),
	}
	// A connection that closes in between may be missed or counted twice for this one reading; INFO shows the
	// next one right.
	s.conns.Range(func(_ uint64, c *Conn) bool {
		st.BytesIn += c.bytesIn.Load()
		st.BytesOut += c.bytesOut.Load()
		return true
	})
	st.BytesIn += t.goneIn.Load()
	st.BytesOut += t.goneOut.Load()
	s.backend.stats(&st)
	return st
}
