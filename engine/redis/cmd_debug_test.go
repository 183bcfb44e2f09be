// Tests of DEBUG.

package redis

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
)

// allowDebug does what a start with enable-debug-command does.
func allowDebug(s *config.Settings) { s.Note("enable-debug-command", "yes") }

func TestDebug(t *testing.T) {
	r := newRig(t, core.Options{})
	allowDebug(r.set)
	c := r.client()
	for line, want := range map[string]string{
		"debug sleep 0": "+OK\r\n", "debug sleep x": "+OK\r\n", "debug foo": "-ERR unknown subcommand or wrong number of arguments for 'foo'. Try DEBUG HELP.\r\n",
		"debug sleep": "-ERR unknown subcommand or wrong number of arguments for 'sleep'. Try DEBUG HELP.\r\n", "debug object no": "-ERR no such key\r\n",
		"debug error boom": "-boom\r\n", "debug protocol true": ":1\r\n", "debug protocol null": "$-1\r\n", "debug set-active-expire 1": "+OK\r\n",
		"debug stringmatch-len 1000 a*a*a*a*a*b": ":0\r\n", "debug stringmatch-len 3 a*a": ":1\r\n", "debug populate x": "-ERR value is out of range, must be positive\r\n",
	} {
		c.want(want, strings.Fields(line)...)
	}
	c.want("+OK\r\n", "debug", "populate", "100", "p", "20")
	c.want(":100\r\n", "dbsize")
	c.want(bulk("value:7"+strings.Repeat("\x00", 13)), "get", "p:7")
	if reply := c.do("debug", "object", "p:7"); !strings.Contains(reply, " encoding:embstr serializedlength:21 ") {
		t.Errorf("%q", reply)
	}
	if reply := c.do("debug", "jmap"); !strings.Contains(reply, "items ") {
		t.Errorf("%q", reply)
	}
	for _, kind := range []string{"string", "integer", "double", "bignum", "null", "array", "set", "map", "attrib", "push", "verbatim", "true", "false"} {
		c.do("hello", "3")
		three := c.do("debug", "protocol", kind)
		c.do("hello", "2")
		if two := c.do("debug", "protocol", kind); kind != "string" && kind != "integer" && kind != "array" && two == three {
			t.Errorf("%s is the same in both versions: %q", kind, two)
		}
	}
}
