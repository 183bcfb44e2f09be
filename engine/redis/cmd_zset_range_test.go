// Tests of ranges of sorted sets.

package redis

import (
	"strings"
	"testing"
)

func TestSortedSetRanges(t *testing.T) {
	bothForms(t, func(t *testing.T, r *rig, c *fake) {
		c.do("zadd", "z", "1", "a", "2", "b", "3", "c", "4", "d", "5", "5")
		for line, want := range map[string]string{
			"zrange z 0 -1":                                     "a b c d 5",
			"zrange z 0 -1 rev":                                 "5 d c b a",
			"zrange z 1 2 withscores":                           "b 2 c 3",
			"zrange z -2 100":                                   "d 5",
			"zrange z 3 2":                                      "",
			"zrange z -100 0":                                   "a",
			"zrange none 0 -1":                                  "",
			"zrevrange z 0 1 withscores":                        "5 5 d 4",
			"zrange z 0 1 limit 7 -1":                           "a b",
			"zrange z (1 3 byscore":                             "b c",
			"zrange z 3 (1 byscore rev":                         "c b",
			"zrange z -inf +inf byscore limit 1 2":              "b c",
			"zrange z +inf -inf byscore rev limit 1 2":          "d c",
			"zrangebyscore z 2 4 withscores limit 1 -1":         "c 3 d 4",
			"zrangebyscore z 2 4 limit -1 5":                    "",
			"zrangebyscore z 2 4 limit 0 0":                     "",
			"zrangebyscore z 2 4 limit 5 1":                     "",
			"zrevrangebyscore z (4 2":                           "c b",
			"zrangebyscore z 4 2":                               "",
			"zrangebyscore z 9223372036854775808 inf":           "",
			"zrangebyscore z 1 inf limit 1 9223372036854775807": "b c d 5",
		} {
			c.want(flat(strings.Fields(want)...), strings.Fields(line)...)
		}
		c.want(":3\r\n", "zcount", "z", "(1", "4")
		c.do("zadd", "l", "0", "a", "0", "aa", "0", "b", "0", "7", "0", "c")
		for line, want := range map[string]string{
			"zrangebylex l - +":             "7 a aa b c",
			"zrangebylex l [a (b":           "a aa",
			"zrangebylex l (a [b limit 1 1": "b",
			"zrevrangebylex l + [b":         "c b",
			"zrange l + - bylex rev":        "c b aa a 7",
			"zrangebylex l + -":             "",
			"zrangebylex l (a (a":           "",
			"zrangebylex l - [":             "",
			"zrangebylex l [c +":            "c",
		} {
			c.want(flat(strings.Fields(want)...), strings.Fields(line)...)
		}
		c.want(":2\r\n", "zlexcount", "l", "[a", "(b")
		c.want(":2\r\n", "zremrangebylex", "l", "[a", "(b")
		c.want(":2\r\n", "zremrangebyrank", "l", "-2", "-1")
		c.want(":1\r\n", "zremrangebyscore", "l", "-inf", "inf")
		c.want(":0\r\n", "exists", "l")
		c.want(":2\r\n", "zrangestore", "d", "z", "0", "1", "rev")
		c.want(flat("d", "4", "5", "5"), "zrange", "d", "0", "-1", "withscores")
		c.want(":0\r\n", "zrangestore", "d", "none", "0", "1")
		c.want(":0\r\n", "exists", "d")
		c.want(":5\r\n", "zrangestore", "z", "z", "0", "-1")
		c.want("*5\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n$1\r\n5\r\n", "zrange", "z", "0", "-1")
		c.do("hello", "3")
		c.want("*2\r\n*2\r\n$1\r\na\r\n,1\r\n*2\r\n$1\r\nb\r\n,2\r\n", "zrange", "z", "0", "1", "withscores")
	})
}
