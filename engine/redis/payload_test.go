// Tests of collections on their way through payloads.

package redis

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/racing"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// travel is how a type is filled and looked at. fill gives a command that changes the key k.
type travel struct {
	name string
	fill func(r *rand.Rand) []string
	look []string // lines that must not fail whatever is under k
}

// sometext is a word of a length around the bounds of the encodings.
func sometext(r *rand.Rand) string {
	switch r.IntN(8) {
	case 0, 1, 2:
		return strconv.FormatInt(int64(r.Uint64())>>r.IntN(64), 10)
	case 3:
		return strings.Repeat("ab", r.IntN(50))
	case 4:
		return strings.Repeat("x", r.IntN(200))
	}
	return fmt.Sprintf("%x", r.Uint64()>>r.IntN(64))
}

var travels = []travel{
	{"hash", func(r *rand.Rand) []string {
		switch r.IntN(6) {
		case 0:
			return []string{"hdel", "k", sometext(r)}
		case 1:
			f := sometext(r)
			return []string{"hsetex", "k", "ex", strconv.Itoa(1 + r.IntN(1000)), "fields", "1", f, sometext(r)}
		}
		return []string{"hset", "k", sometext(r), sometext(r), sometext(r), sometext(r)}
	}, []string{"hlen k", "hgetall k", "hget k a", "hscan k 0 count 100000", "hrandfield k 3", "hset k new field", "httl k fields 1 new", "hexpire k 100 fields 1 new", "hdel k new", "hincrby k n 1"}},
	{"list", func(r *rand.Rand) []string {
		switch r.IntN(8) {
		case 0:
			return []string{"lpop", "k"}
		case 1:
			return []string{"rpush", "k", strings.Repeat("long", 500+r.IntN(2000))}
		}
		return []string{[]string{"lpush", "rpush"}[r.IntN(2)], "k", sometext(r), sometext(r)}
	}, []string{"llen k", "lrange k 0 -1", "lpush k new", "lindex k 3", "lrem k 1 new", "lpop k", "rpush k new", "linsert k before new a", "ltrim k 0 5", "rpop k"}},
	{"intset", func(r *rand.Rand) []string {
		if r.IntN(4) == 0 {
			return []string{"spop", "k"}
		}
		return []string{"sadd", "k", strconv.FormatInt(int64(r.Uint64())>>(63-r.IntN(50)), 10), strconv.Itoa(r.IntN(1000))}
	}, []string{"scard k", "smembers k", "sismember k 5", "sscan k 0 count 100000", "sadd k new", "srandmember k 3", "srem k new", "spop k"}},
	{"set", func(r *rand.Rand) []string {
		if r.IntN(6) == 0 {
			return []string{"spop", "k"}
		}
		return []string{"sadd", "k", sometext(r), sometext(r)}
	}, []string{"scard k", "smembers k", "sismember k a", "sscan k 0 count 100000", "sadd k new", "srandmember k 3", "srem k new", "spop k"}},
	{"stream", func(r *rand.Rand) []string {
		id := fmt.Sprintf("%d-%d", 1+r.IntN(40), r.IntN(3))
		switch r.IntN(12) {
		case 0:
			return []string{"xgroup", "create", "k", "g" + strconv.Itoa(r.IntN(3)), []string{"0", "$", "3-0", "100-0"}[r.IntN(4)], "mkstream"}
		case 1, 2:
			return []string{"xreadgroup", "group", "g" + strconv.Itoa(r.IntN(3)), []string{"alice", "bob"}[r.IntN(2)], "count", strconv.Itoa(1 + r.IntN(4)), "streams", "k", ">"}
		case 3:
			return []string{"xdel", "k", id}
		case 4:
			return []string{"xack", "k", "g" + strconv.Itoa(r.IntN(3)), id}
		case 5:
			return []string{"xtrim", "k", "maxlen", strconv.Itoa(r.IntN(100))}
		case 6:
			return []string{"xadd", "k", fmt.Sprintf("%d-*", 1+r.IntN(60)), "f", sometext(r), "g", sometext(r)}
		}
		return []string{"xadd", "k", "*", "f", sometext(r), sometext(r), sometext(r)}
	}, []string{"xlen k", "xrange k - +", "xrevrange k + -", "xinfo stream k full count 0", "xinfo groups k", "xpending k g0", "xadd k * f v", "xreadgroup group g0 new streams k >",
		"xautoclaim k g0 other 0 0", "xdel k 5-0", "xtrim k maxlen 2", "xgroup destroy k g0", "xadd k * f v"}},
	{"zset", func(r *rand.Rand) []string {
		switch r.IntN(6) {
		case 0:
			return []string{"zrem", "k", sometext(r)}
		case 1:
			return []string{"zadd", "k", []string{"inf", "-inf", "-0", "1e300", "0.1"}[r.IntN(5)], sometext(r)}
		}
		return []string{"zadd", "k", strconv.Itoa(r.IntN(50)), sometext(r), strconv.FormatFloat(r.NormFloat64(), 'g', -1, 64), sometext(r)}
	}, []string{"zcard k", "zrange k 0 -1 withscores", "zrank k a", "zscan k 0 count 100000", "zadd k 3 new", "zincrby k 2 new", "zrangebyscore k 1 5", "zrem k new", "zcount k -inf inf"}},
}

// small makes collections outgrow their packs soon.
func (c *fake) small() {
	for _, s := range []string{"hash-max-listpack-entries", "zset-max-listpack-entries", "set-max-listpack-entries", "set-max-intset-entries"} {
		c.want("+OK\r\n", "config", "set", s, "24")
	}
	c.want("+OK\r\n", "config", "set", "list-max-listpack-size", "-1", "list-compress-depth", "1", "stream-node-max-entries", "5")
}

// TestCollectionsTravel dumps and restores collections of all sizes: the same digest, the same encoding, the same payload again.
func TestCollectionsTravel(t *testing.T) {
	rg := newRig(t, core.Options{})
	allowDebug(rg.set)
	c := rg.client()
	c.small()
	for _, x := range travels {
		t.Run(x.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(31, uint64(len(x.name))))
			encodings := map[string]bool{}
			for range 6 {
				c.do("del", "k")
				for step := range 60 {
					c.do(x.fill(r)...)
					if step%3 != 0 || c.do("exists", "k") == ":0\r\n" {
						continue
					}
					c.do("config", "set", "rdbcompression", []string{"yes", "no"}[r.IntN(2)])
					p := c.dumped("k")
					c.want("+OK\r\n", "restore", "copy", strconv.Itoa(r.IntN(2)*5000), p, "replace")
					c.do("persist", "copy")
					encodings[c.do("object", "encoding", "k")] = true
					c.want(c.do("debug", "digest-value", "k"), "debug", "digest-value", "copy")
					again := c.dumped("copy")
					if c.do("object", "encoding", "k") == c.do("object", "encoding", "copy") && len(again) != len(p) {
						t.Fatalf("dumped %d bytes, and restored %d:\n%.300x\n%.300x", len(p), len(again), p, again)
					}
				}
			}
			if len(encodings) < 2 && x.name != "stream" {
				t.Errorf("only %v: the test proves little", encodings)
			}
		})
	}
	c.do("flushall")
	if m := rg.store.Memory(); m.Items != 0 && m.Dying == 0 {
		t.Errorf("%d bytes of items are left", m.Items)
	}
}

// TestR20DamagedCollections damages payloads everywhere, long ones at some bytes only. What is taken must behave under every command.
func TestR20DamagedCollections(t *testing.T) {
	rg := newRig(t, core.Options{})
	allowDebug(rg.set)
	c := rg.client()
	for _, x := range travels {
		t.Run(x.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(20, uint64(len(x.name))))
			taken := 0
			for round := range 3 {
				c.do("del", "k")
				for n := 0; n < 2+5*round || n < 100 && c.do("exists", "k") == ":0\r\n"; n++ {
					c.do(x.fill(r)...)
				}
				c.do("config", "set", "rdbcompression", []string{"yes", "no"}[round%2])
				p := []byte(c.dumped("k"))
				p = p[:len(p)-10]
				for i := 0; i < len(p); i += 1 + len(p)/racing.Times(300) {
					for k := range 9 {
						b := bytes.Clone(p)
						switch {
						case k == 8:
							b = b[:i+1]
						default:
							b[i] ^= byte(1 + r.UintN(255))
						}
						switch reply := c.do("restore", "k", "0", string(rdb.AppendFoot(b, 0)), "replace"); reply {
						case "-ERR Bad data format\r\n":
							continue
						case "+OK\r\n":
						default:
							t.Fatalf("%x: %q", b, reply)
						}
						taken++
						if c.do("type", "k") != c.do("type", "k") || c.do("exists", "k") == ":0\r\n" {
							continue // fields that are due
						}
						c.dumped("k")
						for _, line := range x.look {
							c.do(strings.Fields(line)...)
						}
						c.want("+OK\r\n", "restore", "other", "0", c.dumped("k"), "replace")
					}
				}
			}
			if taken == 0 {
				t.Error("no damage was harmless: the commands were never tried")
			}
		})
	}
}

// TestRestoreWithoutMemory fills the arena: a RESTORE that fails leaves nothing, in the store and in its count of memory.
func TestRestoreWithoutMemory(t *testing.T) {
	big := newRig(t, core.Options{}).client()
	for i := range 3000 {
		big.do("hset", "h", fmt.Sprint("field", i), fmt.Sprint("value of some length", i))
		big.do("rpush", "l", fmt.Sprint("element of some length", i))
		big.do("sadd", "s", fmt.Sprint("member of some length", i))
		big.do("xadd", "x", "*", "field", fmt.Sprint("value of some length", i))
		big.do("zadd", "z", fmt.Sprint(i%100), fmt.Sprint("member of some length", i))
	}
	rg := newRig(t, core.Options{Reserve: 4 << 20, Shards: 4})
	var d diary
	rg.store.SetJournal(&d)
	c := rg.client()
	c.do("set", "k", "old") // the table has a place for it from now on
	for n := range 20 {     // and there is room for small values, whatever pages are left
		c.do("set", fmt.Sprint("small", n), "old")
	}
	c.do("del", "small3", "small4", "small5")
	for n := 0; c.do("set", fmt.Sprint("fill", n), strings.Repeat("x", 3000)) == "+OK\r\n"; n++ {
		if n > 10_000 {
			t.Fatal("the arena does not fill")
		}
	}
	c.do("del", "fill0", "fill1", "fill2", "fill3", "fill4", "fill5", "fill6", "fill7")
	for _, key := range []string{"h", "l", "s", "x", "z"} {
		p := big.dumped(key)
		for rg.store.Memory().Dying != 0 { // what the last round gave up is freed in the background
			time.Sleep(time.Millisecond)
		}
		before := rg.store.Memory().Items
		c.want("+OK\r\n", "set", "k", "old")
		c.want("-OOM out of memory\r\n", "restore", "k", "0", p, "replace")
		c.want(":0\r\n", "exists", "k")
		if last := d.lines[len(d.lines)-1]; last != "0 DEL k" {
			t.Errorf("the journal ends with %.100q", last)
		}
		if after := rg.store.Memory(); after.Items-after.Dying > before {
			t.Errorf("%s: %d bytes of items before, %+v after", key, before, after)
		}
	}
}
