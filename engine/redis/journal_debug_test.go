//go:build arenadebug

// Where memory ends in the middle of a command the journal says exactly what was done: replaying it leads to the same data, at every point of failure.

package redis

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

// record keeps the journal as requests.
type record struct {
	db    int
	lines []string
}

func (d *record) Command(db int, args [][]byte) {
	words := []string{}
	for _, a := range args {
		words = append(words, string(a))
	}
	d.line(db, words...)
}

func (d *record) Removed(db int, name []byte, _ core.RemoveReason) { d.line(db, "del", string(name)) }

func (d *record) line(db int, words ...string) {
	if db != d.db {
		d.db = db
		d.lines = append(d.lines, request("select", strconv.Itoa(db)))
	}
	d.lines = append(d.lines, request(words...))
}

// spread makes a line's words: "@n:20" stands for n0 … n19, "@@n:20" for n0 v n1 v …, "#n:20" for 0 n0 1 n1 …
func spread(line string) (words []string) {
	for _, w := range strings.Fields(line) {
		at := strings.LastIndexByte(w, ':')
		stem := strings.TrimLeft(w, "@#")
		if stem == w || at < 0 {
			words = append(words, w)
			continue
		}
		n, _ := strconv.Atoi(w[at+1:])
		stem = stem[:strings.LastIndexByte(stem, ':')]
		for i := range n {
			name := stem + strconv.Itoa(i)
			switch {
			case strings.HasPrefix(w, "@@"):
				words = append(words, name, "value-"+name)
			case w[0] == '#':
				words = append(words, strconv.Itoa(i), name)
			default:
				words = append(words, name)
			}
		}
	}
	return words
}

// refusedData are keys of every type, small and big.
var refusedData = []string{"set st 12", "set text some-text", "set float 3.5", "set bits abcdefgh", "setex gone 1000 x",
	"hset hs @@f:4", "hpexpire hs 100000 fields 1 f1", "hset hb @@f:60", "hpexpire hb 100000 fields 3 f1 f2 f3", "hset hn n 12 d 1.5", "hset hx @@f:8",
	"rpush ls a b c 12", "rpush lb @some-long-element-that-fills-nodes-of-a-list-quite-soon-:60", "rpush l1 a", "rpush numbers 3 1 2",
	"sadd ss a b c", "sadd si 1 2 3", "sadd sb @m:60", "sadd s2 @m:30", "sadd sx 1 2 3 4 5 6 7 8", "zadd zs 1 a 2 b 3 c", "zadd zb #m:60", "zadd z2 #m:30", "geoadd geo 13.36 38.11 p 15.08 37.5 c",
	"xadd xs 1-1 a b", "xadd xs 2-1 a b", "xgroup create xs g 0", "xreadgroup group g c count 1 streams xs >", "pfadd hll @e:50", "pfadd hll2 @x:5",
	"xgroup create xb g 0 mkstream", "xgroup create xb h 0"}

// refusedLines are commands; those that stand behind ; follow in the same breath. ^key stands for the payload of a key.
var refusedLines = []string{"set new v", "set st v", "set st v ex 100", "set gone v keepttl", "set st v get", "setnx new v", "setex new 10 v", "psetex new 1000 v", "getset st v", "getex st ex 100", "getex gone persist",
	"mset a 1 b 2 c 3 st 4", "msetnx a 1 b 2 c 3", "append st xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "append new x", "setrange st 100 x", "setrange new 5 x", "incr st", "incrby new 5", "decr st", "incrbyfloat float 1.5", "incrbyfloat new 1.5",
	"setbit bits 7000 1", "setbit new 7 1", "bitfield bits set u8 #900 7 incrby u8 #1 3", "bitop or new bits st text", "bitop not st bits", "pfadd hll @y:30", "pfadd new @y:3", "pfmerge hll hll2", "pfmerge new hll hll2", "pfcount hll hll2", "pfcount hll",
	"del st", "unlink lb hb", "expire st 100", "pexpire hb 1000", "persist gone", "rename hb new", "rename st hb", "renamenx lb new", "move sb 1", "copy hb new", "copy lb hb replace", "copy xs new db 1", "copy xb new", "copy zb new", "copy sb new", "copy ls new", "copy gone new",
	"hset new @@f:4", "hset new @@f:30", "hset hs @@x:30", "hset hb @@x:20", "hset hb @@f:30", "hmset hs @@f:9", "hsetnx hs n v", "hsetnx new n v", "hincrby hn n 1", "hincrby hb n 1", "hincrbyfloat hn d 1.5", "hincrbyfloat hs n 1", "hdel hb @f:60", "hdel hs f0",
	"hset hx f0 a-value-that-is-longer-than-what-is-good-for-a-packed-hash-and-so-turns-it-into-a-big-one",
	"hexpire hs 100 fields 4 @f:4", "hexpire hb 100 fields 20 @f:20", "hpexpire hb 1 nx fields 20 @f:20", "hpexpireat hs 5 fields 2 f0 f1", "hpersist hs fields 4 @f:4", "hpersist hb fields 20 @f:20", "hgetdel hb fields 20 @f:20", "hgetdel hs fields 2 f0 f1",
	"hgetex hs ex 100 fields 4 @f:4", "hgetex hb ex 100 fields 20 @f:20", "hgetex hb persist fields 20 @f:20", "hgetex hs persist fields 4 @f:4", "hgetex hb pxat 5 fields 3 f1 f2 f9",
	"hsetex new ex 100 fields 4 @@f:4", "hsetex new ex 100 fields 20 @@f:20", "hsetex hs px 100000 fields 20 @@f:20", "hsetex hb px 100000 fields 20 @@g:20", "hsetex hb px 100000 fields 20 @@f:20", "hsetex hb keepttl fields 20 @@f:20", "hsetex hs keepttl fields 9 @@f:9",
	"hsetex hs fields 4 @@f:4", "hsetex hb fields 20 @@x:20", "hsetex hb pxat 5 fields 20 @@f:20", "hsetex hs pxat 5 fields 20 @@f:20",
	"lpush new a b c", "rpush ls @e:30", "lpush ls @e:30", "rpush lb @another-long-element-of-which-some-are-added-to-a-list:40", "lpush lb @another-long-element-of-which-some-are-added-to-a-list:40", "lpushx ls x", "rpushx lb x", "linsert ls before b x", "linsert lb after some-long-element-that-fills-nodes-of-a-list-quite-soon-30 x",
	"linsert lb before some-long-element-that-fills-nodes-of-a-list-quite-soon-30 another-long-element-of-which-some-are-added-to-a-list-and-then-some-more-bytes-for-good-measure", "lset ls 1 yy", "lset ls 1 an-element-that-is-much-longer-than-what-was-there-and-so-needs-memory", "lset lb 30 y",
	"lset lb 30 another-long-element-of-which-some-are-added-to-a-list-and-then-some-more-bytes-for-good-measure", "lpop lb 20", "rpop lb 45", "lpop ls", "ltrim lb 10 40", "ltrim lb 1 2", "ltrim ls 1 1", "lrem ls 0 a", "lrem lb 0 some-long-element-that-fills-nodes-of-a-list-quite-soon-30", "lmove lb new left right", "lmove lb lb left right", "lmove ls lb right left", "rpoplpush lb ls", "lmove l1 lb left left", "lmpop 2 new lb left count 30",
	"sadd new a b", "sadd new 1 2 3", "sadd new @m:30", "sadd ss @m:30", "sadd si @m:3", "sadd si 70000 10000000000", "sadd sx 9", "sadd sx a b", "sadd sb @x:40", "srem sb @m:55", "srem ss a", "spop sb 40", "spop sb 5", "spop ss", "spop sb", "smove sb ss m3", "smove sb new m3", "smove si sb 1", "sinterstore new sb s2", "sunionstore new sb ss si", "sunionstore ss sb s2", "sdiffstore new sb s2", "sunionstore new ss ss",
	"zadd new 1 a", "zadd new #m:30", "zadd zs #x:30", "zadd zb #x:40", "zadd zb 99 m1 98 m2 97 m3", "zadd zb xx 5 m40", "zadd zb incr 5 m4", "zincrby zb 7 m5", "zincrby zs 7 new", "zrem zb @m:55", "zpopmin zb 40", "zpopmax zb", "zmpop 2 new zb min count 10", "zremrangebyrank zb 0 30", "zremrangebyscore zb 10 40", "zremrangebylex zs - +", "zunionstore new 2 zb z2", "zunionstore zs 3 zb ss sb",
	"zinterstore new 2 zb z2", "zdiffstore new 2 zb z2", "zrangestore new zb 0 -1", "zrangestore zs zb 3 8", "geoadd geo 13 38 q 14 38 r", "geosearchstore new geo fromlonlat 15 37 byradius 500 km", "georadius geo 15 37 500 km store new", "sort numbers store new", "sort lb alpha store ls", "sort numbers by nosort get # get st store new",
	"xadd new * a b", "xadd new 5-5 a b", "xadd xs 9-9 @@f:20", "xadd xb * @@f:20", "xadd xb maxlen = 10 * a b", "xadd xb maxlen ~ 10 * a b", "xadd xb nomkstream minid = 90 * a b", "xtrim xb maxlen 20", "xtrim xb maxlen ~ 20", "xtrim xb minid 95", "xdel xb @1-:40", "xdel xs 1-1", "xsetid xb 999-1", "xgroup create xs n 0", "xgroup create new n 0 mkstream", "xgroup createconsumer xs g n",
	"xgroup setid xb g 1-40", "xgroup delconsumer xs g c", "xgroup destroy xs g", "xreadgroup group g n streams xs >", "xreadgroup group g n streams xs xb > >", "xreadgroup group g n count 30 streams xb >", "xreadgroup group g n noack streams xb >", "xreadgroup group g n noack count 5 streams xb >", "xreadgroup group g n streams xs 0", "xreadgroup group h n count 3 streams xb >",
	"xclaim xs g n 0 1-1", "xclaim xs g n 0 1-1 2-1 force", "xclaim xb g n 0 @1-:40 force", "xclaim xb g n 0 @1-:5 force lastid 1-50 justid", "xautoclaim xs g n 0 0", "xautoclaim xb h n 0 0 count 50", "xack xs g 1-1", "xack xb h @1-:40",
	"restore new 0 ^st", "restore new 0 ^hs", "restore new 0 ^hb", "restore new 0 ^lb", "restore new 0 ^sb", "restore new 0 ^si", "restore new 0 ^zb", "restore new 0 ^xb", "restore hb 1000 ^xs replace", "restore new 0 ^ls", "restore new 0 ^zs",
	"flushdb", "flushall async", "swapdb 0 1",
	"multi ; set a 1 ; hset hs @@x:20 ; rpush lb @some-long-element-that-fills-nodes-of-a-list-quite-soon-:20 ; xreadgroup group g n streams xb > ; exec",
	"eval redis.call('set','a','1');redis.pcall('hset','hs','n','v','n2','v','n3','v','n4','v','n5','v','n6','v','n7','v');redis.call('set','b','2');redis.call('sadd','sb','x','y','z') 0",
	"select 1 ; set a b ; copy a c db 0", "debug populate 20 p"}

// state is all there is to see of the data, without orders that go by chance.
func (f *fake) state() string {
	var b strings.Builder
	digest := f.do("debug", "digest")
	if digest[0] != '+' {
		f.rig.t.Fatal(digest)
	}
	b.WriteString(digest)
	for db := range 2 {
		f.do("select", strconv.Itoa(db))
		f.tx = f.worker.Tx
		names := []string{}
		f.worker.Tx.Enter()
		f.worker.Tx.Each(db, func(it core.Item) bool {
			names = append(names, string(it.Name()))
			return true
		})
		f.worker.Tx.Leave()
		slices.Sort(names)
		for _, name := range names {
			kind := f.do("type", name)
			fmt.Fprintf(&b, "\n%d %s %s %s ", db, name, kind, f.do("pexpiretime", name))
			b.WriteString(f.do("debug", "digest-value", name))
			switch kind {
			case "+stream\r\n":
				b.WriteString(f.do("xinfo", "stream", name, "full", "count", "0"))
			case "+hash\r\n":
				fields := strings.Fields(texts(f.do("hkeys", name)))
				slices.Sort(fields)
				b.WriteString(f.do(append([]string{"hpexpiretime", name, "fields", strconv.Itoa(len(fields))}, fields...)...))
			}
		}
	}
	f.do("select", "0")
	return b.String()
}

// fill makes the data that the lines work with.
func (f *fake) fill() {
	f.do("select", "0")
	f.want("+OK\r\n", "flushall")
	for _, line := range refusedData {
		if reply := f.do(spread(line)...); reply[0] == '-' {
			f.rig.t.Fatal(line, reply)
		}
	}
	for i := range 60 {
		f.do("xadd", "xb", "1-"+strconv.Itoa(i+1), "field", "value-"+strconv.Itoa(i))
	}
	f.do("xreadgroup", "group", "h", "c", "count", "50", "streams", "xb", ">")
}

func packedLimits(t *testing.T, r *rig) {
	for _, name := range []string{"hash-max-listpack-entries", "set-max-listpack-entries", "set-max-intset-entries", "zset-max-listpack-entries", "stream-node-max-entries"} {
		if err := r.set.Set(name, "8"); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.set.Set("list-max-listpack-size", "-1"); err != nil {
		t.Fatal(err)
	}
	allowDebug(r.set)
}

// TestReplayWhereMemoryEnds runs every line with 0, 1, 2 … blocks of memory to be had (not with every number of many), until it lacks none.
func TestReplayWhereMemoryEnds(t *testing.T) {
	one, two := newRig(t, core.Options{Shards: 4, Databases: 2}), newRig(t, core.Options{Shards: 4, Databases: 2})
	packedLimits(t, one)
	packedLimits(t, two)
	c, d := one.client(), two.client()
	for _, line := range refusedLines {
		for blocks := int64(0); ; blocks += 1 + blocks/8 {
			if blocks > 1000 {
				t.Fatalf("%s: refused for ever", line)
			}
			c.fill()
			requests := [][]string{}
			for _, part := range strings.Split(line, " ; ") {
				words := spread(part)
				for i, w := range words {
					if w[0] == '^' {
						words[i] = unbulk(c.do("dump", w[1:]))
					}
				}
				requests = append(requests, words)
			}
			var journal record
			one.store.SetJournal(&journal)
			one.store.RefuseAfter(blocks)
			reply := ""
			for _, words := range requests {
				reply = c.do(words...)
			}
			refused := one.store.Refused()
			one.store.RefuseAfter(-1)
			one.store.SetJournal(nil)
			d.fill()
			for _, l := range journal.lines {
				if got := d.feed(l); got[0] == '-' {
					t.Errorf("%s, %d blocks: replaying %q: %s", line, blocks, l, got)
				}
			}
			if refused && reply[0] == '-' && !strings.HasPrefix(reply, "-OOM") {
				t.Errorf("%s, %d blocks: %s", line, blocks, reply)
			}
			if got, want := d.state(), c.state(); got != want {
				t.Errorf("%s, %d blocks, reply %.60q: the journal %.600q leads to\n%s", line, blocks, reply, journal.lines, difference(got, want))
				break
			}
			if !refused {
				break
			}
		}
	}
}

func unbulk(reply string) string {
	_, rest, _ := strings.Cut(reply, "\r\n")
	return strings.TrimSuffix(rest, "\r\n")
}

// difference are the lines of which only one text has.
func difference(got, want string) string {
	var b bytes.Buffer
	have, should := strings.Split(got, "\n"), strings.Split(want, "\n")
	for _, l := range have {
		if !slices.Contains(should, l) {
			fmt.Fprintf(&b, "got  %q\n", l)
		}
	}
	for _, l := range should {
		if !slices.Contains(have, l) {
			fmt.Fprintf(&b, "want %q\n", l)
		}
	}
	return b.String()
}
