// Tests of OBJECT and MEMORY.

package redis

import (
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestObject(t *testing.T) {
	r := newRig(t, core.Options{Policy: "allkeys-lru"})
	c := r.client()
	for value, want := range map[string]string{
		"1": "int", "-9223372036854775808": "int", "9223372036854775808": "embstr", "01": "embstr", "-0": "embstr", "": "embstr",
		strings.Repeat("x", 44): "embstr", strings.Repeat("x", 45): "raw",
	} {
		c.do("set", "a", value)
		c.want(bulk(want), "object", "encoding", "a")
	}
	for value, want := range map[string]string{"0": "2147483647", "9999": "2147483647", "10000": "1", "-1": "1", "x": "1"} {
		c.do("set", "a", value)
		c.want(":"+want+"\r\n", "object", "refcount", "a")
	}
	c.want("$-1\r\n", "object", "encoding", "no")
	c.want("-ERR unknown subcommand 'foo'. Try OBJECT HELP.\r\n", "object", "foo")
	c.want("-ERR wrong number of arguments for 'object|encoding' command\r\n", "object", "encoding")
	r.now.Add(30_000)
	c.want(":30\r\n", "object", "idletime", "a")
	c.do("get", "a")
	c.want(":0\r\n", "object", "idletime", "a")
	r.now.Add(30_000)
	c.want("+OK\r\n", "client", "no-touch", "on")
	c.do("get", "a")
	c.want(":30\r\n", "object", "idletime", "a")
	c.do("touch", "a")
	c.want(":0\r\n", "object", "idletime", "a")
	r.now.Add(30_000)
	c.want("+OK\r\n", "client", "no-touch", "off")
	c.do("get", "a")
	c.want(":0\r\n", "object", "idletime", "a")
	if reply := c.do("object", "freq", "a"); !strings.HasPrefix(reply, "-ERR An LFU maxmemory policy is not selected") {
		t.Error(reply)
	}
	if err := r.store.SetPolicy("allkeys-lfu"); err != nil {
		t.Fatal(err)
	}
	if reply := c.do("object", "idletime", "a"); !strings.HasPrefix(reply, "-ERR An LFU maxmemory policy is selected") {
		t.Error(reply)
	}
}

func TestMemoryUsage(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.want("$-1\r\n", "memory", "usage", "no")
	c.do("mset", "small", "v", "large", strings.Repeat("v", 100_000))
	size := func(words ...string) int {
		n, err := strconv.Atoi(strings.Trim(c.do(append([]string{"memory", "usage"}, words...)...), ":\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := size("small"); n < 6 || n > 64 {
		t.Errorf("a small key takes %d bytes", n)
	}
	if n := size("large", "samples", "0"); n < 100_000 || n > 120_000 {
		t.Errorf("a large key takes %d bytes", n)
	}
	c.want("-ERR syntax error\r\n", "memory", "usage", "small", "samples", "-1")
}
