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

// limitSet is the server's pair of defaults; it is replaced as a whole and never changed.
type limitSet struct {
	settled, before Limits
}

// bounds gives the limits in force: the connection's own, or the server's for its state. Owner only.
func (c *Conn) bounds() *Limits {
	if c.limits != nil {
		return c.limits
	}
	set := c.srv.limits.Load()
	if c.flags.Load()&flagSettled != 0 {
		return &set.settled
	}
	return &set.before
}

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

// noteLimit counts and logs that c is closed for exceeding a limit.
func (c *Conn) noteLimit(why string) {
	c.srv.tally.limitClosed.Add(1)
	c.srv.log.Warn("closed for a limit", "client", c.ID, "remote", c.Remote().String(), "why", why)
}
