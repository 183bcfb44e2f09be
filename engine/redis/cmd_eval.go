// Running scripts: EVAL, EVALSHA and their read-only forms.

package redis

import (
	"github.com/cachesrv/cachesrv/engine/redis/resp"
	"github.com/cachesrv/cachesrv/engine/redis/script"
)

// anyKeys are the keys of a script or function: nobody knows what it does with them.
func anyKeys(a access, notes bool) []keySpec {
	k := keySpec{access: a, first: 2, step: 1, counted: true}
	if notes {
		k.notes = "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE"
		if a&ro != 0 {
			k.notes = "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS"
		}
	}
	return []keySpec{k}
}

func evalCommands() []*command {
	const plain = noscript | stale | skipMonitor | someKeys | ownLocks
	row := func(name, since, what, sum string, fl flags, a access, notes bool, run func(*client) error) *command {
		return &command{name: name, arity: -3, flags: plain | fl, cats: catScripting, keys: anyKeys(a, notes), run: run,
			group: "scripting", since: since, syntax: what + " numkeys:int [key:key0...] [arg...]", cost: "That of the script.", sum: sum}
	}
	return []*command{
		row("eval", "2.6.0", "script", "Runs a Lua script.", 0, rw|reads|updates, true, cmdEVAL),
		row("eval_ro", "7.0.0", "script", "Runs a Lua script that may not write.", readonly, ro|reads, true, cmdEVAL),
		row("evalsha", "2.6.0", "sha1", "Runs a cached Lua script.", 0, rw|reads|updates, false, cmdEVALSHA),
		row("evalsha_ro", "7.0.0", "sha1", "Runs a cached Lua script that may not write.", readonly, ro|reads, false, cmdEVALSHA),
	}
}

// scriptWords splits what follows the script: keys and arguments.
func (c *client) scriptWords(bad error) (keys, args [][]byte, err error) {
	n, ok := resp.ParseInt(c.args[2])
	switch {
	case !ok:
		return nil, nil, bad
	case n > int64(len(c.args)-3):
		return nil, nil, errTooManyKeys
	case n < 0:
		return nil, nil, errNegativeKeys
	}
	return c.args[3 : 3+n], c.args[3+n:], nil
}

// EVAL script numkeys [key [key ...]] [arg [arg ...]]
func cmdEVAL(c *client) error {
	keys, args, err := c.scriptWords(errNotInt)
	if err != nil {
		return err
	}
	sc, err := c.e.scripts.cache.text(c.args[1], false)
	if err != nil {
		return err
	}
	return c.eval(sc, keys, args)
}

// EVALSHA sha1 numkeys [key [key ...]] [arg [arg ...]]
func cmdEVALSHA(c *client) error {
	sc := c.e.scripts.cache.find(c.args[1])
	if sc == nil && len(c.args[1]) != 40 {
		return errNoScript
	}
	keys, args, err := c.scriptWords(errNotInt)
	if err != nil {
		return err
	}
	if sc == nil {
		return errNoScript
	}
	return c.eval(sc, keys, args)
}

// eval runs a script.
func (c *client) eval(sc *cachedScript, keys, args [][]byte) error {
	flags, declared := sc.Flags, sc.Flags.Declared()
	readOnly := c.cmd.flags&readonly != 0
	oom, err := c.mayRun(flags, declared)
	if err != nil {
		return err
	}
	r := c.e.scripts.runner(script.ForScripts)
	r.begin(c, sc.SHA)
	defer r.end()
	r.text = sc.Script
	r.readOnly = readOnly || flags&script.NoWrites != 0
	r.oom, r.allowOOM = oom, flags&script.AllowOOM != 0
	r.call.Keys, r.call.Args = keys, args
	return r.run(sc.Safe)
}

// mayRun applies what a script's flags say before it begins. oom: nothing can be evicted for what it may write.
func (c *client) mayRun(flags script.Flags, declared bool) (oom bool, err error) {
	writes := flags&script.NoWrites == 0
	if c.cmd.flags&readonly != 0 && declared && writes {
		return false, errWritingRO
	}
	if writes && declared && c.e.alert.Load()&alertUnsaved != 0 {
		return false, errUnsaved
	}
	if writes && c.e.store.MaxMemory() > 0 {
		oom = c.tx.MakeRoom(c.estimate(c.cmd)) != nil
		if oom && declared && flags&script.AllowOOM == 0 {
			return true, errOOM
		}
	}
	return oom, nil
}
