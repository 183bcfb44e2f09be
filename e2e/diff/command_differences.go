// Where our COMMAND output may differ from redis-server 7.0.15's, row by row with the reason.

package diff

import "regexp"

// commandDifference is one reviewed difference in the command table. path is command.field or command|sub.field.
type commandDifference struct {
	path   string
	reason string
}

var commandDifferences = []commandDifference{
	{`^(client\|setinfo|client\|no-touch|cluster\|myshardid)$`, "came with 7.2"},
	{`^(ping|echo|auth|hello|reset|quit|select|client|client\|\w[-\w]*)\.docs\.`, "7.2 words some of the connection group anew"},
	{`^(zrank|zrevrank)\.(arity|docs\.)`, "7.2 has WITHSCORE"},
	{`^h(p?expire(at|time)?|p?ttl|persist)$`, "came with 7.4"},
	{`^h(getdel|getex|setex)$`, "came with 8.0"},
	{`^waitaof$`, "came with 7.2"},
	{`^(b[lr]pop|blmove|brpoplpush|bzpopmin|bzpopmax|wait)\.flags`, "7.2 lets scripts call them"},
	{`^wait\.flags|^wait\.(acl|cat)`, "7.2 calls it blocking"},
	{`^quit\.`, "7.2 made it a command of its own, deprecated in favour of closing"},
	{`\.docs\.(summary|complexity)$`, "the texts are in our own words"},
	{`\.docs\.(history|arguments)`, "7.2 adds entries and display texts"},
}

// requiredCommands is what the first part promises; COMMAND must list every one.
var requiredCommands = []string{
	"acl|cat", "acl|deluser", "acl|dryrun", "acl|genpass", "acl|getuser", "acl|help", "acl|list", "acl|load", "acl|log", "acl|save", "acl|setuser", "acl|users",
	"acl|whoami",
	"auth", "client|getname", "client|id", "client|info", "client|kill", "client|list", "client|no-evict", "client|no-touch",
	"client|reply", "client|setinfo", "client|setname", "echo", "hello", "ping", "quit", "reset", "select",
	"hdel", "hexists", "hexpire", "hexpireat", "hexpiretime", "hget", "hgetall", "hgetdel", "hgetex", "hincrby", "hincrbyfloat", "hkeys",
	"hlen", "hmget", "hmset", "hpersist", "hpexpire", "hpexpireat", "hpexpiretime", "hpttl", "hrandfield", "hscan", "hset", "hsetex",
	"hsetnx", "hstrlen", "httl", "hvals",
	"eval", "eval_ro", "evalsha", "evalsha_ro", "fcall", "fcall_ro", "function|delete", "function|dump", "function|flush", "function|help", "function|kill", "function|list",
	"function|load", "function|restore", "function|stats", "script|debug", "script|exists", "script|flush", "script|help", "script|kill", "script|load",
	"append", "decr", "decrby", "get", "getdel", "getex", "getrange", "getset", "incr", "incrby", "incrbyfloat", "lcs", "mget",
	"mset", "msetnx", "psetex", "set", "setex", "setnx", "setrange", "strlen", "substr",
	"xack", "xadd", "xautoclaim", "xclaim", "xdel", "xgroup|create", "xgroup|createconsumer", "xgroup|delconsumer", "xgroup|destroy", "xgroup|help",
	"xgroup|setid", "xinfo|consumers", "xinfo|groups", "xinfo|help", "xinfo|stream", "xlen", "xpending", "xrange", "xread", "xreadgroup", "xrevrange",
	"xsetid", "xtrim",
	"zadd", "zcard", "zcount", "zdiff", "zdiffstore", "zincrby", "zinter", "zintercard", "zinterstore", "zlexcount", "zmpop", "zmscore", "zpopmax",
	"zpopmin", "zrandmember", "zrange", "zrangebylex", "zrangebyscore", "zrangestore", "zrank", "zrem", "zremrangebylex", "zremrangebyrank",
	"zremrangebyscore", "zrevrange", "zrevrangebylex", "zrevrangebyscore", "zrevrank", "zscan", "zscore", "zunion", "zunionstore",
	"geoadd", "geodist", "geohash", "geopos", "georadius", "georadius_ro", "georadiusbymember", "georadiusbymember_ro", "geosearch", "geosearchstore",
	"bitcount", "bitfield", "bitfield_ro", "bitop", "bitpos", "getbit", "setbit",
	"pfadd", "pfcount", "pfdebug", "pfmerge", "pfselftest",
	"lindex", "linsert", "llen", "lmove", "lmpop", "lpop", "lpos", "lpush", "lpushx", "lrange", "lrem", "lset", "ltrim", "rpop", "rpoplpush",
	"rpush", "rpushx",
	"copy", "del", "dump", "exists", "expire", "expireat", "expiretime", "keys", "move", "object|encoding", "object|freq", "object|help",
	"object|idletime", "object|refcount", "persist", "pexpire", "pexpireat", "pexpiretime", "pttl", "randomkey", "rename",
	"renamenx", "restore", "restore-asking", "scan", "touch", "ttl", "type", "unlink",
	"blmove", "blmpop", "blpop", "brpop", "brpoplpush", "bzmpop", "bzpopmax", "bzpopmin", "client|unblock", "wait", "waitaof",
	"asking", "bgrewriteaof", "bgsave", "client|pause", "client|unpause", "cluster|info", "cluster|nodes", "cluster|slots", "failover", "lastsave", "latency|doctor", "latency|graph",
	"latency|help", "latency|histogram", "latency|history", "latency|latest", "latency|reset", "module|help", "module|list", "module|load", "module|loadex", "module|unload", "monitor",
	"psync", "readonly", "readwrite", "replconf", "replicaof", "role", "save", "slaveof", "sync",
	"command", "command|count", "command|docs", "command|getkeys", "command|getkeysandflags", "command|info", "command|list",
	"config|get", "config|resetstat", "config|rewrite", "config|set", "dbsize", "debug", "flushall", "flushdb", "info", "lolwut",
	"shutdown", "slowlog|get", "slowlog|len", "slowlog|reset", "swapdb", "time",
}

// allowed says whether a path is on the list, and with which reason.
func allowed(path string) (string, bool) {
	for _, d := range commandDifferences {
		if regexp.MustCompile(d.path).MatchString(path) {
			return d.reason, true
		}
	}
	return "", false
}
