// The transaction commands: MULTI, EXEC, DISCARD, WATCH, UNWATCH.

package redis

import "github.com/cachesrv/cachesrv/core"

func transactionCommands() []*command {
	const first = noscript | loading | stale | fast | allowBusy
	return []*command{
		{name: "multi", arity: 1, flags: first | free | immediate, cats: catTransaction, run: cmdMULTI,
			group: "transactions", since: "1.2.0", cost: "O(1)", sum: "Begins a transaction: requests are kept until EXEC."},
		{name: "exec", arity: 1, flags: noscript | loading | stale | quiet | immediate, cats: catTransaction, run: cmdEXEC,
			group: "transactions", since: "1.2.0", cost: "that of the transaction's requests", sum: "Runs the requests of a transaction as one step."},
		{name: "discard", arity: 1, flags: first | free | immediate, cats: catTransaction, run: cmdDISCARD,
			group: "transactions", since: "2.0.0", cost: "O(N) in the number of requests", sum: "Drops a transaction."},
		{name: "watch", arity: -2, flags: first | immediate, cats: catTransaction, keys: allKeys(ro), run: cmdWATCH,
			group: "transactions", since: "2.2.0", syntax: "key:key+", cost: "O(1) per key", sum: "Makes the next transaction depend on keys not changing until then."},
		{name: "unwatch", arity: 1, flags: first | free, cats: catTransaction, run: cmdUNWATCH,
			group: "transactions", since: "2.2.0", cost: "O(1)", sum: "Forgets all watched keys."},
	}
}

// MULTI
func cmdMULTI(c *client) error {
	if c.multi != nil {
		return errNestedMulti
	}
	c.multi = c.e.transactions.Get().(*transaction)
	c.public.queued.Store(1)
	c.ok()
	return nil
}

// EXEC
func cmdEXEC(c *client) error {
	t := c.multi
	if t == nil {
		return errExecAlone
	}
	err := t.execute(c)
	if err != errHeld { // else it comes again
		c.discard()
	}
	return err
}

// DISCARD
func cmdDISCARD(c *client) error {
	if c.multi == nil {
		return errDiscardAlone
	}
	c.discard()
	c.ok()
	return nil
}

// WATCH key [key ...]
func cmdWATCH(c *client) error {
	if c.multi != nil {
		return errWatchInMulti
	}
	if c.watch == nil {
		c.watch = &core.Watch{}
		c.e.watching.Add(1)
		c.public.watch.Store(c.watch)
	}
	before := c.watch.Keys()
	for _, k := range c.keys {
		c.tx.Watch(c.watch, c.db, k)
	}
	c.e.watchedKeys.Add(int64(c.watch.Keys() - before))
	c.public.watched.Store(int32(c.watch.Keys()))
	c.ok()
	return nil
}

// UNWATCH
func cmdUNWATCH(c *client) error {
	c.unwatch()
	c.ok()
	return nil
}
