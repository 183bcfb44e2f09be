// However a big collection goes, nothing of it is freed under the lock of its shard: the work is counted, not timed.

package redis

import (
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// bigMembers is far beyond what is freed on the spot.
const bigMembers = 20_000

// bigCollections make a key named big of each type.
var bigCollections = map[string]string{
	"list": "RPUSH big element:#", "set": "SADD big member:#", "hash": "HSET big field:# v", "sorted set": "ZADD big # member:#", "stream": "XADD big * f value:#",
}

// makeBig fills it, many elements at a time where the command takes many.
func makeBig(c *fake, line string) {
	var in strings.Builder
	words := strings.Fields(line)
	head, tail := words[:2], words[2:]
	at := 1000
	if head[0] == "XADD" {
		at = 1
	}
	for i := 0; i < bigMembers; i += at {
		call := append([]string(nil), head...)
		for j := range at {
			for _, w := range tail {
				call = append(call, strings.ReplaceAll(w, "#", strconv.Itoa(i+j)))
			}
		}
		in.WriteString(request(call...))
	}
	for rest := in.String(); rest != ""; { // a full reply buffer ends a turn
		c.worker.Out = c.worker.Out[:0]
		rest = rest[c.Feed(c.worker, []byte(rest)):]
	}
}

func TestBigCollectionsGoLazily(t *testing.T) {
	ways := map[string]func(r *rig, c *fake){
		"DEL":            func(_ *rig, c *fake) { c.want(":1\r\n", "DEL", "big") },
		"UNLINK":         func(_ *rig, c *fake) { c.want(":1\r\n", "UNLINK", "big") },
		"SET":            func(_ *rig, c *fake) { c.want("+OK\r\n", "SET", "big", "v") },
		"RENAME":         func(_ *rig, c *fake) { c.do("SET", "x", "v"); c.want("+OK\r\n", "RENAME", "x", "big") },
		"COPY":           func(_ *rig, c *fake) { c.do("SET", "x", "v"); c.want(":1\r\n", "COPY", "x", "big", "REPLACE") },
		"a stored union": func(_ *rig, c *fake) { c.do("SADD", "x", "v"); c.want(":1\r\n", "SUNIONSTORE", "big", "x") },
		"a stored range": func(_ *rig, c *fake) {
			c.do("ZADD", "x", "1", "v")
			c.want(":1\r\n", "ZRANGESTORE", "big", "x", "0", "-1")
		},
		"EXPIRE":      func(_ *rig, c *fake) { c.want(":1\r\n", "EXPIRE", "big", "-1") },
		"expiry, met": func(r *rig, c *fake) { c.do("PEXPIRE", "big", "1"); r.now.Add(2); c.want(":0\r\n", "EXISTS", "big") },
		"FLUSHALL, lazyfree-lazy-user-flush": func(_ *rig, c *fake) {
			c.want("+OK\r\n", "CONFIG", "SET", "lazyfree-lazy-user-flush", "yes")
			c.want("+OK\r\n", "FLUSHALL")
		},
		"FLUSHALL ASYNC":  func(_ *rig, c *fake) { c.want("+OK\r\n", "FLUSHALL", "ASYNC") },
		"eviction":        evictBig,
		"expiry, evicted": func(r *rig, c *fake) { c.do("PEXPIRE", "big", "1"); r.now.Add(2); evictBig(r, c) },
	}
	for typ, line := range bigCollections {
		for way, goes := range ways {
			t.Run(typ+", "+way, func(t *testing.T) {
				var held []func()
				r := newRig(t, core.Options{Reserve: 1 << 30, Spawn: func(name string, f func()) {
					if name == "lazyfree" {
						held = append(held, f)
						return
					}
					go f()
				}})
				c := r.client()
				makeBig(c, line)
				it := r.store.Memory().Items
				if it < 150_000 {
					t.Fatalf("only %d bytes", it)
				}
				goes(r, c)
				m := r.store.Memory()
				if m.Dying < it-2000 || r.store.Len(0) > 2 {
					t.Errorf("of %d bytes %d are left to the background", it, m.Dying)
				}
				if m.Used > 100_000 {
					t.Errorf("%d bytes count as used", m.Used)
				}
				for _, f := range held {
					f()
				}
				if m = r.store.Memory(); m.Dying != 0 || m.Items > 2000 {
					t.Errorf("afterwards: %+v", m)
				}
			})
		}
	}
}

// evictBig has the only key evicted, by what a writer needs.
func evictBig(r *rig, c *fake) {
	if err := r.store.SetPolicy("allkeys-random"); err != nil {
		r.t.Fatal(err)
	}
	r.store.SetMaxMemory(120_000)
	c.want("+OK\r\n", "SET", "x", "v")
	r.store.SetMaxMemory(0)
	c.want(":0\r\n", "EXISTS", "big")
}
