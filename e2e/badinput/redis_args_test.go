// Rows R17 and R18: wrong arguments to every command there is, and patterns made to explode.

package badinput

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// hostile are arguments that break whoever does arithmetic with them unchecked. None of them is a real short
// sleep, shutdown mode or short lifetime.
var hostile = []string{
	"9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615", "4294967296", "-1", "-0", "nan", "inf",
	"-inf", "1e400", "", "34359738368", "536870912", "\x00\xff", "COUNT", "*",
}

// notCalled are commands that end or stall the server, or change what later replies look like, when they are called rightly.
var notCalled = []string{"shutdown", "debug", "quit", "unsubscribe", "punsubscribe", "sunsubscribe", "reset", "monitor", "sync", "psync", "subscribe", "psubscribe", "ssubscribe", "replicaof", "slaveof", "failover", "multi", "hello",
	"client", "wait", "waitaof", "blpop", "brpop", "brpoplpush", "blmove", "blmpop", "bzpopmin", "bzpopmax", "bzmpop", "xread", "xreadgroup", "eval", "evalsha", "exec", "config"}

// commandNames are the names in our COMMAND, subcommands as two words.
func commandNames(c *harness.Conn) [][]string {
	var out [][]string
	for _, e := range c.Do("COMMAND").Elems {
		name := e.Elems[0].Str
		if slices.Contains(notCalled, name) {
			continue
		}
		out = append(out, []string{name})
		if len(e.Elems) > 9 {
			for _, sub := range e.Elems[9].Elems {
				out = append(out, strings.SplitN(sub.Elems[0].Str, "|", 2))
			}
		}
	}
	return out
}

// TestR17EveryCommandEveryArgument calls every command with each number of arguments up to five, with hostile values in each place.
func TestR17EveryCommandEveryArgument(t *testing.T) {
	w := watchRedis(t)
	c := w.s.Dial(t)
	sent := 0
	for _, name := range commandNames(c) {
		var batch strings.Builder
		n := 0
		add := func(args ...string) {
			batch.WriteString(harness.Command(append(slices.Clone(name), args...)...))
			n++
		}
		add()
		for count := 1; count <= 5; count++ {
			for place := range count {
				for _, h := range hostile {
					args := slices.Repeat([]string{"1"}, count)
					args[place] = h
					args[0] = strings.Replace(args[0], "1", "r17", 1)
					add(args...)
				}
			}
		}
		c.Send(batch.String() + harness.Command("ECHO", "in step"))
		for range n {
			if r := c.Reply(); r.Str == "in step" {
				t.Fatalf("%v: fewer replies than commands", name)
			}
		}
		if r := c.Reply(); r.Str != "in step" {
			t.Fatalf("%v: more replies than commands: %v", name, r)
		}
		sent += n
		w.by.Do("FLUSHALL")
		w.by.Do("SET", "bystander", canary)
		if grown := w.s.RSS(t) - w.base; grown > 600<<20 {
			t.Fatalf("%v: memory grown by %d MB", name, grown>>20)
		}
	}
	if sent < 1000 {
		t.Fatalf("only %d command lines: COMMAND tells too little", sent)
	}
	w.by.Ask(harness.Command("SELECT", "0"), "+OK\r\n")
	w.unharmed()
}

func TestR17StringSizes(t *testing.T) {
	w := watchRedis(t)
	tooBig := "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"
	w.play([]exchange{
		{name: "SETRANGE behind 512 MB", send: harness.Command("SETRANGE", "k", "536870911", "ab"), want: tooBig},
		{name: "SETRANGE at 512 MB", send: harness.Command("SETRANGE", "k", "536870912", "a"), want: tooBig},
		{name: "SETRANGE at the end of int64", send: harness.Command("SETRANGE", "k", "9223372036854775807", "a"), want: tooBig},
		{name: "SETRANGE before the start", send: harness.Command("SETRANGE", "k", "-1", "a"), want: "-ERR offset is out of range\r\n"},
		{name: "SETRANGE far but empty", send: harness.Command("SETRANGE", "k", "9223372036854775807", ""), want: ":0\r\n"},
		{name: "GETRANGE over everything", send: harness.Command("SET", "k", "abc") + harness.Command("GETRANGE", "k", "-9223372036854775808", "9223372036854775807"), want: "+OK\r\n$3\r\nabc\r\n"},
		{name: "INCR at the end", send: harness.Command("SET", "k", "9223372036854775807") + harness.Command("INCR", "k"), want: "+OK\r\n-ERR increment or decrement would overflow\r\n"},
		{name: "DECRBY of the least", send: harness.Command("DECRBY", "k", "-9223372036854775808"), want: "-ERR decrement would overflow\r\n"},
		{name: "INCRBYFLOAT nan", send: harness.Command("INCRBYFLOAT", "k", "nan"), want: "-ERR value is not a valid float\r\n"},
		{name: "INCRBYFLOAT inf", send: harness.Command("SET", "f", "1") + harness.Command("INCRBYFLOAT", "f", "inf"), want: "+OK\r\n-ERR increment would produce NaN or Infinity\r\n"},
		{name: "MSETNX with an odd count (CVE-2023-28425)", send: harness.Command("MSETNX", "a", "1", "b"), want: "-ERR wrong number of arguments for 'msetnx' command\r\n"},
		{name: "EXPIRE overflow", send: harness.Command("EXPIRE", "k", "9223372036854775807"), want: "-ERR invalid expire time in 'expire' command\r\n"},
	})
	w.unharmed()
}

// TestR17GrowingTo512MB takes a value to the limit step by step: the step over it is refused, the value stays.
func TestR17GrowingTo512MB(t *testing.T) {
	if testing.Short() {
		t.Log("a gigabyte of copying: not in short runs")
		return
	}
	w := watchRedis(t)
	w.by.Ask(harness.Command("SETRANGE", "k", "536870900", "abc"), ":536870903\r\n")
	w.by.Ask(harness.Command("APPEND", "k", "0123456789"), "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n")
	w.by.Ask(harness.Command("STRLEN", "k"), ":536870903\r\n")
	w.by.Ask(harness.Command("APPEND", "k", "012345678"), ":536870912\r\n")
	w.by.Ask(harness.Command("GETRANGE", "k", "536870898", "536870905"), "$8\r\n\x00\x00abc012\r\n")
	w.by.Ask(harness.Command("DEL", "k"), ":1\r\n")
	w.unharmed()
}

func TestR17HugeLCS(t *testing.T) {
	w := watchRedis(t)
	a := strings.Repeat("abcdefgh", 4000) // 32 KB: a table of a thousand million cells
	w.by.Ask(harness.Command("MSET", "a", a, "b", a+"x"), "+OK\r\n")
	c := w.s.Dial(t)
	c.Send(harness.Command("LCS", "a", "b", "LEN"))
	r, err := c.TryReply(30 * time.Second)
	if err != nil {
		t.Fatalf("no reply to a big LCS: %v", err)
	}
	if !r.IsError() && r.Str != strconv.Itoa(len(a)) {
		t.Errorf("LCS: %v", r)
	}
	w.by.Ask(harness.Command("DEL", "a", "b"), ":2\r\n")
	w.unharmed()
}

// bombs are patterns that cost exponential time in a naive matcher, or deep recursion.
func bombs() map[string]string {
	return map[string]string{
		"stars between letters": strings.Repeat("a*", 60) + "b",
		"stars and marks":       strings.Repeat("*?", 2000) + "b",
		"64 KB of stars":        strings.Repeat("*", 65536),
		"64 KB of stars, b":     strings.Repeat("*", 65536) + "b",
		"64 KB of brackets":     strings.Repeat("[", 65536),
		"64 KB of backslashes":  strings.Repeat("\\", 65536),
		"open class":            "[" + strings.Repeat("a-", 30000),
		"classes":               strings.Repeat("*[a]", 3000) + "b",
		"a megabyte of a*":      strings.Repeat("a*", 1<<19) + "b",
	}
}

func TestR18PatternBombs(t *testing.T) {
	w := watchRedis(t)
	w.by.Ask(harness.Command("SET", strings.Repeat("a", 2000), "v"), "+OK\r\n")
	for name, p := range bombs() {
		for _, args := range [][]string{{"KEYS", p}, {"SCAN", "0", "MATCH", p, "COUNT", "100"}, {"CONFIG", "GET", p}, {"COMMAND", "LIST", "FILTERBY", "PATTERN", p}} {
			c := w.s.Dial(t)
			start := time.Now()
			c.Send(harness.Command(args...))
			r, err := c.TryReply(15 * time.Second)
			if err != nil {
				t.Fatalf("%s in %s: no answer after %v: %v", name, args[0], time.Since(start), err)
			}
			if r.IsError() {
				t.Errorf("%s in %s: %v", name, args[0], r)
			}
			c.Close()
			w.inStep()
		}
	}
	if got := w.by.Do("KEYS", strings.Repeat("a*", 60)); len(got.Elems) != 1 {
		t.Errorf("a pattern of many stars finds %v", got)
	}
	w.by.Do("DEL", strings.Repeat("a", 2000))
	w.unharmed()
}

// TestR17ManyArguments sends the longest requests that are allowed.
func TestR17ManyArguments(t *testing.T) {
	w := watchRedis(t)
	const n = 200_000
	c := w.s.Dial(t)
	args := make([]string, 0, n+1)
	args = append(args, "DEL")
	for i := range n {
		args = append(args, "nosuch"+strconv.Itoa(i%1000))
	}
	c.Ask(harness.Command(args...), ":0\r\n")
	args[0] = "EXISTS"
	c.Ask(harness.Command(args...), ":0\r\n")
	args[0] = "NOSUCHCOMMAND"
	c.Send(harness.Command(args...))
	if r := c.Reply(); !strings.HasPrefix(r.Raw, "-ERR unknown command 'NOSUCHCOMMAND', with args beginning with: 'nosuch0' 'nosuch1' ") || len(r.Raw) > 400 {
		t.Errorf("got %v", r)
	}
	args[0] = "MGET"
	c.Ask(harness.Command(args...), fmt.Sprintf("*%d\r\n", n)+strings.Repeat("$-1\r\n", n))
	c.Close()
	w.unharmed()
}
