// Rows M1 to M5, M7 and R16 on the memcached personality: malformed keys, bodies, numbers and verbs.

package badinput

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	badFormat = "CLIENT_ERROR bad command line format\r\n"
	badChunk  = "CLIENT_ERROR bad data chunk\r\n"
	tooLarge  = "SERVER_ERROR object too large for cache\r\n"
)

// step is one exchange on a shared connection; any of want will do, for answers that differ between versions.
type step struct {
	name, send string
	want       []string
}

// playShared runs steps on one connection; after each it must be in step: a marker is set and read back.
func (w *watch) playShared(steps []step) {
	w.t.Helper()
	c := w.s.Dial(w.t)
	for i, s := range steps {
		mark := fmt.Sprintf("mark%d", i)
		tail := fmt.Sprintf("STORED\r\nVALUE %s 0 1\r\nx\r\nEND\r\n", mark)
		c.Send(s.send + fmt.Sprintf("set %s 0 0 1\r\nx\r\nget %s\r\n", mark, mark))
		var got string
		for !strings.HasSuffix(got, tail) {
			c.SetReadDeadline(time.Now().Add(10 * time.Second))
			line, err := c.R.ReadString('\n')
			got += line
			if err != nil {
				w.t.Fatalf("%s: out of step: %v, got %q", s.name, err, got)
			}
		}
		got = strings.TrimSuffix(got, tail)
		ok := false
		for _, want := range s.want {
			ok = ok || got == want
		}
		if !ok {
			w.t.Errorf("%s: got %q, want %q", s.name, got, s.want)
		}
	}
	c.Close()
	w.inStep()
}

func one(s string) []string { return []string{s} }

func TestM1Keys(t *testing.T) {
	w := watchMemcached(t)
	long := strings.Repeat("k", 251)
	// The original takes the body of a refused line for a command (ERROR); newer ones and we swallow it.
	refused := []string{badFormat, badFormat + "ERROR\r\n"}
	var steps []step
	for _, verb := range []string{"set", "add", "replace", "append", "prepend"} {
		steps = append(steps, step{verb + " a long key", verb + " " + long + " 0 0 3\r\nabc\r\n", refused})
	}
	steps = append(steps,
		step{"cas a long key", "cas " + long + " 0 0 3 1\r\nabc\r\n", refused},
		step{"get a long key", "get " + long + "\r\n", one(badFormat)},
		step{"gets a long key behind good ones", "gets a b " + long + "\r\n", one(badFormat)},
		step{"incr a long key", "incr " + long + " 1\r\n", one(badFormat)},
		step{"delete a long key", "delete " + long + "\r\n", one(badFormat)},
		step{"touch a long key", "touch " + long + " 0\r\n", one(badFormat)},
		step{"the longest key", "set " + long[:250] + " 0 0 1\r\nx\r\nget " + long[:250] + "\r\n", one("STORED\r\nVALUE " + long[:250] + " 0 1\r\nx\r\nEND\r\n")},
		step{"no key", "get\r\nget \r\n", one("ERROR\r\nERROR\r\n")},
		step{"a key with a blank", "delete a b\r\n", one("CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n")},
		step{"a key of control characters", "set a\x01b 0 0 1\r\nx\r\nget a\x01b\r\n", []string{"STORED\r\nVALUE a\x01b 0 1\r\nx\r\nEND\r\n", badFormat + badFormat}},
	)
	w.playShared(steps)
	w.unharmed()
}

func TestM2Sizes(t *testing.T) {
	w := watchMemcached(t)
	big := strings.Repeat("x", 1<<20+1)
	either := []string{badFormat, badFormat + "ERROR\r\n", badChunk, badChunk + "ERROR\r\n"}
	w.playShared([]step{
		{"too large, the old value goes", "set big 0 0 3\r\nabc\r\n" + fmt.Sprintf("set big 0 0 %d\r\n", len(big)) + big + "\r\nget big\r\n", one("STORED\r\n" + tooLarge + "END\r\n")},
		{"too large, noreply", fmt.Sprintf("set big 0 0 %d noreply\r\n", len(big)) + big + "\r\nget big\r\n", one("END\r\n")},
		{"length -1", "set a 0 0 -1\r\nabc\r\n", either},
		{"length 2^32", "set a 0 0 4294967296\r\nabc\r\n", either},
		{"length 2^63", "set a 0 0 9223372036854775808\r\nabc\r\n", either},
		{"length 2^64", "set a 0 0 18446744073709551616\r\nabc\r\n", either},
		{"no number", "set a 0 0 abc\r\nabc\r\n", either},
		{"nearly as large as allowed", fmt.Sprintf("set fit 0 0 %d\r\n", 1_000_000) + big[:1_000_000] + "\r\ndelete fit\r\n", one("STORED\r\nDELETED\r\n")},
		{"append beyond the limit", "set grow 0 0 600000\r\n" + big[:600_000] + "\r\nappend grow 0 0 600000\r\n" + big[:600_000] + "\r\ndelete grow\r\n",
			[]string{"STORED\r\n" + tooLarge + "DELETED\r\n", "STORED\r\nSERVER_ERROR out of memory storing object\r\nDELETED\r\n", "STORED\r\nNOT_STORED\r\nDELETED\r\n"}},
	})
	// 2^31-1 cannot be swallowed in a test: any error will do, or silence while the body is awaited.
	c := w.s.Dial(t)
	c.Send("set a 0 0 2147483647\r\n")
	if got, _ := c.Drain(time.Second); got != "" && got != badFormat && got != tooLarge {
		t.Errorf("length 2^31-1: %q", got)
	}
	c.Close()
	w.unharmed()
}

func TestM3Bodies(t *testing.T) {
	w := watchMemcached(t)
	w.playShared([]step{
		{"one byte too many", "set a 0 0 3\r\nabcd\r\n", []string{badChunk, badChunk + "ERROR\r\n"}},
		{"two bytes too many", "set a 0 0 3\r\nabcXY\r\n", []string{badChunk, badChunk + "ERROR\r\n"}},
		{"many bytes too many", "set a 0 0 3\r\n" + strings.Repeat("abc", 100) + "\r\n", []string{badChunk, badChunk + "ERROR\r\n"}},
		{"not stored", "get a\r\n", one("END\r\n")},
		{"a body of line ends", "set a 0 0 4\r\n\r\n\r\n\r\nget a\r\n", one("STORED\r\nVALUE a 0 4\r\n\r\n\r\n\r\nEND\r\n")},
		{"an empty body", "set a 0 0 0\r\n\r\nget a\r\n", one("STORED\r\nVALUE a 0 0\r\n\r\nEND\r\n")},
		{"bare newlines", "set a 0 0 1\nx\r\nget a\n", one("STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n")},
		{"too short", "set a 0 0 8\r\nab\r\nfoo\r\nx\r\n", []string{badChunk + "ERROR\r\n", badChunk}},
	})
	c := w.s.Dial(t)
	c.Send("set cut 0 0 100\r\nhalf of it")
	c.Close()
	w.by.Ask("get cut\r\n", "END\r\n")
	w.unharmed()
}

func TestM4Verbs(t *testing.T) {
	w := watchMemcached(t)
	w.playShared([]step{
		{"unknown", "foo\r\n", one("ERROR\r\n")},
		{"unknown with arguments", "foo a b c d e f g h\r\n", one("ERROR\r\n")},
		{"empty line", "\r\n", one("ERROR\r\n")},
		{"upper case", "GETX a\r\n", one("ERROR\r\n")},
		{"zeros", "\x00\x00\r\n", one("ERROR\r\n")},
	})
	for name, send := range map[string]string{
		"3000 bytes that are no get":    strings.Repeat("x", 3000),
		"5000 blanks":                   strings.Repeat(" ", 5000),
		"101 blanks before a long line": strings.Repeat(" ", 101) + strings.Repeat("get", 1000),
	} {
		c := w.s.Dial(t)
		c.SendAny(send)
		if got := c.UntilClosed(10 * time.Second); got != "" && !strings.HasPrefix(got, "ERROR") && !strings.HasPrefix(got, "CLIENT_ERROR") {
			t.Errorf("%s: %q", name, got)
		}
	}
	w.inStep()
	w.unharmed()
}

func TestM4HugeMultiget(t *testing.T) {
	if !onlyOurs(t) { // the original keeps the memory
		return
	}
	w := watchMemcached(t)
	c := w.s.Dial(t)
	const n = 300_000
	c.Ask("set k7 0 0 1\r\nv\r\n", "STORED\r\n")
	var b strings.Builder
	b.WriteString("get")
	for i := range n {
		fmt.Fprintf(&b, " k%d", i)
	}
	c.Send(b.String() + "\r\n")
	got := c.UntilEnd()
	all := strings.Join(got, "|")
	if all != "VALUE k7 0 1|v|END" && !strings.HasPrefix(all, "SERVER_ERROR out of memory") {
		t.Errorf("get of %d keys: %q", n, all[:min(len(all), 200)])
	}
	c.Close()
	w.unharmed()
}

func TestM5Arithmetic(t *testing.T) {
	w := watchMemcached(t)
	const (
		nonNumeric = "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n"
		badDelta   = "CLIENT_ERROR invalid numeric delta argument\r\n"
	)
	set := func(v string) string { return fmt.Sprintf("set n 0 0 %d\r\n%s\r\n", len(v), v) }
	w.playShared([]step{
		{"text", set("abc") + "incr n 1\r\n", one("STORED\r\n" + nonNumeric)},
		{"too large a value", set("18446744073709551616") + "incr n 1\r\n", one("STORED\r\n" + nonNumeric)},
		{"negative value", set("-1") + "incr n 1\r\n", one("STORED\r\n" + nonNumeric)},
		{"negative delta", set("5") + "incr n -1\r\n", one("STORED\r\n" + badDelta)},
		{"too large a delta", "incr n 18446744073709551616\r\n", one(badDelta)},
		{"no number", "incr n abc\r\ndecr n 1.5\r\n", one(badDelta + badDelta)},
		{"wraps", set("18446744073709551615") + "incr n 1\r\n", one("STORED\r\n0\r\n")},
		{"floor", set("5") + "decr n 10\r\n", one("STORED\r\n0\r\n")},
		{"greatest delta", set("1") + "decr n 18446744073709551615\r\n", one("STORED\r\n0\r\n")},
		{"no such key", "incr nosuch 1\r\n", one("NOT_FOUND\r\n")},
	})
	w.unharmed()
}

func TestM7NoreplyAndTuning(t *testing.T) {
	w := watchMemcached(t)
	w.playShared([]step{
		{"a pipeline without replies", strings.Repeat("set p 0 0 1 noreply\r\nx\r\nincr p 1 noreply\r\ndelete p noreply\r\ntouch p 0 noreply\r\n", 200), one("")},
		{"an error that is not told", "incr nosuch 1 noreply\r\n", one("")},
		{"a body too long, noreply", "set a 0 0 3 noreply\r\nabcd\r\n", []string{"", "ERROR\r\n", badChunk}},
		{"verbosity", "verbosity\r\nverbosity 1\r\nverbosity x\r\nverbosity 1 noreply\r\n", one("ERROR\r\nOK\r\n" + badFormat)},
	})
	// Tuning commands without arguments or with absurd ones: one line, whichever, and nothing happens.
	c := w.s.Dial(t)
	for _, line := range []string{"lru mode", "lru", "slabs", "slabs automove", "slabs automove 9e9", "slabs reassign", "slabs reassign 1", "slabs reassign a b", "slabs reassign 99 98", "lru_crawler", "lru_crawler metadump", "cache_memlimit", "cache_memlimit x", "watch foo"} {
		c.Send(line + "\r\n")
		if got := c.Line(); !strings.HasPrefix(got, "ERROR") && !strings.HasPrefix(got, "CLIENT_ERROR") && !strings.HasPrefix(got, "BADCLASS") {
			t.Errorf("%q: %q", line, got)
		}
	}
	c.Ask("flush_all -1\r\n", "OK\r\n") // as good as none: everything goes
	w.by.Ask("get bystander\r\n", "END\r\n")
	w.by.Ask("set bystander 5 0 28\r\n"+canary+"\r\n", "STORED\r\n")
	w.unharmed()
}

func TestR16HTTPOnTheMemcachedPort(t *testing.T) {
	w := watchMemcached(t)
	for _, verb := range []string{"GET", "POST", "PUT", "DELETE"} {
		c := w.s.Dial(t)
		c.SendAny(verb + " / HTTP/1.1\r\nHost: localhost\r\n\r\nset attacked 0 0 1\r\nx\r\n")
		if got := c.UntilClosed(10 * time.Second); got != "" {
			t.Errorf("%s: %q", verb, got)
		}
	}
	w.by.Ask("get attacked\r\n", "END\r\n")
	w.unharmed()
}

// TestM3SplitRequests cuts a stream of every kind of request at every place.
func TestM3SplitRequests(t *testing.T) {
	w := watchMemcached(t)
	stream := "set s 7 0 5\r\na\r\nbc\r\nget s nosuch\r\nadd s 0 0 1\r\nx\r\nincr s 1\r\nfoo\r\nset q 0 0 0 noreply\r\n\r\ndelete s\r\ntouch q 0\r\n"
	want := "STORED\r\nVALUE s 7 5\r\na\r\nbc\r\nEND\r\nNOT_STORED\r\nCLIENT_ERROR cannot increment or decrement non-numeric value\r\nERROR\r\nDELETED\r\nTOUCHED\r\n"
	c := w.s.Dial(t)
	for i := range len(stream) {
		c.Send(stream[i : i+1])
	}
	c.Expect(want)
	for i := 1; i < len(stream); i++ {
		c.Send(stream[:i])
		if i%5 == 0 {
			time.Sleep(200 * time.Microsecond)
		}
		c.Ask(stream[i:], want)
	}
	w.unharmed()
}
