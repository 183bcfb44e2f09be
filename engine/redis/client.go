// client: the session of one connection, and everything a command handler works with.

package redis

import (
	"sync/atomic"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/acl"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// client is one connection's state. The upper part exists only while Feed runs; public is read by other
// goroutines (CLIENT LIST); all the rest belongs to the loop that owns the connection.
type client struct {
	w    *engine.Worker
	tx   *core.Tx
	st   *counters
	args [][]byte   // words of the current request; they alias the read buffer until the handler returns
	keys []core.Key // its keys in the order of the row's key specs
	cmd  *command
	run  run

	ahead []core.Wanted // of the current request and those behind it, as far as they were looked at

	e      *Engine
	conn   *engine.Conn
	parser resp.Parser

	db       int
	v3       bool
	authed   bool
	settled  bool
	entered  bool // holds the shared side of the store
	stopped  bool // no more requests of this connection: it is being closed
	parked   bool // suspended: Feed ends, the current request comes again
	waits    bool // parked in a blocking command: that does not come again
	noEvict  bool
	noTouch  bool
	replyOff bool
	waited   bool // the current login has done its waiting
	skip     bool // the current reply is not sent
	skipNext bool

	multi        *transaction // being collected or run, nil outside
	watch        *core.Watch  // keys of WATCH, nil without
	script       *runner      // of an agent: the script that it works for
	track        *tracker     // CLIENT TRACKING, nil without
	denyBlocking bool         // a blocking command answers at once as if its time were up

	logged   uint64   // position of its last change in the log
	short    int64    // bytes that the current command lacks, with errRoom
	dirty    int      // changes made by the current command
	rest     int      // bytes that the last Feed left: the start of a request
	replaced [][]byte // what the journal gets instead of args
	told     bool     // the journal has got all there is already
	redacted uint64   // bit n: argument n is a secret; the last bit stands for all arguments from there on
	replica  replica  // what it said with REPLCONF
	monitor  bool     // is shown the commands
	scripted bool     // an agent that acts for a script
	public   public
}

// public is what other goroutines may read.
type public struct {
	name, lib, libVersion atomic.Pointer[string]
	last                  atomic.Pointer[command]
	blocked               atomic.Pointer[blocked]     // its waiting, nil until the first
	subs                  atomic.Pointer[subscriber]  // nil: subscribed to nothing
	user                  atomic.Pointer[acl.Account] // whose rights it has; never nil
	db                    atomic.Int32
	bits                  atomic.Uint32
	held                  atomic.Int64               // bytes kept for it outside of its connection's buffers
	watch                 atomic.Pointer[core.Watch] // only to ask whether it is broken
	watched               atomic.Int32               // keys of it
	queued                atomic.Int32               // requests of its transaction and 1; 0 without
}

const (
	bitV3 uint32 = 1 << iota
	bitNoEvict
	bitNoTouch
	bitClosing
	bitAuthed
	bitMonitor
	bitPaused // suspended until CLIENT PAUSE ends
	bitUnix   // these only while flags are written
	bitMulti
	bitDirty // a key that it watches has changed
	bitSubscribed
)

// hold charges the client with n bytes more (fewer: n below 0) that are kept for it outside of its connection's buffers: they count for the
// memory limit, for maxmemory-clients and in CLIENT LIST. Any goroutine may call it.
func (c *client) hold(n int) {
	c.public.held.Add(int64(n))
	c.e.store.AddForeign(int64(n))
}

// setBit publishes one of the bits.
func (c *client) setBit(bit uint32, on bool) {
	if on {
		c.public.bits.Or(bit)
	} else {
		c.public.bits.And(^bit)
	}
}

func text(p *atomic.Pointer[string]) string {
	if s := p.Load(); s != nil {
		return *s
	}
	return ""
}

// setText keeps a copy of b, nothing for an empty one.
func setText(p *atomic.Pointer[string], b []byte) {
	if len(b) == 0 {
		p.Store(nil)
		return
	}
	s := string(b)
	p.Store(&s)
}

// close ends the connection after the replies made so far.
func (c *client) close(why string) {
	c.stopped = true
	c.setBit(bitClosing, true)
	c.conn.Close(why)
}

// needsAuth reports that only commands marked noAuth are allowed.
func (c *client) needsAuth() bool { return !c.authed && c.e.users.Default.User().Locked() }

// settle tells the loop, once, that a valid command came from somebody who may send them.
func (c *client) settle() {
	if !c.settled {
		c.settled = true
		c.conn.Settled()
	}
}

// changed counts changes of the data; the dispatcher then hands the command to the journal.
func (c *client) changed(n int) { c.dirty += n }

// record replaces what the journal gets for this command. Build the words only if c.tx.Journalling.
func (c *client) record(words ...[]byte) { c.replaced = words }

// tell hands the journal one of several commands that stand for this one. Call it without words where a change is not for the journal.
func (c *client) tell(words ...[]byte) {
	c.told = true
	if len(words) > 0 {
		c.journal(words)
	}
}

// redact marks an argument as a secret: it appears neither in the slow log nor to monitors.
func (c *client) redact(arg int) { c.redacted |= 1 << min(arg, lastBit) }

// secret tells whether an argument was marked, or stands so far behind that it shares its mark with others.
func (c *client) secret(arg int) bool { return c.redacted&(1<<min(arg, lastBit)) != 0 }

const lastBit = 63

// Closed gives up what the connection held.
func (c *client) Closed(*engine.Worker) {
	c.discard()
	c.public.blocked.Load().end()
	c.forsake()
	c.endMonitor()
	c.forgetPaused()
	c.untrack()
}
