// When a connection's time is up: first command, idleness, output over the soft limit.

package engine

import "time"

// lastReply is how long a connection that is to be closed may take to read the next piece of what is pending.
const lastReply = 10 * time.Second

// timeToWake is the one reason for which a connection is not closed: its session is called.
const timeToWake = "its session's own time"

// deadline gives the next moment at which c is to be looked at and what it would be closed for, 0 if there is none. Owner only.
func (c *Conn) deadline() (when int64, why string) {
	earlier := func(at int64, what string) {
		if when == 0 || at < when {
			when, why = at, what
		}
	}
	flags := c.flags.Load()
	if first := int64(c.srv.opts.FirstDeadline); first > 0 && flags&flagSettled == 0 {
		// Whoever sends a long first command at more than a trickle is not cut off: each megabyte is worth another deadline.
		earlier(int64(c.Created.Sub(c.srv.began))+first*(1+c.bytesIn.Load()>>20), "no valid command within the first-command deadline")
	}
	if idle := c.srv.idleTimeout.Load(); idle > 0 && flags&flagExempt == 0 {
		if flags&(flagSuspended|flagAwait) == 0 {
			earlier(c.active.Load()+idle, "idle")
		} else {
			// What it waits for may take any time; look again later.
			earlier(max(c.active.Load(), c.srv.now())+idle, "idle")
		}
	}
	if flags&flagClosing != 0 {
		earlier(c.active.Load()+int64(lastReply), "did not take the last reply")
	}
	if c.softSince != 0 {
		// The limit may have been changed since.
		if l := c.bounds(); l.OutSoft > 0 && c.pendings.Load() > l.OutSoft {
			earlier(c.softSince+int64(l.OutSoftFor), softTooLong)
		}
	}
	if c.wake != 0 {
		earlier(c.wake, timeToWake)
	}
	return when, why
}
