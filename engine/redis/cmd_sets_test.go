// Tests of the set commands: what they reply, what the journal gets, several sets against plain maps.

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
)

const wrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"

// TestSetsErrors: every wrong argument has its error, in the order in which the real server looks (R17).
func TestSetsErrors(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.do("set", "str", "x")
	c.do("sadd", "s", "a", "b", "c")
	const positive, number, syntax = "-ERR value is out of range, must be positive\r\n", "-ERR value is not an integer or out of range\r\n", "-ERR syntax error\r\n"
	for _, step := range []struct{ line, want string }{
		{"spop s x", positive}, {"spop s -1", positive}, {"spop s 9223372036854775808", positive}, {"spop str x", positive}, {"spop s 1 2", syntax},
		{"spop s 0", "*0\r\n"}, {"spop nokey 5", "*0\r\n"}, {"spop nokey", "$-1\r\n"}, {"spop str", wrongType}, {"spop str 1", wrongType},
		{"srandmember s x", number}, {"srandmember s 9223372036854775808", number}, {"srandmember nokey x", number}, {"srandmember s 1 2", syntax},
		{"srandmember s -9223372036854775808", "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807\r\n"},
		{"srandmember s -9223372036854775807", "-ERR value is out of range, value must between -16777216 and 9223372036854775807\r\n"},
		{"srandmember nokey 5", "*0\r\n"}, {"srandmember nokey -5", "*0\r\n"}, {"srandmember nokey", "$-1\r\n"}, {"srandmember s 0", "*0\r\n"}, {"srandmember str 1", wrongType},
		{"sintercard 0 s", "-ERR numkeys should be greater than 0\r\n"}, {"sintercard x s", "-ERR numkeys should be greater than 0\r\n"},
		{"sintercard 3 s s", "-ERR Number of keys can't be greater than number of args\r\n"}, {"sintercard 9223372036854775807 s", "-ERR Number of keys can't be greater than number of args\r\n"},
		{"sintercard 1 s limit", syntax}, {"sintercard 1 s limit -1", "-ERR LIMIT can't be negative\r\n"}, {"sintercard 1 s limit x", "-ERR LIMIT can't be negative\r\n"},
		{"sintercard 1 s limit 1 limit 2", ":2\r\n"}, {"sintercard 1 s limit 0", ":3\r\n"}, {"sintercard 2 nokey str", wrongType}, {"sintercard 1 s foo", syntax},
		{"sinter nokey str", wrongType}, {"sunion s str", wrongType}, {"sdiff str s", wrongType}, {"sinterstore d nokey str", wrongType}, {"sdiffstore d s str", wrongType},
		{"smove nokey str a", ":0\r\n"}, {"smove s str a", wrongType}, {"smove str s a", wrongType}, {"smove s s a", ":1\r\n"}, {"smove s s q", ":0\r\n"},
		{"sscan s x", "-ERR invalid cursor\r\n"}, {"sscan nokey x", "-ERR invalid cursor\r\n"}, {"sscan nokey 0 foo", "*2\r\n$1\r\n0\r\n*0\r\n"}, {"sscan s 0 foo", syntax}, {"sscan str 0 foo", wrongType},
		{"sscan s 0 count 0", syntax}, {"sscan s 0 count x", number}, {"sscan s 0 match b", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nb\r\n"}, {"sscan s 5 count 9223372036854775807 match c", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nc\r\n"},
		{"sadd str a", wrongType}, {"srem str a", wrongType}, {"scard str", wrongType}, {"sismember str a", wrongType}, {"smismember str a", wrongType}, {"smembers str", wrongType},
		{"sadd s", "-ERR wrong number of arguments for 'sadd' command\r\n"}, {"get s", wrongType},
		{"scard s", ":3\r\n"}, {"scard nokey", ":0\r\n"}, {"smembers nokey", "*0\r\n"}, {"smismember s a q", "*2\r\n:1\r\n:0\r\n"}, {"smismember nokey a q", "*2\r\n:0\r\n:0\r\n"},
		{"srem s a b c d", ":3\r\n"}, {"exists s", ":0\r\n"}, {"type str", "+string\r\n"},
	} {
		c.want(step.want, strings.Fields(step.line)...)
	}
}

// TestSetsResp3: what is a set in RESP3, and what is not.
func TestSetsResp3(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.do("hello", "3")
	c.do("sadd", "s", "1")
	for _, step := range []struct{ line, want string }{
		{"smembers s", "~1\r\n$1\r\n1\r\n"}, {"smembers nokey", "~0\r\n"}, {"sinter s s", "~1\r\n$1\r\n1\r\n"}, {"sinter s nokey", "~0\r\n"}, {"sunion s nokey", "~1\r\n$1\r\n1\r\n"},
		{"sunion a b c d e s", "~1\r\n$1\r\n1\r\n"}, {"sdiff s nokey", "~1\r\n$1\r\n1\r\n"}, {"srandmember s 1", "*1\r\n$1\r\n1\r\n"}, {"srandmember s -2", "*2\r\n$1\r\n1\r\n$1\r\n1\r\n"},
		{"srandmember nokey", "_\r\n"}, {"smismember s 1", "*1\r\n:1\r\n"}, {"spop s 0", "~0\r\n"}, {"spop s 1", "~1\r\n$1\r\n1\r\n"}, {"spop s", "_\r\n"},
	} {
		c.want(step.want, strings.Fields(step.line)...)
	}
}

// TestSetsJournal: what is chance reaches the journal as what it came to, and nothing where nothing has changed.
func TestSetsJournal(t *testing.T) {
	r := newRig(t, core.Options{})
	var d diary
	r.store.SetJournal(&d)
	c := r.client()
	for _, step := range []struct{ line, want string }{
		{"sadd s 1", "0 sadd s 1"}, {"sadd s 1", ""}, {"spop s", "0 SREM s 1"}, {"spop s", ""}, {"sadd s 1 a", "0 sadd s 1 a"}, {"spop s 5", "0 DEL s"}, {"spop s 5", ""},
		{"sadd s 1 2", "0 sadd s 1 2"}, {"spop s 0", ""}, {"srem s 9", ""}, {"srem s 9 1", "0 srem s 9 1"}, {"smove s d 9", ""}, {"smove s d 2", "0 smove s d 2"}, {"smove s d 2", ""},
		{"sinterstore e nokey", ""}, {"sunionstore e d", "0 sunionstore e d"}, {"sdiffstore e d d", "0 sdiffstore e d d"}, {"sdiffstore e d d", ""}, {"srandmember d", ""},
	} {
		d.lines = nil
		if reply := c.do(strings.Fields(step.line)...); strings.HasPrefix(reply, "-") {
			t.Errorf("%s: %s", step.line, reply)
		}
		if got := strings.Join(d.lines, "; "); got != step.want {
			t.Errorf("%s: journal got %q, want %q", step.line, got, step.want)
		}
	}
	c.do("sadd", "s", "1", "2", "3", "4")
	d.lines = nil
	popped := elements(c.do("spop", "s", "2"))
	if want := "0 SREM s " + strings.Join(popped, " "); len(popped) != 2 || strings.Join(d.lines, ";") != want {
		t.Errorf("journal got %q, want %q", d.lines, want)
	}
}

// elements are the strings of an array or a set, as it went out.
func elements(reply string) (out []string) {
	lines := strings.Split(reply, "\r\n")
	for i := 2; i < len(lines); i += 2 {
		out = append(out, lines[i])
	}
	return out
}

// TestSetsAlgebra compares what several sets give with plain maps, and how results are kept with a set made of them one by one.
func TestSetsAlgebra(t *testing.T) {
	for seed := range uint64(8) {
		c := newRig(t, core.Options{}).client()
		r := rand.New(rand.NewPCG(seed, 1))
		for round := range racing.Times(60) {
			c.do("flushall")
			var sets []map[string]bool
			var names []string
			for i := range 1 + r.IntN(7) {
				set, name := map[string]bool{}, "s"+strconv.Itoa(i)
				size := []int{0, 3, 30, 100, 400, 900}[r.IntN(6)]
				line := []string{"sadd", name}
				for range size {
					m := strconv.Itoa(r.IntN(1 + size*3/2))
					if (seed+uint64(i))%3 == 0 && r.IntN(2) == 0 {
						m = "m" + m
					}
					set[m] = true
					line = append(line, m)
				}
				if size > 0 {
					c.do(line...)
				}
				if r.IntN(20) == 0 && i > 0 { // the same one again
					set, name = sets[0], names[0]
				}
				sets, names = append(sets, set), append(names, name)
			}
			inter, union, diff := maps.Clone(sets[0]), maps.Clone(sets[0]), maps.Clone(sets[0])
			for _, s := range sets[1:] {
				maps.DeleteFunc(inter, func(m string, _ bool) bool { return !s[m] })
				maps.DeleteFunc(diff, func(m string, _ bool) bool { return s[m] })
				maps.Copy(union, s)
			}
			for op, want := range map[string]map[string]bool{"sinter": inter, "sunion": union, "sdiff": diff} {
				label := fmt.Sprintf("seed %d, round %d, %s of %v", seed, round, op, names)
				sorted := slices.Sorted(maps.Keys(want))
				got := elements(c.do(append([]string{op}, names...)...))
				if slices.Sort(got); !slices.Equal(got, sorted) {
					t.Fatalf("%s: %v, want %v", label, got, sorted)
				}
				to := []string{"to", names[0], names[len(names)-1]}[r.IntN(3)]
				if to != "to" { // one of the sources: on a copy
					c.do("copy", to, "kept")
				}
				if n := c.do(append([]string{op + "store", to}, names...)...); n != fmt.Sprintf(":%d\r\n", len(want)) {
					t.Fatalf("%sstore to %s: %s, want %d", label, to, n, len(want))
				}
				got = elements(c.do("smembers", to))
				if slices.Sort(got); !slices.Equal(got, sorted) {
					t.Fatalf("%sstore to %s: %v, want %v", label, to, got, sorted)
				}
				c.do("del", to)
				if to != "to" {
					c.do("rename", "kept", to)
				}
			}
			limit := 1 + r.IntN(20)
			line := append([]string{"sintercard", strconv.Itoa(len(names))}, names...)
			c.want(fmt.Sprintf(":%d\r\n", len(inter)), line...)
			c.want(fmt.Sprintf(":%d\r\n", min(limit, len(inter))), append(line, "limit", strconv.Itoa(limit))...)
		}
	}
}

// TestSetsStoredEncodings: how results are kept, as Redis 7.2 decides it.
func TestSetsStoredEncodings(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	add := func(name, prefix string, from, to int) {
		line := []string{"sadd", name}
		for i := from; i < to; i++ {
			line = append(line, prefix+strconv.Itoa(i))
		}
		c.do(line...)
	}
	add("ints", "", 0, 500)
	add("bigints", "", 0, 600)
	add("texts", "t", 0, 100)
	add("bigtexts", "t", 0, 1000)
	add("mixed", "", 0, 20)
	add("mixed", "t", 0, 20)
	for _, step := range []struct{ line, want string }{
		{"sinterstore d ints bigints", "intset"}, {"sinterstore d bigints bigints", "hashtable"}, {"sinterstore d texts bigtexts", "listpack"}, {"sinterstore d mixed ints", "intset"},
		{"sinterstore d bigtexts bigtexts", "hashtable"}, {"sunionstore d ints", "intset"}, {"sunionstore d bigints", "hashtable"}, {"sunionstore d ints texts", "hashtable"},
		{"sunionstore d texts", "listpack"}, {"sunionstore d mixed texts", "listpack"}, {"sdiffstore d bigints ints", "intset"}, {"sdiffstore d bigtexts mixed", "hashtable"},
		{"sdiffstore d bigtexts texts", "hashtable"}, {"sdiffstore d texts mixed", "listpack"}, {"sdiffstore d mixed texts", "intset"},
	} {
		if reply := c.do(strings.Fields(step.line)...); reply[0] != ':' {
			t.Errorf("%s: %s", step.line, reply)
		}
		if got := c.do("object", "encoding", "d"); got != bulk(step.want) {
			t.Errorf("%s: kept as %q, want %s", step.line, got, step.want)
		}
	}
	c.do("spop", "bigtexts", "950")
	c.want(bulk("listpack"), "object", "encoding", "bigtexts")
	c.want(":50\r\n", "scard", "bigtexts")
	c.do("expire", "bigints", "100")
	c.do("spop", "bigints", "590")
	c.want(":100\r\n", "ttl", "bigints")
}

// TestSetsDrawing: a count gives as many different members, a negative one as many as it says.
func TestSetsDrawing(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for _, size := range []int{1, 20, 200, 3000} {
		c.do("del", "s")
		for i := range size {
			c.do("sadd", "s", "m"+strconv.Itoa(i))
		}
		for _, n := range []int{1, 2, 19, 21, 150, 2999, 3000, 1 << 40} {
			got := elements(c.do("srandmember", "s", strconv.Itoa(n)))
			slices.Sort(got)
			if len(slices.Compact(got)) != min(n, size) {
				t.Errorf("%d of %d by chance: %d different ones", n, size, len(slices.Compact(got)))
			}
		}
		if got := elements(c.do("srandmember", "s", "-500")); len(got) != 500 {
			t.Errorf("asked for 500 with repetition, got %d", len(got))
		}
		left := size
		for left > 0 {
			n := min(left, 1+left/3)
			for _, m := range elements(c.do("spop", "s", strconv.Itoa(n))) {
				left--
				c.want(":0\r\n", "sismember", "s", m)
			}
			c.want(fmt.Sprintf(":%d\r\n", left), "scard", "s")
		}
		c.want(":0\r\n", "exists", "s")
	}
}

func TestSetsAllocations(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for i := range 3_000 {
		c.do("sadd", "big", "member:"+strconv.Itoa(i))
	}
	c.do("sadd", "small", "a", "b", "c")
	c.do("sadd", "ints", "1", "2", "3")
	for _, line := range []string{"sadd big member:1", "sismember big member:7", "sismember ints 2", "sismember small b", "srandmember big", "smembers small", "scard big",
		"spop big", "srem big member:9", "sadd ints 5", "smembers ints"} {
		in := []byte(request(strings.Fields(line)...))
		run := func() {
			c.worker.Out = c.worker.Out[:0]
			c.Feed(c.worker, in)
		}
		if n := testing.AllocsPerRun(200, run); n > 0 {
			t.Errorf("%s allocates %.1f times", line, n)
		}
	}
}

// TestSRANDMEMBERBoundsItsReply: few draws make a long reply where the only member is long (R17).
func TestSRANDMEMBERBoundsItsReply(t *testing.T) {
	r := newRig(t, core.Options{})
	r.e.maxReply = 16 << 20
	c := r.client()
	c.want(":1\r\n", "SADD", "s", strings.Repeat("m", 1<<20))
	c.want("-ERR value is out of range\r\n", "SRANDMEMBER", "s", "-16000000")
	c.want("+PONG\r\n", "PING")
}
