// Tests of the sorted set commands on single members, and of bad input.

package redis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// bothForms runs a test with packed and with big sorted sets.
func bothForms(t *testing.T, test func(t *testing.T, r *rig, c *fake)) {
	for _, entries := range []string{"128", "0"} {
		t.Run("entries="+entries, func(t *testing.T) {
			r := newRig(t, core.Options{})
			c := r.client()
			c.want("+OK\r\n", "config", "set", "zset-max-listpack-entries", entries)
			test(t, r, c)
		})
	}
}

// flat is an array of strings.
func flat(words ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		b.WriteString(bulk(w))
	}
	return b.String()
}

func TestSortedSets(t *testing.T) {
	bothForms(t, func(t *testing.T, r *rig, c *fake) {
		c.want(":3\r\n", "zadd", "z", "1", "a", "2.5", "b", "-inf", "c")
		c.want(":1\r\n", "zadd", "z", "7", "a", "3", "d")
		c.want(":2\r\n", "zadd", "z", "ch", "7", "a", "4", "d", "1", "e")
		c.want(":0\r\n", "zadd", "z", "nx", "9", "a")
		c.want(":0\r\n", "zadd", "z", "xx", "9", "new")
		c.want(":1\r\n", "zadd", "z", "gt", "ch", "8", "a", "0", "b")
		c.want(":1\r\n", "zadd", "z", "lt", "ch", "9", "a", "0", "b")
		c.want(bulk("8.5"), "zadd", "z", "incr", "0.5", "a")
		c.want("$-1\r\n", "zadd", "z", "incr", "nx", "1", "a")
		c.want("$-1\r\n", "zadd", "nokey", "incr", "xx", "1", "a")
		c.want(":0\r\n", "zadd", "nokey", "xx", "1", "a")
		c.want(":0\r\n", "exists", "nokey")
		c.want(bulk("10.5"), "zincrby", "z", "2", "a")
		c.want(bulk("1.5"), "zincrby", "z", "1.5", "f")
		c.want(":6\r\n", "zcard", "z")
		c.want(bulk("-inf"), "zscore", "z", "c")
		c.want("$-1\r\n", "zscore", "z", "none")
		c.want("*3\r\n$4\r\n10.5\r\n$-1\r\n$1\r\n0\r\n", "zmscore", "z", "a", "none", "b")
		c.want("*1\r\n$-1\r\n", "zmscore", "none", "a")
		c.want(":5\r\n", "zrank", "z", "a")
		c.want(":0\r\n", "zrevrank", "z", "a")
		c.want("*2\r\n:1\r\n$1\r\n0\r\n", "zrank", "z", "b", "withscore")
		c.want("*-1\r\n", "zrank", "z", "none", "withscore")
		c.want("$-1\r\n", "zrevrank", "none", "a")
		c.want(":2\r\n", "zrem", "z", "a", "none", "b")
		c.want(":4\r\n", "zrem", "z", "c", "d", "e", "f", "c")
		c.want(":0\r\n", "exists", "z")
		c.want("+OK\r\n", "set", "s", "x")
		const wrong = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
		for _, line := range []string{"zadd s 1 a", "zincrby s 1 a", "zcard s", "zscore s a", "zmscore s a", "zrank s a", "zrem s a", "zrange s 0 -1", "zcount s 0 1",
			"zlexcount s - +", "zrangestore d s 0 -1", "zremrangebyrank s 0 1", "zunion 1 s", "zunionstore d 2 none s", "zpopmin s", "zmpop 1 s min", "zrandmember s", "zrandmember s 2", "zscan s 0", "zintercard 1 s"} {
			c.want(wrong, strings.Fields(line)...)
		}
	})
}

func TestSortedSetEncodings(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.want(":1\r\n", "zadd", "z", "1", "a")
	c.want(bulk("listpack"), "object", "encoding", "z")
	c.want(":1\r\n", "zadd", "z", "1", strings.Repeat("x", 65))
	c.want(bulk("skiplist"), "object", "encoding", "z")
	c.want(":1\r\n", "zrem", "z", strings.Repeat("x", 65))
	c.want(bulk("skiplist"), "object", "encoding", "z")
	for i := range 128 {
		c.do("zadd", "y", "1", fmt.Sprint(i))
	}
	c.want(bulk("listpack"), "object", "encoding", "y")
	c.want(":1\r\n", "zadd", "y", "1", "128")
	c.want(bulk("skiplist"), "object", "encoding", "y")
	c.want(":20\r\n", "zrangestore", "part", "y", "0", "19")
	c.want(bulk("listpack"), "object", "encoding", "part")
	c.want("+OK\r\n", "config", "set", "zset-max-ziplist-entries", "3")
	c.want(":3\r\n", "zadd", "v", "1", "a", "2", "b", "3", "c")
	c.want(":3\r\n", "zunionstore", "u", "1", "v")
	c.want(bulk("listpack"), "object", "encoding", "u")
	c.want(":0\r\n", "zadd", "v", "1", "a", "1", "a", "1", "a", "1", "a")
	c.want(bulk("skiplist"), "object", "encoding", "v")
	c.want(":20\r\n", "zunionstore", "u", "1", "part")
	c.want(bulk("skiplist"), "object", "encoding", "u")
}

// TestR17SortedSets sends what clients should not: an error each, and nothing stored.
func TestR17SortedSets(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.do("zadd", "z", "1", "a", "2", "b")
	for line, want := range map[string]string{
		"zadd z nan m":                                  "ERR value is not a valid float",
		"zadd z 1e400 m":                                "ERR value is not a valid float",
		"zadd z 1 a x b":                                "ERR value is not a valid float",
		"zadd z 1 a 2":                                  "ERR syntax error",
		"zadd z nx xx 1 a":                              "ERR XX and NX options at the same time are not compatible",
		"zadd z gt lt 1 a":                              "ERR GT, LT, and/or NX options at the same time are not compatible",
		"zadd z gt nx 1 a":                              "ERR GT, LT, and/or NX options at the same time are not compatible",
		"zadd z incr 1 a 2 b":                           "ERR INCR option supports a single increment-element pair",
		"zadd z ch":                                     "ERR wrong number of arguments for 'zadd' command",
		"zincrby z nan a":                               "ERR value is not a valid float",
		"zincrby z xx a":                                "ERR syntax error",
		"zrank z a b":                                   "ERR syntax error",
		"zrank z a withscore b":                         "ERR wrong number of arguments for 'zrank' command",
		"zcount z x 1":                                  "ERR min or max is not a float",
		"zcount z 1 nan":                                "ERR min or max is not a float",
		"zlexcount z a [b":                              "ERR min or max not valid string range item",
		"zlexcount z [a +b":                             "ERR min or max not valid string range item",
		"zrange z 0 x":                                  "ERR value is not an integer or out of range",
		"zrange z 0 9223372036854775808":                "ERR value is not an integer or out of range",
		"zrange z 0 1 limit 0 1":                        "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
		"zrange z - + bylex withscores":                 "ERR syntax error, WITHSCORES not supported in combination with BYLEX",
		"zrange z 0 1 byscore bylex":                    "ERR syntax error",
		"zrange z 0 1 byscore limit 1":                  "ERR syntax error",
		"zrangestore d z 0 1 withscores":                "ERR syntax error",
		"zrevrange z 0 1 rev":                           "ERR syntax error",
		"zunion 0 z":                                    "ERR at least 1 input key is needed for 'zunion' command",
		"zunion 9223372036854775807 z":                  "ERR syntax error",
		"zunion x z":                                    "ERR value is not an integer or out of range",
		"zunion 1 z weights nan":                        "ERR weight value is not a float",
		"zunion 1 z weights 1 2":                        "ERR syntax error",
		"zunion 1 z aggregate avg":                      "ERR syntax error",
		"zunionstore d 1 z withscores":                  "ERR syntax error",
		"zdiff 1 z weights 1":                           "ERR syntax error",
		"zintercard 1 z limit -1":                       "ERR LIMIT can't be negative",
		"zintercard 0 z":                                "ERR at least 1 input key is needed for 'zintercard' command",
		"zpopmin z -1":                                  "ERR value is out of range, must be positive",
		"zpopmin z 1 2":                                 "ERR syntax error",
		"zmpop 0 z min":                                 "ERR numkeys should be greater than 0",
		"zmpop 9223372036854775807 z min":               "ERR syntax error",
		"zmpop 1 z mid":                                 "ERR syntax error",
		"zmpop 1 z min count 0":                         "ERR count should be greater than 0",
		"zmpop 1 z min count 1 count 1":                 "ERR syntax error",
		"zrandmember z 1 x":                             "ERR syntax error",
		"zrandmember z -9223372036854775808":            "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
		"zrandmember z -9223372036854775807 withscores": "ERR value is out of range",
		"zrandmember z -9223372036854775807":            "ERR value is out of range",
		"zscan z x":                                     "ERR invalid cursor",
		"zscan z 0 count 0":                             "ERR syntax error",
	} {
		c.want("-"+want+"\r\n", strings.Fields(line)...)
	}
	c.want(flat("a", "1", "b", "2"), "zrange", "z", "0", "-1", "withscores")
	c.want(flat("a", "b"), "zrandmember", "z", "9223372036854775807")
	c.want(flat("a", "1", "b", "2"), "zpopmin", "z", "9223372036854775807")
	c.want("*-1\r\n", "zmpop", "1", "z", "min", "count", "9223372036854775807")
	c.want("*2\r\n$1\r\n0\r\n*0\r\n", "zscan", "z", "18446744073709551615", "count", "9223372036854775807")
	bothForms(t, func(t *testing.T, r *rig, c *fake) {
		c.want(":1\r\n", "zadd", "z", "inf", "a")
		c.want("-ERR resulting score is not a number (NaN)\r\n", "zincrby", "z", "-inf", "a")
		c.want(bulk("inf"), "zscore", "z", "a")
	})
}

// TestSortedSetHotPathsDoNotAllocate holds the commands of a leaderboard to no garbage.
func TestSortedSetHotPathsDoNotAllocate(t *testing.T) {
	bothForms(t, func(t *testing.T, r *rig, c *fake) {
		for i := range 120 {
			c.do("zadd", "z", fmt.Sprint(i), fmt.Sprint("player:", i))
		}
		for _, line := range []string{"zadd z 55.25 player:7", "zincrby z 1.5 player:8", "zscore z player:9", "zrank z player:10", "zrange z 0 9 rev withscores", "zrevrange z 0 9 withscores",
			"zcount z 10 20", "zrangebyscore z 10 20 limit 0 5", "zpopmin z", "zcard z"} {
			in := []byte(request(strings.Fields(line)...))
			if n := testing.AllocsPerRun(50, func() {
				c.worker.Out = c.worker.Out[:0]
				c.Feed(c.worker, in)
			}); n > 0 {
				t.Errorf("%s: %v allocations", line, n)
			}
		}
	})
}
