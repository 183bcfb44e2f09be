// Tests and benchmarks of binary_retrieve.go.

package memcached

import (
	"strings"
	"testing"
)

func TestBinaryGet(t *testing.T) {
	c := newRig(t).client()
	key := "a key\x00\r\n"
	if got := c.ask(setFrame(0x11, key, "value", 0xdeadbeef, 0)); len(got) != 0 {
		t.Errorf("a quiet set answers %+v", got)
	}
	first := c.one(request{op: 0x00, key: key, opaque: 5})
	if want := (response{op: 0x00, opaque: 5, cas: first.cas, ext: be32(0xdeadbeef), val: "value"}); first != want || first.cas == 0 {
		t.Errorf("get: %+v", first)
	}
	for _, q := range []request{{op: 0x09, key: key}, {op: 0x0c, key: key}, {op: 0x0d, key: key}, {op: 0x1d, key: key, ext: be32(0)}, {op: 0x1e, key: key, ext: be32(9)}, {op: 0x23, key: key, ext: be32(8)}, {op: 0x24, key: key, ext: be32(0)}} {
		got := c.one(q)
		want := response{op: q.op, cas: first.cas, ext: be32(0xdeadbeef), val: "value"}
		if strings.Contains(newBinaryTable(binaryOps(), newTable(families)).ops[q.op].name, "k") {
			want.key = key
		}
		if got != want {
			t.Errorf("%#x: %+v", q.op, got)
		}
	}
	if got := c.one(request{op: 0x1c, key: key, ext: be32(100)}); got.st != statusOK || got.val != "" || got.ext != be32(0xdeadbeef) || got.cas != first.cas {
		t.Errorf("touch: %+v", got)
	}
	for op, want := range map[byte]string{0x00: "", 0x0c: "none", 0x1c: "", 0x1d: "", 0x23: "none"} {
		q := request{op: op, key: "none"}
		if op > 0x10 {
			q.ext = be32(0)
		}
		got := c.one(q)
		if got.st != statusNotFound || got.key != want || want == "" && got.val != "Not found" {
			t.Errorf("miss of %#x: %+v", op, got)
		}
	}
	if got := c.ask(request{op: 0x09, key: "none"}, request{op: 0x0d, key: "none"}, request{op: 0x1e, key: "none", ext: be32(0)}, request{op: 0x24, key: "none", ext: be32(0)}); len(got) != 0 {
		t.Errorf("quiet misses: %+v", got)
	}
	figures := c.r.client().stats("")
	for name, want := range map[string]string{"get_hits": "4", "get_misses": "4", "cmd_touch": "10", "touch_hits": "5", "touch_misses": "5"} {
		if figures[name] != want {
			t.Errorf("%s is %s, want %s", name, figures[name], want)
		}
	}
}

// TestBinaryExpiry: touch and gat move the moment at which an item is gone.
func TestBinaryExpiry(t *testing.T) {
	r := newRig(t)
	c := r.client()
	c.ask(setFrame(0x11, "a", "1", 0, 10), setFrame(0x11, "b", "1", 0, 10), setFrame(0x11, "c", "1", 0, 10), setFrame(0x11, "past", "1", 0, 86400*40))
	c.ask(request{op: 0x1c, key: "a", ext: be32(100)}, request{op: 0x1d, key: "b", ext: be32(0)})
	r.tick(50_000)
	for key, want := range map[string]status{"a": statusOK, "b": statusOK, "c": statusNotFound, "past": statusNotFound} {
		if got := c.one(request{key: key}); got.st != want {
			t.Errorf("%s: %+v", key, got)
		}
	}
	r.tick(1 << 40)
	if got := c.ask(request{key: "a"}, request{key: "b"}); got[0].st != statusNotFound || got[1].st != statusOK {
		t.Errorf("%+v", got)
	}
}

// TestTwoProtocolsOneStore: what one protocol stores the other reads, on connections that chose by their first byte.
func TestTwoProtocolsOneStore(t *testing.T) {
	r := newRig(t)
	text, bin := r.client(), r.client()
	text.send("set k 7 0 3\r\nabc\r\n")
	got := bin.one(request{op: 0x0c, key: "k"})
	if got.val != "abc" || got.ext != be32(7) {
		t.Errorf("%+v", got)
	}
	bin.ask(request{op: 0x0e, key: "k", val: "def", cas: got.cas})
	if got := text.send("get k\r\n"); got != "VALUE k 7 6\r\nabcdef\r\nEND\r\n" {
		t.Errorf("%q", got)
	}
	if got := bin.one(request{op: 0x0e, key: "k", val: "def", cas: got.cas}); got.st != statusExists {
		t.Errorf("%+v", got)
	}
}

func TestProtocolSetting(t *testing.T) {
	c := newRig(t, "CACHESRV_PROTOCOL=ascii").client()
	if got := c.send(request{op: 0x0a}.String() + "\nversion\r\n"); got != "ERROR\r\nERROR\r\nVERSION 1.6.18\r\n" { // the opcode is a newline
		t.Errorf("ascii: %q", got)
	}
	c = newRig(t, "CACHESRV_PROTOCOL=binary").client()
	if got := c.send("version\r\n"); got != "" || !c.s.closing {
		t.Errorf("binary: %q", got)
	}
}

func TestBinaryGetDoesNotAllocate(t *testing.T) {
	key := "key:000000001234"
	for _, q := range []request{{op: 0x00, key: key}, {op: 0x0d, key: key}, {op: 0x09, key: "none"}, {op: 0x00, key: "none"}, setFrame(0x11, key, "0123456789", 0, 0), {op: 0x1d, key: key, ext: be32(100)}} {
		run := feeder(t, benchSetup, strings.Repeat(q.String(), 16))
		run()
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%#x: %v allocations", q.op, n)
		}
	}
}

func BenchmarkBinaryGet16(b *testing.B) {
	run := feeder(b, benchSetup, strings.Repeat(request{op: 0x00, key: "key:000000001234"}.String(), 16))
	b.ReportAllocs()
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/16, "ns/get")
}
