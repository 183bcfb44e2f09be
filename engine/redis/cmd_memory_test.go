// Tests of MEMORY and of the DEBUG subcommands about one value.

package redis

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// TestMemoryStats: the names are those of Redis, in their order, the figures those of the store.
func TestMemoryStats(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.do("set", "a", strings.Repeat("x", 100_000))
	c.do("select", "3")
	c.do("set", "b", "1")
	reply := c.do("memory", "stats")
	if !strings.HasPrefix(reply, "*58\r\n$14\r\npeak.allocated\r\n:") {
		t.Fatalf("%.80q", reply)
	}
	at := 0
	for _, name := range []string{"peak.allocated", "total.allocated", "startup.allocated", "replication.backlog", "clients.slaves", "clients.normal", "cluster.links", "aof.buffer", "lua.caches",
		"functions.caches", "db.0", "overhead.hashtable.main", "overhead.hashtable.expires", "overhead.hashtable.slot-to-keys", "db.3", "overhead.hashtable.main", "overhead.total", "keys.count",
		"keys.bytes-per-key", "dataset.bytes", "dataset.percentage", "peak.percentage", "allocator.allocated", "allocator.active", "allocator.resident", "allocator-fragmentation.ratio",
		"allocator-fragmentation.bytes", "allocator-rss.ratio", "allocator-rss.bytes", "rss-overhead.ratio", "rss-overhead.bytes", "fragmentation", "fragmentation.bytes"} {
		i := strings.Index(reply[at:], bulk(name))
		if i < 0 {
			t.Fatalf("%s is missing, or not in its place", name)
		}
		at += i + len(bulk(name))
	}
	if !strings.Contains(reply, bulk("keys.count")+":2\r\n") {
		t.Error("the number of keys is wrong")
	}
	c.do("hello", "3")
	if reply := c.do("memory", "stats"); !strings.HasPrefix(reply, "%29\r\n") || !strings.Contains(reply, bulk("allocator-rss.ratio")+",1\r\n") {
		t.Errorf("%.80q", reply)
	}
}

func TestMemoryOthers(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	if got := c.do("memory", "doctor"); !strings.Contains(got, "too little data") {
		t.Errorf("an empty store: %s", got)
	}
	for i := range 100 {
		c.do("set", string(rune('a'+i)), strings.Repeat("x", 100_000))
	}
	if got := c.do("memory", "doctor"); strings.Contains(got, "too little data") {
		t.Errorf("10 MB: %s", got)
	}
	c.want("+OK\r\n", "memory", "purge")
	c.want("$-1\r\n", "get", "nokey") // the store is entered again
	if got := c.do("memory", "malloc-stats"); !strings.Contains(got, "\nclass ") {
		t.Errorf("figures of the allocator: %s", got)
	}
}

func TestDebugKept(t *testing.T) {
	r := newRig(t, core.Options{})
	allowDebug(r.set)
	c := r.client()
	c.do("sadd", "ints", "1")
	c.do("sadd", "small", "a")
	c.do("sadd", "big", strings.Repeat("x", 65))
	for _, step := range []struct{ line, want string }{
		{"debug listpack small", "+Listpack structure written to the log\r\n"}, {"debug listpack ints", "-ERR Not a listpack encoded object.\r\n"}, {"debug listpack nokey", "-ERR no such key\r\n"},
		{"debug htstats-key small", "-ERR The value stored at the specified key is not represented using an hash table\r\n"}, {"debug htstats-key nokey", "-ERR no such key\r\n"},
		{"debug quicklist-packed-threshold 100b", "+OK\r\n"}, {"debug quicklist-packed-threshold 0", "+OK\r\n"}, {"debug quicklist-packed-threshold x", "-ERR argument must be a memory value bigger than 1 and smaller than 4gb\r\n"},
		{"debug quicklist-packed-threshold 5gb", "-ERR argument must be a memory value bigger than 1 and smaller than 4gb\r\n"},
	} {
		c.want(step.want, strings.Fields(step.line)...)
	}
	if got := c.do("debug", "htstats-key", "big"); !strings.Contains(got, "bytes of all blocks: ") {
		t.Error(got)
	}
}
