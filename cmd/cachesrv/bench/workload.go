// The workloads on Redis data types: one row each, with what it loads and which commands it sends.

package bench

import (
	"fmt"
	"slices"
	"strings"
)

// workload is a data set and a mix of commands on it. A new one costs a row.
//
// load is run over one connection, so that lists and streams get their order: each command once for every number,
// or just once if it has none. The second word of every command is a key, but see unkeyed; these keys are deleted before the load.
type workload struct {
	name  string
	about string
	per   uint64 // how many of --keys go to one number: the fields of a hash, the length of a list; 0 counts as 1
	load  []string
	asks  []ask

	// fresh loads anew before every round, for what grows or shrinks. once ends a round when every number has had its
	// turn, in scattered order: for what is used up, or counts only the first time. alone is for commands that take
	// the server long: one connection, no pipeline, no rate.
	fresh, once, alone bool

	// pairs has two connections work together, --connections times: the first sends the first command, then the second the second, and
	// both begin again when both are answered. The number in a command is that of its pair. One thread, no pipeline, no rate.
	pairs bool

	listeners int // connections that are subscribed to the channel that the second word names, and read what comes

	// inOrder sends the commands one after the other as they stand here, all of them in one go, and as often as --pipeline has room for.
	inOrder bool
}

// The parts that several rows share: members have 15 bytes, fields and values 14, elements 16.
const (
	loadBoard = "ZADD key:board {rand:100000-999999}.{digits:3} member:{key}"
	loadSet   = "SADD key:set member:{key}"
	loadHash  = "HSET key:hash field:{key} value:{digits:8}"
	loadList  = "RPUSH key:list element:{key}"
)

// unkeyed are the commands whose keys are the words that look like one.
var unkeyed = map[string]bool{"EVAL": true, "FCALL": true, "FUNCTION": true}

var workloads = []workload{
	{name: "hset", about: "HSET of a field in hashes of 10 fields", per: 10,
		load: []string{"HSET key:hash:{key}" + pairs(10)},
		asks: []ask{{send: "HSET key:hash:{key} f{rand:10-19} value:{digits:8}", want: kindStatus}}},
	{name: "hget", about: "HGET from hashes of 10 fields", per: 10,
		load: []string{"HSET key:hash:{key}" + pairs(10)},
		asks: []ask{{send: "HGET key:hash:{key} f{rand:10-19}", want: kindValue}}},
	{name: "hgetall", about: "HGETALL of hashes of 20 fields", per: 20,
		load: []string{"HSET key:hash:{key}" + pairs(20)},
		asks: []ask{{send: "HGETALL key:hash:{key}", want: kindGroup, least: 40}}},
	{name: "hset-big", about: "HSET of new fields in one hash", fresh: true, once: true,
		asks: []ask{{send: loadHash, want: kindStatus, least: 1}}},
	{name: "hget-big", about: "HGET from one hash of --keys fields",
		load: []string{loadHash},
		asks: []ask{{send: "HGET key:hash field:{key}", want: kindValue}}},

	{name: "lpush", about: "LPUSH to one list", fresh: true,
		asks: []ask{{send: "LPUSH key:list element:{digits:8}", want: kindStatus, least: 1}}},
	{name: "rpop", about: "RPOP from one list of --keys elements until it is empty", fresh: true, once: true,
		load: []string{loadList},
		asks: []ask{{send: "RPOP key:list", want: kindValue}}},
	{name: "lrange", about: "LRANGE of the first 100 elements of one list of --keys elements",
		load: []string{loadList},
		asks: []ask{{send: "LRANGE key:list 0 99", want: kindGroup, least: 100}}},
	{name: "lrange-small", about: "LRANGE of lists of 100 elements", per: 100,
		load: []string{"RPUSH key:list:{key}" + strings.Repeat(" element:{digits:8}", 100)},
		asks: []ask{{send: "LRANGE key:list:{key} 0 -1", want: kindGroup, least: 100}}},

	{name: "sadd", about: "SADD of new members to one set", fresh: true, once: true,
		asks: []ask{{send: loadSet, want: kindStatus, least: 1}}},
	{name: "sismember", about: "SISMEMBER in one set of --keys members",
		load: []string{loadSet},
		asks: []ask{{send: "SISMEMBER key:set member:{key}", want: kindStatus, least: 1}}},
	{name: "spop", about: "SPOP from one set of --keys members until it is empty", fresh: true, once: true,
		load: []string{loadSet},
		asks: []ask{{send: "SPOP key:set", want: kindValue}}},
	{name: "sinter", about: "SINTER of two sets of --keys members that share half of them", alone: true,
		load: []string{"SADD key:set:1 member:{key}", "SADD key:set:2 member:{half}"},
		asks: []ask{{send: "SINTER key:set:1 key:set:2", want: kindGroup, least: 1}}},

	{name: "zadd", about: "ZADD of new scores on a leaderboard of --keys members",
		load: []string{loadBoard},
		asks: []ask{{send: loadBoard, want: kindStatus}}},
	{name: "zincrby", about: "ZINCRBY on a leaderboard of --keys members",
		load: []string{loadBoard},
		asks: []ask{{send: "ZINCRBY key:board {rand:10-99}.{digits:2} member:{key}", want: kindValue}}},
	{name: "zrange-top10", about: "ZRANGE of the ten highest with their scores, of --keys members",
		load: []string{loadBoard},
		asks: []ask{{send: "ZRANGE key:board 0 9 REV WITHSCORES", want: kindGroup, least: 20}}},
	{name: "zrank", about: "ZRANK on a leaderboard of --keys members",
		load: []string{loadBoard},
		asks: []ask{{send: "ZRANK key:board member:{key}", want: kindStatus}}},
	{name: "zunionstore", about: "ZUNIONSTORE of two sorted sets of --keys members that share half of them", alone: true,
		load: []string{"ZADD key:board:1 {rand:100000-999999}.{digits:3} member:{key}",
			"ZADD key:board:2 {rand:100000-999999}.{digits:3} member:{half}"},
		asks: []ask{{send: "ZUNIONSTORE key:board:3 2 key:board:1 key:board:2", want: kindStatus, least: 1}}},

	{name: "xadd", about: "XADD of entries with two fields to one stream", fresh: true,
		asks: []ask{{send: "XADD key:stream * user user:{digits:8} page {digits:4}", want: kindValue}}},
	{name: "xrange", about: "XRANGE of 100 entries anywhere in a stream of --keys entries",
		load: []string{"XADD key:stream {id} user user:{digits:8} page {digits:4}"},
		asks: []ask{{send: "XRANGE key:stream {id} + COUNT 100", want: kindGroup, least: 1}}},

	{name: "setbit", about: "SETBIT in one bitmap of --keys bits",
		load: []string{"SETBIT key:bits {id} 1"},
		asks: []ask{{send: "SETBIT key:bits {id} {rand:0-1}", want: kindStatus}}},
	{name: "pfadd", about: "PFADD to one HyperLogLog that has seen --keys elements",
		load: []string{"PFADD key:visitors visitor:{key}"},
		asks: []ask{{send: "PFADD key:visitors visitor:{digits:8}", want: kindStatus}}},
	{name: "geosearch", about: "GEOSEARCH within 10 km, about 40 of 100,000 places (a tenth of --keys)", per: 10,
		load: []string{"GEOADD key:places {rand:10-19}.{digits:6} {rand:45-54}.{digits:6} place:{key}"},
		asks: []ask{{send: "GEOSEARCH key:places FROMLONLAT {rand:10-19}.{digits:6} {rand:45-54}.{digits:6} BYRADIUS 10 km", want: kindGroup}}},

	publishTo(1), publishTo(10), publishTo(100),

	{name: "multi10", about: "transactions of five GET and five SET of --keys keys", inOrder: true,
		load: []string{"SET key:{key} value:{digits:8}"},
		asks: transaction("GET key:{key}", "SET key:{key} value:{digits:8}", 5)},

	{name: "eval", about: "EVAL of a script of one GET, of --keys keys",
		load: []string{"SET key:{key} value:{digits:8}"},
		asks: []ask{{send: "EVAL return(redis.call('GET',KEYS[1])) 1 key:{key}", want: kindValue}}},
	{name: "fcall", about: "FCALL of a function of one GET, of --keys keys",
		load: []string{"SET key:{key} value:{digits:8}",
			"FUNCTION LOAD REPLACE #!lua\tname=bench\nredis.register_function('bench_get',function(keys)return(redis.call('GET',keys[1]))end)"},
		asks: []ask{{send: "FCALL bench_get 1 key:{key}", want: kindValue}}},

	{name: "leaderboard", about: "ZINCRBY, ZREVRANGE of ten WITHSCORES, ZREVRANK 2:1:1 on --keys members",
		load: []string{loadBoard},
		asks: []ask{
			{weight: 2, send: "ZINCRBY key:board {rand:10-99}.{digits:2} member:{key}", want: kindValue},
			{weight: 1, send: "ZREVRANGE key:board 0 9 WITHSCORES", want: kindGroup, least: 20},
			{weight: 1, send: "ZREVRANK key:board member:{key}", want: kindStatus}}},
	{name: "session", about: "HGETALL, EXPIRE, HSET 4:4:1 on sessions of 5 fields", per: 5,
		load: []string{"HSET key:session:{key}" + pairs(5), "EXPIRE key:session:{key} 1800"},
		asks: []ask{
			{weight: 4, send: "HGETALL key:session:{key}", want: kindGroup, least: 10},
			{weight: 4, send: "EXPIRE key:session:{key} 1800", want: kindStatus, least: 1},
			{weight: 1, send: "HSET key:session:{key} f{rand:10-14} value:{digits:8}", want: kindStatus}}},
	{name: "queue", about: "LPUSH and RPOP 1:1 on one list of 10,000 jobs (a hundredth of --keys)", per: 100, fresh: true,
		load: []string{"LPUSH key:queue job:{key}"},
		asks: []ask{
			{send: "LPUSH key:queue job:{digits:8}", want: kindStatus, least: 1},
			{send: "RPOP key:queue", want: kindValue}}},
	{name: "pingpong", about: "BLPOP, and LPUSH of what it waits for, over --connections pairs", pairs: true,
		asks: []ask{
			{send: "BLPOP key:queue:{key} 0", want: kindGroup, least: 2},
			{send: "LPUSH key:queue:{key} job:{digits:8}", want: kindStatus, least: 1}}},
	{name: "stream", about: "XADD MAXLEN ~ 10000 and XRANGE of ten entries 1:1", per: 100, fresh: true,
		load: []string{"XADD key:events * user user:{key} page {digits:4}"},
		asks: []ask{
			{send: "XADD key:events MAXLEN ~ 10000 * user user:{digits:8} page {digits:4}", want: kindValue},
			{send: "XRANGE key:events - + COUNT 10", want: kindGroup, least: 1}}},
}

// publishTo is PUBLISH with so many subscribers.
func publishTo(n int) workload {
	return workload{name: fmt.Sprint("publish", n), about: fmt.Sprintf("PUBLISH of 16 bytes to a channel with %d subscribers", n), listeners: n,
		asks: []ask{{send: "PUBLISH key:channel message:{digits:8}", want: kindStatus, least: n}}}
}

// channel is what the workload's listeners are subscribed to.
func (w *workload) channel() string { return strings.Fields(w.asks[0].send)[1] }

// transaction is two commands n times each between MULTI and EXEC.
func transaction(one, other string, n int) []ask {
	asks := []ask{{send: "MULTI", want: kindStatus}}
	for range n {
		asks = append(asks, ask{send: one, want: kindStatus}, ask{send: other, want: kindStatus})
	}
	return append(asks, ask{send: "EXEC", want: kindGroup, least: 2 * n})
}

// pairs writes n fields of a small hash, f10 and so on, each with a value of 14 bytes.
func pairs(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " f%d value:{digits:8}", 10+i)
	}
	return b.String()
}

// everything is the name that stands for all rows of a table.
const everything = "all"

// choose finds the rows that names ask for, each once, in the order given; flag is for the error.
func choose(table []workload, flag string, names []string) ([]*workload, error) {
	var chosen []*workload
	var known []string
	for i := range table {
		known = append(known, table[i].name)
	}
	for _, name := range names {
		found := false
		for i := range table {
			w := &table[i]
			if name != w.name && name != everything {
				continue
			}
			found = true
			if !slices.Contains(chosen, w) {
				chosen = append(chosen, w)
			}
		}
		if !found {
			return nil, fmt.Errorf("%s %q: %s, or one or more of %s", flag, name, everything, strings.Join(known, ", "))
		}
	}
	return chosen, nil
}

// catalogue lists a table for the help.
func catalogue(table []workload) string {
	var b strings.Builder
	for i := range table {
		fmt.Fprintf(&b, "\n  %-13s %s", table[i].name, table[i].about)
	}
	return b.String()
}

// numbers is how many numbers --keys gives this workload.
func (w *workload) numbers(keys uint64) uint64 {
	return max(keys/max(w.per, 1), 1)
}

// keyWords are the keys that the workload's commands name, each once, as they stand in the commands.
func (w *workload) keyWords() []string {
	var words []string
	seen := map[string]bool{}
	commands := w.load
	for _, a := range w.asks {
		commands = append(commands[:len(commands):len(commands)], a.send)
	}
	for _, c := range commands {
		name, rest, _ := strings.Cut(c, " ")
		for i, word := range strings.Split(rest, " ") {
			key := i == 0
			if unkeyed[name] {
				key = strings.HasPrefix(word, keyPrefix)
			}
			if key && word != "" && !seen[word] {
				seen[word] = true
				words = append(words, word)
			}
		}
	}
	return words
}
