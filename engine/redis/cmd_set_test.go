// Tests of SET's options and of the commands that set an expiry with a value.

package redis

import (
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestSetOptions(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	now := r.now.Load()
	const syntax, expire, number = "-ERR syntax error\r\n", "-ERR invalid expire time in 'set' command\r\n", "-ERR value is not an integer or out of range\r\n"
	for _, step := range []struct{ line, want string }{
		{"set a 1 xx", "$-1\r\n"}, {"set a 1 nx", "+OK\r\n"}, {"set a 2 nx", "$-1\r\n"}, {"set a 2 xx", "+OK\r\n"},
		{"set a 3 get", "$1\r\n2\r\n"}, {"set a 4 nx get", "$1\r\n3\r\n"}, {"get a", "$1\r\n3\r\n"}, {"set n 1 get", "$-1\r\n"}, {"set m 1 xx get", "$-1\r\n"}, {"exists m", ":0\r\n"},
		{"set a 1 ex 10", "+OK\r\n"}, {"pttl a", ":10000\r\n"}, {"set a 2 keepttl", "+OK\r\n"}, {"pttl a", ":10000\r\n"}, {"set a 2", "+OK\r\n"}, {"pttl a", ":-1\r\n"},
		{"set a 1 px 1500", "+OK\r\n"}, {"pttl a", ":1500\r\n"}, {"ttl a", ":2\r\n"},
		{"set a 1 exat " + strconv.FormatInt(now/1000+5, 10), "+OK\r\n"}, {"ttl a", ":5\r\n"},
		{"set a 1 pxat " + strconv.FormatInt(now+7, 10), "+OK\r\n"}, {"pttl a", ":7\r\n"},
		{"set a 1 pxat 5", "+OK\r\n"}, {"get a", "$-1\r\n"},
		{"set a 1 ex 10 ex 20", "+OK\r\n"}, {"ttl a", ":20\r\n"},
		{"set a 1 nx xx", syntax}, {"set a 1 ex", syntax}, {"set a 1 ex 1 px 1", syntax}, {"set a 1 keepttl ex 1", syntax}, {"set a 1 ex 1 keepttl", syntax}, {"set a 1 foo", syntax},
		{"set a 1 ex 0", expire}, {"set a 1 ex -1", expire}, {"set a 1 ex 9223372036854775807", expire}, {"set a 1 px 9223372036854775807", expire}, {"set a 1 exat 0", expire},
		{"set a 1 ex x", number}, {"set a 1 ex 1.5", number},
		{"setex a 0 v", "-ERR invalid expire time in 'setex' command\r\n"}, {"psetex a -5 v", "-ERR invalid expire time in 'psetex' command\r\n"},
		{"setex a 3 v", "+OK\r\n"}, {"ttl a", ":3\r\n"}, {"psetex a 4 v", "+OK\r\n"}, {"pttl a", ":4\r\n"},
		{"getex a", "$1\r\nv\r\n"}, {"pttl a", ":4\r\n"}, {"getex a ex 9", "$1\r\nv\r\n"}, {"ttl a", ":9\r\n"}, {"getex a persist", "$1\r\nv\r\n"}, {"ttl a", ":-1\r\n"},
		{"getex a persist ex 1", syntax}, {"getex a ex 1 persist", syntax}, {"getex a keepttl", syntax}, {"getex a ex 0", "-ERR invalid expire time in 'getex' command\r\n"},
		{"getex no ex 0", "$-1\r\n"}, {"getex a pxat 1", "$1\r\nv\r\n"}, {"exists a", ":0\r\n"},
	} {
		c.want(step.want, strings.Fields(step.line)...)
	}
}

// TestSetExpires: a value is there until its moment and not a millisecond longer.
func TestSetExpires(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.want("+OK\r\n", "set", "a", "1", "px", "100")
	r.now.Add(99)
	c.want("$1\r\n1\r\n", "get", "a")
	r.now.Add(1)
	c.want("$-1\r\n", "get", "a")
	c.want(":0\r\n", "exists", "a")
	c.want(":-2\r\n", "ttl", "a")
	c.want("$-1\r\n", "set", "a", "2", "xx")
	c.want("+OK\r\n", "set", "a", "2", "nx")
}
