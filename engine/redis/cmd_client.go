// CLIENT: looking at connections, naming and ending them.

package redis

import (
	"fmt"
	"time"

	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/acl"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// unsettled are the limits of a connection whose client has to authenticate first: a kilobyte of replies is enough
// for whatever it may ask, and small requests for what it may send.
var unsettled = engine.Limits{OutHard: 1 << 10, QueryMax: 256 << 10}

func clientCommands() []*command {
	const plain = noscript | loading | stale | free
	const kill = plain | admin
	sub := func(name string, arity int, f flags, since, syntax, sum string, run func(*client) error) *command {
		return &command{name: name, arity: arity, flags: f, cats: catConnection, since: since, syntax: syntax, cost: "O(1)", sum: sum, run: run}
	}
	list := sub("list", -2, kill, "2.4.0", `["TYPE" normal_master_replica_pubsub:<NORMAL | MASTER | REPLICA | PUBSUB>]^5.0.0 ["ID" id:{client-id:int...}]^6.2.0`,
		"Describes the connections, one a line.", cmdCLIENTLIST)
	list.tips, list.cost = []string{"nondeterministic_output"}, "O(N), N being the number of connections"
	list.past = []change{{"2.8.12", "The field `id`."}, {"5.0.0", "The filter `TYPE`."}, {"6.0.0", "The field `user`."},
		{"6.2.0", "The fields `argv-mem`, `tot-mem`, `laddr` and `redir`, and the filter `ID`."},
		{"7.0.0", "The fields `resp`, `multi-mem`, `rbs` and `rbp`."}, {"7.0.3", "The field `ssub`."}, {"7.2.0", "The fields `lib-name` and `lib-ver`."}}
	info := sub("info", 2, plain, "6.2.0", "", "Describes the own connection.", cmdCLIENTINFO)
	info.tips = []string{"nondeterministic_output"}
	end := sub("kill", -3, kill, "2.4.0", `filter:<ip:port!2.8.12 | new-format:<["ID" client-id:int]^2.8.12 | `+
		`["TYPE" normal_master_slave_pubsub:<NORMAL | MASTER^3.2.0 | SLAVE | REPLICA^5.0.0 | PUBSUB>]^2.8.12 | ["USER" username] | `+
		`["ADDR" ip:port] | ["LADDR" ip:port]^6.2.0 | ["SKIPME" yes/no]>...>`, "Ends connections.", cmdCLIENTKILL)
	end.cost = "O(N), N being the number of connections"
	end.past = []change{{"2.8.12", "Filters."}, {"2.8.12", "`ID`."}, {"3.2.0", "`TYPE` `master`."}, {"5.0.0", "`TYPE` `replica`, of which `slave` is the old name."}, {"6.2.0", "`LADDR`."}}
	setinfo := sub("setinfo", 4, plain, "7.2.0", `attr:<"LIB-NAME" libname | "LIB-VER" libver>`, "Tells the server about the client's library.", cmdCLIENTSETINFO)
	setinfo.tips = []string{"request_policy:all_nodes", "response_policy:all_succeeded"}
	return []*command{{name: "client", arity: -2, group: "connection", since: "2.4.0", cost: "That of the subcommand.", sum: "Commands about connections.", subs: append(trackingSubcommands(),
		sub("getname", 2, plain, "2.6.9", "", "Tells the connection's name.", cmdCLIENTGETNAME),
		sub("id", 2, plain, "5.0.0", "", "Tells the connection's number.", cmdCLIENTID),
		info, end, list,
		sub("no-evict", 3, kill, "7.0.0", "enabled:<ON | OFF>", "Exempts the connection from being closed for its use of memory.", cmdCLIENTNOEVICT),
		sub("no-touch", 3, plain, "7.2.0", "enabled:<ON | OFF>", "Lets the connection's commands not count as use of their keys.", cmdCLIENTNOTOUCH),
		sub("reply", 3, plain, "3.2.0", "on_off_skip:<ON | OFF | SKIP>", "Turns replies on or off.", cmdCLIENTREPLY),
		setinfo,
		sub("setname", 3, plain, "2.6.9", "connection-name", "Gives the connection a name.", cmdCLIENTSETNAME),
		unblockRow(),
		sub("help", 2, loading|stale|free, "5.0.0", "", "Lists the subcommands.", cmdCLIENTHELP),
	)}}
}

// CLIENT ID
func cmdCLIENTID(c *client) error {
	c.integer(int64(c.conn.ID))
	return nil
}

// CLIENT GETNAME
func cmdCLIENTGETNAME(c *client) error {
	if name := text(&c.public.name); name != "" {
		c.bulkString(name)
	} else {
		c.null()
	}
	return nil
}

// CLIENT SETNAME connection-name
func cmdCLIENTSETNAME(c *client) error {
	if !plainName(c.args[2]) {
		return errClientName
	}
	setText(&c.public.name, c.args[2])
	c.ok()
	return nil
}

// CLIENT SETINFO LIB-NAME libname | LIB-VER libver
func cmdCLIENTSETINFO(c *client) error {
	attr, value := c.args[2], c.args[3]
	field := &c.public.lib
	switch {
	case equalFold(attr, "lib-name"):
	case equalFold(attr, "lib-ver"):
		field = &c.public.libVersion
	default:
		return errorf("ERR Unrecognized option '%s'", cstr(attr, len(attr)))
	}
	if !plainName(value) {
		return errorf("ERR %s cannot contain spaces, newlines or special characters.", cstr(attr, len(attr)))
	}
	setText(field, value)
	c.ok()
	return nil
}

// onOff reads ON or OFF.
func onOff(b []byte) (on, ok bool) {
	on = equalFold(b, "on")
	return on, on || equalFold(b, "off")
}

// CLIENT NO-EVICT ON | OFF
func cmdCLIENTNOEVICT(c *client) error {
	on, ok := onOff(c.args[2])
	if !ok {
		return errSyntax
	}
	c.noEvict = on
	c.setBit(bitNoEvict, on)
	c.ok()
	return nil
}

// CLIENT NO-TOUCH ON | OFF
func cmdCLIENTNOTOUCH(c *client) error {
	on, ok := onOff(c.args[2])
	if !ok {
		return errSyntax
	}
	c.noTouch = on
	c.setBit(bitNoTouch, on)
	c.ok()
	return nil
}

// CLIENT REPLY ON | OFF | SKIP
func cmdCLIENTREPLY(c *client) error {
	switch mode := c.args[2]; {
	case equalFold(mode, "on"):
		c.replyOff, c.skip = false, false
		c.ok()
	case equalFold(mode, "off"):
		c.replyOff = true
	case equalFold(mode, "skip"):
		c.skipNext = !c.replyOff
	default:
		return errSyntax
	}
	return nil
}

// CLIENT INFO
func cmdCLIENTINFO(c *client) error {
	c.verbatim(string(c.describe(nil, c.conn)) + "\n")
	return nil
}

// describe appends the line of one connection. c is who asks; the line may be about any connection.
func (c *client) describe(b []byte, conn *engine.Conn) []byte {
	o, ok := conn.Session().(*client)
	if !ok {
		return b
	}
	st := conn.Stats()
	bits := o.public.bits.Load()
	query, free, out := st.QueryLen, max(st.QueryCap-st.QueryLen, 0), st.OutPending
	last := o.public.last.Load()
	args := 0
	if o == c {
		last = c.cmd
		for _, a := range c.args {
			args += len(a)
		}
	}
	name := "NULL"
	if last != nil {
		name = last.full
	}
	flags := ""
	if o.waiting() {
		flags += "b"
	}
	if conn.Unix() {
		flags += "U"
	}
	subs := o.subscriptions()
	if subs != [kinds]int32{} {
		flags = "P" + flags
	}
	flags += c.e.trackFlags(conn.ID)
	if bits&bitClosing != 0 {
		flags += "c"
	}
	if bits&bitNoEvict != 0 {
		flags += "e"
	}
	if bits&bitNoTouch != 0 {
		flags += "T"
	}
	if flags == "" {
		flags = "N"
	}
	events := "r"
	if out > 0 {
		events = "rw"
	}
	resp := 2
	if bits&bitV3 != 0 {
		resp = 3
	}
	now := time.Now()
	idle := max(int64(now.Sub(st.LastActive)/time.Second), 0)
	if o == c {
		idle = 0
	}
	total := query + free + out + args + clientBytes + o.subscriptionBytes()
	b = fmt.Appendf(b, "id=%d addr=%s laddr=%s fd=%d name=%s age=%d idle=%d flags=%s db=%d sub=%d psub=%d ssub=%d multi=-1 qbuf=%d qbuf-free=%d argv-mem=%d multi-mem=0 ",
		conn.ID, addr(conn.Remote()), addr(conn.Local()), conn.FD(), text(&o.public.name), int64(now.Sub(conn.Created)/time.Second), idle, flags,
		o.public.db.Load(), subs[toChannels], subs[toPatterns], subs[toShards], query, free, args)
	return fmt.Appendf(b, "rbs=%d rbp=%d obl=%d oll=0 omem=%d tot-mem=%d events=%s cmd=%s user=%s redir=%d resp=%d lib-name=%s lib-ver=%s",
		out, out, out, out, total, events, name, o.public.user.Load().Name, c.e.redirection(conn.ID), resp, text(&o.public.lib), text(&o.public.libVersion))
}

// clientBytes is about what a connection costs without its buffers.
const clientBytes = 640

// clientTypes are the words of TYPE. Only normal clients exist so far; the others name none.
func clientType(b []byte) (normal bool, err error) {
	for _, word := range []string{"normal", "slave", "replica", "pubsub", "master"} {
		if equalFold(b, word) {
			return word == "normal", nil
		}
	}
	return false, errorf("ERR Unknown client type '%s'", cstr(b, len(b)))
}

// CLIENT LIST [TYPE type] [ID id …]
func cmdCLIENTLIST(c *client) error {
	server := c.e.server.Load()
	var out []byte
	line := func(conn *engine.Conn) bool {
		out = append(c.describe(out, conn), '\n')
		return true
	}
	switch args := c.args[2:]; {
	case len(args) == 0:
		server.Conns(line)
	case len(args) == 2 && equalFold(args[0], "type"):
		normal, err := clientType(args[1])
		if err != nil {
			return err
		}
		if normal {
			server.Conns(line)
		}
	case len(args) > 1 && equalFold(args[0], "id"):
		for _, a := range args[1:] {
			id, ok := resp.ParseInt(a)
			if !ok {
				return replyError("ERR Invalid client ID")
			}
			if conn := server.Conn(uint64(id)); conn != nil {
				line(conn)
			}
		}
	default:
		return errSyntax
	}
	c.verbatim(string(out))
	return nil
}

// killFilter says which connections CLIENT KILL ends.
type killFilter struct {
	id          uint64
	addr, laddr []byte
	user        *acl.Account
	nobody      bool // a type of which there are no clients
	skipMe      bool
}

func (f *killFilter) matches(c *client, conn *engine.Conn) bool {
	switch {
	case f.nobody,
		f.id != 0 && conn.ID != f.id,
		f.addr != nil && string(f.addr) != addr(conn.Remote()),
		f.laddr != nil && string(f.laddr) != addr(conn.Local()),
		f.skipMe && conn == c.conn:
		return false
	}
	if o, ok := conn.Session().(*client); f.user != nil && (!ok || o.public.user.Load() != f.user) {
		return false
	}
	return true
}

// CLIENT KILL ip:port | filter value …
func cmdCLIENTKILL(c *client) error {
	old := len(c.args) == 3
	f := killFilter{skipMe: true}
	if old {
		f.addr, f.skipMe = c.args[2], false
	} else if err := f.read(c.e.users, c.args[2:]); err != nil {
		return err
	}
	killed, me := 0, false
	c.e.server.Load().Conns(func(conn *engine.Conn) bool {
		if !f.matches(c, conn) {
			return true
		}
		killed++
		if conn == c.conn {
			me = true
		} else {
			conn.Kill("CLIENT KILL")
		}
		return !old && f.id == 0
	})
	switch {
	case old && killed == 0:
		return replyError("ERR No such client")
	case old:
		c.ok()
	default:
		c.integer(int64(killed))
	}
	if me { // the reply still goes out
		c.close("CLIENT KILL")
	}
	return nil
}

// read takes filters in pairs.
func (f *killFilter) read(users *acl.Book, args [][]byte) error {
	for ; len(args) > 1; args = args[2:] {
		name, v := args[0], args[1]
		switch {
		case equalFold(name, "id"):
			id, ok := resp.ParseInt(v)
			if !ok || id < 1 {
				return replyError("ERR client-id should be greater than 0")
			}
			f.id = uint64(id)
		case equalFold(name, "type"):
			normal, err := clientType(v)
			if err != nil {
				return err
			}
			f.nobody = !normal
		case equalFold(name, "addr"):
			f.addr = v
		case equalFold(name, "laddr"):
			f.laddr = v
		case equalFold(name, "user"):
			if f.user = users.Find(v); f.user == nil {
				return errorf("ERR No such user '%s'", cstr(v, len(v)))
			}
		case equalFold(name, "skipme") && equalFold(v, "yes"):
			f.skipMe = true
		case equalFold(name, "skipme") && equalFold(v, "no"):
			f.skipMe = false
		default:
			return errSyntax
		}
	}
	if len(args) > 0 {
		return errSyntax
	}
	return nil
}

// CLIENT HELP
func cmdCLIENTHELP(c *client) error {
	c.help(
		"GETNAME", "    Name of this connection.",
		"ID", "    Number of this connection.",
		"INFO", "    Description of this connection.",
		"KILL <ip:port>", "    End the connection from <ip:port>.",
		"KILL <filter> <value> [<filter> <value> ...]", "    End the connections that all filters match:",
		"    ID <number>, ADDR <ip:port>, LADDR <ip:port>, USER <name>,",
		"    TYPE (NORMAL|MASTER|REPLICA|PUBSUB), SKIPME (YES|NO) to spare this one or not.",
		"LIST [TYPE (NORMAL|MASTER|REPLICA|PUBSUB)] [ID <number> ...]", "    Descriptions of connections.",
		"NO-EVICT (ON|OFF)", "    Keep this connection when memory for clients runs out.",
		"NO-TOUCH (ON|OFF)", "    Do not count this connection's commands as use of their keys.",
		"REPLY (ON|OFF|SKIP)", "    Send replies, none, or all but the next.",
		"SETINFO (LIB-NAME|LIB-VER) <value>", "    Tell which library this client uses.",
		"SETNAME <name>", "    Name this connection.",
		"UNBLOCK <number> [TIMEOUT|ERROR]", "    End the wait of a blocked connection, as if its time were up or by an error.")
	return nil
}
