// Limits: what the server keeps for one connection at most, and the check of pending replies.

package engine

import "time"

// Limits bounds what the server keeps for one connection, in bytes; 0 is none.
type Limits struct {
	OutHard    int64 // pending replies above this close the connection
	OutSoft    int64 // pending replies above this for longer than OutSoftFor close it
	OutSoftFor time.Duration
	QueryMax   int64 // an unfinished request longer than this closes the connection
	PauseAt    int64 // stop reading while more than this is pending (backpressure); 0 never
}

const (
	hardLimit   = "pending replies over the hard limit"
	softTooLong = "pending replies over the soft limit for too long"
	queryLimit  = "unfinished request over the limit"
)

// Class says whose limits a connection has. A connection begins as Normal.
type Class uint8

const (
	Normal     Class = iota // asks and gets answers
	Replica                 // takes the stream of changes
	Subscriber              // is sent what it did not ask for
	classes
)

// ClassLimits are the limits of settled connections, by class.
type ClassLimits [classes]Limits

// ForAll gives every class the same limits.
func ForAll(l Limits) (all ClassLimits) {
	for i := range all {
		all[i] = l
	}
	return all
}

// limitSet is the server's defaults; it is replaced as a whole and never changed.
type limitSet struct {
	settled ClassLimits
	before  Limits
}

// bounds gives the limits in force: the connection's own, or the server's for its state. Owner only.
func (c *Conn) bounds() *Limits {
	if c.limits != nil {
		return c.limits
	}
	set := c.srv.limits.Load()
	if c.flags.Load()&flagSettled != 0 {
		return &set.settled[c.class.Load()]
	}
	return &set.before
}

// OutHard is the bound on pending replies that a settled connection of a class has now, 0 for none. It may be asked for from any goroutine.
func (s *Server) OutHard(class Class) int64 { return s.limits.Load().settled[class].OutHard }

// overOut says why pending bytes of output close the connection, "" if they do not. soft is the time since which the
// soft limit is exceeded (0: it is not), to be kept with the connection and given again at the next call.
func (l *Limits) overOut(pending, now, since int64) (why string, soft int64) {
	if l.OutHard > 0 && pending > l.OutHard {
		return hardLimit, 0
	}
	if l.OutSoft <= 0 || pending <= l.OutSoft {
		return "", 0
	}
	if since == 0 {
		return "", max(now, 1)
	}
	if now-since >= int64(l.OutSoftFor) {
		return softTooLong, since
	}
	return "", since
}

// exceeded (owner) notes that c is closed for exceeding a limit, unless somebody who had a message for it was faster.
func (c *Conn) exceeded(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.has(flagKilled) {
		c.noteLimit(why)
		c.flags.Or(flagKilled)
	}
}

// noteLimit counts and logs that c is closed for exceeding a limit. c.mu is held.
func (c *Conn) noteLimit(why string) {
	if why == queryLimit {
		c.srv.tally.queryClosed.Add(1)
	} else {
		c.srv.tally.outClosed.Add(1)
	}
	c.srv.log.Warn("closed for a limit", "client", c.ID, "remote", c.Remote().String(), "why", why)
}
