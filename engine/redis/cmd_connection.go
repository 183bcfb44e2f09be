// The connection commands: who a client is, which protocol and database it uses.

package redis

import "github.com/cachesrv/cachesrv/engine/redis/resp"

func connectionCommands() []*command {
	const first = noscript | loading | stale | fast | noAuth | allowBusy | free
	return []*command{
		{name: "auth", arity: -2, flags: first, cats: catConnection, run: cmdAUTH,
			group: "connection", since: "1.0.0", syntax: "[username]^6.0.0 password", cost: "O(1)",
			past: []change{{"6.0.0", "The form with a user name."}}, sum: "Gives the password."},
		{name: "echo", arity: 2, flags: loading | stale | fast | free, cats: catConnection, run: cmdECHO,
			group: "connection", since: "1.0.0", syntax: "message", cost: "O(1)", sum: "Returns its argument."},
		{name: "hello", arity: -1, flags: first, cats: catConnection, run: cmdHELLO,
			group: "connection", since: "6.0.0", syntax: `[arguments:{protover:int ["AUTH" username_password:{username password}] ["SETNAME" clientname]}]`,
			cost: "O(1)", past: []change{{"6.2.0", "Without arguments it tells about the connection."}}, sum: "Chooses the protocol version and tells about the server."},
		{name: "ping", arity: -1, flags: listener | fast | free, cats: catConnection, run: cmdPING,
			tips:  []string{"request_policy:all_shards", "response_policy:all_succeeded"},
			group: "connection", since: "1.0.0", syntax: "[message]", cost: "O(1)", sum: "Asks whether the server answers."},
		{name: "quit", arity: -1, flags: listener | first | immediate, cats: catConnection, run: cmdQUIT,
			group: "connection", since: "1.0.0", cost: "O(1)", sum: "Ends the connection."},
		{name: "reset", arity: 1, flags: listener | first | immediate, cats: catConnection, run: cmdRESET,
			group: "connection", since: "6.2.0", cost: "O(1)", sum: "Puts the connection back into its first state."},
		{name: "select", arity: 2, flags: loading | stale | fast | free, cats: catConnection, run: cmdSELECT,
			group: "connection", since: "1.0.0", syntax: "index:int", cost: "O(1)", sum: "Chooses the database."},
	}
}

// PING [message]
func cmdPING(c *client) error {
	listening := !c.v3 && c.listens()
	switch {
	case listening && len(c.args) < 3:
		c.array(2)
		c.bulkString("pong")
		c.bulk(append(c.args[1:], nil)[0])
	case len(c.args) == 1:
		c.w.Out = append(c.w.Out, "+PONG\r\n"...)
	case len(c.args) == 2:
		c.bulk(c.args[1])
	default:
		return errArity(c.cmd)
	}
	return nil
}

// ECHO message
func cmdECHO(c *client) error {
	c.bulk(c.args[1])
	return nil
}

// QUIT
func cmdQUIT(c *client) error {
	c.ok()
	c.close("QUIT")
	return nil
}

// SELECT index
func cmdSELECT(c *client) error {
	db, err := c.dbIndex(c.args[1], errNotInt)
	if err != nil {
		return err
	}
	c.selectDB(db)
	c.ok()
	return nil
}

func (c *client) selectDB(db int) {
	c.db = db
	c.public.db.Store(int32(db))
}

// AUTH [username] password
func cmdAUTH(c *client) error {
	switch len(c.args) {
	case 2:
		c.redact(1)
		if c.e.users.Default.User().NoPass {
			return errNoPassSet
		}
		return c.auth(wordDefault, c.args[1])
	case 3:
		c.redact(1)
		c.redact(2)
		return c.auth(c.args[1], c.args[2])
	}
	return errSyntax
}

func (c *client) auth(user, password []byte) error {
	if err := c.login(user, password); err != nil || c.parked {
		return err
	}
	c.ok()
	return nil
}

// HELLO [protover [AUTH username password] [SETNAME clientname]]
func cmdHELLO(c *client) error {
	v3 := c.v3
	s := scanner{args: c.args[1:]}
	if s.more() {
		n, ok := resp.ParseInt(s.args[0])
		switch {
		case !ok:
			return errProtoInt
		case n != 2 && n != 3:
			return errNoProto
		}
		v3 = n == 3
		s.args = s.args[1:]
	}
	var user, password, name []byte
	for len(s.args) > 0 {
		switch {
		case equalFold(s.args[0], "auth") && len(s.args) > 2:
			user, password = s.args[1], s.args[2]
			at := len(c.args) - len(s.args)
			c.redact(at + 1)
			c.redact(at + 2)
			s.args = s.args[3:]
		case equalFold(s.args[0], "setname") && len(s.args) > 1:
			name = s.args[1]
			if !plainName(name) {
				return errClientName
			}
			s.args = s.args[2:]
		default:
			return errorf("ERR Syntax error in HELLO option '%s'", cstr(s.args[0], len(s.args[0])))
		}
	}
	if user != nil {
		if err := c.login(user, password); err != nil || c.parked {
			return err
		}
	}
	if c.needsAuth() {
		return errNoAuthHello
	}
	if name != nil {
		setText(&c.public.name, name)
	}
	c.v3 = v3
	c.setBit(bitV3, v3)
	c.hello()
	return nil
}

// hello tells about the server and the connection.
func (c *client) hello() {
	c.mapping(7)
	c.bulkString("server")
	c.bulkString("redis")
	c.bulkString("version")
	c.bulkString(Version)
	c.bulkString("proto")
	c.integer(int64(c.protocol()))
	c.bulkString("id")
	c.integer(int64(c.conn.ID))
	c.bulkString("mode")
	c.bulkString("standalone")
	c.bulkString("role")
	c.bulkString("master")
	c.bulkString("modules")
	c.array(0)
}

func (c *client) protocol() int {
	if c.v3 {
		return 3
	}
	return 2
}

// plainName reports a name without spaces and control bytes, so that CLIENT LIST stays readable.
func plainName(b []byte) bool {
	for _, ch := range b {
		if ch < '!' || ch > '~' {
			return false
		}
	}
	return true
}

// RESET
func cmdRESET(c *client) error {
	c.discard()
	c.forsake()
	if c.monitor {
		c.endMonitor()
		c.conn.Collect(c.w) // what was shown before comes before the reply
		c.conn.SetIdleExempt(false)
	}
	c.untrack()
	c.selectDB(0)
	c.v3, c.noEvict, c.noTouch, c.replyOff, c.skipNext = false, false, false, false, false
	c.setBit(bitV3|bitNoEvict|bitNoTouch, false)
	c.logOut()
	setText(&c.public.name, nil)
	if !c.authed {
		c.conn.SetLimits(&unsettled)
	}
	c.status("RESET")
	return nil
}
