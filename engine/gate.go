// gate: replies that must not go out before what they tell of is kept.

package engine

// Gate knows how far what sessions did has been kept. A session says with Conn.HoldFor up to which position its replies depend on.
type Gate interface {
	// Reach sees to it that a position is reached, without waiting for it, and tells how far that is. It is called often, from all loops.
	Reach(pos uint64) Reached
	// Settle is called at the end of a round whose replies wait for a position, and takes as long as it saves time for all to do at once what would be asked for
	// by Reach, which is called behind it. It may do nothing.
	Settle(pos uint64)
}

// Reached is a Gate's answer.
type Reached int

// The answers.
const (
	Open  Reached = iota // send
	Shut                 // hold back; Server.GateMoved comes when it is time to ask again
	Never                // what the replies say will never be true: the connection is closed instead
)

// SetGate has the replies of connections that say HoldFor wait for g; nil ends that.
func (s *Server) SetGate(g Gate) {
	if g == nil {
		s.gate.Store(nil)
	} else {
		s.gate.Store(&g)
	}
	s.GateMoved()
}

// GateMoved has everything that is held back look at the gate again. Any goroutine may call it, with no lock that Reach takes.
func (s *Server) GateMoved() { s.backend.gateMoved() }

// HoldFor (owner) holds the replies that are appended to w.Out, and all later ones, until the server's gate has reached a position. Requests of the
// connection are not run meanwhile; so what can be held back is what one turn makes.
func (c *Conn) HoldFor(pos uint64) { c.after = max(c.after, pos) }

// ask asks the gate about c.
func (c *Conn) ask() Reached {
	g := c.srv.gate.Load()
	if g == nil {
		return Open
	}
	return (*g).Reach(c.after)
}

// lostReplies is why a connection is closed whose replies would not be true.
const lostReplies = "what it wrote could not be kept"

// opened takes note that c need not wait any more: what was left is to be fed.
func (c *Conn) opened() {
	c.after = 0
	if c.has(flagWaits) {
		c.flags.And(^flagWaits)
		c.unfed, c.want = len(c.in) > 0, 0
	}
}
