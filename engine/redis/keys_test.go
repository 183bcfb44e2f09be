// Tests of key extraction: the keys that a row declares are the keys that its handler touches.

package redis

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/racing"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// content is everything that can be seen of a store's items from outside, their access clocks included.
func (r *rig) content(tx *core.Tx) map[string]string {
	out := map[string]string{}
	tx.Enter()
	defer tx.Leave()
	for db := range r.store.Databases() {
		tx.Each(db, func(it core.Item) bool {
			out[fmt.Sprintf("%d/%s", db, it.Name())] = fmt.Sprint(it.Value(), it.ExpireAt(), it.Access(), it.Enc())
			return true
		})
	}
	return out
}

// peeks are commands that look at a key without it counting as an access, so that their touch leaves no trace. The
// build with arenadebug catches them: there the store panics when a key's shard is not locked.
var peeks = []string{"exists", "ttl", "pttl", "expiretime", "pexpiretime", "type", "object|encoding", "object|freq", "object|idletime", "object|refcount", "memory|usage", "watch"}

// typical are arguments of commands that random words seldom make sense for.
var typical = map[string]string{
	"zmpop": "1 key min", "zrevrange": "key 0 -1", "zrangebylex": "key - +", "zrevrangebylex": "key + -", "zlexcount": "key - +", "zremrangebylex": "key - +",
	"setbit": "key 7 1",
	"hsetex": "key fields 1 abc 1",
	"xread":  "streams key 0", "xreadgroup": "group abc abc streams key >", "xtrim": "key maxlen 0",
	"bzmpop": "0 1 key min", "blmpop": "0 1 key left", "blmove": "key key left right 0",
	"linsert": "key before abc 1", "lmove": "key key left right", "lmpop": "2 key key right",
}

// makers make something of every type under a name, to be found by commands.
var makers = []func(c *fake, name string, rnd *rand.Rand){
	func(c *fake, name string, _ *rand.Rand) {},
	func(c *fake, name string, rnd *rand.Rand) {
		c.do("set", name, []string{"12", "text", "3.5"}[rnd.IntN(3)], "ex", "1000")
	},
	func(c *fake, name string, _ *rand.Rand) { c.do("zadd", name, "1", "12", "2", "abc") },
	func(c *fake, name string, _ *rand.Rand) { c.do("rpush", name, "0", "1", "abc", "text") },
	func(c *fake, name string, _ *rand.Rand) {
		c.do("xadd", name, "1-1", "abc", "text")
		c.do("xgroup", "create", name, "abc", "0")
	},
	func(c *fake, name string, _ *rand.Rand) { c.do("hset", name, "0", "1", "abc", "text") },
}

// wordPool is what random command lines are made of; dumped is a payload for RESTORE.
var (
	wordPool = []string{"and", "not", "0", "1", "2", "-1", "10", "100", "abc", "nx", "xx", "gt", "lt", "get", "replace", "db", "ex", "px", "exat", "pxat", "keepttl",
		"persist", "idx", "len", "withmatchlen", "9999999999999", "1.5", "samples"}
	dumped = string(rdb.AppendFoot([]byte("\x00\x05hello"), 0))
)

// randomLine makes a command line for a row, with keys from key0 to key7, and gives those.
func randomLine(row *command, rnd *rand.Rand) (line, declared []string) {
	line = []string{row.name}
	if row.parent != nil {
		line = []string{row.parent.name, row.name}
	}
	if args := typical[row.full]; rnd.IntN(4) == 0 {
		line = append(line, strings.Fields(args)...)
	}
	for len(line) < max(row.arity, -row.arity) || row.arity < 0 && rnd.IntN(2) == 0 {
		line = append(line, wordPool[rnd.IntN(len(wordPool))])
	}
	if row.parent == nil && strings.HasPrefix(row.name, "restore") && rnd.IntN(2) == 0 {
		line[2], line[3] = "0", dumped
	}
	for walk := row.walkKeys(words(line)); walk.next(); {
		line[walk.arg] = "key" + strconv.Itoa(rnd.IntN(8))
		declared = append(declared, line[walk.arg])
	}
	return line, declared
}

// TestKeysDeclaredAreKeysTouched runs random command lines of every row that has keys and compares what changed, access
// clocks included, with the keys that the row finds in the line.
func TestKeysDeclaredAreKeysTouched(t *testing.T) {
	r := newRig(t, core.Options{Policy: "allkeys-lru", Databases: 3})
	c := r.client()
	tx := r.store.NewTx()
	rnd := rand.New(rand.NewPCG(7, 7))
	touchedBy := map[string]map[int]bool{}
	for _, row := range r.e.table.rows {
		if !row.hasKeys() || row.flags&ownLocks != 0 { // of scripts, TestScriptKeys shows it
			continue
		}
		seen := map[int]bool{}
		touchedBy[row.full] = seen
		c.denyBlocking = row.flags&blocking != 0 // nobody would come to wake it up
		for range racing.Times(150) {
			for k := range 8 { // something to find
				if make := rnd.IntN(2 * len(makers)); make < len(makers) {
					name := "key" + strconv.Itoa(k)
					c.do("del", name)
					makers[make](c, name, rnd)
				}
			}
			line, declared := randomLine(row, rnd)
			r.now.Add(20_000)
			before := r.content(tx)
			c.do(line...)
			after := r.content(tx)
			for name := range maps.Keys(union(before, after)) {
				if before[name] == after[name] {
					continue
				}
				at := slices.Index(declared, name[2:])
				if at < 0 {
					t.Fatalf("%q touched %s, which it does not declare", line, name)
				}
				seen[at] = true
			}
		}
	}
	if racing.On {
		return // too few tries to be sure of what follows
	}
	for full, seen := range touchedBy {
		if len(seen) == 0 && !slices.Contains(peeks, full) {
			t.Errorf("%s never touched a key: the test proves nothing", full)
		}
		if len(seen) > 0 && slices.Contains(peeks, full) {
			t.Errorf("%s leaves traces after all", full)
		}
	}
	for _, full := range []string{"copy", "rename", "renamenx", "lcs", "mget", "mset", "msetnx", "del", "touch", "lmove", "rpoplpush", "lmpop"} {
		if seen := touchedBy[full]; !seen[0] || !seen[1] {
			t.Errorf("%s: first and second key touched: %v %v", full, seen[0], seen[1])
		}
	}
}

func union(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// words is a line as a handler sees it.
func words(line []string) (args [][]byte) {
	for _, w := range line {
		args = append(args, []byte(w))
	}
	return args
}

func TestKeyWalk(t *testing.T) {
	second := []keySpec{{access: ow, find: func(args [][]byte) (int, int, bool) { n := min(len(args)-1, 2); return n, n, false }}}
	keyword := []keySpec{{access: ro, first: 1, last: -1, step: 1, keyword: "streams", limit: 2}}
	for _, c := range []struct {
		specs []keySpec
		line  string
		want  []int
		bad   bool
		old   legacy
	}{
		{oneKey(ro), "x a b c d", []int{1}, false, legacy{1, 1, 1}},
		{keyAt(2, ro), "x a b", []int{2}, false, legacy{2, 2, 1}},
		{keyAt(2, ro), "x a", nil, false, legacy{2, 2, 1}},
		{keySpan(2, ro), "x a b c d", []int{1, 2}, false, legacy{1, 2, 1}},
		{allKeys(ro), "x a b c", []int{1, 2, 3}, false, legacy{1, -1, 1}},
		{allKeys(ro), "x", nil, false, legacy{1, -1, 1}},
		{pairs(ow), "x a b c d", []int{1, 3}, false, legacy{1, -1, 2}},
		{pairs(ow), "x a b c d e", []int{1, 3, 5}, false, legacy{1, -1, 2}},
		{fromTo(ro, ow), "x a b c d e", []int{1, 2}, false, legacy{1, 2, 1}},
		{toAll(ow, ro), "x a b c", []int{1, 2, 3}, false, legacy{1, -1, 1}},
		{countedAt(1, ro), "x 2 a b c", []int{2, 3}, false, legacy{}},
		{countedAt(1, ro), "x 0 a", nil, true, legacy{}},
		{countedAt(1, ro), "x 3 a b", nil, true, legacy{}},
		{countedAt(1, ro), "x a b", nil, true, legacy{}},
		{countedAt(1, ro), "x 9223372036854775807 b", nil, true, legacy{}},
		{countedAt(1, ro), "x", nil, true, legacy{}},
		{toCounted(ow, ro), "x d 2 a b c", []int{1, 3, 4}, false, legacy{1, 1, 1}},
		{keyword, "x count 2 streams a b 0 0", []int{4, 5}, false, legacy{}},
		{keyword, "x Streams a 0", []int{2}, false, legacy{}},
		{keyword, "x a b c", nil, false, legacy{}},
		{second, "x a b c", []int{2}, false, legacy{}},
		{nil, "x a b", nil, false, legacy{}},
	} {
		cmd := &command{keys: c.specs}
		var got []int
		walk := cmd.walkKeys(words(strings.Fields(c.line)))
		for walk.next() {
			got = append(got, walk.arg)
		}
		if !slices.Equal(got, c.want) || walk.bad != c.bad {
			t.Errorf("%+v of %q: %v bad=%v, want %v %v", c.specs, c.line, got, walk.bad, c.want, c.bad)
		}
		if old := legacyRange(c.specs); old != c.old {
			t.Errorf("%+v: legacy %v, want %v", c.specs, old, c.old)
		}
	}
}
