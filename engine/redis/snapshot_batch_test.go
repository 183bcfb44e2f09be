// Small values of all kinds, in an order in which windows hold several of them at once.

package redis

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// TestSmallValuesLoadInWindows: neighbours in a window do not share bytes, whether their packs lie in the chunk or were compressed, and are kept as they were.
func TestSmallValuesLoadInWindows(t *testing.T) {
	for _, compress := range []string{"yes", "no"} {
		from, to := newRig(t, core.Options{}), newRig(t, core.Options{})
		allowDebug(from.set)
		allowDebug(to.set)
		c, d := from.client(), to.client()
		c.want("+OK\r\n", "config", "set", "rdbcompression", compress)
		const rounds = 50
		for i := range rounds {
			n, alike := fmt.Sprint(i), strings.Repeat(fmt.Sprint("alike", i), 9)
			c.do("hset", "hash"+n, "f", alike, "g", n)
			c.do("rpush", "list"+n, alike, n, "x")
			c.do("zadd", "zset"+n, n, alike, "2", "b")
			c.do("sadd", "ints"+n, n, "-5", "70000")
			c.do("sadd", "set"+n, n, alike)
			c.do("set", "string"+n, alike)
			c.do("hset", "timed"+n, "f", alike, "g", n)
			c.do("hpexpireat", "timed"+n, "1700000900000", "fields", "1", "f")
			c.do("pexpireat", "hash"+n, "1700000900000")
			c.do("rpush", "long"+n, strings.Repeat(alike, 300), n)
		}
		var file bytes.Buffer
		if err := from.e.writeSnapshot(context.Background(), &file, rdbAux{}, nil); err != nil {
			t.Fatal(err)
		}
		if err := to.e.loadSnapshot(bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil {
			t.Fatal(err)
		}
		d.want(c.do("debug", "digest"), "debug", "digest")
		for i := range rounds {
			for _, name := range []string{"hash", "list", "zset", "ints", "set", "string", "timed", "long"} {
				key := name + fmt.Sprint(i)
				d.want(c.do("object", "encoding", key), "object", "encoding", key)
				d.want(c.do("pexpiretime", key), "pexpiretime", key)
			}
			d.want(c.do("hpexpiretime", fmt.Sprint("timed", i), "fields", "2", "f", "g"), "hpexpiretime", fmt.Sprint("timed", i), "fields", "2", "f", "g")
		}
	}
}

// TestACollectionTwiceIsDamage, whether both are in one window or not.
func TestACollectionTwiceIsDamage(t *testing.T) {
	for _, between := range []int{0, 1, core.Window, 3 * core.Window} {
		var w rdb.FileWriter
		w.Header(10)
		put := func(name string) {
			w.Name = []byte(name)
			w.Kind(rdb.KindHashListpack)
			w.Name = nil
			b := pack.NewBuilder(make([]byte, 0, 64))
			b.Add(pack.Text([]byte("field")))
			b.Add(pack.Text([]byte(name)))
			w.Text(b.Done())
		}
		put("k")
		for i := range between {
			put(fmt.Sprint("other", i))
		}
		put("k")
		w.End()
		file := append(w.Out, make([]byte, 8)...)
		r := newRig(t, core.Options{})
		if err := r.e.loadSnapshot(bytes.NewReader(file), 0); err == nil || !strings.Contains(err.Error(), `key "k": a key that is there already`) {
			t.Errorf("%d between: %v", between, err)
		}
	}
}
