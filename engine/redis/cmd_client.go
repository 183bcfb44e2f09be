// CLIENT: looking at connections, naming and ending them.

package redis

import (
	"math"
	"time"

	"github.com/cachesrv/cachesrv/engine"
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
		`["ADDR" ip:port] | ["LADDR" ip:port]^6.2.0 | ["SKIPME" yes/no] | ["MAXAGE" maxage:int]^7.4.0>...>`, "Ends connections.", cmdCLIENTKILL)
	end.cost = "O(N), N being the number of connections"
	end.past = []change{{"2.8.12", "Filters."}, {"2.8.12", "`ID`."}, {"3.2.0", "`TYPE` `master`."}, {"5.0.0", "`TYPE` `replica`, of which `slave` is the old name."}, {"6.2.0", "`LADDR`."}, {"7.4.0", "`MAXAGE`."}}
	pause := sub("pause", -3, kill, "2.9.50", "timeout:int [mode:<WRITE | ALL>]^6.2.0", "Lets clients wait for some time before their commands run.", cmdCLIENTPAUSE)
	pause.past = []change{{"6.2.0", "`WRITE` and `ALL`."}}
	unpause := sub("unpause", 2, kill, "6.2.0", "", "Ends the wait that CLIENT PAUSE began.", cmdCLIENTUNPAUSE)
	unpause.cost = "O(N), N being the number of clients that wait"
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
		pause, unpause,
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

// CLIENT PAUSE timeout [WRITE | ALL]
func cmdCLIENTPAUSE(c *client) error {
	all := len(c.args) == 3 || equalFold(c.args[3], "all")
	switch {
	case len(c.args) > 4:
		return errSubSyntax(c)
	case !all && !equalFold(c.args[3], "write"):
		return replyError("ERR CLIENT PAUSE mode must be WRITE or ALL")
	}
	ms, ok := resp.ParseInt(c.args[2])
	switch {
	case !ok:
		return replyError("ERR timeout is not an integer or out of range")
	case ms < 0:
		return replyError("ERR timeout is negative")
	case ms > math.MaxInt64-time.Now().UnixMilli():
		return replyError("ERR timeout is out of range")
	}
	c.e.pauseClients(time.Duration(min(ms, longestPause))*time.Millisecond, all)
	c.ok()
	return nil
}

// longestPause is in ms; a longer one would not fit into nanoseconds.
const longestPause = 1 << 42

// CLIENT UNPAUSE
func cmdCLIENTUNPAUSE(c *client) error {
	c.e.unpause()
	c.ok()
	return nil
}

// CLIENT HELP
func cmdCLIENTHELP(c *client) error {
	c.help(
		"CACHING (YES|NO)", "    Say about the next command's keys whether they are tracked, in the modes OPTIN and OPTOUT.",
		"GETREDIR", "    Number of the connection that gets the invalidations of this one.",
		"GETNAME", "    Name of this connection.",
		"ID", "    Number of this connection.",
		"INFO", "    Description of this connection.",
		"KILL <ip:port>", "    End the connection from <ip:port>.",
		"KILL <option> <value> [<option> <value> [...]]", "    End the connections that all options match:",
		"    * ADDR (<ip:port>|<unixsocket>:0)", "      Address of the peer.",
		"    * LADDR (<ip:port>|<unixsocket>:0)", "      Address that the peer connected to.",
		"    * ID <number>", "      Number of the connection.",
		"    * MAXAGE <seconds>", "      Older than that, or as old.",
		"    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)", "      Kind of client.",
		"    * USER <username>", "      User of the connection.",
		"    * SKIPME (YES|NO)", "      Spare this connection (the default) or not.",
		"LIST [options ...]", "    Descriptions of connections. Options are:",
		"    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)", "      Only one kind of client.",
		"    * ID <number> [...]", "      Only these connections.",
		"UNPAUSE", "    End the wait that PAUSE began.",
		"PAUSE <timeout> [WRITE|ALL]", "    Let all requests, or those that change data, wait for <timeout> milliseconds.",
		"REPLY (ON|OFF|SKIP)", "    Send replies, none, or all but the next.",
		"SETNAME <name>", "    Name this connection.",
		"SETINFO <option> <value>", "    Tell which library this client uses:",
		"    * LIB-NAME", "      Its name.",
		"    * LIB-VER", "      Its version.",
		"UNBLOCK <clientid> [TIMEOUT|ERROR]", "    Let a blocked client go on, as after its timeout or with an error.",
		"TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]", "         [OPTIN] [OPTOUT] [NOLOOP]", "    Tell this connection, or another, about changes of keys that it has read.",
		"TRACKINGINFO", "    What TRACKING is set to.",
		"NO-EVICT (ON|OFF)", "    Keep this connection when memory for clients runs out.",
		"NO-TOUCH (ON|OFF)", "    Do not count this connection's commands as use of their keys.")
	return nil
}
