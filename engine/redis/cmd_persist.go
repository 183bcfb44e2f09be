// The commands about snapshots and the log on disk.

package redis

import "context"

func persistCommands() []*command {
	const f = admin | noscript | noAsyncLoading | free
	return []*command{
		{name: "bgrewriteaof", arity: 1, flags: f, group: "server", since: "1.0.0", cost: "O(1)", sum: "Writes the append-only file anew in the background.", run: cmdBGREWRITEAOF},
		{name: "bgsave", arity: -1, flags: f, group: "server", since: "1.0.0", syntax: "[SCHEDULE]^3.2.2", cost: "O(1)", past: []change{{"3.2.2", "`SCHEDULE`."}},
			sum: "Writes a snapshot in the background.", run: cmdBGSAVE},
		{name: "lastsave", arity: 1, flags: loading | stale | fast | free, cats: catAdmin | catDangerous, group: "server", since: "1.0.0", cost: "O(1)",
			tips: []string{"nondeterministic_output"}, sum: "Tells when the last snapshot was written.", run: cmdLASTSAVE},
		{name: "save", arity: 1, flags: f | noMulti, group: "server", since: "1.0.0", cost: "O(N), N being the number of keys", sum: "Writes a snapshot.", run: cmdSAVE},
	}
}

// BGREWRITEAOF
func cmdBGREWRITEAOF(c *client) error {
	a := &c.e.aof
	switch job := c.e.working(); {
	case job == jobRewrite:
		return errRewriteRuns
	case job != noJob || c.multi != nil && c.multi.running: // what the transaction changes before and after this belongs together
		a.schedule()
		c.status("Background append only file rewriting scheduled")
	case a.start():
		c.status("Background append only file rewriting started")
	default:
		return errRewrite
	}
	return nil
}

// SAVE
func cmdSAVE(c *client) error {
	var err error
	c.outside(func() { err = c.e.save(context.Background()) })
	switch err {
	case nil:
		c.ok()
		return nil
	case errSaving:
		return errSaveRuns
	}
	return errBare
}

// BGSAVE [SCHEDULE]
func cmdBGSAVE(c *client) error {
	if len(c.args) > 2 || len(c.args) == 2 && !equalFold(c.args[1], "schedule") {
		return errSyntax
	}
	later := c.multi != nil && c.multi.running // what the transaction changes before and after this belongs together
	switch job := c.e.working(); {
	case job == jobSave:
		return errSaveRuns
	case job != noJob && len(c.args) == 1 && !later:
		return errOtherJob
	case job != noJob || later:
		c.e.saves.schedule()
		c.status("Background saving scheduled")
	case c.e.saveInBackground():
		c.status("Background saving started")
	case c.e.working() == jobSave:
		return errSaveRuns
	default:
		return errBare
	}
	return nil
}

// LASTSAVE
func cmdLASTSAVE(c *client) error {
	s := &c.e.saves
	s.mu.Lock()
	defer s.mu.Unlock()
	c.integer(s.last.Unix())
	return nil
}

// outside runs f without the store, in which it may take long, and be entered anew.
func (c *client) outside(f func()) {
	if !c.entered || !c.tx.Outside(f) {
		f()
	}
}
