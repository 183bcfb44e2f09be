// What memcached refuses for its size or for want of memory, in every protocol, aloud and quietly; and the commands that set limits.

package diff

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// fullPair is a pair of servers under -M that hold as many items of one digit as their limit allows.
func fullPair(t *testing.T) (ours, theirs *harness.Server) {
	ours = harness.Memcached(t, "--maxmemory=2mb", "--maxmemory-policy=noeviction")
	theirs = harness.OracleMemcached(t, "-M", "-m", "2", "-o", "no_lru_maintainer,no_lru_crawler")
	fill(t, ours, "f")
	fill(t, theirs, "f")
	return ours, theirs
}

// fill adds items, whose names begin with letter, until there is no memory for another.
func fill(t *testing.T, s *harness.Server, letter string) {
	t.Helper()
	c := s.Dial(t)
	defer c.Close()
	for i, last := 0, ""; last != "SERVER_ERROR out of memory storing object"; i++ {
		if i == 1000 {
			t.Fatalf("%s holds %d items in 2 MB", s.Name, 100*i)
		}
		var in strings.Builder
		for j := range 100 {
			fmt.Fprintf(&in, "add %s%06d 0 0 1\r\n9\r\n", letter, 100*i+j)
		}
		c.Send(in.String())
		for range 100 {
			last = c.Line()
		}
	}
}

// answer sends lines and gives the replies, without what names the server.
func answer(t *testing.T, s *harness.Server, in string) string {
	t.Helper()
	c := s.Dial(t)
	defer c.Close()
	c.SetDeadline(time.Now().Add(replyLimit))
	harness.Go(func() { c.Write([]byte(in + "version\r\n")) })
	var got strings.Builder
	for {
		line, err := c.R.ReadString('\n')
		if err != nil {
			t.Fatalf("%s: after %q: %v", s.Name, short(got.String()), err)
		}
		if strings.HasPrefix(line, "VERSION ") {
			return got.String()
		}
		got.WriteString(line)
	}
}

func compareAnswers(t *testing.T, ours, theirs *harness.Server, requests []string) {
	t.Helper()
	for _, in := range requests {
		if a, b := answer(t, ours, in), answer(t, theirs, in); a != b {
			t.Errorf("sent %s\n  ours: %s\ntheirs: %s", short(in), short(a), short(b))
		}
	}
}

// compareFrames sends each batch to both.
func compareFrames(t *testing.T, ours, theirs *harness.Server, batches [][]binFrame) {
	t.Helper()
	x := &binSession{t: t, a: binSide{server: ours, cas: map[string]uint64{}}, b: binSide{server: theirs, cas: map[string]uint64{}}}
	for _, frames := range batches {
		for i := range frames {
			frames[i].magic, frames[i].lengths = 0x80, [3]int{-1, -1, -1}
		}
		if err := x.open(); err != nil {
			t.Fatal(err)
		}
		if a, b := x.exchange(frames); departure(a, b) >= 0 {
			t.Errorf("sent %v\n  ours: %v\ntheirs: %v", frames, a, b)
		}
		x.a.c.Close()
		x.b.c.Close()
	}
}

func TestFullMemcached(t *testing.T) {
	ours, theirs := fullPair(t)
	compareAnswers(t, ours, theirs, []string{
		"incr f000010 1\r\n", "incr f000010 1 noreply\r\nget f000010\r\n", "incr f000011 0\r\n", "decr f000011 1\r\n", "touch f000012 100\r\n", "touch f000012 0 noreply\r\n",
		"add new 0 0 1\r\nx\r\n", "add new 0 0 1 noreply\r\nx\r\n", "append f000013 0 0 1\r\nx\r\nget f000013\r\n", "prepend f000013 0 0 1 noreply\r\nx\r\nget f000013\r\n",
		"cas new 0 0 1 5\r\nx\r\n", "replace f000013 0 0 1\r\nx\r\nget f000013\r\n",
		"mg new N0 v k\r\nmn\r\n", "mg new N0 v q\r\nmn\r\n", "mg f000014 N0 v\r\n", "ma new N0\r\n", "ma new N0 q k O1\r\nmn\r\n", "ma f000010\r\n", "ma f000010 q k D100\r\nmn\r\n",
		"md f000015 I\r\nmg f000015 s\r\n", "ms new 1 ME\r\nx\r\n", "ms new 1 q k O1\r\nx\r\nmn\r\n",
	})
	count := func(expiry uint32) string { return be64(1) + be64(5) + be32(expiry) }
	compareFrames(t, ours, theirs, [][]binFrame{
		{{opcode: 0x05, key: "f000020", ext: count(0)}}, {{opcode: 0x15, key: "f000020", ext: count(0)}}, {{opcode: 0x05, key: "new", ext: count(0)}},
		{{opcode: 0x15, key: "new", ext: count(0)}}, {{opcode: 0x06, key: "new", ext: count(0)}}, {{opcode: 0x05, key: "new", ext: count(0xffffffff)}},
	})
	// A set that is refused takes the old item with it: there is room for the next one then.
	refill := func(letter string) {
		fill(t, ours, letter)
		fill(t, theirs, letter)
	}
	for i, in := range []string{"set %s 0 0 1\r\nx\r\nget %s\r\n", "set %s 0 0 1 noreply\r\nx\r\nget %s\r\n", "ms %s 1 k\r\nx\r\nmg %s\r\n", "ms %s 1 I MA q\r\nx\r\nmg %s\r\nmn\r\n"} {
		compareAnswers(t, ours, theirs, []string{strings.ReplaceAll(in, "%s", fmt.Sprintf("f00010%d", i))})
		refill("g")
	}
	compareAnswers(t, ours, theirs, []string{"ms ZjAwMDAyMA== 1 b\r\nx\r\nmg f000020\r\n"})
	refill("h")
	for i, opcode := range []byte{0x01, 0x11} {
		key := fmt.Sprintf("f00011%d", i)
		compareFrames(t, ours, theirs, [][]binFrame{{{opcode: opcode, key: key, ext: be32(0) + be32(0), val: "x"}, {opcode: 0x00, key: key}}})
		refill("i")
	}
}

func TestTooLargeForMemcached(t *testing.T) {
	ours, theirs := harness.Memcached(t), quietMemcached(t)
	big := strings.Repeat("x", 1_100_000)
	var requests []string
	for _, verb := range []string{"set k 0 0 1100000", "add k 0 0 1100000", "replace k 0 0 1100000", "append k 0 0 1100000", "prepend k 0 0 1100000", "cas k 0 0 1100000 5"} {
		requests = append(requests, "set k 0 0 1\r\na\r\n"+verb+"\r\n"+big+"\r\nget k\r\n", "set k 0 0 1\r\na\r\n"+verb+" noreply\r\n"+big+"\r\nget k\r\n")
	}
	for _, flags := range []string{"", " q", " ME k", " MA O1", " MP q", " MR", " I C5", " b"} {
		key := "k"
		if flags == " b" {
			key = "aw=="
		}
		requests = append(requests, "set k 0 0 1\r\na\r\nms "+key+" 1100000"+flags+"\r\n"+big+"\r\nget k\r\nmn\r\n")
	}
	half := "set k 0 0 700000\r\n" + big[:700_000] + "\r\n"
	requests = append(requests, half+"append k 0 0 700000\r\n"+big[:700_000]+"\r\ntouch k 0\r\n", half+"ms k 700000 MP\r\n"+big[:700_000]+"\r\ntouch k 0\r\n")
	compareAnswers(t, ours, theirs, requests)
	old := binFrame{opcode: 0x01, key: "k", ext: be32(5) + be32(100), val: "a"}
	var batches [][]binFrame
	for _, opcode := range []byte{0x01, 0x02, 0x03, 0x11, 0x12, 0x13} {
		batches = append(batches, []binFrame{old, {opcode: opcode, key: "k", ext: old.ext, val: big}, {key: "k"}, {opcode: opcode, key: "k", ext: old.ext, val: big, cas: 3}, {key: "k"}})
	}
	for _, opcode := range []byte{0x0e, 0x0f, 0x19, 0x1a} {
		batches = append(batches, []binFrame{old, {opcode: opcode, key: "k", val: big}, {key: "k"}})
	}
	compareFrames(t, ours, theirs, batches)
}

// TestMemcachedLimits: the odd arguments of verbosity, cache_memlimit and flush_all. Where the original takes a limit that it then shows, so do we.
func TestMemcachedLimits(t *testing.T) {
	ours, theirs := harness.Memcached(t), quietMemcached(t)
	var requests []string
	for _, arg := range []string{"", "0", "1", "-1", "4294967296", "99999999999999999999", "abc", "1 noreply", "noreply", "1 2", "1 2 noreply", "noreply noreply", "1.5", "0x1", "1a", "0"} {
		requests = append(requests, "verbosity "+arg+"\r\n")
	}
	for _, arg := range []string{"", "0", "7", "8", "9", "64", "1000000", "99999999999", "99999999999999999999", "abc", "-1", "64 noreply", "7 noreply", "noreply", "64 x", "64 64", "1.5", "64a", "+64", "64"} {
		requests = append(requests, "cache_memlimit "+arg+"\r\n")
	}
	const set = "set k 0 0 1\r\nx\r\n"
	for _, arg := range []string{"100", "100 noreply", "2592000", "2592001", "1000000000", "-5", "0", "x", "noreply"} {
		requests = append(requests, set+"flush_all "+arg+"\r\nget k\r\nflush_all\r\n")
	}
	compareAnswers(t, ours, theirs, requests)
	old := binFrame{opcode: 0x01, key: "k", ext: be32(0) + be32(0), val: "x"}
	var batches [][]binFrame
	for _, delay := range []string{"", be32(0), be32(100), be32(2_592_000), be32(2_592_001), be32(1_000_000_000)} {
		for _, opcode := range []byte{0x08, 0x18} {
			batches = append(batches, []binFrame{old, {opcode: opcode, ext: delay}, {key: "k"}, {opcode: 0x08}})
		}
	}
	compareFrames(t, ours, theirs, batches)
}
