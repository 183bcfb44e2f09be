// Keyspace events: what is told, where, in which order, and to nobody who did not ask. That every change is told is checked for every command.

package redis

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// listener turns events on and gives a connection that hears them all, and one that makes them.
func listenToEvents(t *testing.T, r *rig, classes string) (sub, c *wire) {
	address := r.listen()
	sub, c = dial(t, address), dial(t, address)
	c.expect("+OK\r\n", "CONFIG", "SET", "notify-keyspace-events", classes)
	sub.expect(told("psubscribe", "*", 1), "PSUBSCRIBE", "*")
	return sub, c
}

// hear expects events given as "channel what".
func (w *wire) hear(events ...string) {
	w.t.Helper()
	for _, e := range events {
		words, err := w.frame()
		if err != nil {
			w.t.Fatal("instead of", e, err)
		}
		if got := words[2] + " " + words[3]; got != e {
			w.t.Fatalf("heard %q, want %q", got, e)
		}
	}
}

func TestEventsInBothWays(t *testing.T) {
	sub, c := listenToEvents(t, newRig(t, core.Options{}), "KEA")
	c.expect("+OK\r\n", "SET", "k", "v", "EX", "100")
	sub.hear("__keyspace@0__:k set", "__keyevent@0__:set k", "__keyspace@0__:k expire", "__keyevent@0__:expire k")
	c.expect("+OK\r\n", "CONFIG", "SET", "notify-keyspace-events", "Kl")
	c.expect("+OK\r\n", "SET", "k", "v")
	c.expect(":1\r\n", "LPUSH", "l", "x")
	c.expect("+OK\r\n", "CONFIG", "SET", "notify-keyspace-events", "El$")
	c.expect("$1\r\nx\r\n", "LPOP", "l")
	c.expect("+OK\r\n", "SET", "k", "v")
	c.expect("+OK\r\n", "CONFIG", "SET", "notify-keyspace-events", "A")
	c.expect("+OK\r\n", "SET", "k", "v")
	c.expect("+OK\r\n", "CONFIG", "SET", "notify-keyspace-events", "")
	c.expect("+OK\r\n", "SET", "k", "v")
	c.expect(":1\r\n", "PUBLISH", "end", "")
	sub.hear("__keyspace@0__:l lpush", "__keyevent@0__:lpop l", "__keyevent@0__:set k", "end ")
}

// Events of other databases are told there.
func TestEventsOfDatabases(t *testing.T) {
	sub, c := listenToEvents(t, newRig(t, core.Options{}), "EAn")
	c.expect("+OK\r\n", "SET", "k", "v")
	c.expect(":1\r\n", "COPY", "k", "k2", "DB", "3")
	c.expect(":1\r\n", "MOVE", "k", "2")
	c.expect("+OK\r\n", "SELECT", "2")
	c.expect("+OK\r\n", "RENAME", "k", "k3")
	sub.hear("__keyevent@0__:new k", "__keyevent@0__:set k", "__keyevent@3__:new k2", "__keyevent@3__:copy_to k2",
		"__keyevent@2__:new k", "__keyevent@0__:move_from k", "__keyevent@2__:move_to k", "__keyevent@2__:new k3", "__keyevent@2__:rename_from k", "__keyevent@2__:rename_to k3")
}

// What the store does by itself: lazily met, swept, evicted.
func TestEventsOfTheStore(t *testing.T) {
	r := newRig(t, core.Options{})
	sub, c := listenToEvents(t, r, "EAm")
	c.expect("+OK\r\n", "SET", "k", "v", "PX", "100")
	c.expect(":2\r\n", "HSET", "h", "f", "v", "g", "v")
	c.expect("*2\r\n:1\r\n:1\r\n", "HPEXPIRE", "h", "100", "FIELDS", "2", "f", "g")
	r.now.Add(1000)
	c.expect("$-1\r\n", "GET", "k")
	r.store.SetActiveExpire(true)
	sub.hear("__keyevent@0__:set k", "__keyevent@0__:expire k", "__keyevent@0__:hset h", "__keyevent@0__:hexpire h",
		"__keyevent@0__:expired k", "__keyevent@0__:keymiss k")
	sub.hear("__keyevent@0__:hexpired h", "__keyevent@0__:del h")
	c.expect("+OK\r\n", "SET", "big", strings.Repeat("x", 100000))
	if err := r.store.SetPolicy("allkeys-lru"); err != nil {
		t.Fatal(err)
	}
	r.store.SetMaxMemory(r.store.Memory().Used - 1000)
	c.expect("+OK\r\n", "SET", "more", "v")
	sub.hear("__keyevent@0__:set big", "__keyevent@0__:evicted big", "__keyevent@0__:set more")
}

// Events and messages of one client come in the order of its requests, in a transaction too.
func TestEventsAndMessagesInOrder(t *testing.T) {
	sub, c := listenToEvents(t, newRig(t, core.Options{}), "EA")
	c.Write([]byte(request("SET", "k", "1") + request("PUBLISH", "a", "1") + request("DEL", "k") + request("PUBLISH", "a", "2") +
		request("MULTI") + request("SET", "k", "1") + request("PUBLISH", "b", "3") + request("APPEND", "k", "x") + request("SPUBLISH", "b", "3") + request("EXEC")))
	sub.hear("__keyevent@0__:set k", "a 1", "__keyevent@0__:del k", "a 2", "__keyevent@0__:set k", "b 3", "__keyevent@0__:append k")
	c.expect("+OK\r\n:1\r\n:1\r\n:1\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*4\r\n+OK\r\n:1\r\n:2\r\n:0\r\n")
}

// What is done for a blocked client is told behind what woke it.
func TestEventsOfTheServed(t *testing.T) {
	r := newRig(t, core.Options{})
	sub, c := listenToEvents(t, r, "EA")
	blocked := dial(t, c.RemoteAddr().String())
	blocked.Write([]byte(request("BLPOP", "l", "0")))
	within(t, "it waits", func() bool { return strings.Contains(c.text("INFO", "clients"), "blocked_clients:1\r\n") })
	c.expect(":1\r\n", "RPUSH", "l", "x")
	blocked.expect("*2\r\n" + bulk("l") + bulk("x"))
	sub.hear("__keyevent@0__:rpush l", "__keyevent@0__:lpop l", "__keyevent@0__:del l")
}

// While nobody is subscribed to anything nothing is queued, however much is configured.
func TestEventsNeedListeners(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.want("+OK\r\n", "CONFIG", "SET", "notify-keyspace-events", "KEAmn")
	c.want("+OK\r\n", "SET", "k", "v")
	if r.e.events.on.Load() != 0 || r.e.events.waiting.Load() {
		t.Error("events are queued for nobody")
	}
	sub := dial(t, r.listen())
	sub.expect(told("subscribe", "a", 1), "SUBSCRIBE", "a")
	if class(r.e.events.on.Load()) != 1<<14-1 {
		t.Errorf("%b", r.e.events.on.Load())
	}
	sub.expect(told("unsubscribe", "a", 0), "UNSUBSCRIBE")
	if r.e.events.on.Load() != 0 {
		t.Error("still on")
	}
}

// A big delivery leaves no big buffers.
func TestEventBuffersGivenBack(t *testing.T) {
	r := newRig(t, core.Options{})
	ev := &r.e.events
	for range 2 * keepEvents {
		ev.add(0, classString, "set", []byte(strings.Repeat("k", 100)))
	}
	ev.deliver()
	if ev.spare.list != nil || ev.spare.text != nil || len(ev.list) != 0 {
		t.Error("kept")
	}
	ev.add(0, classString, "set", []byte("k"))
	ev.deliver()
	if ev.spare.list == nil {
		t.Error("a small one is not kept")
	}
}

// changes is for every command that writes a request that changes something, behind those that prepare it; the watched keys are a to e.
var changes = map[string]string{
	"append": "APPEND a x", "bitfield": "BITFIELD a SET u8 0 1", "bitop": "SET b x; BITOP NOT a b", "blmove": "RPUSH b x; BLMOVE b a LEFT LEFT 0",
	"blmpop": "RPUSH a x; BLMPOP 0 1 a LEFT", "blpop": "RPUSH a x; BLPOP a 0", "brpop": "RPUSH a x; BRPOP a 0", "brpoplpush": "RPUSH b x; BRPOPLPUSH b a 0",
	"bzmpop": "ZADD a 1 m; BZMPOP 0 1 a MIN", "bzpopmax": "ZADD a 1 m; BZPOPMAX a 0", "bzpopmin": "ZADD a 1 m; BZPOPMIN a 0",
	"copy": "SET b x; COPY b a", "decr": "DECR a", "decrby": "DECRBY a 2", "del": "SET a x; DEL a", "expire": "SET a x; EXPIRE a 100", "expireat": "SET a x; EXPIREAT a 1",
	"geoadd": "GEOADD a 1 1 m", "georadius": "GEOADD b 1 1 m; GEORADIUS b 1 1 9 km STORE a", "georadiusbymember": "GEOADD b 1 1 m; GEORADIUSBYMEMBER b m 9 km STORE a",
	"geosearchstore": "GEOADD b 1 1 m; GEOSEARCHSTORE a b FROMLONLAT 1 1 BYRADIUS 9 km", "getdel": "SET a x; GETDEL a", "getex": "SET a x; GETEX a EX 100", "getset": "GETSET a x",
	"hdel": "HSET a f v; HDEL a f", "hexpire": "HSET a f v; HEXPIRE a 100 FIELDS 1 f", "hexpireat": "HSET a f v; HEXPIREAT a 1 FIELDS 1 f", "hgetdel": "HSET a f v; HGETDEL a FIELDS 1 f",
	"hgetex": "HSET a f v; HGETEX a EX 100 FIELDS 1 f", "hincrby": "HINCRBY a f 1", "hincrbyfloat": "HINCRBYFLOAT a f 1.5", "hmset": "HMSET a f v",
	"hpersist": "HSET a f v; HEXPIRE a 100 FIELDS 1 f; HPERSIST a FIELDS 1 f", "hpexpire": "HSET a f v; HPEXPIRE a 100 FIELDS 1 f", "hpexpireat": "HSET a f v; HPEXPIREAT a 1 FIELDS 1 f",
	"hset": "HSET a f v", "hsetex": "HSETEX a EX 100 FIELDS 1 f v", "hsetnx": "HSETNX a f v", "incr": "INCR a", "incrby": "INCRBY a 2", "incrbyfloat": "INCRBYFLOAT a 1.5",
	"linsert": "RPUSH a x; LINSERT a BEFORE x y", "lmove": "RPUSH b x; LMOVE b a LEFT LEFT", "lmpop": "RPUSH b x; LMPOP 2 a b LEFT", "lpop": "RPUSH a x; LPOP a", "lpush": "LPUSH a x",
	"lpushx": "RPUSH a x; LPUSHX a x", "lrem": "RPUSH a x; LREM a 0 x", "lset": "RPUSH a x; LSET a 0 y", "ltrim": "RPUSH a x; LTRIM a 1 0", "move": "SET a x; MOVE a 1",
	"mset": "MSET a x b y", "msetnx": "MSETNX a x b y", "persist": "SET a x EX 100; PERSIST a", "pexpire": "SET a x; PEXPIRE a 100000", "pexpireat": "SET a x; PEXPIREAT a 1",
	"pfadd": "PFADD a x", "pfmerge": "PFADD b x; PFMERGE a b", "psetex": "PSETEX a 100000 x", "rename": "SET b x; RENAME b a", "renamenx": "SET b x; RENAMENX b a",
	"rpop": "RPUSH a x; RPOP a", "rpoplpush": "RPUSH b x; RPOPLPUSH b a", "rpush": "RPUSH a x", "rpushx": "RPUSH a x; RPUSHX a x", "sadd": "SADD a m",
	"sdiffstore": "SADD b m; SDIFFSTORE a b c", "set": "SET a x", "setbit": "SETBIT a 0 1", "setex": "SETEX a 100 x", "setnx": "SETNX a x", "setrange": "SETRANGE a 0 x",
	"sinterstore": "SADD b m; SINTERSTORE a b", "smove": "SADD b m; SMOVE b a m", "sort": "RPUSH b 1; SORT b STORE a", "spop": "SADD a m; SPOP a", "srem": "SADD a m; SREM a m",
	"sunionstore": "SADD b m; SUNIONSTORE a b", "unlink": "SET a x; UNLINK a", "xadd": "XADD a * f v", "xdel": "XADD a 1-1 f v; XDEL a 1-1", "xtrim": "XADD a 1-1 f v; XTRIM a MAXLEN 0",
	"zadd": "ZADD a 1 m", "zdiffstore": "ZADD b 1 m; ZDIFFSTORE a 1 b", "zincrby": "ZINCRBY a 1 m", "zinterstore": "ZADD b 1 m; ZINTERSTORE a 1 b",
	"zmpop": "ZADD b 1 m; ZMPOP 2 a b MIN", "zpopmax": "ZADD a 1 m; ZPOPMAX a", "zpopmin": "ZADD a 1 m; ZPOPMIN a", "zrangestore": "ZADD b 1 m; ZRANGESTORE a b 0 -1",
	"zrem": "ZADD a 1 m; ZREM a m", "zremrangebylex": "ZADD a 1 m; ZREMRANGEBYLEX a - +", "zremrangebyrank": "ZADD a 1 m; ZREMRANGEBYRANK a 0 -1",
	"zremrangebyscore": "ZADD a 1 m; ZREMRANGEBYSCORE a 0 9", "zunionstore": "ZADD b 1 m; ZUNIONSTORE a 1 b",
	"xgroup|create": "XGROUP CREATE a g 0 MKSTREAM", "pfcount": "PFADD a x; PFCOUNT a",
	"flushall": "SET a x; FLUSHALL", "flushdb": "SET a x; FLUSHDB", "swapdb": "SET a x; SWAPDB 0 1",
}

// quietChanges are the commands that write and that no observer of a key hears of, as in the original: of a stream's groups only events tell.
var quietChanges = map[string]string{
	"xack": "groups", "xclaim": "groups", "xautoclaim": "groups", "xreadgroup": "groups", "xsetid": "the entries stay",
	"xgroup|setid": "groups", "xgroup|destroy": "groups", "xgroup|createconsumer": "groups", "xgroup|delconsumer": "groups",
	"pfdebug": "the same set in another form", "restore": "needs a payload: its own test", "restore-asking": "as restore",
	"migrate": "needs another server", "eval": "its commands tell", "evalsha": "its commands tell", "fcall": "its commands tell",
	"function|delete": "no data", "function|flush": "no data", "function|load": "no data", "function|restore": "no data",
}

// Every command that changes something announces a key of it.
func TestEveryChangeIsAnnounced(t *testing.T) {
	r := newRig(t, core.Options{})
	for _, cmd := range r.e.table.rows {
		text, ok := changes[cmd.full]
		if cmd.flags&write == 0 && !ok || cmd.run == nil {
			continue
		}
		if _, quiet := quietChanges[cmd.full]; quiet || cmd.flags&write != 0 && cmd.flags&noscript != 0 && !ok {
			continue
		}
		if !ok {
			t.Errorf("%s: no request that changes something", cmd.full)
			continue
		}
		r.announces(cmd.full, strings.Split(text, "; "))
	}
}

func (r *rig) announces(name string, requests []string) {
	r.t.Helper()
	c, watcher := r.client(), r.client()
	c.want("+OK\r\n", "FLUSHALL")
	for i, text := range requests {
		words := strings.Fields(text)
		if i < len(requests)-1 {
			if reply := c.do(words...); reply[0] == '-' {
				r.t.Errorf("%s: %q", text, reply)
			}
			continue
		}
		watcher.want("+OK\r\n", "WATCH", "a", "b", "c")
		before := r.dirt()
		reply := c.do(words...)
		if reply[0] == '-' || r.dirt() == before {
			r.t.Errorf("%s: %q changes nothing: %q", name, text, reply)
		}
		watcher.want("+OK\r\n", "MULTI")
		watcher.want("+QUEUED\r\n", "PING")
		if got := watcher.do("EXEC"); got != "*-1\r\n" {
			r.t.Errorf("%s: %q was not announced", name, text)
		}
	}
}

// dirt is how many changes the server has counted.
func (r *rig) dirt() int64 {
	var n int64
	for i := range r.e.perWorker {
		if c := r.e.perWorker[i].Load(); c != nil {
			n += c.dirty.Load()
		}
	}
	return n
}

// What a change costs while nobody wants to hear of it, beside the change itself.
func BenchmarkEventUnheard(b *testing.B) {
	r := newRig(b, core.Options{})
	c := r.client()
	c.do("SET", "k", "v")
	c.w, c.tx = &engine.Worker{}, r.store.NewTx()
	c.tx.Enter()
	defer c.tx.Leave()
	k := r.store.Key([]byte("k"))
	c.tx.Lock1(k)
	defer c.tx.Unlock()
	for b.Loop() {
		c.event(classString, "set", k)
	}
}
