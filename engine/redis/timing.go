// Timing: how long commands take, for the statistics and the slow log.

package redis

import "time"

// A reading of the clock costs a tenth of a GET. So equal commands of constant cost that follow each other in one
// pipeline are timed together: each gets the mean. Everything else is timed alone.
const (
	runMax   = 16
	runReply = 16 << 10 // a reply from which on a command's time is its own
	runExact = 1000     // a slow log threshold in microseconds below which all are timed alone
)

// run is what has been executed since the clock was read.
type run struct {
	cmd   *command
	n     int
	start time.Duration // on Engine.clock
}

// timed counts a command that has just been run and replied with some bytes.
func (c *client) timed(cmd *command, reply int) {
	c.run.cmd = cmd
	c.run.n++
	slow := c.e.slow.after.Int()
	if c.run.n == runMax || cmd.flags&(fast|brief) == 0 || reply > runReply || slow >= 0 && slow < runExact {
		c.endRun(c.run.n == 1)
	}
	c.redacted = 0
}

// endRun reads the clock and accounts for the run. intact says that args are still those of its only command.
func (c *client) endRun(intact bool) {
	now := c.e.clock()
	took := now - c.run.start
	cmd, n := c.run.cmd, c.run.n
	if took > time.Millisecond {
		c.tx.Tick() // what follows in the pipeline must not live in the past
	}
	c.run = run{start: now}
	r := c.st.row(cmd.id)
	r.calls.Add(int64(n))
	r.nanos.Add(int64(took))
	if c.e.tracking.Bool() {
		r.histogram().add(took/time.Duration(n), n)
	}
	if took >= time.Millisecond && cmd.name != "exec" { // its commands are noted one by one
		event := eventCommand
		if cmd.flags&fast != 0 {
			event = eventFastCommand
		}
		c.e.latency.note(event, took)
	}
	if slow := c.e.slow.after.Int(); slow >= 0 && took >= time.Duration(min(slow, 1<<40))*time.Microsecond && cmd.flags&quiet == 0 {
		c.e.slow.add(c, cmd, took, n, intact)
	}
}
