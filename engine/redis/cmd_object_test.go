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

// TestKeptOfAllTypes: what is said about a value of every type, small and large.
func TestKeptOfAllTypes(t *testing.T) {
	r := newRig(t, core.Options{})
	allowDebug(r.set)
	c := r.client()
	number := func(words ...string) int {
		n, err := strconv.Atoi(strings.Trim(c.do(words...), ":\r\n"))
		if err != nil {
			t.Fatalf("%q: %v", words, err)
		}
		return n
	}
	fill := func(kind, key string, n int) {
		for i := range n {
			s := strconv.Itoa(i)
			switch kind {
			case "string":
				c.do("append", key, "0123456789")
			case "list":
				c.do("rpush", key, "element"+s)
			case "set":
				c.do("sadd", key, "member"+s)
			case "zset":
				c.do("zadd", key, s, "member"+s)
			case "hash":
				c.do("hset", key, "field"+s, "value")
			case "stream":
				c.do("xadd", key, "1-"+strconv.Itoa(i+1), "field", s)
			}
		}
	}
	notPacked, notTable := "-ERR Not a listpack encoded object.\r\n", "-ERR The value stored at the specified key is not represented using an hash table\r\n"
	for kind, of := range map[string]struct{ small, large string }{"string": {"raw", "raw"}, "list": {"listpack", "quicklist"}, "set": {"listpack", "hashtable"},
		"zset": {"listpack", "skiplist"}, "hash": {"listpack", "hashtable"}, "stream": {"stream", "stream"}} {
		fill(kind, kind, 5)
		fill(kind, kind+":large", 3000)
		for key, encoding := range map[string]string{kind: of.small, kind + ":large": of.large} {
			c.want(bulk(encoding), "object", "encoding", key)
			c.want(":0\r\n", "object", "idletime", key)
			head, _, _ := strings.Cut(c.do("dump", key), "\r\n")
			length, _ := strconv.Atoi(head[1:])
			length -= 11 // a dump has the kind in front, and a version and a checksum behind
			kept := c.do("debug", "object", key)
			if _, after, _ := strings.Cut(kept, "serializedlength:"); !strings.Contains(kept, " encoding:"+encoding+" ") || !strings.HasPrefix(after, strconv.Itoa(length)+" ") {
				t.Errorf("%s of %d bytes: %q", key, length, kept)
			}
			if packed := c.do("debug", "listpack", key); (packed == notPacked) != (encoding != "listpack") {
				t.Errorf("%s: %q", key, packed)
			}
			if table := c.do("debug", "htstats-key", key); (table == notTable) != (encoding != "hashtable" && encoding != "skiplist") {
				t.Errorf("%s: %q", key, table)
			}
			if list := c.do("debug", "quicklist", key, "1"); strings.HasPrefix(list, "-ERR Not a quicklist") != (encoding != "quicklist") {
				t.Errorf("%s: %q", key, list)
			}
		}
		small, large := number("memory", "usage", kind), number("memory", "usage", kind+":large", "samples", "0")
		if small < 30 || small > 400 || large < 12_000 || large > 300_000 {
			t.Errorf("%s takes %d and %d bytes", kind, small, large)
		}
		c.want(":"+strconv.Itoa(large)+"\r\n", "memory", "usage", kind+":large", "samples", "9223372036854775807")
	}
	c.want("-ERR no such key\r\n", "debug", "quicklist", "none")
	if err := r.store.SetPolicy("allkeys-lfu"); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"string", "list", "set", "zset", "hash", "stream"} {
		number("object", "freq", kind+":large")
	}
}
