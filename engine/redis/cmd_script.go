// SCRIPT: the cache of scripts, and ending one that runs.

package redis

import "github.com/cachesrv/cachesrv/engine/redis/script"

func scriptCommands() []*command {
	return []*command{{name: "script", arity: -2, group: "scripting", since: "2.6.0", cost: "That of the subcommand.", sum: "Commands for scripts.", subs: []*command{
		{name: "debug", arity: 3, flags: noscript | free, cats: catScripting, run: cmdSCRIPTDEBUG,
			since: "3.2.0", syntax: "mode:<YES | SYNC | NO>", cost: "O(1)", sum: "Refuses the debugger, which this server does not have."},
		{name: "exists", arity: -3, flags: noscript | free, cats: catScripting, run: cmdSCRIPTEXISTS,
			tips:  []string{"request_policy:all_shards", "response_policy:agg_logical_and"},
			since: "2.6.0", syntax: "sha1...", cost: "O(N), N being the number of digests", sum: "Tells which scripts are cached."},
		{name: "flush", arity: -2, flags: noscript | free, cats: catScripting, run: cmdSCRIPTFLUSH,
			tips:  []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
			since: "2.6.0", syntax: "[async:<ASYNC | SYNC>]^6.2.0", cost: "O(N), N being the number of cached scripts",
			past: []change{{"6.2.0", "`ASYNC` and `SYNC`."}}, sum: "Forgets all scripts."},
		{name: "help", arity: 2, flags: loading | stale | free, cats: catScripting, run: cmdSCRIPTHELP, since: "5.0.0", cost: "O(1)", sum: "Lists the subcommands."},
		{name: "kill", arity: 2, flags: noscript | allowBusy | free, cats: catScripting, run: cmdSCRIPTKILL,
			tips:  []string{"request_policy:all_shards", "response_policy:one_succeeded"},
			since: "2.6.0", cost: "O(1)", sum: "Ends a script that has not written yet."},
		{name: "load", arity: 3, flags: noscript | stale | free, cats: catScripting, run: cmdSCRIPTLOAD,
			tips:  []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
			since: "2.6.0", syntax: "script", cost: "O(N), N being the length of the script", sum: "Puts a script into the cache."},
	}}}
}

// SCRIPT LOAD script
func cmdSCRIPTLOAD(c *client) error {
	sc, err := c.e.scripts.cache.text(c.args[2], true)
	if err != nil {
		return err
	}
	c.bulkString(sc.SHA)
	return nil
}

// SCRIPT EXISTS sha1 [sha1 ...]
func cmdSCRIPTEXISTS(c *client) error {
	c.array(len(c.args) - 2)
	for _, sha := range c.args[2:] {
		c.flag(c.e.scripts.cache.find(sha) != nil)
	}
	return nil
}

// syncOrAsync reads the option of the FLUSH subcommands, which makes no difference here.
func (c *client) syncOrAsync(wrong error) error {
	if len(c.args) > 3 || len(c.args) == 3 && !equalFold(c.args[2], "sync") && !equalFold(c.args[2], "async") {
		return wrong
	}
	return nil
}

// SCRIPT FLUSH [ASYNC|SYNC]
func cmdSCRIPTFLUSH(c *client) error {
	if err := c.syncOrAsync(errScriptFlush); err != nil {
		return err
	}
	c.e.scripts.cache.flush()
	c.ok()
	return nil
}

// SCRIPT KILL
func cmdSCRIPTKILL(c *client) error {
	if err := c.e.scripts.kill(script.ForScripts); err != nil {
		return err
	}
	c.ok()
	return nil
}

// SCRIPT DEBUG YES|SYNC|NO
func cmdSCRIPTDEBUG(c *client) error {
	switch {
	case equalFold(c.args[2], "no"):
		c.ok()
		return nil
	case equalFold(c.args[2], "yes"), equalFold(c.args[2], "sync"):
		return errNoDebugger
	}
	return errScriptDebug
}

// SCRIPT HELP
func cmdSCRIPTHELP(c *client) error {
	c.help("DEBUG (YES|SYNC|NO)",
		"    Set the debug mode for subsequent scripts executed.",
		"EXISTS <sha1> [<sha1> ...]",
		"    Return information about the existence of the scripts in the script cache.",
		"FLUSH [ASYNC|SYNC]",
		"    Forget all scripts of the cache.",
		"KILL",
		"    Kill the currently executing Lua script.",
		"LOAD <script>",
		"    Load a script into the scripts cache without executing it.")
	return nil
}
