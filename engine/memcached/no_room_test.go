// Tests of no_room.go: a store that is full and may not evict.

package memcached

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// fullRig is -M with room for 8 MB.
func fullRig(t *testing.T) *rig {
	store, err := core.Open(core.Options{Databases: 1, Shards: 4, Policy: "noeviction", MaxMemory: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(store, config.Defaults(config.Memcached), hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close(); store.Close() })
	return &rig{t: t, e: e, store: store, w: &engine.Worker{Tx: store.NewTx()}}
}

const noMemory = "SERVER_ERROR out of memory storing object\r\n"

// TestNoEvict: a full store refuses, and a refused set leaves no old value behind.
func TestNoEvict(t *testing.T) {
	r := fullRig(t)
	c := r.client()
	c.send("set old 0 0 1\r\nx\r\nset other 0 0 1\r\nx\r\nset third 0 0 1\r\nx\r\n")
	big, stored := strings.Repeat("v", 100000), 0
	for range 200 {
		switch got := c.send("add big" + strings.Repeat("i", stored) + " 0 0 100000\r\n" + big + "\r\n"); got {
		case "STORED\r\n":
			stored++
		case noMemory:
		default:
			t.Fatalf("got %q", got)
		}
	}
	if stored < 40 || stored > 84 {
		t.Errorf("%d values of 100 KB fit in 8 MB", stored)
	}
	tail := " 0 0 100000\r\n" + big + "\r\n"
	if got := c.send("set old" + tail + "replace other" + tail + "get old other\r\n"); got != noMemory+noMemory+"VALUE other 0 1\r\nx\r\nEND\r\n" {
		t.Errorf("got %.200q", got)
	}
	if got := c.send("ms b3RoZXI= 100000 b\r\n" + big + "\r\nmg other\r\nmn\r\n"); got != noMemory+"EN\r\nMN\r\n" {
		t.Errorf("a key in base64: got %.200q", got)
	}
	got := r.client().ask(setFrame(0x11, "third", big, 0, 0), request{op: 0x00, key: "third"})
	if len(got) != 2 || got[0].st != statusNoMemory || got[0].val != "Out of memory allocating item" || got[1].st != statusNotFound {
		t.Errorf("setq: got %v", got)
	}
}

// TestNothingIsMadeWithoutMemory: commands that make an item or a longer number by the way are bound to the limit as well, and are
// counted for their class.
func TestNothingIsMadeWithoutMemory(t *testing.T) {
	r := fullRig(t)
	c := r.client()
	for i, got := 0, ""; !strings.HasSuffix(got, noMemory); i++ {
		if i == 10_000 {
			t.Fatal("8 MB hold a million items")
		}
		var in strings.Builder
		for j := range 100 {
			fmt.Fprintf(&in, "set f%06d 0 0 1\r\n9\r\n", 100*i+j)
		}
		got = c.send(in.String())
	}
	refused := func() (n int64) {
		for id := range classLimit {
			n += r.e.ofClass(id, classNoMemory)
		}
		return n
	}
	counted, items := refused(), r.store.Len(0)
	dialogue{
		{"incr f000010 1", "SERVER_ERROR out of memory\r\n"}, {"incr f000010 0", "9\r\n"}, {"decr f000010 1", "8\r\n"}, {"incr f000010 1", "9\r\n"},
		{"ma f000010", "SERVER_ERROR out of memory\r\n"}, {"ma f000010 q k D100", "SERVER_ERROR out of memory\r\n"},
		{"mg viv N0 v k", "EN kviv\r\n"}, {"mg viv N0 q", ""}, {"mg f000010 N0 v", "VA 1\r\n9\r\n"},
		{"ma viv N0", "SERVER_ERROR Out of memory allocating new item\r\n"}, {"ma viv N0 q k O1", "SERVER_ERROR Out of memory allocating new item\r\n"},
		{"append f000010 0 0 1\r\nx", noMemory}, {"ms viv 1\r\nx", noMemory},
	}.run(t, c)
	binary := r.client()
	for _, x := range []struct {
		op        byte
		key, text string
	}{
		{0x05, "f000010", "Out of memory incrementing value"}, {0x15, "f000010", "Out of memory incrementing value"},
		{0x05, "new", "Out of memory allocating new item"}, {0x16, "new", "Out of memory allocating new item"},
	} {
		if got := binary.one(request{op: x.op, key: x.key, ext: be64(1) + be64(5) + be32(0)}); got.st != statusNoMemory || got.val != x.text {
			t.Errorf("opcode %#x of %s: %+v", x.op, x.key, got)
		}
	}
	if got := binary.one(request{op: 0x05, key: "new", ext: be64(1) + be64(5) + be32(neverCreate)}); got.st != statusNotFound {
		t.Errorf("increment that may not create: %+v", got)
	}
	if n := r.store.Len(0) - items; n != 0 {
		t.Errorf("%d items were made", n)
	}
	if n := refused() - counted; n != 13 {
		t.Errorf("%d refusals are counted by class, want 13", n)
	}
	if figures := c.stats(""); figures["store_no_memory"] == "0" || figures["get_misses"] != "2" {
		t.Errorf("store_no_memory %s, get_misses %s", figures["store_no_memory"], figures["get_misses"])
	}
}
