// Tests of the expiry commands.

package redis

import (
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestExpire(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	now := r.now.Load()
	at := func(n int64) string { return strconv.FormatInt(n, 10) }
	const bad = "-ERR invalid expire time in 'expire' command\r\n"
	for _, step := range []struct{ line, want string }{
		{"expire a 10", ":0\r\n"}, {"ttl a", ":-2\r\n"}, {"set a 1", "+OK\r\n"}, {"ttl a", ":-1\r\n"}, {"pexpiretime a", ":-1\r\n"}, {"persist a", ":0\r\n"},
		{"expire a 10 xx", ":0\r\n"}, {"expire a 10 gt", ":0\r\n"}, {"expire a 10 lt", ":1\r\n"}, {"expire a 20 nx", ":0\r\n"}, {"expire a 20 lt", ":0\r\n"}, {"expire a 10 gt", ":0\r\n"}, {"expire a 20 gt", ":1\r\n"},
		{"expire a 30 xx gt", ":1\r\n"}, {"ttl a", ":30\r\n"}, {"persist a", ":1\r\n"}, {"expire a 5 nx", ":1\r\n"},
		{"set last v", "+OK\r\n"}, {"pexpireat last 9223372036854775807", ":1\r\n"}, {"expiretime last", ":9223372036854776\r\n"},
		{"pexpireat a " + at(now+1499), ":1\r\n"}, {"ttl a", ":1\r\n"}, {"pttl a", ":1499\r\n"}, {"pexpiretime a", ":" + at(now+1499) + "\r\n"}, {"expiretime a", ":" + at((now+1499+500)/1000) + "\r\n"},
		{"expireat a " + at(now/1000+100), ":1\r\n"}, {"ttl a", ":100\r\n"},
		{"expire a 1 nx xx", "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"}, {"expire a 1 gt lt", "-ERR GT and LT options at the same time are not compatible\r\n"},
		{"expire a 1 foo", "-ERR Unsupported option foo\r\n"}, {"expire a x", "-ERR value is not an integer or out of range\r\n"},
		{"expire a 9223372036854775807", bad}, {"expire a -9223372036854775808", bad}, {"expire a 9223372036854775", bad},
		{"pexpire a 9223372036854775807", "-ERR invalid expire time in 'pexpire' command\r\n"}, {"pexpireat a 9223372036854775807", ":1\r\n"},
		{"expire a 0", ":1\r\n"}, {"exists a", ":0\r\n"}, {"set a 1", "+OK\r\n"}, {"pexpireat a 0", ":1\r\n"}, {"exists a", ":0\r\n"}, {"set a 1", "+OK\r\n"}, {"pexpireat a -5", ":1\r\n"}, {"exists a", ":0\r\n"},
	} {
		c.want(step.want, strings.Fields(step.line)...)
	}
}
