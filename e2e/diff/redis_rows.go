// The Redis commands under comparison: one row each, with the grammar of its arguments and how replies are compared.

package diff

import "strings"

// row is one command, or one way of using it. name holds the words before the arguments.
type row struct {
	name   string
	weight int // how often it is drawn; 0 counts as 1
	args   gen
	same   compare // nil: byte for byte
	why    string  // why same is not byte for byte
	timed  bool    // arguments may be lifetimes: no short ones by accident
	odd    gen     // what a damaged one may have for an argument; nil: any edge
	tame   bool    // never damaged: a damaged one could stop or stall the server
	open   bool    // only where no password is asked for
}

var (
	expireOptions = some(opt("nx"), opt("xx"), opt("gt"), opt("lt"))
	setOptions    = some(opt("nx"), opt("xx"), opt("get"), opt("keepttl"), opt("ex", seconds), opt("px", millis),
		opt("exat", futureSeconds), opt("pxat", futureMillis)) // a past moment leaves a key that DBSIZE counts for a while
	getexOptions = some(opt("persist"), opt("ex", seconds), opt("px", millis), opt("exat", unixSeconds), opt("pxat", unixMillis))
	lcsOptions   = some(opt("len"), opt("idx"), opt("minmatchlen", number), opt("withmatchlen"))
	database     = one(word("0", "1", "2", "15"), word("0", "1"), word("16", "-1", "abc", "1.0", "9223372036854775808", "", " 1"))
	withKey      = seq(key)
	keyValue     = seq(key, value)
)

// redisRows are the commands of the first part: connection, strings, generic keys, server.
func redisRows() []row {
	var all []row
	for _, family := range [][]row{stringRows, genericRows, connectionRows, serverRows, zsetRows, hashRows, listRows, streamRows, bitmapRows, hllRows, setRows, sortRows, keptRows, geoRows} {
		all = append(all, family...)
	}
	all = append(all, dumpRows...)
	return all
}

var stringRows = []row{
	{name: "append", weight: 3, args: keyValue},
	{name: "decr", weight: 2, args: withKey},
	{name: "decrby", weight: 2, args: seq(key, number)},
	{name: "get", weight: 6, args: withKey},
	{name: "getdel", weight: 1, args: withKey},
	{name: "getex", weight: 4, args: seq(key, getexOptions), timed: true},
	{name: "getrange", weight: 3, args: seq(key, index, index)},
	{name: "getset", weight: 1, args: keyValue},
	{name: "incr", weight: 3, args: withKey},
	{name: "incrby", weight: 3, args: seq(key, number)},
	{name: "incrbyfloat", weight: 4, args: seq(key, float)},
	{name: "lcs", weight: 3, args: seq(key, key, lcsOptions)},
	{name: "mget", weight: 2, args: rep(1, 5, key)},
	{name: "mset", weight: 3, args: rep(1, 4, keyValue)},
	{name: "msetnx", weight: 1, args: rep(1, 3, keyValue)},
	{name: "psetex", weight: 2, args: seq(key, millis, value), timed: true},
	{name: "set", weight: 8, args: keyValue},
	{name: "set", weight: 8, args: seq(key, value, setOptions), timed: true},
	{name: "setex", weight: 2, args: seq(key, seconds, value), timed: true},
	{name: "setnx", weight: 2, args: keyValue},
	{name: "setrange", weight: 3, args: seq(key, offset, value)},
	{name: "strlen", weight: 2, args: withKey},
	{name: "substr", weight: 1, args: seq(key, index, index)},
}

var genericRows = []row{
	{name: "copy", weight: 3, args: seq(key, key, some(opt("db", database), opt("replace")))},
	{name: "del", weight: 2, args: rep(1, 3, key)},
	{name: "exists", weight: 2, args: rep(1, 4, key)},
	{name: "expire", weight: 3, args: seq(key, seconds, expireOptions), timed: true},
	{name: "expireat", weight: 3, args: seq(key, unixSeconds, expireOptions), timed: true},
	{name: "expiretime", weight: 2, args: withKey, same: near(2), why: "relative lifetimes begin when the server reads them"},
	{name: "keys", weight: 2, args: seq(pattern), same: sorted, why: "order of the hash table"},
	{name: "move", weight: 2, args: seq(key, database)},
	{name: "object encoding", weight: 3, args: withKey},
	{name: "object refcount", weight: 1, args: withKey},
	{name: "object idletime", weight: 1, args: withKey, same: kindOnly, why: "seconds since the last use; the original's shared small integers have one clock for all keys"},
	{name: "object freq", weight: 1, args: withKey},
	{name: "object help", args: lit()},
	{name: "object", args: one(lit(), word("foo", "", "encoding", "help x"))},
	{name: "persist", weight: 2, args: withKey},
	{name: "pexpire", weight: 3, args: seq(key, millis, expireOptions), timed: true},
	{name: "pexpireat", weight: 3, args: seq(key, unixMillis, expireOptions), timed: true},
	{name: "pexpiretime", weight: 2, args: withKey, same: near(3000), why: "relative lifetimes begin when the server reads them"},
	{name: "pttl", weight: 3, args: withKey, same: near(3000), why: "time passes between the two"},
	{name: "randomkey", args: lit(), same: bothNull, why: "it is random"},
	{name: "rename", weight: 3, args: seq(key, key)},
	{name: "renamenx", weight: 2, args: seq(key, key)},
	{name: "scan", weight: 2, args: seq(lit("0"), some(opt("match", pattern), opt("type", word("string", "STRING", "list", "hash"))), lit("COUNT", "1000")),
		same: scanned, why: "order of the hash table"},
	{name: "scan", weight: 1, args: seq(one(lit("0"), edge), some(opt("match", pattern), opt("type", word("string", "nosuch")), opt("count", edge))),
		same: scanned, why: "order of the hash table"},
	{name: "touch", args: rep(1, 3, key)},
	{name: "ttl", weight: 3, args: withKey, same: near(2), why: "time passes between the two"},
	{name: "type", weight: 2, args: withKey},
	{name: "unlink", args: rep(1, 3, key)},
}

var connectionRows = []row{
	{name: "auth", args: rep(0, 3, word("default", "x", "", "nosuch", "secret"))},
	{name: "auth", args: word("secret")},
	{name: "client id", args: lit(), same: kindOnly, why: "ids count every connection"},
	{name: "client getname", weight: 2, args: lit()},
	{name: "client setname", weight: 2, args: word("n1", "conn-2", "with blank", "tab\t", "", "a\nb", "\xc3\xa4", "~", "!")},
	{name: "client info", args: lit(), same: fieldNames, why: "addresses, ages and buffers; 7.2 has more fields"},
	{name: "client list", args: some(opt("type", word("normal", "master", "replica", "slave", "pubsub", "foo")), opt("id", number)), same: kindOnly, why: "addresses, ages and buffers"},
	{name: "client kill", tame: true, args: one(
		word("1.2.3.4:5", "foo", ""),
		seq(one(lit(), lit("skipme", "yes")), some(opt("id", word("999999999", "0", "-1", "abc")), opt("addr", lit("1.2.3.4:5")), opt("laddr", lit("1.2.3.4:5")), opt("user", word("nosuch", "")), opt("type", word("pubsub", "master", "foo")), opt("skipme", word("yes", "maybe")), opt("foo", lit("1"))), lit("addr", "9.9.9.9:9")),
	)},
	{name: "client no-evict", args: word("on", "off", "ON", "maybe")},
	{name: "client no-touch", args: word("on", "off", "maybe")},
	{name: "client setinfo", args: seq(word("lib-name", "LIB-VER", "foo"), word("redis-py", "1.0", "a b", ""))},
	{name: "client reply", tame: true, args: word("on", "ON", "maybe")},
	{name: "client help", args: lit()},
	{name: "client", args: one(lit(), word("foo", "", "nosuch"))},
	{name: "echo", weight: 2, args: value},
	{name: "hello", args: one(lit(), word("2", "3"), word("2", "3"), word("1", "4", "abc", "-1", "3.0", ""), seq(word("2", "3"), opt("foo"))), same: hello, why: "version and connection id"},
	// 7.2 reads all options before it obeys any: what fails halfway leaves another state than in 7.0.
	{name: "hello", tame: true, args: seq(word("2", "3"), opt("auth", word("default", "nosuch"), word("", "x", "secret"))), same: hello, why: "version and connection id"},
	{name: "hello", tame: true, open: true, args: seq(word("2", "3"), one(
		opt("setname", word("n1", "a b", "")),
		seq(opt("auth", lit("default"), word("", "secret")), opt("setname", word("n2", "n3"))))), same: hello, why: "version and connection id"},
	{name: "ping", weight: 2, args: one(lit(), value)},
	{name: "reset", args: lit()},
	{name: "select", weight: 2, args: database},
}

var serverRows = []row{
	{name: "config get", args: rep(1, 2, word("maxmemory", "maxmemory-p*", "maxclients", "slowlog-max-len", "timeout", "nosuch", "proto-max-bulk-len", "lfu-*", "databases", "", "[", "MAXMEMORY")), same: sorted, why: "order of a hash table"},
	{name: "config set", weight: 2, args: one(
		seq(word("slowlog-max-len", "maxmemory-samples", "lfu-decay-time", "lfu-log-factor", "tcp-keepalive", "latency-monitor-threshold", "nosuch", "", "SLOWLOG-MAX-LEN"), number),
		seq(word("maxmemory-policy"), word("noeviction", "allkeys-lru", "ALLKEYS-LRU", "volatile-ttl", "foo", "")),
		seq(word("port-foo", "databases", "unixsocket", "lazyfree-lazy-expire"), word("yes", "no", "YES", "maybe", "1")),
		rep(1, 3, seq(word("slowlog-max-len", "maxmemory-samples", "lfu-decay-time", "nosuch", "databases"), number)),
		lit("maxmemory-policy", "noeviction"),
	)},
	// Numbers beyond 64 bits are left out: 7.0 takes them for the greatest there is.
	{name: "config set maxmemory", tame: true, args: word("0", "1gb", "1g", "1024mb", "2GB", "-1", "1x", "", "1.5gb", "abc", "0b", "10%", "1000000000", "0", "0")},
	{name: "config help", args: lit()},
	{name: "config resetstat", args: lit()},
	{name: "config rewrite", args: lit()},
	{name: "config", args: one(lit(), word("foo", ""))},
	{name: "dbsize", weight: 2, args: lit()},
	{name: "debug set-active-expire", tame: true, args: lit("1")},
	{name: "debug sleep", tame: true, args: word("0", "0.001")},
	{name: "flushall", args: one(lit(), lit(), word("async", "SYNC", "foo"), lit("sync", "async"))},
	{name: "flushdb", args: one(lit(), word("async", "SYNC", "foo"))},
	{name: "info", args: one(lit(), rep(1, 2, word("server", "clients", "memory", "nosuch", "all", "default", "everything", "KEYSPACE"))), same: kindOnly, why: "figures"},
	{name: "lolwut", args: one(lit(), seq(lit("version"), word("1", "5", "6", "abc"))), same: kindOnly, why: "the art names the version"},
	{name: "slowlog", args: one(lit("len"), lit("reset"), lit("help"), lit("get"), seq(lit("get"), number), lit(), word("foo", ""))},
	{name: "shutdown", tame: true, args: one(lit("abort"), lit("foo"), lit("nosave", "save"), lit("save", "foo"), lit("abort", "now"))},
	{name: "swapdb", weight: 2, args: seq(database, database)},
	{name: "time", args: lit(), same: kindOnly, why: "it is the time"},
	{name: "nosuch", args: rep(0, 4, value)},
	{name: "", args: rep(0, 2, word("a", "b\r\nc", strings.Repeat("y", 300)))},
	{name: strings.Repeat("z", 140), args: rep(0, 3, word("a", strings.Repeat("w", 90)))},
	{name: "get\r\n", args: rep(0, 2, word("a", "b"))},
}

// line makes one command line of r.
func (r *row) line(s *source) []string {
	var args []string
	words := strings.Split(r.name, " ")
	if r.name == "" || strings.ContainsAny(r.name, "\r\n") {
		words = []string{r.name}
	}
	for i, w := range words {
		if i == 0 && w != "" {
			w = anyCase(s, w)
		}
		args = append(args, w)
	}
	args = append(args, r.args(s)...)
	switch {
	case r.tame:
		return args
	case r.timed:
		return mutate(s, args, timedEdge)
	case r.odd != nil:
		return mutate(s, args, r.odd)
	}
	return mutate(s, args, edge)
}

// wheel draws rows by weight.
type wheel []*row

func newWheel(rows []row) wheel {
	var w wheel
	for i := range rows {
		for range max(1, rows[i].weight) {
			w = append(w, &rows[i])
		}
	}
	return w
}

func (w wheel) draw(s *source) *row { return w[s.IntN(len(w))] }
