// Tests of the hash commands: replies, bad input, the journal, what a request costs.

package redis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestHashes(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for _, entries := range []string{"512", "0"} { // packed, and not
		c.want("+OK\r\n", "config", "set", "hash-max-listpack-entries", entries)
		c.want("+OK\r\n", "flushall")
		c.want(":2\r\n", "hset", "h", "a", "1", "b", "x")
		c.want(":1\r\n", "hset", "h", "a", "2", "c", "", "c", "")
		c.want(bulk("2"), "hget", "h", "a")
		c.want("$-1\r\n", "hget", "h", "nosuch")
		c.want("$-1\r\n", "hget", "nosuch", "a")
		c.want("*3\r\n$1\r\n2\r\n$-1\r\n$0\r\n\r\n", "hmget", "h", "a", "nosuch", "c")
		c.want(":3\r\n", "hlen", "h")
		c.want(":1\r\n", "hstrlen", "h", "b")
		c.want(":0\r\n", "hstrlen", "h", "nosuch")
		c.want(":1\r\n", "hexists", "h", "a")
		c.want(":0\r\n", "hexists", "h", "nosuch")
		c.want(":0\r\n", "hsetnx", "h", "a", "9")
		c.want(":1\r\n", "hsetnx", "h", "d", "9")
		c.want(":12\r\n", "hincrby", "h", "d", "3")
		c.want(":-5\r\n", "hincrby", "h", "new", "-5")
		c.want(bulk("12.5"), "hincrbyfloat", "h", "d", "0.5")
		c.want(":2\r\n", "hdel", "h", "d", "new", "nosuch", "d")
		c.want("+OK\r\n", "hmset", "h", "b", "y")
		c.want(":3\r\n", "hdel", "h", "a", "b", "c")
		c.want(":0\r\n", "exists", "h")
		c.want("*0\r\n", "hgetall", "h")
		c.want("*0\r\n", "hkeys", "h")
		c.want("*2\r\n$1\r\n0\r\n*0\r\n", "hscan", "h", "0")
		c.want(":1\r\n", "hset", "h", "f", "7")
		c.want("*2\r\n"+bulk("f")+bulk("7"), "hgetall", "h")
		c.want("*1\r\n"+bulk("f"), "hkeys", "h")
		c.want("*1\r\n"+bulk("7"), "hvals", "h")
		c.want(bulk("f"), "hrandfield", "h")
		c.want("*2\r\n"+bulk("f")+bulk("7"), "hrandfield", "h", "5", "withvalues")
		c.want("*2\r\n"+bulk("f")+bulk("f"), "hrandfield", "h", "-2")
		c.want("*2\r\n$1\r\n0\r\n*2\r\n"+bulk("f")+bulk("7"), "hscan", "h", "0", "count", "10")
		c.want("*2\r\n$1\r\n0\r\n*1\r\n"+bulk("f"), "hscan", "h", "0", "novalues")
		c.want("*2\r\n$1\r\n0\r\n*0\r\n", "hscan", "h", "0", "match", "g*")
		c.do("hello", "3")
		c.want("%1\r\n"+bulk("f")+bulk("7"), "hgetall", "h")
		c.want("*1\r\n*2\r\n"+bulk("f")+bulk("7"), "hrandfield", "h", "1", "withvalues")
		c.want("%0\r\n", "hgetall", "nosuch")
		c.want("_\r\n", "hrandfield", "nosuch")
		c.do("hello", "2")
	}
}

// TestR17HashBadInput: every mistake has its error and changes nothing.
func TestR17HashBadInput(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.do("set", "s", "v")
	c.do("hset", "h", "text", "abc", "max", "9223372036854775807", "one", "1", "inf", "inf")
	const wrong, number = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", "-ERR value is not an integer or out of range\r\n"
	const between = "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807\r\n"
	before := c.do("hgetall", "h")
	for _, step := range []struct{ line, want string }{
		{"hset h a", "-ERR wrong number of arguments for 'hset' command\r\n"}, {"hset h a 1 b", "-ERR wrong number of arguments for 'hset' command\r\n"},
		{"hmset h a 1 b", "-ERR wrong number of arguments for 'hmset' command\r\n"},
		{"hincrby h one x", number}, {"hincrby h one 9223372036854775808", number}, {"hincrby h one 1.5", number},
		{"hincrby h max 1", "-ERR increment or decrement would overflow\r\n"}, {"hincrby h text 1", "-ERR hash value is not an integer\r\n"},
		{"hincrbyfloat h text 1", "-ERR hash value is not a float\r\n"}, {"hincrbyfloat h one nan", "-ERR value is not a valid float\r\n"},
		{"hincrbyfloat h one inf", "-ERR value is NaN or Infinity\r\n"}, {"hincrbyfloat h one 1e9999", "-ERR value is not a valid float\r\n"},
		{"hincrbyfloat h inf 1", "-ERR increment would produce NaN or Infinity\r\n"},
		{"hrandfield h x", number}, {"hrandfield h -9223372036854775808", between}, {"hrandfield h 9223372036854775808", number},
		{"hrandfield h 4611686018427387904 withvalues", "-ERR value is out of range\r\n"}, {"hrandfield h -4611686018427387904 withvalues", "-ERR value is out of range\r\n"},
		{"hrandfield h 1 foo", "-ERR syntax error\r\n"}, {"hrandfield h -9223372036854775807", "-ERR value is out of range\r\n"}, {"hrandfield h 0", "*0\r\n"},
		{"hscan h x", "-ERR invalid cursor\r\n"}, {"hscan h 0 count 0", "-ERR syntax error\r\n"}, {"hscan h 0 count x", number}, {"hscan h 0 foo", "-ERR syntax error\r\n"},
		{"hscan nosuch 0 foo", "*2\r\n$1\r\n0\r\n*0\r\n"},
		{"hset s a 1", wrong}, {"hget s a", wrong}, {"hgetall s", wrong}, {"hdel s a", wrong}, {"hincrby s a 1", wrong}, {"hincrbyfloat s a 1", wrong},
		{"hrandfield s", wrong}, {"hrandfield s 1", wrong}, {"hscan s 0", wrong}, {"hsetnx s a 1", wrong}, {"hlen s", wrong}, {"hkeys s", wrong}, {"hvals s", wrong},
		{"hmget s a", wrong}, {"hexists s a", wrong}, {"hstrlen s a", wrong}, {"hmset s a 1", wrong}, {"get h", wrong}, {"append h x", wrong},
		{"hexpire s x fields 1 a", wrong}, {"httl s fields 1 a", wrong}, {"hpersist s fields 1 a", wrong}, {"hgetdel s fields 1 a", wrong},
		{"hgetex s fields 1 a", wrong}, {"hsetex s fields 1 a v", wrong},
	} {
		c.want(step.want, strings.Fields(step.line)...)
	}
	if after := c.do("hgetall", "h"); after != before {
		t.Errorf("changed from %q to %q", before, after)
	}
	// The longest numbers that make sense cost what is there.
	if got := c.do("hrandfield", "h", "9223372036854775807"); !strings.HasPrefix(got, "*4\r\n") {
		t.Errorf("all fields: %q", got)
	}
	if got := c.do("hscan", "h", "18446744073709551615", "count", "9223372036854775807"); !strings.HasPrefix(got, "*2\r\n$1\r\n0\r\n*8\r\n") {
		t.Errorf("all fields: %q", got)
	}
}

// TestHashScan walks over a big hash that others change.
func TestHashScan(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for i := range 2_000 {
		c.do("hset", "h", fmt.Sprint("stay", i), "v")
	}
	seen := map[string]bool{}
	cursor := "0"
	for calls := 0; ; calls++ {
		words := strings.Split(c.do("hscan", "h", cursor, "count", "20", "novalues"), "\r\n")
		for i := 5; i < len(words); i += 2 {
			seen[words[i]] = true
		}
		if cursor = words[2]; cursor == "0" {
			break
		}
		if calls > 1_000 {
			t.Fatal("no end")
		}
		for i := range 30 {
			c.do([]string{"hset", "hdel"}[calls/20%2], "h", fmt.Sprint("extra", calls%20*30+i), "v")
		}
	}
	for i := range 2_000 {
		if !seen[fmt.Sprint("stay", i)] {
			t.Fatalf("stay%d was there all along and not visited", i)
		}
	}
}

// TestHashJournal: what the journal gets can be repeated at another time.
func TestHashJournal(t *testing.T) {
	r := newRig(t, core.Options{})
	var d diary
	r.store.SetJournal(&d)
	c := r.client()
	now := r.now.Load()
	for _, step := range []struct{ line, want string }{
		{"hset h a 1 b 2", "0 hset h a 1 b 2"},
		{"hsetnx h a 2", ""},
		{"hsetnx h c 2", "0 hsetnx h c 2"},
		{"hincrby h a 5", "0 hincrby h a 5"},
		{"hincrbyfloat h a 0.5", "0 HSET h a 6.5"},
		{"hdel h nosuch", ""},
		{"hexpire h 10 fields 2 a nosuch", fmt.Sprintf("0 HPEXPIREAT h %d FIELDS 1 a", now+10_000)},
		{"hexpire h 10 nx fields 1 a", ""},
		{"hpexpireat h 1 fields 2 c nosuch", "0 HDEL h c"},
		{"hincrbyfloat h a 1", "0 HSETEX h KEEPTTL FIELDS 1 a 7.5"},
		{"hpersist h fields 2 a b", "0 HPERSIST h FIELDS 1 a"},
		{"hpersist h fields 1 a", ""},
		{"hgetex h ex 5 fields 2 a nosuch", fmt.Sprintf("0 HPEXPIREAT h %d FIELDS 1 a", now+5_000)},
		{"hgetex h fields 1 a", ""},
		{"hgetex h persist fields 2 a b", "0 HPERSIST h FIELDS 1 a"},
		{"hgetex h exat 1 fields 1 a", "0 HDEL h a"},
		{"hsetex h fields 1 a 1", "0 HSETEX h FIELDS 1 a 1"},
		{"hsetex h fnx fields 1 a 1", ""},
		{"hsetex h fxx px 50 fields 1 a 2", fmt.Sprintf("0 HSETEX h PXAT %d FIELDS 1 a 2", now+50)},
		{"hsetex h pxat 1 fields 2 a 2 z 3", "0 HDEL h a z"},
		{"hgetdel h fields 2 b nosuch", "0 HDEL h b nosuch"},
		{"exists h", ""},
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

// TestHashOutOfMemory: over the limit hashes can be read and emptied, not filled.
func TestHashOutOfMemory(t *testing.T) {
	r := newRig(t, core.Options{Policy: "noeviction"})
	c := r.client()
	c.do("hset", "h", "a", "1")
	r.store.SetMaxMemory(1)
	const oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
	c.want(oom, "hset", "h", "b", "1")
	c.want(oom, "hincrby", "h", "a", "1")
	c.want(oom, "hexpire", "h", "10", "fields", "1", "a")
	c.want(bulk("1"), "hget", "h", "a")
	c.want(":1\r\n", "hdel", "h", "a")
}

// TestHashAllocations: the hot commands allocate nothing, packed or not.
func TestHashAllocations(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	var in []byte
	for i := range 20 {
		c.do("hset", "small", fmt.Sprint("field", i), "value")
	}
	for i := range 600 {
		c.do("hset", "big", fmt.Sprint("field", i), "value")
	}
	for _, key := range []string{"small", "big"} {
		for i := range 8 {
			field := fmt.Sprint("field", i)
			in = append(in, request("HSET", key, field, "other")...)
			in = append(in, request("HSET", key, field, "one", "f", "x", "g", "y")...)
			in = append(in, request("HGET", key, field)...)
			in = append(in, request("HMGET", key, field, "nosuch")...)
			in = append(in, request("HINCRBY", key, "n", "1")...)
			in = append(in, request("HDEL", key, "f", "g")...)
			in = append(in, request("HSETNX", key, "f", "1")...)
			in = append(in, request("HGETALL", "small")...)
			in = append(in, request("HLEN", key)...)
		}
	}
	run := func() {
		c.worker.Out = c.worker.Out[:0]
		if n := c.Feed(c.worker, in); n != len(in) {
			t.Fatalf("took %d of %d", n, len(in))
		}
	}
	run()
	if n := testing.AllocsPerRun(50, run); n > 0 {
		t.Errorf("%.2f allocations per batch of %d commands", n, 2*8*9)
	}
}

func benchmarkHash(b *testing.B, fields int, words ...string) {
	c := newRig(b, core.Options{}).client()
	for i := range fields {
		c.do("HSET", "hash", fmt.Sprintf("field:%04d", i), fmt.Sprintf("value:%08d", i))
	}
	in := []byte(strings.Repeat(request(words...), 16))
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i += 16 {
		c.worker.Out = c.worker.Out[:0]
		c.Feed(c.worker, in)
	}
}

func BenchmarkFeedHGET(b *testing.B)    { benchmarkHash(b, 20, "HGET", "hash", "field:0010") }
func BenchmarkFeedHGETBig(b *testing.B) { benchmarkHash(b, 1000, "HGET", "hash", "field:0010") }
func BenchmarkFeedHSET(b *testing.B) {
	benchmarkHash(b, 20, "HSET", "hash", "field:0010", "other:12345678")
}
func BenchmarkFeedHSETBig(b *testing.B) {
	benchmarkHash(b, 1000, "HSET", "hash", "field:0010", "other:12345678")
}
func BenchmarkFeedHGETALL(b *testing.B) { benchmarkHash(b, 20, "HGETALL", "hash") }
