// The dispatcher: from bytes to a handler's call, obeying the row's flags.

package redis

import (
	"time"

	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// Scratch that grew beyond this for one request is not kept for the next.
const keepArgs = 4096

// Feed runs the complete requests at the start of in. The store is entered at the first request that needs it and
// left at the end.
func (c *client) Feed(w *engine.Worker, in []byte) (taken int) {
	c.w, c.tx, c.st = w, w.Tx, c.e.counters(w.Serial)
	lim := resp.Limits{MaxBulk: c.e.maxBulk.Int(), Unauthent: c.needsAuth()}
	c.tx.By = c.conn.ID
	c.run = run{start: c.e.clock()}
	if c.track != nil {
		c.track.attend()
	}
	looks := c.tx.WorthWhile() && !lim.Unauthent
	for taken < len(in) && !c.stopped {
		if looks && len(c.ahead) == 0 {
			c.lookAhead(in[taken:])
			looks = len(c.ahead) > 0
		}
		args, n, err := c.parser.Next(in[taken:], w.Args, &lim)
		w.Args = args[:0]
		if err != nil {
			c.protocolError(err)
			break
		}
		if n == 0 {
			break
		}
		if len(args) == 0 {
			taken += n
			continue
		}
		c.args = args
		mark := len(w.Out)
		cmd := c.request()
		if c.e.events.waiting.Load() {
			c.e.events.deliver()
		}
		if c.parked {
			if c.waits {
				c.waits = false
				taken += n
				c.skip, c.skipNext = c.skipNext, false
			}
			break
		}
		taken += n
		if len(c.ahead) > 0 {
			c.ahead = c.ahead[1:]
		}
		if (c.replyOff || c.skip) && (cmd == nil || cmd.flags&(pubsub|listener) != pubsub|listener) {
			w.Out = w.Out[:mark]
		}
		c.skip, c.skipNext = c.skipNext, false
		if c.track != nil {
			c.attended(cmd)
		}
		if cmd != nil {
			c.timed(cmd, len(w.Out)-mark)
			if cmd.flags&noAuth != 0 {
				lim.Unauthent = c.needsAuth()
			}
		}
		if c.listens() { // what it has been sent meanwhile, maybe by itself
			c.conn.Collect(w)
		}
		if w.Full() {
			break
		}
	}
	c.rest = len(in) - taken
	c.boundClients(max(c.rest, len(w.Out), int(c.public.held.Load())))
	c.finish()
	return taken
}

// finish leaves the store and lets go of everything that belongs to the worker.
func (c *client) finish() {
	if c.run.n > 0 {
		c.endRun(c.run.n == 1)
	}
	if c.entered {
		c.entered = false
		c.tx.Leave()
	}
	if c.tx.Recorded() {
		c.holdReplies()
	}
	if c.e.trackers.casts.waiting.Load() {
		c.e.trackers.casts.tell()
	}
	if c.track != nil {
		c.track.leave()
	}
	if c.cmd != nil && c.public.last.Load() != c.cmd {
		c.public.last.Store(c.cmd)
	}
	if cap(c.w.Args) > keepArgs {
		c.w.Args = nil
	}
	if cap(c.w.Keys) > keepArgs {
		c.w.Keys = nil
	}
	c.parked = false
	c.e.sample(c.tx)
	c.args, c.keys, c.replaced, c.ahead = nil, nil, nil, nil
	c.w, c.tx, c.st = nil, nil, nil
}

// protocolError answers a request that makes no sense; what follows it cannot be understood either.
func (c *client) protocolError(err error) {
	c.w.Out = resp.AppendError(c.w.Out, "ERR Protocol error: "+err.Error())
	c.e.countError("ERR")
	c.e.protocolErrors.Add(1)
	c.close(err.Error())
}

// request looks the row up, checks what the row asks for and runs the command.
// It returns the row if there is one and the command was run.
func (c *client) request() *command {
	cmd, err := c.lookup()
	if cmd != nil {
		c.cmd = cmd
		if err == nil {
			err = c.admit(cmd)
		}
	}
	if c.stopped || c.parked {
		return nil
	}
	if err != nil {
		c.reject(cmd, err)
		return nil
	}
	if c.multi != nil && cmd.flags&immediate == 0 {
		c.queue(cmd)
		return nil
	}
	if c.run.n > 0 && c.run.cmd != cmd {
		c.endRun(false)
	}
	mark := len(c.w.Out)
	err = c.execute(cmd)
	if err == errRoom {
		c.w.Out = c.w.Out[:mark]
		err = c.withRoom(cmd)
	}
	if err == errHeld {
		if err = c.awaitStore(); c.parked {
			return nil
		}
		err = c.refused(cmd, err)
	}
	if err != nil {
		c.w.Out = c.w.Out[:mark]
		c.fail(err)
		c.st.row(cmd.id).failed.Add(1)
	}
	if c.e.alert.Load()&alertMonitor != 0 {
		c.show(cmd, "")
	}
	return cmd
}

// lookup finds the row and checks the number of words.
func (c *client) lookup() (*command, error) {
	cmd := c.e.table.find(c.args[0])
	if cmd == nil {
		if equalFold(c.args[0], "post") || equalFold(c.args[0], "host:") {
			c.crossProtocol()
			return nil, nil
		}
		return nil, errUnknown(c.args)
	}
	if len(cmd.subs) > 0 && len(c.args) > 1 {
		sub := cmd.sub(c.args[1])
		if sub == nil && cmd.flags&ownSubs == 0 {
			return nil, errUnknownSub(cmd, c.args[1])
		}
		if sub != nil {
			cmd = sub
		}
	}
	if !cmd.arityOK(len(c.args)) {
		return cmd, errArity(cmd)
	}
	return cmd, nil
}

// admit applies the checks that follow from the row's flags, cheapest first.
func (c *client) admit(cmd *command) error {
	if cmd.flags&guarded != 0 {
		if err := c.guard(cmd); err != nil {
			return err
		}
	}
	if !c.authed && cmd.flags&noAuth == 0 && c.needsAuth() {
		return errNoAuth
	}
	if !c.settled && !c.needsAuth() {
		c.settle()
	}
	if err := c.permit(cmd); err != nil {
		return err
	}
	if c.multi != nil && cmd.flags&noMulti != 0 {
		return errInMulti
	}
	if alert := c.e.alert.Load(); alert != 0 {
		if err := c.attend(cmd, alert); err != nil || c.parked {
			return err
		}
	}
	if !c.entered {
		switch {
		case c.tx.TryEnter():
			c.entered = true
		case cmd.flags&free != 0:
			c.tx.Tick()
		default:
			return c.awaitStore()
		}
	}
	if cmd.flags&write != 0 {
		if err := c.makeRoom(cmd); err != nil {
			return err
		}
	}
	if !c.v3 && cmd.flags&listener == 0 && c.listens() {
		return errListening(cmd)
	}
	return nil
}

// execute locks the command's keys and runs it.
func (c *client) execute(cmd *command) error {
	free := true
	switch c.findKeys(cmd); {
	case cmd.single > 0:
		free = c.tx.TryLock1(c.keys[0])
	case cmd.flags&ownLocks != 0:
		return c.perform(cmd)
	case cmd.roams != nil && cmd.roams(c.args):
		free = c.tx.TryLockAll()
	case len(c.keys) > 0:
		free = c.tx.TryLock(c.keys)
	}
	if !free {
		return errHeld
	}
	if cmd.flags&write != 0 && c.tx.StepBack(c.db, c.keys) {
		return errHeld
	}
	err := c.perform(cmd)
	if c.tx.Ready() {
		c.serve()
	}
	c.tx.Unlock()
	return err
}

// errHeld is for the dispatcher alone: what the request needs is held for long, so it comes again when that is free.
var errHeld error = replyError("BUSY the keys are held by a script")

// awaitStore suspends the connection until the store, or what is held for long of it, is free; the request then comes again. While a script is
// overdue there is an error instead.
func (c *client) awaitStore() error {
	if c.e.scripts.busy.Load() > 0 {
		return c.e.scripts.busyError()
	}
	c.parked = true
	c.conn.AwaitStore()
	if c.e.scripts.busy.Load() > 0 {
		c.e.store.Nudge() // it has become overdue since we looked: nobody else would wake us for that
	}
	return nil
}

// findKeys hashes the keys of the request.
func (c *client) findKeys(cmd *command) {
	switch c.keys = c.w.Keys[:0]; {
	case cmd.single > 0:
		c.keys = append(c.keys, c.key(c.args[cmd.single]))
	case len(cmd.keys) > 0:
		for walk := cmd.walkKeys(c.args); walk.next(); {
			c.keys = append(c.keys, c.e.store.Key(c.args[walk.arg]))
		}
	}
	c.w.Keys = c.keys[:0]
}

// perform runs a command whose keys are locked, and hands what it changed to the journal.
func (c *client) perform(cmd *command) error {
	c.dirty = 0
	c.tx.NoTouch = c.noTouch && cmd.flags&touches == 0
	err := cmd.run(c)
	if c.track != nil && cmd.flags&readonly != 0 && cmd.cats&catScripting == 0 { // a script's own commands have read, not the script
		c.remember()
	}
	if c.dirty > 0 {
		c.st.dirty.Add(int64(c.dirty))
		if c.tx.Journalling() && !c.told {
			if c.replaced == nil {
				c.replaced = c.args
			}
			c.journal(c.replaced)
		}
	}
	c.replaced, c.told = nil, false
	return err
}

// journal hands a record to the journal. What a transaction does stands between MULTI and EXEC there.
func (c *client) journal(words [][]byte) {
	if c.script != nil {
		c.script.record(c.db, words)
		return
	}
	if c.multi != nil && c.multi.running && !c.multi.recorded {
		c.multi.recorded = true
		c.tx.Record(c.db, wordMULTI)
	}
	c.tx.Record(c.db, words)
}

// reject answers a command that was not run.
func (c *client) reject(cmd *command, err error) {
	c.fail(c.refused(cmd, err))
	if cmd != nil {
		c.st.row(cmd.id).rejected.Add(1)
	}
}

// fail writes an error reply and counts it by its code.
func (c *client) fail(err error) {
	s := err.Error()
	c.w.Out = resp.AppendError(c.w.Out, s)
	c.e.countError(s)
}

// crossProtocol ends a connection whose peer speaks HTTP: a browser that somebody turned against this server.
func (c *client) crossProtocol() {
	c.stopped = true
	c.conn.Kill("HTTP request")
	if c.e.attacks.due(time.Minute) {
		c.e.log.Warn("Possible SECURITY ATTACK detected. Somebody sends POST or Host: commands, most likely to reach this server by way of a web browser. The connection was closed.", "client", addr(c.conn.Remote()))
	}
}
