// The commands about what is on disk, of a server that keeps nothing there yet.

package redis

func persistCommands() []*command {
	const f = admin | noscript | noAsyncLoading | free
	return []*command{
		{name: "bgrewriteaof", arity: 1, flags: f, group: "server", since: "1.0.0", cost: "O(1)", sum: "Writes the append-only file anew in the background.", run: cmdSAVE},
		{name: "bgsave", arity: -1, flags: f, group: "server", since: "1.0.0", syntax: "[SCHEDULE]^3.2.2", cost: "O(1)", past: []change{{"3.2.2", "`SCHEDULE`."}},
			sum: "Writes a snapshot in the background.", run: cmdBGSAVE},
		{name: "lastsave", arity: 1, flags: loading | stale | fast | free, cats: catAdmin | catDangerous, group: "server", since: "1.0.0", cost: "O(1)",
			tips: []string{"nondeterministic_output"}, sum: "Tells when the last snapshot was written.", run: cmdLASTSAVE},
		{name: "save", arity: 1, flags: f | noMulti, group: "server", since: "1.0.0", cost: "O(N), N being the number of keys", sum: "Writes a snapshot.", run: cmdSAVE},
	}
}

// SAVE; BGREWRITEAOF
func cmdSAVE(*client) error { return errNoDisk }

// BGSAVE [SCHEDULE]
func cmdBGSAVE(c *client) error {
	if len(c.args) > 2 || len(c.args) == 2 && !equalFold(c.args[1], "schedule") {
		return errSyntax
	}
	return errNoDisk
}

// LASTSAVE
func cmdLASTSAVE(c *client) error {
	c.integer(c.e.started.Unix()) // as a server that has not saved since it was started
	return nil
}
