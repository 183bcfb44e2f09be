// DEBUG: for tests of this server and of clients. Off unless enable-debug-command allows it.

package redis

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/glob"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

func debugCommands() []*command {
	return []*command{{name: "debug", arity: -2, flags: admin | noscript | loading | stale | guarded | ownSubs, run: cmdDEBUG,
		group: "server", since: "1.0.0", cost: "That of the subcommand.", sum: "Commands for testing."}}
}

// debugSub is one subcommand. They are not rows: DEBUG is not documented by COMMAND.
type debugSub struct {
	name  string
	arity int // as a row's, DEBUG itself included
	run   func(*client) error
	help  []string
}

func debugSubs() []debugSub {
	return []debugSub{
		{"change-repl-id", 2, debugOK, []string{"CHANGE-REPL-ID", "    Nothing: there is no replication yet."}},
		{"digest", 2, debugDIGEST, []string{"DIGEST", "    A checksum of all data: equal data, equal digest."}},
		{"digest-value", -2, debugDIGESTVALUE, []string{"DIGEST-VALUE <key> [<key> ...]", "    The same of single keys, without their names."}},
		{"error", 3, debugERROR, []string{"ERROR <text>", "    Reply with <text> as an error."}},
		{"htstats", 3, debugHTSTATS, []string{"HTSTATS <db>", "    Size of a database's table."}},
		{"htstats-key", 3, debugHTSTATSKEY, []string{"HTSTATS-KEY <key>", "    Size of a value that has a table."}},
		{"jmap", 2, debugJMAP, []string{"JMAP", "    What the store's memory is used for."}},
		{"listpack", 3, debugLISTPACK, []string{"LISTPACK <key>", "    Write the bytes of a packed value to the log."}},
		{"loadaof", 2, debugLOADAOF, []string{"LOADAOF", "    Write the append-only file out, throw the data away and load it again."}},
		{"log", 3, debugLOG, []string{"LOG <text>", "    Write <text> to the log."}},
		{"object", -3, debugOBJECT, []string{"OBJECT <key>", "    How the value at <key> is kept."}},
		{"populate", -3, debugPOPULATE, []string{"POPULATE <count> [<prefix>] [<size>]", "    Make <count> keys <prefix>:<n>, unless they exist."}},
		{"protocol", 3, debugPROTOCOL, []string{"PROTOCOL <type>", "    Reply with a value of a type: string, integer, double, bignum, null, array, set,", "    map, attrib, push, verbatim, true, false."}},
		{"quicklist", -3, debugQUICKLIST, []string{"QUICKLIST <key> [0|1]", "    Write the size of a long list to the log."}},
		{"quicklist-packed-threshold", 3, debugPACKED, []string{"QUICKLIST-PACKED-THRESHOLD <size>", "    Nothing: elements of any length are kept the same way."}},
		{"reload", -2, debugRELOAD, []string{"RELOAD [option ...]", "    Save the snapshot and load it again. Options:", "    * MERGE: a key of the file takes the place of one that is there.",
			"    * NOFLUSH: keep what is there; then keys of the file must be new, or MERGE.", "    * NOSAVE: load the file as it is."}},
		{"set-active-expire", 3, debugEXPIRE, []string{"SET-ACTIVE-EXPIRE <0|1>", "    Remove keys when they are due, or only when somebody meets them."}},
		{"sleep", 3, debugSLEEP, []string{"SLEEP <seconds>", "    Keep this connection waiting; others go on."}},
		{"stringmatch-len", 4, debugMATCH, []string{"STRINGMATCH-LEN <count> <pattern>", "    Match <pattern> with a name of <count> bytes."}},
		{"structsize", 2, debugSTRUCTSIZE, []string{"STRUCTSIZE", "    Sizes of things in memory."}},
	}
}

// DEBUG subcommand [arg …]
func cmdDEBUG(c *client) error {
	word := c.args[1]
	if equalFold(word, "help") && len(c.args) == 2 {
		var lines []string
		for _, s := range debugSubs() {
			lines = append(lines, s.help...)
		}
		lines = append([]string{"DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"}, lines...)
		c.statuses(append(lines, "HELP", "    Prints this help."))
		return nil
	}
	for _, s := range debugSubs() {
		if equalFold(word, s.name) && (s.arity == len(c.args) || s.arity < 0 && len(c.args) >= -s.arity) {
			return s.run(c)
		}
	}
	return errorf("ERR unknown subcommand or wrong number of arguments for '%s'. Try DEBUG HELP.", cstr(word, 128))
}

func debugOK(c *client) error {
	c.ok()
	return nil
}

func debugERROR(c *client) error {
	c.errorReply(cstr(c.args[2], len(c.args[2])))
	return nil
}

func debugLOG(c *client) error {
	c.e.log.Warn("DEBUG LOG: " + string(c.args[2]))
	c.ok()
	return nil
}

func debugEXPIRE(c *client) error {
	n, _ := strconv.Atoi(string(c.args[2]))
	c.e.store.SetActiveExpire(n != 0)
	c.ok()
	return nil
}

// debugSLEEP waits without the store, so that nobody but this connection waits with it.
func debugSLEEP(c *client) error {
	seconds, _ := strconv.ParseFloat(string(c.args[2]), 64)
	if math.IsNaN(seconds) || seconds < 0 {
		seconds = 0
	}
	sleep := func() { time.Sleep(time.Duration(min(seconds, 1e6) * float64(time.Second))) }
	if !c.tx.Outside(sleep) {
		sleep()
	}
	c.ok()
	return nil
}

func debugHTSTATS(c *client) error {
	n, ok := resp.ParseInt(c.args[2])
	if !ok {
		return errNotInt
	}
	if n < 0 || n >= int64(c.e.store.Databases()) {
		return replyError("ERR Out of range database")
	}
	c.verbatim(fmt.Sprintf("[Dictionary HT]\nnumber of elements: %d\nshards: %d\n[Expires HT]\nnumber of elements: %d\n",
		c.e.store.Len(int(n)), c.e.store.Shards(), c.e.store.Expiring(int(n))))
	return nil
}

func debugJMAP(c *client) error {
	c.verbatim(c.e.memoryMap())
	return nil
}

func debugSTRUCTSIZE(c *client) error {
	c.status(fmt.Sprintf("bits:%d client:%d counters:%d", strconv.IntSize, clientBytes, len(c.e.table.rows)*40))
	return nil
}

// debugMATCH costs at most count times the pattern's length.
func debugMATCH(c *client) error {
	n, ok := resp.ParseInt(c.args[2])
	if !ok || n < 0 || n > 1<<20 {
		return errNotInt
	}
	c.flag(glob.Match(c.args[3], bytes.Repeat([]byte("a"), int(n))))
	return nil
}

func debugPOPULATE(c *client) error {
	count, ok := resp.ParseInt(c.args[2])
	if !ok || count < 0 {
		return errPositive
	}
	prefix := "key"
	if len(c.args) > 3 {
		prefix = string(c.args[3])
	}
	size := int64(0)
	if len(c.args) > 4 {
		if size, ok = resp.ParseInt(c.args[4]); !ok || size < 0 || size > c.e.maxBulk.Int() {
			return errPositive
		}
	}
	if len(c.args) > 5 {
		return errSyntax
	}
	var name, value []byte
	for i := range count {
		name = append(append(name[:0], prefix...), ':')
		name = strconv.AppendInt(name, i, 10)
		value = append(value[:0], "value:"...)
		value = strconv.AppendInt(value, i, 10)
		if size > 0 {
			for int64(len(value)) < size {
				value = append(value, 0)
			}
			value = value[:size]
		}
		if err := c.tx.MakeRoom(len(name) + len(value) + 32); err != nil {
			return errOOM
		}
		k := c.e.store.Key(name)
		c.tx.Lock1(k)
		var err error
		if !c.tx.Find(c.db, k).Ok() {
			if err = c.tx.Put(c.db, k, core.Value{Bytes: value}); err == nil {
				c.changed(1)
				if c.tx.Journalling() {
					c.tell([]byte("SET"), name, value)
				}
			}
		}
		c.tx.Unlock()
		if err != nil {
			return storeError(err)
		}
	}
	c.ok()
	return nil
}

func debugPROTOCOL(c *client) error {
	switch kind := c.args[2]; {
	case equalFold(kind, "string"):
		c.bulkString("Hello World")
	case equalFold(kind, "integer"):
		c.integer(12345)
	case equalFold(kind, "double"):
		c.double(3.141)
	case equalFold(kind, "null"):
		c.null()
	case equalFold(kind, "array"):
		c.array(3)
		c.counting(3)
	case equalFold(kind, "set"):
		c.set(3)
		c.counting(3)
	case equalFold(kind, "map"):
		c.mapping(3)
		for i := range 3 {
			c.integer(int64(i))
			c.truth(i == 1)
		}
	case equalFold(kind, "attrib"):
		if c.v3 {
			c.w.Out = append(c.w.Out, "|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n"...)
		}
		c.bulkString("Some real reply following the attribute")
	case equalFold(kind, "push"):
		if !c.v3 {
			return replyError("ERR RESP2 is not supported by this command")
		}
		c.w.Out = append(c.w.Out, ">2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n"...)
	case equalFold(kind, "verbatim"):
		c.verbatim("This is a verbatim\nstring")
	case equalFold(kind, "true"):
		c.truth(true)
	case equalFold(kind, "false"):
		c.truth(false)
	case equalFold(kind, "bignum") && c.v3:
		c.w.Out = append(c.w.Out, "(1234567999999999999999999999999999999\r\n"...)
	case equalFold(kind, "bignum"):
		c.bulkString("1234567999999999999999999999999999999")
	default:
		return replyError("ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false")
	}
	return nil
}

func (c *client) truth(v bool) { c.w.Out = resp.AppendBool(c.w.Out, c.v3, v) }

// counting replies the numbers from 0.
func (c *client) counting(n int) {
	for i := range n {
		c.integer(int64(i))
	}
}
