// transaction: the requests that a client collects between MULTI and EXEC, and how they are run.

package redis

import (
	"slices"
	"strings"

	"github.com/cachesrv/cachesrv/core"
)

// transaction is what MULTI began. It belongs to its client. The words of the requests are copies in chunks; a chunk never moves.
type transaction struct {
	requests []queued
	words    [][]byte // of all requests, one behind the other
	chunk    []byte   // the newest chunk: its length is used, its capacity not
	broken   bool     // a request was refused: EXEC will be as well
	running  bool     // EXEC is at it
	recorded bool     // the journal has got MULTI
	held     int      // bytes the client is charged with
	roams    bool     // some request looks beyond its keys
	keys     []core.Key
}

type queued struct {
	cmd   *command
	words int
}

// Chunks grow with what has come; small transactions keep theirs for the next.
const (
	firstChunk = 1 << 10
	mostChunk  = 64 << 10
	keepChunk  = 4 << 10
	keepQueue  = 64
)

// queue keeps a request for EXEC.
func (c *client) queue(cmd *command) {
	t := c.multi
	for _, a := range c.args {
		if cap(t.chunk)-len(t.chunk) < len(a) {
			t.chunk = make([]byte, 0, max(min(2*cap(t.chunk), mostChunk), firstChunk, len(a)))
			t.hold(c, cap(t.chunk))
		}
		at := len(t.chunk)
		t.chunk = append(t.chunk, a...)
		t.words = append(t.words, t.chunk[at:len(t.chunk):len(t.chunk)])
	}
	t.requests = append(t.requests, queued{cmd, len(c.args)})
	t.hold(c, len(c.args)*wordBytes+queuedBytes)
	if cmd.wide(c.args) {
		t.roams = true
	}
	c.public.queued.Add(1)
	c.status("QUEUED")
}

// What a word and a request cost beside their bytes.
const (
	wordBytes   = 24
	queuedBytes = 16
)

// hold charges the client with bytes that are kept until its transaction ends.
func (t *transaction) hold(c *client, n int) {
	t.held += n
	c.hold(n)
}

// wide tells that a request may look at keys that it does not name, so that locking its keys is not enough.
func (cmd *command) wide(args [][]byte) bool {
	return len(cmd.keys) == 0 && cmd.flags&free == 0 || cmd.flags&ownLocks != 0 || cmd.roams != nil && cmd.roams(args)
}

// refused remembers that a request will be missing, and gives EXEC's own refusal its form.
func (c *client) refused(cmd *command, err error) error {
	if cmd != nil && cmd.name == "exec" && cmd.parent == nil {
		c.discard()
		return errorf("EXECABORT Transaction discarded because of: %s", strings.TrimPrefix(err.Error(), "ERR "))
	}
	if c.multi != nil {
		c.multi.broken = true
	}
	return err
}

// discard ends the transaction and its watch.
func (c *client) discard() {
	c.unwatch()
	if t := c.multi; t != nil {
		c.multi = nil
		c.public.queued.Store(0)
		c.hold(-t.held)
		t.held = 0
		if cap(t.requests) <= keepQueue && cap(t.words) <= 4*keepQueue && cap(t.chunk) <= keepChunk {
			clear(t.words)
			clear(t.keys)
			*t = transaction{requests: t.requests[:0], words: t.words[:0], chunk: t.chunk[:0], keys: t.keys[:0]}
			c.e.transactions.Put(t)
		}
	}
}

// unwatch forgets the watched keys.
func (c *client) unwatch() {
	if c.watch != nil {
		c.e.watching.Add(-1)
		c.e.watchedKeys.Add(int64(-c.watch.Keys()))
		c.e.store.Unwatch(c.watch)
		c.watch = nil
		c.public.watch.Store(nil)
		c.public.watched.Store(0)
	}
}

// execute is EXEC: it runs the requests, unless one was refused or a watched key has changed.
func (t *transaction) execute(c *client) error {
	switch {
	case t.broken:
		return errExecAbort
	case c.watch != nil && c.watch.Broken():
		c.nullArray()
		return nil
	}
	if err := t.makeRoom(c); err != nil {
		return c.refused(c.cmd, err)
	}
	return t.run(c)
}

// makeRoom evicts what the writes need, before anything is locked.
func (t *transaction) makeRoom(c *client) error {
	if c.e.store.MaxMemory() <= 0 {
		return nil
	}
	outer, need, denied := c.args, 0, false
	rest := t.words
	for _, q := range t.requests {
		if c.args, rest = rest[:q.words], rest[q.words:]; q.cmd.flags&write != 0 {
			need += c.estimate(q.cmd)
			denied = denied || q.cmd.flags&denyoom != 0
		}
	}
	c.args = outer
	if need > 0 && c.tx.MakeRoom(need) != nil && denied {
		return errOOM
	}
	return nil
}

// run executes the requests, all or (when a watched key has changed) none, as one step for everybody else: under the locks of
// all their keys and the watched ones, or with the store to itself where a request looks further.
func (t *transaction) run(c *client) error {
	if t.roams {
		c.tx.Exclusive(func() { t.runLocked(c) })
		return nil
	}
	t.keys = t.keys[:0]
	t.addKeys(c, write)
	changed := len(t.keys)
	t.addKeys(c, 0)
	if c.watch != nil {
		t.keys = c.watch.Append(t.keys)
	}
	if len(t.keys) > 0 && (!c.tx.TryLock(t.keys) || c.tx.StepBack(c.db, t.keys[:changed])) {
		return errHeld
	}
	t.runLocked(c)
	c.tx.Unlock()
	return nil
}

// addKeys adds the keys of the requests that write, or of those that do not, to keys.
func (t *transaction) addKeys(c *client, writes flags) {
	rest := t.words
	for _, q := range t.requests {
		if q.cmd.flags&write == writes {
			for walk := q.cmd.walkKeys(rest[:q.words]); walk.next(); {
				t.keys = append(t.keys, c.e.store.Key(rest[walk.arg]))
			}
		}
		rest = rest[q.words:]
	}
}

// runLocked is run with everything locked.
func (t *transaction) runLocked(c *client) {
	if c.watch != nil && !c.tx.Kept(c.watch) {
		c.nullArray()
		return
	}
	c.array(len(t.requests))
	outer, exec, began := c.args, c.cmd, c.run.start
	c.denyBlocking, t.running = true, true
	c.tx.BeginGroup()
	rest := t.words
	for _, q := range t.requests {
		c.args, c.cmd = slices.Clip(rest[:q.words]), q.cmd
		rest = rest[q.words:]
		mark := len(c.w.Out)
		err := c.permit(q.cmd)
		if err == nil {
			c.findKeys(q.cmd)
			if err = c.perform(q.cmd); err != nil {
				c.w.Out = c.w.Out[:mark]
				c.st.row(q.cmd.id).failed.Add(1)
			}
			if c.e.alert.Load()&alertMonitor != 0 {
				c.show(q.cmd, "")
			}
			c.timed(q.cmd, len(c.w.Out)-mark)
		}
		if err != nil {
			c.fail(err)
		}
	}
	if c.run.n > 0 {
		c.endRun(false)
	}
	if t.recorded {
		c.tx.Record(c.db, wordEXEC)
	}
	c.tx.EndGroup()
	c.denyBlocking, t.running = false, false
	if c.tx.Ready() {
		c.serve()
	}
	c.args, c.cmd, c.dirty = outer, exec, 0
	c.run.start = began // EXEC's own time is that of all
}

// The journal's words around a transaction.
var (
	wordMULTI = [][]byte{[]byte("MULTI")}
	wordEXEC  = [][]byte{[]byte("EXEC")}
)
