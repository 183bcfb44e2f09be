// Tests of the dispatcher: checks that follow from flags, the journal, what a request costs.

package redis

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestDispatchChecks(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.want("-ERR unknown command 'nosuch', with args beginning with: 'a' 'b' \r\n", "nosuch", "a", "b")
	c.want("-ERR wrong number of arguments for 'get' command\r\n", "GET")
	c.want("-ERR wrong number of arguments for 'config|get' command\r\n", "config", "GET")
	c.want("-ERR unknown subcommand 'x'. Try CONFIG HELP.\r\n", "config", "x")
	c.want("-ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.\r\n", "debug", "sleep", "0")
	c.want("+PONG\r\n", "pInG")
}

func TestDispatchEmptyRequests(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	if got := c.feed("\r\n*0\r\n*-1\r\n*-10\r\n\n" + request("PING") + "*0\r\nPING\r\n*-1\r\n" + request("PING")); got != "+PONG\r\n+PONG\r\n+PONG\r\n" {
		t.Errorf("got %q", got)
	}
}

func TestDispatchOutOfMemory(t *testing.T) {
	r := newRig(t, core.Options{Policy: "noeviction"})
	c := r.client()
	c.want("+OK\r\n", "set", "k", strings.Repeat("x", 1000))
	r.store.SetMaxMemory(1)
	c.want("-OOM command not allowed when used memory > 'maxmemory'.\r\n", "set", "k2", "v")
	c.want("-OOM command not allowed when used memory > 'maxmemory'.\r\n", "setrange", "k", "100000", "v")
	c.want(":1000\r\n", "strlen", "k")
	c.want(":1\r\n", "del", "k")
}

func TestDispatchReplySwitch(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	in := request("client", "reply", "off") + request("set", "a", "1") + request("nosuch") + request("client", "reply", "on") +
		request("client", "reply", "skip") + request("get", "a") + request("get", "a")
	if got := c.feed(in); got != "+OK\r\n$1\r\n1\r\n" {
		t.Errorf("got %q", got)
	}
}

// diary is a journal that keeps what it is told.
type diary struct{ lines []string }

func (d *diary) Command(db int, args [][]byte) {
	d.lines = append(d.lines, fmt.Sprintf("%d %s", db, bytes.Join(args, []byte(" "))))
}

func (d *diary) Removed(db int, name []byte, why core.RemoveReason) {
	d.lines = append(d.lines, fmt.Sprintf("%d removed %s", db, name))
}

// TestDispatchJournal: every relative or computed change reaches the journal as an absolute one, no change as none.
func TestDispatchJournal(t *testing.T) {
	r := newRig(t, core.Options{})
	var d diary
	r.store.SetJournal(&d)
	c := r.client()
	now := r.now.Load()
	for _, step := range []struct{ line, want string }{
		{"set a 1", "0 set a 1"},
		{"set a 2 nx", ""},
		{"set a 2 ex 10", fmt.Sprintf("0 SET a 2 PXAT %d", now+10_000)},
		{"set a 3 keepttl", fmt.Sprintf("0 SET a 3 PXAT %d", now+10_000)},
		{"set a 3 get", "0 SET a 3"},
		{"setex a 5 v", fmt.Sprintf("0 SET a v PXAT %d", now+5_000)},
		{"psetex a 5 v", fmt.Sprintf("0 SET a v PXAT %d", now+5)},
		{"getex a", ""},
		{"getex a ex 7", fmt.Sprintf("0 PEXPIREAT a %d", now+7_000)},
		{"getex a persist", "0 PERSIST a"},
		{"expire a 3", fmt.Sprintf("0 PEXPIREAT a %d", now+3_000)},
		{"expire a 9 nx", ""},
		{"persist a", "0 persist a"},
		{"persist a", ""},
		{"pexpire a -1", "0 DEL a"},
		{"incrbyfloat f 1.5", "0 SET f 1.5 KEEPTTL"},
		{"incr n", "0 incr n"},
		{"getset n x", "0 SET n x"},
		{"getdel n", "0 DEL n"},
		{"getdel n", ""},
		{"append f 1", "0 append f 1"},
		{"setrange f 0 \x00", "0 setrange f 0 \x00"},
		{"mset a 1 b 2", "0 MSET a 1 b 2"},
		{"msetnx a 1 c 2", ""},
		{"msetnx c 1 d 2", "0 MSET c 1 d 2"},
		{"rename c e", "0 rename c e"},
		{"rename e e", ""},
		{"copy e g", "0 copy e g"},
		{"move e 3", "0 move e 3"},
		{"select 3", ""},
		{"unlink e nosuch", "3 unlink e nosuch"},
		{"del e", ""},
		{"swapdb 0 1", "3 swapdb 0 1"},
		{"swapdb 1 1", ""},
		{"flushdb", "3 flushdb"},
		{"flushall async", "3 flushall async"},
		{"get a", ""},
	} {
		d.lines = nil
		if reply := c.do(strings.Fields(step.line)...); strings.HasPrefix(reply, "-") {
			t.Errorf("%s: %s", step.line, reply)
		}
		if got := strings.Join(d.lines, "; "); got != step.want {
			t.Errorf("%s: journal got %q, want %q", step.line, got, step.want)
		}
	}
}

// TestDispatchAllocations: the hot commands allocate nothing.
func TestDispatchAllocations(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	var in []byte
	for range 16 {
		in = append(in, request("SET", "key:000000000001", strings.Repeat("v", 32))...)
		in = append(in, request("GET", "key:000000000001")...)
		in = append(in, request("INCR", "counter")...)
		in = append(in, request("MGET", "key:000000000001", "counter", "nosuch")...)
		in = append(in, request("EXPIRE", "key:000000000001", "100")...)
		in = append(in, request("DEL", "nosuch")...)
		in = append(in, request("PING")...)
	}
	run := func() {
		c.worker.Out = c.worker.Out[:0]
		if n := c.Feed(c.worker, in); n != len(in) {
			t.Fatalf("took %d of %d", n, len(in))
		}
	}
	run()
	if n := testing.AllocsPerRun(200, run); n > 0 {
		t.Errorf("%.2f allocations per batch of %d commands", n, 16*7)
	}
}

func benchmarkFeed(b *testing.B, words ...string) {
	feedAgain(b, newRig(b, core.Options{}).client(), words...)
}

func feedAgain(b *testing.B, c *fake, words ...string) {
	c.do("SET", "key:000000000001", strings.Repeat("v", 32))
	in := []byte(strings.Repeat(request(words...), 16))
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i += 16 {
		c.worker.Out = c.worker.Out[:0]
		c.Feed(c.worker, in)
	}
}

// One command of a pipeline of 16, without the network.
func BenchmarkFeedGET(b *testing.B) { benchmarkFeed(b, "GET", "key:000000000001") }
func BenchmarkFeedSET(b *testing.B) {
	benchmarkFeed(b, "SET", "key:000000000001", strings.Repeat("w", 32))
}
func BenchmarkFeedPING(b *testing.B) { benchmarkFeed(b, "PING") }

// TestRequestsBehindALargeOne: what is complete behind a request that came in pieces is answered, also when a long reply comes in between.
func TestRequestsBehindALargeOne(t *testing.T) {
	r := newRig(t, core.Options{})
	w := dial(t, r.listen())
	w.expect("+PONG\r\n", "PING")
	conn := w.serverSide(r)
	big := strings.Repeat("x", 15_000)
	set := request("SET", "k", big)
	for range 10 {
		io.WriteString(w, set[:1000])
		for conn.Stats().QueryLen < 1000 {
			runtime.Gosched()
		}
		io.WriteString(w, set[1000:]+strings.Repeat(request("GET", "k"), 10)+request("PING"))
		w.expect("+OK\r\n" + strings.Repeat(bulk(big), 10) + "+PONG\r\n")
	}
}
