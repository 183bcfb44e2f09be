// Tests of the counters.

package redis

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestCounters(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	const number, over = "-ERR value is not an integer or out of range\r\n", "-ERR increment or decrement would overflow\r\n"
	for _, step := range []struct{ line, want string }{
		{"incr a", ":1\r\n"}, {"decr a", ":0\r\n"}, {"incrby a 41", ":41\r\n"}, {"decrby a -1", ":42\r\n"}, {"get a", "$2\r\n42\r\n"}, {"object encoding a", "$3\r\nint\r\n"},
		{"incrby a x", number}, {"incrby a 9223372036854775808", number}, {"decrby a -9223372036854775808", "-ERR decrement would overflow\r\n"},
		{"set a 9223372036854775807", "+OK\r\n"}, {"incr a", over}, {"incrby a 1", over}, {"decr a", ":9223372036854775806\r\n"},
		{"set a -9223372036854775808", "+OK\r\n"}, {"decr a", over}, {"incrby a -1", over},
		{"set a 010", "+OK\r\n"}, {"incr a", number}, {"set a 1.0", "+OK\r\n"}, {"incr a", number}, {"set a text", "+OK\r\n"}, {"incr a", number},
		{"set e 5 ex 100", "+OK\r\n"}, {"incr e", ":6\r\n"}, {"ttl e", ":100\r\n"}, {"incrbyfloat e 0.5", "$3\r\n6.5\r\n"}, {"ttl e", ":100\r\n"},
		{"incrbyfloat f 1", "$1\r\n1\r\n"}, {"object encoding f", "$6\r\nembstr\r\n"}, {"incrbyfloat f 0.1", "$3\r\n1.1\r\n"}, {"incrbyfloat f -1.1", "$1\r\n0\r\n"},
		{"incrbyfloat f x", "-ERR value is not a valid float\r\n"}, {"incrbyfloat f nan", "-ERR value is not a valid float\r\n"},
		{"incrbyfloat f inf", "-ERR increment would produce NaN or Infinity\r\n"}, {"incrbyfloat f 1e5000", "-ERR value is not a valid float\r\n"},
		{"set f abc", "+OK\r\n"}, {"incrbyfloat f 1", "-ERR value is not a valid float\r\n"}, {"get f", "$3\r\nabc\r\n"},
		{"set f 3.0e3", "+OK\r\n"}, {"incrbyfloat f 200", "$4\r\n3200\r\n"},
	} {
		c.want(step.want, strings.Fields(step.line)...)
	}
}
