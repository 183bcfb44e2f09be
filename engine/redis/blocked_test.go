package redis

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

// blockRig is a server with connections by name.
type blockRig struct {
	*rig
	t       *testing.T
	address string
	wires   map[string]*wire
}

func newBlockRig(t *testing.T, o core.Options) *blockRig {
	r := newRig(t, o)
	return &blockRig{r, t, r.listen(), map[string]*wire{}}
}

func (r *blockRig) wire(name string) *wire {
	w := r.wires[name]
	if w == nil {
		w = dial(r.t, r.address)
		r.wires[name] = w
	}
	return w
}

// block sends a command and waits until its client is blocked. It returns the client.
func (r *blockRig) block(name, line string) *client {
	r.t.Helper()
	w := r.wire(name)
	id := w.number("client", "id")
	io.WriteString(w, request(strings.Fields(line)...))
	c := r.e.server.Load().Conn(uint64(id)).Session().(*client)
	r.until(line+" blocks", c.waiting)
	return c
}

// number is an integer reply.
func (w *wire) number(words ...string) int {
	w.t.Helper()
	io.WriteString(w, request(words...))
	line, err := w.r.ReadString('\n')
	if err != nil || line[0] != ':' {
		w.t.Fatalf("%q: %q %v", words, line, err)
	}
	n, _ := strconv.Atoi(line[1 : len(line)-2])
	return n
}

// do sends a line of words and compares the reply.
func (r *blockRig) do(name, line, reply string) {
	r.t.Helper()
	r.wire(name).expect(reply, strings.Fields(line)...)
}

// got compares what comes to a client that waited.
func (r *blockRig) got(name, reply string) {
	r.t.Helper()
	r.wire(name).expect(reply)
}

func (r *blockRig) until(what string, ok func() bool) {
	r.t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(200 * time.Microsecond) {
		if time.Now().After(end) {
			r.t.Fatalf("in vain: %s", what)
		}
	}
}

// list is the reply with strings.
func list(words ...string) string {
	out := fmt.Sprintf("*%d\r\n", len(words))
	for _, w := range words {
		out += bulk(w)
	}
	return out
}

// quiet checks that nobody waits any more, and nothing is left of it.
func (r *blockRig) quiet() {
	r.t.Helper()
	r.until("nobody waits", func() bool {
		keys, gone := r.store.Waiting()
		return r.e.blocked.Load() == 0 && keys == 0 && gone == 0
	})
}

func TestBlockedOrder(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	r.block("a", "blpop x y 0")
	r.block("b", "blpop y 0")
	r.block("c", "brpop y x 0")
	r.do("p", "rpush y 1 2", ":2\r\n")
	r.got("a", list("y", "1"))
	r.got("b", list("y", "2"))
	r.do("p", "rpush x 3 4", ":2\r\n")
	r.got("c", list("x", "4"))
	r.do("p", "lrange x 0 -1", list("3"))
	r.quiet()
	r.do("a", "ping", "+PONG\r\n")
}

// What makes a key ready, however it comes about.
func TestBlockedByEveryWay(t *testing.T) {
	for _, way := range []string{"lpush k v", "rpush k v", "lpush s v; rename s k", "lpush s v; copy s k", "lpush s v; sort s alpha store k", "lpush s v; lmove s k left left",
		"lpush s v; rpoplpush s k", "select 1; lpush k v; move k 0; select 0", "select 1; lpush k v; copy k k db 0; select 0", "select 1; lpush k v; select 0; swapdb 0 1",
		"multi; lpush k v; exec", "multi; lpush k v; dbsize; exec", "multi; set k 1; del k; lpush k x; lpop k; lpush k v; exec",
		"set k 1; lpush s v; rename s k", "set k 1; lpush s v; copy s k replace"} {
		t.Run(way, func(t *testing.T) {
			r := newBlockRig(t, core.Options{Databases: 2})
			r.block("a", "blpop k 0")
			for _, line := range strings.Split(way, "; ") {
				io.WriteString(r.wire("p"), request(strings.Fields(line)...))
			}
			r.got("a", list("k", "v"))
			r.quiet()
		})
	}
	r := newBlockRig(t, core.Options{})
	for _, way := range []string{"zadd k 1 v", "zadd s 1 v; zunionstore k 1 s", "zadd s 1 v; zrangestore k s 0 -1", "geoadd s 0 0 v; zadd t 1 v; zinterstore k 2 s t weights 0 1"} {
		r.block("a", "bzpopmin k 0")
		for _, line := range strings.Split(way, "; ") {
			io.WriteString(r.wire("p"), request(strings.Fields(line)...))
		}
		r.got("a", "*3\r\n"+bulk("k")+bulk("v")+bulk("1"))
	}
	r.quiet()
}

func TestBlockedByTheWrongType(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	a := r.block("a", "blpop k 0")
	r.do("p", "set k 1", "+OK\r\n")
	r.do("p", "del k", ":1\r\n")
	r.do("p", "zadd k 1 v", ":1\r\n")
	r.do("p", "del k", ":1\r\n")
	r.do("p", "xadd k 1-1 f v", bulk("1-1"))
	r.do("p", "multi", "+OK\r\n")
	for _, line := range []string{"del k", "lpush k v", "del k"} {
		r.do("p", line, "+QUEUED\r\n")
	}
	r.do("p", "exec", "*3\r\n:1\r\n:1\r\n:1\r\n")
	if !a.waiting() {
		t.Error("something that is no list ended the wait")
	}
	r.block("b", "blmove k l left left 0")
	r.do("p", "set l 1", "+OK\r\n")
	r.do("p", "rpush k 1 2", ":2\r\n")
	r.got("a", list("k", "1"))
	r.got("b", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n")
	r.do("p", "lrange k 0 -1", list("2"))
	r.quiet()
}

func TestBlockedChains(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	r.block("a", "blmove x y left left 0")
	r.block("b", "brpoplpush y z 0")
	r.block("c", "blpop z 0")
	r.do("p", "lpush x v", ":1\r\n")
	r.got("a", bulk("v"))
	r.got("b", bulk("v"))
	r.got("c", list("z", "v"))
	r.block("a", "blmove x y left left 0")
	r.block("b", "blmove y x left left 0")
	r.do("p", "lpush x v", ":1\r\n")
	r.got("a", bulk("v"))
	r.got("b", bulk("v"))
	r.do("p", "lrange x 0 -1", list("v"))
	r.do("p", "exists y z", ":0\r\n")
	r.quiet()
}

func TestBlockedTimes(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	r.do("v3", "hello 3", helloReply(r))
	for _, test := range []struct {
		line, reply, reply3 string
		least               time.Duration
	}{
		{"blpop k 0.001", "*-1\r\n", "_\r\n", time.Millisecond},
		{"blpop k 0.0000001", "*-1\r\n", "_\r\n", time.Millisecond},
		{"brpop k j 0.03", "*-1\r\n", "_\r\n", 30 * time.Millisecond},
		{"blmove k j left left 0.005", "*-1\r\n", "_\r\n", 5 * time.Millisecond},
		{"brpoplpush k j 0.005", "*-1\r\n", "_\r\n", 5 * time.Millisecond},
		{"blmpop 0.005 2 k j left", "*-1\r\n", "_\r\n", 5 * time.Millisecond},
		{"bzpopmax k 5e-3", "*-1\r\n", "_\r\n", 5 * time.Millisecond},
		{"bzmpop 0.005 1 k max", "*-1\r\n", "_\r\n", 5 * time.Millisecond},
		{"xread block 5 streams k $", "*-1\r\n", "_\r\n", 5 * time.Millisecond},
		{"wait 1 5", ":0\r\n", ":0\r\n", 5 * time.Millisecond},
		{"waitaof 0 1 5", "*2\r\n:0\r\n:0\r\n", "*2\r\n:0\r\n:0\r\n", 5 * time.Millisecond},
		{"wait 0 5", ":0\r\n", ":0\r\n", 0},
		{"waitaof 0 0 5", "*2\r\n:0\r\n:0\r\n", "*2\r\n:0\r\n:0\r\n", 0},
	} {
		began := time.Now()
		r.do("a", test.line, test.reply)
		if took := time.Since(began); took < test.least {
			t.Errorf("%s took %v", test.line, took)
		}
		r.do("v3", test.line, test.reply3)
	}
	for line, reply := range map[string]string{
		"blpop k x": "timeout is not a float or out of range", "blpop k nan": "timeout is not a float or out of range", "blpop k -1": "timeout is negative",
		"blpop k -0.0011": "timeout is negative", "blpop k 1e400": "timeout is out of range", "blpop k inf": "timeout is out of range", "blpop k -inf": "timeout is negative",
		"blpop k 9223372036854775": "timeout is out of range", "wait 1 -1": "timeout is negative", "wait x 1": "value is not an integer or out of range",
		"waitaof 2 0 0": "value is out of range, must be between 0 and 1", "waitaof 0 -1 0": "value is out of range, must be positive",
		"waitaof 1 0 0": "WAITAOF cannot be used when numlocal is set but appendonly is disabled.", "xread block -1 streams k $": "timeout is negative",
		"blmpop 0 0 k left": "numkeys should be greater than 0", "blmpop 0 2 k left": "syntax error", "bzmpop x 1 k min": "timeout is not a float or out of range",
		"blmove a b left up 0": "syntax error",
	} {
		r.do("a", line, "-ERR "+reply+"\r\n")
	}
	r.quiet()
}

func helloReply(r *blockRig) string {
	id := r.wire("v3").number("client", "id")
	return fmt.Sprintf("%%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n%s\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:%d\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n", Version, id)
}

// In a transaction nobody waits.
func TestBlockingInMulti(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.do("multi")
	for _, line := range []string{"blpop k 0", "brpop k 0", "blmove k l left left 0", "brpoplpush k l 0", "bzpopmin k 0", "blmpop 0 1 k left", "bzmpop 0 1 k min", "xread block 0 streams k $", "wait 1 0",
		"rpush k a b", "blpop k 0", "blmove k l left left 0"} {
		c.want("+QUEUED\r\n", strings.Fields(line)...)
	}
	c.want("*12\r\n*-1\r\n*-1\r\n$-1\r\n$-1\r\n*-1\r\n*-1\r\n*-1\r\n*-1\r\n:0\r\n:2\r\n"+list("k", "a")+bulk("b"), "exec")
}

func TestBlockedReaders(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	entry := func(key, id string) string {
		return "*1\r\n*2\r\n" + bulk(key) + "*1\r\n*2\r\n" + bulk(id) + list("f", "v")
	}
	r.do("p", "xadd s 1-1 f v", bulk("1-1"))
	r.block("a", "xread block 0 streams s t $ 5-0")
	b := r.block("b", "xread block 0 count 1 streams s 7-0")
	r.do("p", "xadd t 5-0 f v", bulk("5-0"))
	r.do("p", "xadd s 1-2 f v", bulk("1-2"))
	r.got("a", entry("s", "1-2"))
	if !b.waiting() {
		t.Error("an entry before the id ended the wait")
	}
	r.do("p", "xadd s 8-0 f v", bulk("8-0"))
	r.got("b", entry("s", "8-0"))

	r.do("p", "xgroup create s g $", "+OK\r\n")
	r.block("a", "xreadgroup group g alice block 0 streams s >")
	r.block("b", "xreadgroup block 0 group g bob streams s >")
	r.do("p", "xadd s 9-0 f v", bulk("9-0"))
	r.got("a", entry("s", "9-0"))
	r.do("p", "xadd s 9-1 f v", bulk("9-1"))
	r.got("b", entry("s", "9-1"))
	r.do("p", "xpending s g", "*4\r\n:2\r\n"+bulk("9-0")+bulk("9-1")+"*2\r\n"+list("alice", "1")+list("bob", "1"))
	r.quiet()
}

// A group's reader learns that its group is no more, by whatever way it went.
func TestBlockedGroupGoes(t *testing.T) {
	const none = "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option\r\n"
	const wrong = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
	for way, reply := range map[string]string{"del s": none, "xgroup destroy s g": none, "set s 1": wrong, "flushall": none, "flushdb": none, "rename s t": none, "swapdb 0 1": none,
		"multi; del s; sadd s m; exec": wrong, "select 1; set s 1; swapdb 0 1": wrong, "xgroup create t h $ mkstream; rename t s": none, "pexpireat s 1": none} {
		t.Run(way, func(t *testing.T) {
			r := newBlockRig(t, core.Options{Databases: 2})
			r.do("p", "xgroup create s g $ mkstream", "+OK\r\n")
			r.block("a", "xreadgroup group g alice block 0 streams s >")
			reader := r.block("b", "xread block 0 streams s $")
			r.until("both are in line", func() bool { keys, gone := r.store.Waiting(); return keys == 1 && gone == 1 })
			for _, line := range strings.Split(way, "; ") {
				io.WriteString(r.wire("p"), request(strings.Fields(line)...))
			}
			r.got("a", reply)
			if !reader.waiting() {
				t.Error("ended XREAD")
			}
		})
	}
}

// The store removes a key by itself, and the reader of its group learns of it.
func TestBlockedGroupExpires(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	r.do("p", "xgroup create s g $ mkstream", "+OK\r\n")
	r.do("p", "pexpire s 1000", ":1\r\n")
	r.block("a", "xreadgroup group g alice block 0 streams s >")
	r.now.Add(5000)
	r.do("p", "exists s", ":0\r\n")
	r.got("a", "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option\r\n")
	r.quiet()
}

// Catalogue, section 3: FLUSH and SWAPDB while a client is blocked on the key.
func TestFlushAndSwapWhileBlocked(t *testing.T) {
	r := newBlockRig(t, core.Options{Databases: 3})
	a := r.block("a", "blpop k 0")
	for _, line := range []string{"flushall", "flushdb", "flushall async", "swapdb 0 1", "swapdb 1 2"} {
		r.do("p", line, "+OK\r\n")
	}
	if !a.waiting() {
		t.Fatal("the wait has ended")
	}
	r.do("p", "select 2", "+OK\r\n")
	r.do("p", "rpush k v w", ":2\r\n")
	r.do("p", "select 0", "+OK\r\n")
	r.do("p", "swapdb 2 1", "+OK\r\n")
	r.do("p", "swapdb 1 0", "+OK\r\n")
	r.got("a", list("k", "v"))
	r.do("p", "lrange k 0 -1", list("w"))
	r.quiet()
}

// What is done for a blocked client stands in the journal after what caused it, as what it comes to.
func TestBlockedJournal(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	var d diary
	r.store.SetJournal(&d)
	r.block("a", "blmove x y left right 0")
	r.block("b", "brpop y 0")
	r.do("p", "rpush x 1 2", ":2\r\n")
	r.got("a", bulk("1"))
	r.got("b", list("y", "1"))
	r.do("p", "blpop x 0", list("x", "2"))
	r.block("a", "brpoplpush x y 0")
	r.block("b", "bzpopmax z 0")
	r.block("c", "blmpop 0 1 l left count 5")
	r.block("d", "bzmpop 0 1 z min count 5")
	r.do("p", "multi", "+OK\r\n")
	for _, line := range []string{"rpush x 1", "zadd z 1 a 2 b", "rpush l 1 2 3"} {
		r.do("p", line, "+QUEUED\r\n")
	}
	r.do("p", "exec", "*3\r\n:1\r\n:2\r\n:3\r\n")
	for name, reply := range map[string]string{"a": bulk("1"), "b": list("z", "b", "2"), "c": "*2\r\n" + bulk("l") + list("1", "2", "3"), "d": "*2\r\n" + bulk("z") + "*1\r\n" + list("a", "1")} {
		r.got(name, reply)
	}
	want := "0 rpush x 1 2|0 LMOVE x y left right|0 RPOP y|0 LPOP x|" +
		"0 MULTI|0 rpush x 1|0 zadd z 1 a 2 b|0 rpush l 1 2 3|0 EXEC|0 RPOPLPUSH x y|0 ZPOPMAX z|0 ZPOPMIN z 1|0 LPOP l 3"
	tx := r.store.NewTx() // the journal is written under the locks
	tx.Enter()
	tx.LockAll()
	if got := strings.Join(d.lines, "|"); got != want {
		t.Errorf("journal: %s\nwant     %s", got, want)
	}
	tx.Unlock()
	tx.Leave()
}

func TestBlockedMute(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	io.WriteString(r.wire("a"), request("client", "reply", "skip")+request("blpop", "k", "0")+request("echo", "behind"))
	r.until("it blocks", func() bool { return r.e.blocked.Load() == 1 })
	r.do("p", "lpush k v", ":1\r\n")
	r.got("a", bulk("behind"))
	r.do("p", "exists k", ":0\r\n")
}

// What comes behind a blocking request waits, and is answered in order.
func TestBlockedPipeline(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	var in strings.Builder
	for i := range 50 {
		in.WriteString(request("blpop", "k", "0") + request("echo", strconv.Itoa(i)))
	}
	io.WriteString(r.wire("a"), in.String())
	for i := range 50 {
		r.do("p", "rpush k "+strconv.Itoa(i), ":1\r\n")
		r.got("a", list("k", strconv.Itoa(i))+bulk(strconv.Itoa(i)))
	}
	r.quiet()
}

func TestBlockedInfo(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	r.do("p", "xgroup create s g $ mkstream", "+OK\r\n")
	a := r.block("a", "blpop k l 0")
	r.block("b", "xreadgroup group g alice block 0 streams s >")
	r.block("c", "wait 1 0")
	info := r.wire("p").text("info", "clients")
	for _, want := range []string{"blocked_clients:3\r\n", "total_blocking_keys:3\r\n", "total_blocking_keys_on_nokey:1\r\n"} {
		if !strings.Contains(info, want) {
			t.Errorf("INFO says %q, not %s", info, want)
		}
	}
	line := r.wire("p").text("client", "list", "id", strconv.Itoa(int(a.conn.ID)))
	if !strings.Contains(line, " flags=b ") || !strings.Contains(line, " cmd=blpop ") {
		t.Errorf("CLIENT LIST says %q", line)
	}
	if held := a.public.held.Load(); held < 300 || held > 1000 {
		t.Errorf("a wait counts as %d bytes", held)
	}
	for _, w := range r.wires {
		w.Close()
	}
	r.quiet()
	if held := a.public.held.Load(); held != 0 {
		t.Errorf("%d bytes are still counted", held)
	}
}

// R14: what a client may do is asked again when it is served. Who may not any more gets an error, and the next in line the element.
func TestR14PermissionsWhenServed(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	r.do("p", "acl setuser w on nopass ~* +@all", "+OK\r\n")
	r.do("a", "auth w x", "+OK\r\n")
	r.block("a", "blpop k 0")
	r.block("b", "blpop k 0")
	r.do("p", "acl setuser w -blpop", "+OK\r\n")
	r.do("p", "rpush k v", ":1\r\n")
	r.got("b", list("k", "v"))
	r.got("a", "-NOPERM User w has no permissions to run the 'blpop' command\r\n")
	r.do("p", "acl setuser alice on nopass +@all ~*", "+OK\r\n")
	r.do("a", "auth alice any", "+OK\r\n")
	r.block("a", "blmove x y left left 0")
	r.block("b", "blpop x 0")
	r.do("p", "acl setuser alice resetkeys ~x", "+OK\r\n")
	r.do("p", "lpush x v", ":1\r\n")
	r.got("a", noKey)
	r.got("b", list("x", "v"))
	r.do("p", "acl setuser alice resetkeys ~x ~y", "+OK\r\n")
	r.block("a", "blmove x y left left 0")
	r.do("p", "lpush x w", ":1\r\n")
	r.got("a", bulk("w"))
}

// R15: ends from everywhere, of oneself, of the blocked, while they are being served: exactly one reply or none, never to another one.
func TestR15UnblockAndKill(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	p := r.wire("p")
	for line, reply := range map[string]string{"": "*-1\r\n", " timeout": "*-1\r\n", " error": "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n"} {
		for _, command := range []string{"blpop k 0", "xread block 0 streams s $"} {
			a := r.block("a", command)
			r.do("p", fmt.Sprint("client unblock ", a.conn.ID, line), ":1\r\n")
			r.do("p", fmt.Sprint("client unblock ", a.conn.ID, line), ":0\r\n")
			r.got("a", reply)
		}
	}
	r.do("p", fmt.Sprint("client unblock ", p.number("client", "id")), ":0\r\n")
	r.do("p", "client unblock 999999", ":0\r\n")
	r.do("p", "client unblock x", "-ERR value is not an integer or out of range\r\n")
	r.do("p", "client unblock 1 now", "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR\r\n")
	a := r.block("a", "wait 1 0")
	r.do("p", fmt.Sprint("client unblock ", a.conn.ID), ":1\r\n")
	r.got("a", ":0\r\n")
	a = r.block("a", "blpop k 0")
	r.block("b", "blpop k 0")
	r.do("p", fmt.Sprint("client kill id ", a.conn.ID), ":1\r\n")
	r.do("p", "rpush k v", ":1\r\n") // at once: the killed one must not have it
	r.got("b", list("k", "v"))
	r.do("p", fmt.Sprint("client unblock ", a.conn.ID), ":0\r\n")
	r.quiet()
}

// R15: timeouts, CLIENT UNBLOCK, hanging up and service race for the same waits; every request gets one reply, and every element is had once.
func TestR15EndsRace(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	const clients, rounds = 6, 60
	var taken sync.Map
	var wg sync.WaitGroup
	ids := make(chan int, clients*rounds)
	for n := range clients {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w := dial(t, r.address)
			id := w.number("client", "id")
			for i := range rounds {
				ids <- id
				io.WriteString(w, request("blpop", "k", fmt.Sprint("k", n), "0.002")+request("echo", fmt.Sprint(i)))
				got := readReply(t, w.r)
				if strings.HasPrefix(got, "*2") {
					if _, twice := taken.LoadOrStore(strings.Split(got, "\r\n")[4], true); twice {
						t.Errorf("%q was had twice", got)
					}
				} else if got != "*-1\r\n" && !strings.HasPrefix(got, "-UNBLOCKED") {
					t.Errorf("%q", got)
				}
				if got := readReply(t, w.r); got != bulk(fmt.Sprint(i)) {
					t.Errorf("out of step: %q", got)
				}
			}
		}()
	}
	stop := make(chan bool)
	var others sync.WaitGroup
	others.Add(2)
	go func() {
		defer others.Done()
		p := dial(t, r.address)
		for id := range ids {
			p.number("client", "unblock", strconv.Itoa(id), []string{"timeout", "error"}[id%2])
		}
	}()
	pushed := 0
	go func() {
		defer others.Done()
		p := dial(t, r.address)
		for {
			select {
			case <-stop:
				return
			default:
			}
			p.number("rpush", []string{"k", "k0", "k3"}[pushed%3], strconv.Itoa(pushed))
			pushed++
			time.Sleep(300 * time.Microsecond)
		}
	}()
	wg.Wait()
	close(stop)
	close(ids)
	others.Wait()
	had := 0
	taken.Range(func(any, any) bool { had++; return true })
	left := 0
	for _, k := range []string{"k", "k0", "k3"} {
		left += r.wire("p").number("llen", k)
	}
	if had+left != pushed || had == 0 {
		t.Errorf("%d pushed, %d had, %d left", pushed, had, left)
	}
	r.quiet()
}

// readReply reads one reply of the kinds that come here, as it is.
func readReply(t *testing.T, in *bufio.Reader) string {
	line, err := in.ReadString('\n')
	if err != nil {
		t.Errorf("after %q: %v", line, err)
		return ""
	}
	switch n, _ := strconv.Atoi(strings.TrimSpace(line[1:])); {
	case line[0] == '*':
		for range n {
			line += readReply(t, in)
		}
	case line[0] == '$' && n >= 0:
		b := make([]byte, n+2)
		io.ReadFull(in, b)
		line += string(b)
	}
	return line
}

// Producers and consumers over several lists, with BLMOVE in between and some who hang up while they wait: nothing is lost, nothing doubled, and what one
// producer puts on one list arrives in its order.
func TestBlockedProducersAndConsumers(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	const producers, each, consumers, lists = 4, 300, 5, 3
	var mu sync.Mutex
	got := map[string]int{}
	seen := 0
	var done, ends sync.WaitGroup
	stop := make(chan bool)
	for n := range consumers {
		done.Add(1)
		go func() {
			defer done.Done()
			w := dial(t, r.address)
			last := map[string]int{}
			for {
				command := [][]string{{"blpop", "out0", "out1", "out2", "0.05"}, {"blpop", "out2", "out0", "out1", "0.05"}, {"blmpop", "0.05", "3", "out1", "out2", "out0", "left"}}[n%3]
				io.WriteString(w, request(command...))
				reply := readReply(t, w.r)
				if reply == "*-1\r\n" {
					select {
					case <-stop:
						return
					default:
						continue
					}
				}
				words := strings.Split(strings.TrimSpace(reply), "\r\n")
				key, v := words[2], words[len(words)-1]
				from, num, _ := strings.Cut(v, ":")
				i, _ := strconv.Atoi(num)
				if at, ok := last[key+from]; ok && at >= i {
					t.Errorf("%s came after %d", v, at)
				}
				last[key+from] = i
				mu.Lock()
				got[v]++
				seen++
				mu.Unlock()
			}
		}()
	}
	for n := range lists { // what moves the elements on
		done.Add(1)
		go func() {
			defer done.Done()
			w := dial(t, r.address)
			for {
				io.WriteString(w, request("blmove", fmt.Sprint("in", n), fmt.Sprint("out", n), "left", "right", "0.05"))
				if readReply(t, w.r) == "*-1\r\n" {
					select {
					case <-stop:
						return
					default:
					}
				}
			}
		}()
	}
	ends.Add(1)
	go func() { // some wait elsewhere and hang up
		defer ends.Done()
		for i := range 40 {
			c, err := net.Dial("tcp", r.address)
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(c, request("blpop", fmt.Sprint("nothing", i%3), "nothing", "0"))
			time.Sleep(time.Millisecond)
			c.Close()
		}
	}()
	for n := range producers {
		ends.Add(1)
		go func() {
			defer ends.Done()
			w := dial(t, r.address)
			rnd := rand.New(rand.NewPCG(uint64(n), 5))
			for i := range each {
				key := fmt.Sprint("in", rnd.IntN(lists))
				if rnd.IntN(3) == 0 {
					key = fmt.Sprint("out", rnd.IntN(lists))
				}
				v := fmt.Sprintf("%s%d:%d", key, n, i)
				switch rnd.IntN(4) {
				case 0:
					io.WriteString(w, request("multi")+request("rpush", key, v)+request("exec"))
					for range 3 {
						readReply(t, w.r)
					}
				default:
					w.number("rpush", key, v)
				}
			}
		}()
	}
	ends.Wait()
	r.until("all arrive", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return seen >= producers*each
	})
	close(stop)
	done.Wait()
	for v, n := range got {
		if n != 1 {
			t.Errorf("%s came %d times", v, n)
		}
	}
	if len(got) != producers*each {
		t.Errorf("%d of %d came", len(got), producers*each)
	}
	r.quiet()
}

// A server that stops does not wait for those who wait.
func TestShutdownWhileBlocked(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	r.block("a", "blpop k 0")
	r.block("b", "blpop k 1000")
	go r.e.server.Load().Shutdown(t.Context())
	r.wire("a").closed()
	r.wire("b").closed()
	r.quiet()
}

// Many wait for little: what a waiting client costs.
func TestManyBlocked(t *testing.T) {
	r := newBlockRig(t, core.Options{})
	const many = 300
	for i := range many {
		io.WriteString(r.wire(fmt.Sprint(i)), request("blpop", "k", fmt.Sprint("own", i), "1000"))
	}
	r.until("all wait", func() bool { return r.e.blocked.Load() == many })
	if keys, _ := r.store.Waiting(); keys != many+1 {
		t.Errorf("they wait for %d keys", keys)
	}
	for i := range many / 2 {
		r.do("p", fmt.Sprint("rpush own", i, " ", i), ":1\r\n")
		r.got(fmt.Sprint(i), list(fmt.Sprint("own", i), strconv.Itoa(i)))
	}
	for i := many / 2; i < many; i++ {
		r.wire(fmt.Sprint(i)).Close()
	}
	r.quiet()
}
