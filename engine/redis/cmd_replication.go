// The commands of replication, as a master answers them that gives its data away, but takes no replicas.

package redis

import "github.com/cachesrv/cachesrv/engine/redis/resp"

func replicationCommands() []*command {
	const order = admin | noscript | stale | noAsyncLoading | free
	const host = `args:<host-port:{host port:int} | no-one:{NO ONE}>`
	return []*command{
		{name: "failover", arity: -1, flags: admin | noscript | stale | free, group: "server", since: "6.2.0", run: cmdFAILOVER,
			syntax: `["TO" target:{host port:int [FORCE]}] [ABORT] ["TIMEOUT" milliseconds:int]`, cost: "O(1)", sum: "Hands the master's role to a replica."},
		{name: "psync", arity: -3, flags: admin | noscript | noAsyncLoading | noMulti | free, group: "server", since: "2.8.0", run: cmdPSYNC,
			syntax: "replicationid offset:int", sum: "Asks for the stream of changes; sent by replicas."},
		{name: "replconf", arity: -1, flags: admin | noscript | loading | stale | allowBusy | system | free, group: "server", since: "3.0.0", cost: "O(1)", run: cmdREPLCONF,
			sum: "Tells about a replica; sent by replicas."},
		{name: "replicaof", arity: 3, flags: order, group: "server", since: "5.0.0", syntax: host, cost: "O(1)", sum: "Makes the server a replica, or a master again.", run: cmdREPLICAOF},
		{name: "role", arity: 1, flags: noscript | loading | stale | fast | free, cats: catAdmin | catDangerous, group: "server", since: "2.8.12", cost: "O(1)", run: cmdROLE,
			sum: "Tells the server's role in replication."},
		{name: "slaveof", arity: 3, flags: order, group: "server", since: "1.0.0", syntax: host, cost: "O(1)", gone: deprecation{"5.0.0", "`REPLICAOF`"}, run: cmdREPLICAOF,
			sum: "Makes the server a replica, or a master again."},
		{name: "sync", arity: 1, flags: admin | noscript | noAsyncLoading | noMulti | free, group: "server", since: "1.0.0", run: cmdSYNC,
			sum: "Asks for the stream of changes; sent by replicas."},
	}
}

// REPLICAOF host port | NO ONE
func cmdREPLICAOF(c *client) error {
	if equalFold(c.args[1], "no") && equalFold(c.args[2], "one") {
		c.ok() // it has been one all the time
		return nil
	}
	if port, ok := resp.ParseInt(c.args[2]); !ok || port < 0 || port > 65535 {
		return replyError("ERR Invalid master port")
	}
	return errNoReplication
}

// ROLE
func cmdROLE(c *client) error {
	c.array(3)
	c.bulkString("master")
	c.integer(0)
	c.array(0)
	return nil
}

// FAILOVER [TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds]
func cmdFAILOVER(c *client) error {
	if len(c.args) == 2 && equalFold(c.args[1], "abort") {
		return replyError("ERR No failover in progress.")
	}
	s := scanner{args: c.args[1:]}
	var to, timed, force bool
	for s.more() {
		if v, is := s.option("timeout"); is && !timed {
			n := s.integer(v, errNotInt)
			if timed = true; s.err == nil && n <= 0 {
				s.fail(replyError("ERR FAILOVER timeout must be greater than 0"))
			}
		} else if !is && len(s.args) > 2 && s.word("to") && !to {
			s.integer(s.args[1], errNotInt)
			s.args, to = s.args[2:], true
		} else if !is && !force && s.word("force") {
			force = true
		} else {
			s.fail(errSyntax)
		}
	}
	if s.err != nil {
		return s.err
	}
	return replyError("ERR FAILOVER requires connected replicas.")
}

// PSYNC replicationid offset
func cmdPSYNC(c *client) error {
	if _, ok := resp.ParseInt(c.args[2]); !ok {
		return errNotInt
	}
	return c.giveData()
}

// SYNC
func cmdSYNC(c *client) error { return c.giveData() }

// giveData sends all data to a client that wants nothing more. One that would wait for changes is told that there will be none.
func (c *client) giveData() error {
	if c.replica.port && !c.replica.only || c.multi != nil || c.listens() {
		return errNoReplication
	}
	return c.sendSnapshot()
}

// REPLCONF [option value …]
func cmdREPLCONF(c *client) error {
	if len(c.args)%2 == 0 {
		return errSyntax
	}
	for args := c.args[1:]; len(args) > 0; args = args[2:] {
		name, v := args[0], args[1]
		switch {
		case equalFold(name, "listening-port"):
			if _, ok := resp.ParseInt(v); !ok {
				return errNotInt
			}
			c.replica.port = true
		case equalFold(name, "ip-address"):
			if len(v) > longestAddress {
				return errorf("ERR REPLCONF ip-address provided by replica instance is too long: %d bytes", len(v))
			}
		case equalFold(name, "capa"):
			c.replica.mark = c.replica.mark || equalFold(v, "eof")
		case equalFold(name, "version"):
		case equalFold(name, "ack"), equalFold(name, "getack"):
			return nil // never answered, least of all to somebody who is no replica
		case equalFold(name, "rdb-only"):
			switch n, ok := resp.ParseInt(v); {
			case !ok:
				return errNotInt
			case n < 0 || n > 1:
				return replyError("ERR value is out of range, value must between 0 and 1")
			default:
				c.replica.only = n == 1
			}
		default:
			return errorf("ERR Unrecognized REPLCONF option: %s", cstr(name, len(name)))
		}
	}
	c.ok()
	return nil
}

// longestAddress is how long an address in digits may be, the longest form of IPv6 included.
const longestAddress = 45
