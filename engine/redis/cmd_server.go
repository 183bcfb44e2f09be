// The server commands: whole databases, time, the end.

package redis

import (
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

func serverCommands() []*command {
	flush := func(name, cost, sum string, run func(*client) error) *command {
		return &command{name: name, arity: -1, flags: write, cats: catKeyspace | catDangerous, run: run,
			tips:  []string{"request_policy:all_shards", "response_policy:all_succeeded"},
			group: "server", since: "1.0.0", syntax: "[async:<ASYNC^4.0.0 | SYNC^6.2.0>]", cost: cost, sum: sum,
			past: []change{{"4.0.0", "`ASYNC`."}, {"6.2.0", "`SYNC`."}}}
	}
	return []*command{
		{name: "dbsize", arity: 1, flags: readonly | fast, cats: catKeyspace, run: cmdDBSIZE,
			tips:  []string{"request_policy:all_shards", "response_policy:agg_sum"},
			group: "server", since: "1.0.0", cost: "O(1)", sum: "Counts the keys of the database."},
		flush("flushall", "O(N), N being the number of keys in all databases", "Empties all databases.", cmdFLUSHALL),
		flush("flushdb", "O(N), N being the number of keys in the database", "Empties the database.", cmdFLUSHDB),
		{name: "info", arity: -1, flags: loading | stale | free, cats: catDangerous, run: cmdINFO,
			tips:  []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
			group: "server", since: "1.0.0", syntax: "[section...]", cost: "O(1)", past: []change{{"7.0.0", "Several sections."}},
			sum: "Tells about the server's state and statistics."},
		{name: "lolwut", arity: -1, flags: readonly | fast, run: cmdLOLWUT,
			group: "server", since: "5.0.0", syntax: `["VERSION" version:int]`, sum: "Names the version."},
		{name: "shutdown", arity: -1, flags: admin | noscript | loading | stale | noMulti | allowBusy | free, run: cmdSHUTDOWN,
			group: "server", since: "1.0.0", syntax: "[nosave_save:<NOSAVE | SAVE>] [NOW]^7.0.0 [FORCE]^7.0.0 [ABORT]^7.0.0",
			cost: "O(1)", past: []change{{"7.0.0", "`NOW`, `FORCE` and `ABORT`."}}, sum: "Ends the server."},
		{name: "swapdb", arity: 3, flags: write | fast, cats: catKeyspace | catDangerous, run: cmdSWAPDB,
			group: "server", since: "4.0.0", syntax: "index1:int index2:int", cost: "O(1)", sum: "Exchanges two databases."},
		{name: "time", arity: 1, flags: loading | stale | fast | free, run: cmdTIME, tips: []string{"nondeterministic_output"},
			group: "server", since: "2.6.0", cost: "O(1)", sum: "Tells the server's time."},
	}
}

// DBSIZE
func cmdDBSIZE(c *client) error {
	c.integer(int64(c.e.store.Len(c.db)))
	return nil
}

// FLUSHALL [ASYNC|SYNC]
func cmdFLUSHALL(c *client) error { return flush(c, -1) }

// FLUSHDB [ASYNC|SYNC]
func cmdFLUSHDB(c *client) error { return flush(c, c.db) }

func flush(c *client, db int) error {
	sync := true
	switch {
	case len(c.args) == 1:
		sync = !c.e.settings.Bool("lazyfree-lazy-user-flush")
	case len(c.args) == 2 && equalFold(c.args[1], "sync"):
	case len(c.args) == 2 && equalFold(c.args[1], "async"):
		sync = false
	default:
		return errSyntax
	}
	c.tx.Exclusive(func() {
		n := c.tx.Flush(db, sync)
		c.whole(max(n, 1))
	})
	c.ok()
	return nil
}

// whole counts changes made and journals the command while the store is still held exclusively.
func (c *client) whole(n int) {
	c.st.dirty.Add(int64(n))
	if c.tx.Journalling() {
		c.journal(c.args)
	}
}

// SWAPDB index1 index2
func cmdSWAPDB(c *client) error {
	a, err := c.dbIndex(c.args[1], errDBFirst)
	if err != nil && err != errDBRange {
		return err
	}
	b, err2 := c.dbIndex(c.args[2], errDBSecond)
	if err2 != nil {
		return err2
	}
	if err != nil {
		return err
	}
	if a != b {
		c.tx.Exclusive(func() {
			c.tx.Swap(a, b)
			c.whole(1)
		})
	}
	c.ok()
	return nil
}

// TIME
func cmdTIME(c *client) error {
	now := time.Now()
	c.array(2)
	c.bulkInt(now.Unix())
	c.bulkInt(int64(now.Nanosecond() / 1000))
	return nil
}

// LOLWUT [VERSION version] [number …]
func cmdLOLWUT(c *client) error {
	args, numbers := c.args[1:], 0
	if len(args) > 1 && equalFold(args[0], "version") {
		version, ok := resp.ParseInt(args[1])
		switch {
		case !ok:
			return errNotInt
		case version == 5:
			numbers = 3 // columns, squares a row, squares a column
		case version == 6:
			numbers = 2 // columns, rows
		}
		args = args[2:]
	}
	for _, a := range args[:min(numbers, len(args))] {
		if _, err := integer(a); err != nil {
			return err
		}
	}
	c.verbatim("Redis ver. " + Version + "\n")
	return nil
}

// SHUTDOWN [NOSAVE|SAVE] [NOW] [FORCE] [ABORT]
func cmdSHUTDOWN(c *client) error {
	var save, nosave, now, force, abort bool
	s := scanner{args: c.args[1:]}
	for s.more() {
		switch {
		case s.word("nosave"):
			nosave = true
		case s.word("save"):
			save = true
		case s.word("now"):
			now = true
		case s.word("force"):
			force = true
		case s.word("abort"):
			abort = true
		default:
			s.fail(errSyntax)
		}
	}
	switch {
	case s.err != nil:
		return s.err
	case abort && (save || nosave || now || force), save && nosave:
		return errSyntax
	case abort && c.e.abortStop():
		c.ok()
		return nil
	case abort:
		return replyError("ERR No shutdown in progress.")
	}
	if !nosave && c.e.scripts.busy.Load() > 0 {
		return c.e.scripts.busyError()
	}
	c.e.log.Warn("User requested shutdown...")
	var err error
	c.outside(func() { err = c.e.prepareStop(stopWish{save: save, nosave: nosave, now: now, force: force}) })
	if err != nil {
		return errStop
	}
	c.e.scripts.killAll()
	c.e.server.Load().AskStop("SHUTDOWN")
	c.stopped = true
	return nil
}

// The types of values that the store can hold, as TYPE names them.
var typeNames = [core.Types]string{core.String: "string", core.List: "list", core.Set: "set", core.SortedSet: "zset", core.Hash: "hash", core.Stream: "stream"}
