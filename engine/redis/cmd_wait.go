// WAIT and WAITAOF, of a server that has neither replicas nor a log yet, and CLIENT UNBLOCK.

package redis

import "github.com/cachesrv/cachesrv/engine/redis/resp"

func waitCommands() []*command {
	return []*command{
		{name: "wait", arity: 3, flags: blocking, cats: catConnection, run: cmdWAIT, tips: []string{"request_policy:all_shards", "response_policy:agg_min"},
			group: "generic", since: "3.0.0", syntax: "numreplicas:int timeout:int", cost: "O(1)", sum: "Waits until replicas have what the connection wrote."},
		{name: "waitaof", arity: 4, flags: blocking, cats: catConnection, run: cmdWAITAOF, tips: []string{"request_policy:all_shards", "response_policy:agg_min"},
			group: "generic", since: "7.2.0", syntax: "numlocal:int numreplicas:int timeout:int", cost: "O(1)",
			sum: "Waits until what the connection wrote is in the log on disk, here or on replicas."},
	}
}

// WAIT numreplicas timeout
func cmdWAIT(c *client) error {
	replicas, err := integer(c.args[1])
	if err != nil {
		return err
	}
	ms, err := c.blockTime(c.args[2])
	if err != nil {
		return err
	}
	if replicas <= 0 || c.denyBlocking {
		c.integer(0)
		return nil
	}
	c.block(ms, ":0\r\n")
	return nil
}

// WAITAOF numlocal numreplicas timeout
func cmdWAITAOF(c *client) error {
	local, ok := resp.ParseInt(c.args[1])
	switch {
	case !ok:
		return errNotInt
	case local < 0 || local > 1:
		return errLocalRange
	}
	replicas, ok := resp.ParseInt(c.args[2])
	if !ok || replicas < 0 {
		return errPositive
	}
	ms, err := c.blockTime(c.args[3])
	switch {
	case err != nil:
		return err
	case local > 0 && !c.e.settings.Bool("appendonly"):
		return errNoAppend
	}
	const none, here = "*2\r\n:0\r\n:0\r\n", "*2\r\n:1\r\n:0\r\n"
	a := &c.e.aof
	if c.tx.Recorded() {
		c.holdReplies()
	}
	safe := a.safe(c.logged)
	reply := none
	if safe {
		reply = here
	}
	if replicas == 0 && (local == 0 || safe) || c.denyBlocking {
		c.w.Out = append(c.w.Out, reply...)
		return nil
	}
	c.block(ms, reply)
	if replicas == 0 {
		a.await(c.logged, c.waiter(), here)
	}
	return nil
}

// unblockRow is CLIENT UNBLOCK's.
func unblockRow() *command {
	return &command{name: "unblock", arity: -3, flags: noscript | loading | stale | free | admin, cats: catConnection, since: "5.0.0",
		syntax: "client-id:int [timeout_error:<TIMEOUT | ERROR>]", cost: "O(1)", sum: "Ends the wait of a blocked connection.", run: cmdCLIENTUNBLOCK}
}

// CLIENT UNBLOCK client-id [TIMEOUT | ERROR]
func cmdCLIENTUNBLOCK(c *client) error {
	failed := false
	switch {
	case len(c.args) > 4:
		return errSubcommand(c)
	case len(c.args) == 4 && equalFold(c.args[3], "error"):
		failed = true
	case len(c.args) == 4 && !equalFold(c.args[3], "timeout"):
		return errUnblockHow
	}
	id, err := integer(c.args[2])
	if err != nil {
		return err
	}
	conn := c.e.server.Load().Conn(uint64(id))
	if conn == nil {
		c.flag(false)
		return nil
	}
	o, ok := conn.Session().(*client)
	c.flag(ok && o.public.blocked.Load().unblock(failed))
	return nil
}
