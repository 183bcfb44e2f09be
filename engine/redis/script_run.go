// runner: one run of a script: its interpreter, its agent, and what it may do.

package redis

import (
	"bytes"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/engine/redis/acl"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
	"github.com/cachesrv/cachesrv/engine/redis/script"
)

// runner is the script.Host of its interpreter. It is used by one thread at a time, again and again; what others read of it is guarded by
// scripting.mu, or atomic.
type runner struct {
	*scripting
	kind  script.Kind
	state *script.State

	c        *client // whose script it is
	agent    *agent
	name     string
	text     *script.Script   // what is to run,
	function *script.Function // or this
	began    time.Time
	call     script.Call
	readOnly bool // a writing command is refused
	oom      bool // no room was left when the script began
	allowOOM bool
	locked   bool // only the declared keys' shards are locked; commands that need none may run too
	mute     bool // redis.set_repl: changes are not recorded
	records  int
	first    [][]byte // copy of the first record, until there is a second
	firstDB  int
	written  atomic.Bool

	// For the list of running scripts, under mu.
	listed, busy bool
	words        [][]byte // of the request, a copy
	timer        *time.Timer
}

// begin prepares for one run on behalf of c.
func (r *runner) begin(c *client, name string) {
	if c.e.alert.Load()&alertMonitor != 0 && (c.multi == nil || !c.multi.running) {
		c.showAlways("") // before its commands
	}
	r.c, r.agent, r.name = c, c.borrow(c), name
	r.agent.v3 = false
	r.agent.script, r.agent.scripted = r, true
	r.mute, r.records, r.oom = false, 0, false
	if r.written.Load() {
		r.written.Store(false)
	}
	r.call.V3, r.call.Host = c.v3, r
	r.call.Limits = script.Limits{Memory: scriptMemory, Slow: r}
}

// end gives everything back.
func (r *runner) end() {
	if r.listed {
		r.scripting.ended(r)
	}
	r.agent.script = nil
	r.agent.giveBack()
	r.call.Keys, r.call.Args, r.text, r.function = nil, nil, nil, nil
	r.scripting.giveBack(r)
}

// Late is called once, when the script has run for a while.
func (r *runner) Late() {
	r.began = time.Now()
	r.mu.Lock()
	r.words = nil
	for _, a := range r.c.args[:min(len(r.c.args), 32)] {
		r.words = append(r.words, bytes.Clone(a[:min(len(a), 1024)]))
	}
	r.mu.Unlock()
	if r.locked {
		r.c.tx.HoldLong()
	}
	r.scripting.slow(r)
}

// Call runs a command of the script.
func (r *runner) Call(args [][]byte) []byte {
	a := r.agent
	a.worker.Out = a.worker.Out[:0]
	cmd, err := r.admit(args)
	if err == nil {
		a.args, a.cmd = args, cmd
		if err = a.permit(cmd); err != nil {
			a.worker.Out = a.worker.Out[:0]
		} else {
			err = r.perform(cmd)
		}
	}
	if err != nil {
		a.worker.Out = resp.AppendError(a.worker.Out[:0], err.Error())
	}
	return a.worker.Out
}

// admit finds the row and applies what scripts are refused.
func (r *runner) admit(args [][]byte) (*command, error) {
	cmd := r.e.table.find(args[0])
	if cmd != nil && len(cmd.subs) > 0 && len(args) > 1 {
		sub := cmd.sub(args[1])
		if sub != nil {
			cmd = sub
		} else if cmd.flags&ownSubs == 0 {
			cmd = nil
		}
	}
	switch {
	case cmd == nil:
		return nil, errScriptUnknown
	case !cmd.arityOK(len(args)):
		return nil, errScriptArity
	case cmd.flags&noscript != 0:
		return nil, errNotInScript
	case cmd.flags&blocking != 0 && asksToBlock(args):
		return nil, errorf("ERR %s command is not allowed with BLOCK option from scripts", cmd.full)
	}
	if cmd.flags&write != 0 {
		if r.readOnly {
			return nil, errWriteInRO
		}
		if r.e.alert.Load()&alertUnlogged != 0 && !r.written.Load() {
			return nil, r.e.aof.refusal()
		}
		if r.e.alert.Load()&alertUnsaved != 0 && !r.written.Load() {
			return nil, errUnsaved
		}
		if cmd.flags&denyoom != 0 && r.oom && !r.allowOOM && !r.written.Load() {
			return nil, errOOM
		}
	}
	return cmd, nil
}

// asksToBlock finds the option of the commands that read streams.
func asksToBlock(args [][]byte) bool {
	if len(args[0]) < 5 || args[0][0]|0x20 != 'x' {
		return false
	}
	for _, a := range args[1:] {
		if equalFold(a, "streams") {
			return false
		}
		if equalFold(a, "block") {
			return true
		}
	}
	return false
}

func (r *runner) perform(cmd *command) error {
	a := r.agent
	a.findKeys(cmd)
	if r.locked {
		// The proof that a script touches no other keys was made when it was compiled. This is the check of the proof.
		for _, k := range a.keys {
			if !a.tx.Holds(k) {
				return errUndeclaredKey
			}
		}
	}
	if cmd.flags&write != 0 {
		if a.tx.Alone() {
			if err := a.makeRoom(cmd); err != nil && !r.allowOOM && !r.written.Load() {
				return err
			}
		}
		if !r.written.Load() {
			r.written.Store(true)
		}
	}
	err := a.act(cmd)
	if a.e.alert.Load()&alertMonitor != 0 {
		a.show(cmd, "lua")
	}
	row := a.st.row(cmd.id)
	row.calls.Add(1)
	if err != nil {
		row.failed.Add(1)
		a.e.countError(err.Error())
	}
	return err
}

// Proto chooses the protocol of replies.
func (r *runner) Proto(v3 bool) { r.agent.v3 = v3 }

// Log writes to the server's log.
func (r *runner) Log(level int, text string) {
	text = strings.Map(func(c rune) rune {
		if c < ' ' {
			return ' '
		}
		return c
	}, text)
	switch level {
	case 0:
		r.e.log.Trace("script", "says", text)
	case 1:
		r.e.log.Debug("script", "says", text)
	case 2:
		r.e.log.Info("script", "says", text)
	default:
		r.e.log.Warn("script", "says", text)
	}
}

// Allowed asks for the rights of the script's user.
func (r *runner) Allowed(args [][]byte) (allowed, known bool) {
	cmd := r.e.table.find(args[0])
	if cmd != nil && len(cmd.subs) > 0 && len(args) > 1 {
		if sub := cmd.sub(args[1]); sub != nil {
			cmd = sub
		}
	}
	if cmd == nil {
		return false, false
	}
	a := r.agent
	a.args, a.cmd = args, cmd
	u := a.public.user.Load().User()
	if u.Free {
		return true, true
	}
	reason, _ := a.judge(u, cmd) // asking is no attempt: nothing is logged
	return reason == acl.Allowed, true
}

// Propagate is redis.set_repl: only all or nothing makes a difference here.
func (r *runner) Propagate(mask int) { r.mute = mask == 0 }

// record takes what the script's commands hand to the journal. More than one record stand between MULTI and EXEC there.
func (r *runner) record(db int, words [][]byte) {
	if r.mute {
		return
	}
	if m := r.c.multi; m != nil && m.running {
		r.c.journal(words) // EXEC makes one transaction of everything
		return
	}
	switch r.records++; r.records {
	case 1:
		r.firstDB, r.first = db, make([][]byte, len(words))
		for i, w := range words {
			r.first[i] = slices.Clone(w)
		}
		return
	case 2:
		r.c.tx.BeginGroup()
		r.c.tx.Record(r.firstDB, wordMULTI)
		r.c.tx.Record(r.firstDB, r.first)
		r.first = nil
	}
	r.c.tx.Record(db, words)
}

// finish ends the journal's transaction and serves those who waited for what the script has changed. Inside EXEC that comes at EXEC's end.
func (r *runner) finish() {
	r.seal()
	if c := r.c; c.tx.Ready() && (c.multi == nil || !c.multi.running) {
		c.serve()
	}
}

// seal ends what record began. The locks are still held.
func (r *runner) seal() {
	switch {
	case r.records == 1:
		r.c.tx.Record(r.firstDB, r.first)
	case r.records > 1:
		r.c.tx.Record(r.firstDB, wordEXEC)
		r.c.tx.EndGroup()
	}
	r.first, r.records = nil, 0
}

// run runs what is to run: under the locks of the declared keys if it is safe, proven to use no others, else with the store to itself.
func (r *runner) run(safe bool) error {
	if !safe {
		r.c.tx.Exclusive(func() {
			r.invoke()
			r.finish()
		})
		return nil
	}
	if !r.lock() {
		return errHeld
	}
	r.invoke()
	r.unlock()
	return nil
}

// invoke appends the reply to the client's output.
func (r *runner) invoke() {
	w := r.c.w
	if r.function != nil {
		w.Out = r.state.RunFunction(r.function, &r.call, w.Out)
	} else {
		w.Out = r.state.Run(r.text, &r.call, w.Out)
	}
}

// lock locks the declared keys' shards; inside EXEC everything is locked already. false: they are held for long.
func (r *runner) lock() bool {
	c := r.c
	r.locked = false
	if c.tx.Alone() {
		return true
	}
	if len(c.keys) > 0 && (!c.tx.TryLock(c.keys) || !r.readOnly && c.tx.StepBack(c.db, c.keys)) {
		return false
	}
	r.locked = true
	return true
}

// unlock ends what lock began.
func (r *runner) unlock() {
	r.finish()
	if r.locked {
		r.c.tx.Unlock()
	}
	r.locked = false
}
