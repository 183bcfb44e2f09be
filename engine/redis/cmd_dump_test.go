// Tests of DUMP and RESTORE.

package redis

import (
	"bytes"
	"math"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// dumped is the payload that DUMP replies.
func (f *fake) dumped(key string) string {
	f.rig.t.Helper()
	reply := f.do("dump", key)
	_, payload, ok := strings.Cut(reply, "\r\n")
	if !ok || reply[0] != '$' {
		f.rig.t.Fatalf("DUMP %s: %q", key, reply)
	}
	return strings.TrimSuffix(payload, "\r\n")
}

// framed is a payload of a value with its kind in front.
func framed(value string) string { return string(rdb.AppendFoot([]byte(value), 0)) }

func TestDumpAndRestoreStrings(t *testing.T) {
	r := newRig(t, core.Options{})
	allowDebug(r.set)
	c := r.client()
	c.want("$-1\r\n", "dump", "no")
	for _, v := range []string{"", "hello", "0", "-1", "300", "70000", "9223372036854775807", "007", "\x00\xff\r\n", strings.Repeat("x", 20), strings.Repeat("x", 21),
		strings.Repeat("long text ", 3000), strings.Repeat("y", 1<<20)} {
		for _, compress := range []string{"yes", "no"} {
			c.want("+OK\r\n", "config", "set", "rdbcompression", compress)
			c.do("set", "a", v)
			p := c.dumped("a")
			if limit := len(v)/50 + 40; compress == "yes" && len(v) > 1000 && len(p) > limit {
				t.Errorf("%d bytes are dumped in %d", len(v), len(p))
			}
			c.want("-BUSYKEY Target key name already exists.\r\n", "restore", "a", "0", p)
			c.want("+OK\r\n", "restore", "b", "0", p, "replace")
			c.want(bulk(v), "get", "b")
			if x, y := c.do("object", "encoding", "a"), c.do("object", "encoding", "b"); x != y {
				t.Errorf("%.20q: encoding %q, restored %q", v, x, y)
			}
			c.want(c.do("debug", "digest-value", "a"), "debug", "digest-value", "b")
		}
	}
	c.do("append", "b", "!")
	c.want(bulk("raw"), "object", "encoding", "b")
}

func TestRestoreExpiry(t *testing.T) {
	r := newRig(t, core.Options{Policy: "allkeys-lru"})
	c := r.client()
	c.do("set", "a", "v")
	p := c.dumped("a")
	c.want("+OK\r\n", "restore", "b", "5000", p)
	c.want(":5000\r\n", "pttl", "b")
	c.want("+OK\r\n", "restore", "b", "1700000009000", p, "replace", "absttl")
	c.want(":9000\r\n", "pttl", "b")
	c.want("+OK\r\n", "restore", "b", "0", p, "replace")
	c.want(":-1\r\n", "pttl", "b")
	c.want("+OK\r\n", "restore", "b", "1700000000000", p, "replace", "absttl")
	c.want(":0\r\n", "exists", "b")
	for _, at := range []string{"1", strconv.Itoa(math.MaxInt64), strconv.Itoa(math.MaxInt64 - 1_700_000_000_000 + 1)} {
		more := []string{}
		if at == "1" {
			more = []string{"absttl"}
		}
		c.want("+OK\r\n", append([]string{"restore", "b", at, p}, more...)...)
		c.want(":0\r\n", "exists", "b")
	}
	c.want("+OK\r\n", "restore", "c", strconv.Itoa(math.MaxInt64), p, "absttl")
	c.want("+OK\r\n", "restore", "d", "0", p, "idletime", "1000")
	c.want(":1000\r\n", "object", "idletime", "d")
	c.want("+OK\r\n", "restore", "d", "0", p, "freq", "7", "replace")
	c.want(":0\r\n", "object", "idletime", "d")
	if err := r.store.SetPolicy("allkeys-lfu"); err != nil {
		t.Fatal(err)
	}
	c.want("+OK\r\n", "restore", "d", "0", p, "freq", "200", "replace")
	c.want(":200\r\n", "object", "freq", "d")
	c.want("+OK\r\n", "restore", "d", "0", p, "idletime", "9", "replace")
}

// TestRestoreInTheJournal has what stands for a RESTORE: its expiry absolute, or that the key went.
func TestRestoreInTheJournal(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.do("set", "a", "v")
	p := c.dumped("a")
	var d diary
	r.store.SetJournal(&d)
	c.do("restore", "b", "0", p)
	c.do("restore", "b", "0", p) // refused
	c.do("restore", "b", "5000", p, "replace")
	c.do("restore", "b", "1700000009000", p, "replace", "absttl")
	c.do("restore", "b", "1", p, "replace", "absttl")
	c.do("restore", "b", "1", p, "replace", "absttl") // nothing to remove
	want := []string{"0 restore b 0 " + p, "0 restore b 1700000005000 " + p + " replace ABSTTL", "0 restore b 1700000009000 " + p + " replace absttl", "0 DEL b"}
	if got := strings.Join(d.lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("%q\nwant %q", d.lines, want)
	}
}

// TestR17RestoreErrors has the errors and their order: options, then the key, then the expiry, then the payload.
func TestR17RestoreErrors(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.do("set", "a", "v")
	p := c.dumped("a")
	for _, x := range []struct{ line, want string }{
		{"restore", "wrong number of arguments for 'restore' command"},
		{"restore k 0", "wrong number of arguments for 'restore' command"},
		{"restore k 0 P foo", "syntax error"},
		{"restore a x P foo", "syntax error"},
		{"restore k 0 P idletime", "syntax error"},
		{"restore k 0 P idletime x", "value is not an integer or out of range"},
		{"restore k 0 P idletime -1", "Invalid IDLETIME value, must be >= 0"},
		{"restore k 0 P freq -1", "Invalid FREQ value, must be >= 0 and <= 255"},
		{"restore k 0 P freq 256", "Invalid FREQ value, must be >= 0 and <= 255"},
		{"restore k 0 P freq 1.5", "value is not an integer or out of range"},
		{"restore k 0 P freq 1 idletime 1", "syntax error"},
		{"restore k 0 P idletime 1 freq 1", "syntax error"},
		{"restore k x junk", "value is not an integer or out of range"},
		{"restore k -1 junk", "Invalid TTL value, must be >= 0"},
		{"restore k 9223372036854775808 P", "value is not an integer or out of range"},
		{"restore k 0 junk", "DUMP payload version or checksum are wrong"},
		{"restore k -9223372036854775808 junk replace", "Invalid TTL value, must be >= 0"},
	} {
		words := strings.Fields(x.line)
		for i, w := range words {
			if w == "P" {
				words[i] = p
			}
		}
		c.want("-ERR "+x.want+"\r\n", words...)
	}
	c.want("-BUSYKEY Target key name already exists.\r\n", "restore", "a", "x", "junk")
	c.want("-ERR DUMP payload version or checksum are wrong\r\n", "restore", "a", "0", "", "replace")
	c.want("-ERR Bad data format\r\n", "restore", "a", "0", framed("\x00\x05hell"), "replace")
	c.want("-ERR Bad data format\r\n", "restore", "a", "0", framed("\x00\x05hello and more"), "replace")
	c.want(bulk("v"), "get", "a")
	c.want(":1\r\n", "dbsize")
}

// TestR20RestoreDamage damages payloads everywhere; whatever the reply, the key works afterwards.
func TestR20RestoreDamage(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	r := rand.New(rand.NewPCG(20, 1))
	c.do("set", "a", strings.Repeat("some text ", 12))
	good := []byte(c.dumped("a"))
	value := good[:len(good)-10]
	c.do("set", "k", "old")
	try := func(payload string) {
		t.Helper()
		if reply := c.do("restore", "k", "0", payload, "replace"); reply != "+OK\r\n" && reply != "-ERR Bad data format\r\n" &&
			reply != "-ERR DUMP payload version or checksum are wrong\r\n" {
			t.Errorf("%x: %q", payload, reply)
		}
		if reply := c.do("type", "k"); reply != "+string\r\n" {
			t.Errorf("%x: the key is %q", payload, reply)
		}
	}
	for i := range good {
		try(string(good[:i]))
	}
	for i := range value {
		try(framed(string(value[:i+1])))
		for range 20 {
			b := bytes.Clone(value)
			b[i] = byte(r.UintN(256))
			if b[0] == 0 { // collections would be taken, and have tests of their own
				try(framed(string(b)))
			}
		}
	}
}

// TestR20RestoreMemory announces much and sends little.
func TestR20RestoreMemory(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for _, value := range []string{"\x00\x80\xff\xff\xff\xff", "\x00\x81\x7f\xff\xff\xff\xff\xff\xff\xff", "\x00\xc3\x04\x81\x00\x00\x00\x10\x00\x00\x00\x00\x00a\x20\x00",
		"\x01\x81\xff\xff\xff\xff\xff\xff\xff\xff", "\x02\x80\xff\xff\xff\xff\x01a", "\x0d\x80\xff\xff\xff\xff\x01a"} {
		payload := framed(value)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c.want("-ERR Bad data format\r\n", "restore", "k", "0", payload)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > uint64(64*len(payload)+32<<10) {
			t.Errorf("%q: %d bytes allocated", value, n)
		}
	}
	c.want(":0\r\n", "dbsize")
}

func TestRestoreMakesRoom(t *testing.T) {
	c := newRig(t, core.Options{MaxMemory: 4 << 20}).client()
	var w rdb.Writer
	w.Compress = true
	w.Kind(rdb.KindString)
	w.Text(bytes.Repeat([]byte("x"), 8<<20))
	payload := framed(string(w.Out))
	if len(payload) > 200<<10 {
		t.Fatal("the payload is not small: the test proves nothing")
	}
	c.want("-OOM command not allowed when used memory > 'maxmemory'.\r\n", "restore", "k", "0", payload)
	c.want(":0\r\n", "dbsize")
}
