// Tests of binary_server.go.

package memcached

import (
	"strings"
	"testing"
)

func TestBinaryServerCommands(t *testing.T) {
	c := newRig(t).client()
	c.play(t, []step{
		{q: request{op: 0x0a}},
		{q: request{op: 0x1b, ext: be32(1)}},
		{q: setFrame(0x11, "k", "v", 0, 0), silent: true},
		{q: request{op: 0x18}, silent: true},
		{q: request{key: "k"}, st: statusNotFound},
		{q: setFrame(0x11, "k", "v", 0, 0), silent: true},
		{q: request{op: 0x08, ext: be32(0)}},
		{q: request{key: "k"}, st: statusNotFound},
	})
	if got := c.one(request{op: 0x0b}); got.val != Version {
		t.Errorf("%+v", got)
	}
	if level := c.r.client().stats("settings")["verbosity"]; level != "1" {
		t.Errorf("verbosity %s", level)
	}
	if n := c.r.client().stats("")["cmd_flush"]; n != "2" {
		t.Errorf("cmd_flush %s", n)
	}
}

// TestBinaryFlushLater: a delay makes a pending flush, which an immediate one replaces.
func TestBinaryFlushLater(t *testing.T) {
	r := newRig(t)
	c := r.client()
	pending := func() bool {
		r.e.flusher.mu.Lock()
		defer r.e.flusher.mu.Unlock()
		return r.e.flusher.timer != nil
	}
	c.play(t, []step{{q: setFrame(0x11, "k", "v", 0, 0), silent: true}, {q: request{op: 0x08, ext: be32(1000)}}, {q: request{key: "k"}}})
	if !pending() {
		t.Error("no flush is pending")
	}
	c.play(t, []step{{q: request{op: 0x18}, silent: true}, {q: request{key: "k"}, st: statusNotFound}})
	if pending() {
		t.Error("a flush is still pending")
	}
	c = newRig(t, "CACHESRV_DISABLE_FLUSH_ALL=yes").client()
	c.play(t, []step{{q: request{op: 0x08}, st: statusAuthError}, {q: request{op: 0x18}, st: statusAuthError}})
}

func TestBinaryQuit(t *testing.T) {
	c := newRig(t).client()
	if got := c.ask(request{op: 0x07, opaque: 3}, request{op: 0x0a}); len(got) != 1 || got[0].op != 0x07 || got[0].opaque != 3 || !c.s.closing {
		t.Errorf("quit: %+v", got)
	}
	c = newRig(t).client()
	if got := c.ask(request{op: 0x17}, request{op: 0x0a}); len(got) != 0 || !c.s.closing {
		t.Errorf("quitq: %+v", got)
	}
}

// figures sends stat and gives what came, which must end with an empty response.
func (c *client) figures(key string) map[string]string {
	c.r.t.Helper()
	list := c.ask(request{op: 0x10, key: key, opaque: 77})
	if len(list) == 0 {
		c.r.t.Fatalf("stat %s: nothing", key)
	}
	last, m := list[len(list)-1], map[string]string{}
	if last.key != "" || last.val != "" || last.st != statusOK {
		c.r.t.Errorf("stat %s ends with %+v", key, last)
	}
	for _, r := range list[:len(list)-1] {
		if r.key == "" || r.opaque != 77 || r.st != statusOK {
			c.r.t.Errorf("stat %s: %+v", key, r)
		}
		m[r.key] = r.val
	}
	return m
}

func TestBinaryStat(t *testing.T) {
	c := newRig(t).client()
	c.ask(setFrame(0x11, "p:k", "v", 0, 0))
	general := c.figures("")
	if general["version"] != Version || general["cmd_set"] != "1" || general["curr_items"] != "1" {
		t.Errorf("%v", general)
	}
	text := c.r.client().stats("settings")
	for name, value := range c.figures("settings") {
		if text[name] != value {
			t.Errorf("%s: %s, as text %s", name, value, text[name])
		}
	}
	if text["binding_protocol"] != "auto-negotiate" || text["auth_enabled_sasl"] != "no" || text["auth_enabled_ascii"] != "no" {
		t.Errorf("%v", text)
	}
	for _, key := range []string{"items", "slabs", "sizes", "sizes_enable", "sizes", "sizes_disable", "conns"} {
		c.figures(key)
	}
	if m := c.figures("detail on"); len(m) != 0 {
		t.Errorf("%v", m)
	}
	c.ask(request{key: "p:k"})
	if m := c.figures("detail dump"); m["detailed"] != "PREFIX p get 1 hit 1 set 0 del 0\r\nEND\r\n" {
		t.Errorf("%q", m)
	}
	c.figures("detail off")
	c.figures("reset")
	if n := c.figures("")["cmd_set"]; n != "0" {
		t.Errorf("after the reset %s", n)
	}
	for _, key := range []string{"nothing", "detail", "detail maybe", "cachedump 1 1", "extstore", strings.Repeat("x", 250)} {
		if got := c.one(request{op: 0x10, key: key}); got.st != statusNotFound {
			t.Errorf("stat %s: %+v", key, got)
		}
	}
}
