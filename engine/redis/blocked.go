// blocked: a client that waits for a key, and how it is served by whoever changes one.

package redis

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// blocked is the waiting of a client in blocking commands, made for the first and used again for the next. Whoever ends a wait (core.Wait) decides the reply:
// a client that changed a key and runs the command for it, the clock, CLIENT UNBLOCK; or nobody gets one, because the connection ends. What is below c is
// written before the wait begins, and read by those who hold or have ended it; reply is written by the one who ended it.
type blocked struct {
	core.Wait
	c     *client
	post  func(*engine.Worker) // deliver
	cmd   *command
	args  [][]byte // copies, as the command is to be run again
	late  string   // the reply when the time is up
	until time.Duration
	size  int

	streams int // of XREAD and XREADGROUP: how many; their names and then the ids are the last arguments
	groupAt int // of XREADGROUP: which argument is the group

	turn  atomic.Uint64 // counts the waits
	mute  bool          // the client wants no reply
	reply []byte

	someArgs [3][]byte // what most commands need, without blocks of their own; the reply comes where the words were
	someText [64]byte
}

// longest is from when on a time is no different from for ever.
const longest = 100 * 365 * 24 * time.Hour

// await is the end of a blocking command that found nothing: it waits for its keys, which are locked. A client that must not wait gets at once
// what it would get in the end.
func (c *client) await(keys []core.Key, ms int64) error {
	if c.denyBlocking {
		c.nullArray()
		return nil
	}
	late := "*-1\r\n"
	if c.v3 {
		late = "_\r\n"
	}
	c.block(ms, late, keys...)
	return nil
}

// waiter is the client's blocked, made when it is needed first.
func (c *client) waiter() *blocked {
	b := c.public.blocked.Load()
	if b == nil {
		b = &blocked{c: c}
		b.Owner, b.post = b, b.deliver
		c.public.blocked.Store(b)
	}
	return b
}

// block suspends the client until one of the keys has something for it, or the time is up.
func (c *client) block(ms int64, late string, keys ...core.Key) {
	b := c.waiter()
	b.cmd, b.late, b.mute, b.until, b.size = c.cmd, late, c.replyOff || c.skip, 0, 0
	b.turn.Add(1)
	b.Gone = c.cmd.flags&keyless != 0
	for _, a := range c.args {
		b.size += len(a)
	}
	text := b.someText[:0]
	if b.size > len(b.someText) {
		text = make([]byte, 0, b.size)
	}
	if b.args = b.someArgs[:0]; len(c.args) > len(b.someArgs) {
		b.args = make([][]byte, 0, len(c.args))
	}
	for _, a := range c.args {
		text = append(text, a...)
		b.args = append(b.args, text[len(text)-len(a):len(text):len(text)])
	}
	b.size += len(b.args)*wordBytes + blockedBytes
	c.hold(b.size)
	c.e.blocked.Add(1)
	c.parked, c.waits = true, true
	c.conn.Suspend()
	if ms > 0 && ms < longest.Milliseconds() {
		after := time.Duration(ms) * time.Millisecond
		b.until = c.e.clock() + after
		c.e.timed.Add(1)
		c.conn.WakeAt(after)
	}
	if len(keys) > 0 {
		c.tx.Await(&b.Wait, c.db, keys)
	} else {
		b.Begin()
	}
}

// What a wait costs beside the words of its command.
const blockedBytes = 400

// end ends the wait: true for the one who is to make the reply, if there is to be one.
func (b *blocked) end() bool {
	if b == nil || !b.End() {
		return false
	}
	b.ended()
	return true
}

func (b *blocked) ended() {
	b.c.hold(-b.size)
	b.c.e.blocked.Add(-1)
	if b.until != 0 {
		b.c.e.timed.Add(-1)
	}
	b.c.e.store.Forget(&b.Wait)
}

// waiting tells that a client is blocked.
func (c *client) waiting() bool {
	b := c.public.blocked.Load()
	return b != nil && !b.Over()
}

// resume has the connection go on with the reply. From any goroutine, after end.
func (b *blocked) resume() { b.c.conn.Post(b.post) }

// deliver is resume on the loop of the connection.
func (b *blocked) deliver(w *engine.Worker) {
	if !b.mute {
		w.Out = append(w.Out, b.reply...)
	}
	if b.cmd.flags&write != 0 {
		b.c.holdReplies()
	}
	b.args, b.someArgs, b.reply = nil, [3][]byte{}, nil
	b.c.conn.WakeAt(-1)
	b.c.conn.GoOn()
}

// Due ends a wait whose time is up.
func (c *client) Due(w *engine.Worker) {
	b := c.public.blocked.Load()
	if b == nil || b.until == 0 || b.Over() {
		return
	}
	if left := b.until - c.e.clock(); left > 0 { // it is the time of an earlier wait that has come
		c.conn.WakeAt(left)
		return
	}
	if b.end() {
		b.timedOut()
		b.deliver(w)
	}
}

// timedOut makes the reply of a wait that found nothing. The call counts from here.
func (b *blocked) timedOut() {
	b.reply = append(b.someText[:0], b.late...)
	b.c.e.counters(0).row(b.cmd.id).calls.Add(1)
}

// unblock is CLIENT UNBLOCK's part; false if the client is not blocked.
func (b *blocked) unblock(failed bool) bool {
	if b == nil || b.c.conn.Killed() || !b.end() {
		return false
	}
	if b.timedOut(); failed {
		b.reply = resp.AppendError(b.reply[:0], errUnblocked.Error())
		b.c.e.countError(errUnblocked.Error())
		b.c.e.counters(0).row(b.cmd.id).failed.Add(1)
	}
	b.resume()
	return true
}

// serve runs the commands of those who wait for keys that have changed, in the order in which the keys changed and the clients came. It is called at the
// end of a command, a transaction or a script, with all that is locked; locks may be added and, where they cannot be had without
// waiting, exchanged, so that others get in between.
func (c *client) serve() {
	for {
		line, ok := c.tx.NextLine()
		if !ok {
			return
		}
		c.serveLine(&line)
	}
}

func (c *client) serveLine(line *core.Line) {
	key := [1]core.Key{line.Key()}
	if !c.tx.Also(key[:]) {
		c.tx.Unlock()
		c.tx.Lock(key[:])
	}
	var held *blocked
	defer func() {
		if held != nil { // a panic
			held.Resume()
		}
	}()
	for {
		it := c.tx.Find(line.DB(), key[0])
		w := c.tx.Next(line, !it.Ok())
		if w == nil {
			return
		}
		b := w.Owner.(*blocked)
		if b.c.conn.Killed() || !b.Hold() {
			continue
		}
		held = b
		if !b.cmd.ready(c, b, key[0], it) {
			b.Resume()
		} else if all := c.lockFor(b, key[0]); all != nil {
			b.Resume()
			c.tx.Unlock()
			c.tx.Lock(all)
			line.Again()
		} else {
			b.EndHeld()
			held = nil
			b.ended()
			c.serveOne(b)
		}
		held = nil
	}
}

// lockFor locks what the command of a held wait needs beside the key that is locked. Where that cannot be had without waiting, it gives
// the keys that are to be locked all at once.
func (c *client) lockFor(b *blocked, key core.Key) []core.Key {
	if b.cmd.single > 0 {
		return nil
	}
	keys := c.w.Keys[:0]
	for walk := b.cmd.walkKeys(b.args); walk.next(); {
		keys = append(keys, c.e.store.Key(b.args[walk.arg]))
	}
	c.w.Keys = keys[:0]
	if len(keys) == 1 || c.tx.Also(keys) {
		return nil
	}
	all := []core.Key{{Name: slices.Clone(key.Name), Hash: key.Hash}}
	for _, k := range keys {
		all = append(all, core.Key{Name: slices.Clone(k.Name), Hash: k.Hash}) // the words are the waiting client's
	}
	return all
}

// serveOne runs the command of one who waited, and hands the reply over.
func (c *client) serveOne(b *blocked) {
	a := c.borrow(b.c)
	defer func() {
		if a != nil { // a panic: the reply will never come
			b.c.conn.Kill("a panic while it was served")
		}
	}()
	began := c.e.clock()
	out, err := a.call(b.cmd, b.args)
	r := c.st.row(b.cmd.id)
	if err != nil {
		a.worker.Out = a.worker.Out[:0]
		a.fail(err)
		out = a.worker.Out
		r.failed.Add(1)
	}
	r.calls.Add(1)
	took := c.e.clock() - began
	r.nanos.Add(int64(took))
	if c.e.tracking.Bool() {
		r.histogram().add(took, 1)
	}
	b.reply = append(b.someText[:0], out...)
	b.resume()
	a.giveBack()
	a = nil
}

// lost is told of those whose key the store itself has removed. They look after themselves, on their own loops.
func (e *Engine) lost(w *core.Wait) {
	b := w.Owner.(*blocked)
	b.c.conn.Post(b.lookAgain)
}

// lookAgain serves a client as if its keys had changed just now.
func (b *blocked) lookAgain(w *engine.Worker) {
	if b.Over() {
		return
	}
	if !w.Tx.TryEnter() {
		b.c.e.store.OnFree(func() { b.c.conn.Post(b.lookAgain) })
		return
	}
	c := b.c
	c.w, c.tx, c.st = w, w.Tx, c.e.counters(w.Serial)
	c.tx.Recall(&b.Wait)
	c.serve()
	c.tx.Unlock()
	c.e.events.deliver()
	c.tx.Leave()
	c.tx.Recorded() // whom it served waits by itself
	c.w, c.tx, c.st = nil, nil, nil
}
