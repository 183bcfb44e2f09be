// Tests of the stream commands: what depends on the clock, on memory and on the journal, and bad input. The rest is compared with the
// original (e2e/diff).

package redis

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/arena"
)

// lines runs commands one a line, each with the reply that must come.
func (f *fake) lines(steps ...[2]string) {
	f.rig.t.Helper()
	for _, s := range steps {
		f.want(s[1], strings.Fields(s[0])...)
	}
}

func TestStreamIDsByTheClock(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	now := r.now.Load()
	id := func(ms int64, seq int) string { return bulk(fmt.Sprintf("%d-%d", ms, seq)) }
	c.lines([2]string{"xadd s * f v", id(now, 0)}, [2]string{"xadd s * f v", id(now, 1)})
	r.now.Add(1)
	c.lines([2]string{"xadd s * f v", id(now+1, 0)})
	r.now.Add(-1000) // the clock goes back: ids do not
	c.lines([2]string{"xadd s * f v", id(now+1, 1)}, [2]string{"xadd s 9999999999999-18446744073709551615 f v", bulk("9999999999999-18446744073709551615")},
		[2]string{"xadd s * f v", bulk("10000000000000-0")},
		[2]string{"xadd s 18446744073709551615-18446744073709551615 f v", bulk("18446744073709551615-18446744073709551615")},
		[2]string{"xadd s * f v", "-" + errStreamSpent.Error() + "\r\n"}, [2]string{"xlen s", ":7\r\n"})
}

func TestStreamIdleTimes(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	now := r.now.Load()
	c.lines([2]string{"xadd s 1-1 f v", bulk("1-1")}, [2]string{"xgroup create s g 0", "+OK\r\n"}, [2]string{"xgroup createconsumer s g c", ":1\r\n"})
	c.do("xreadgroup", "group", "g", "c", "streams", "s", ">")
	r.now.Add(500)
	c.lines([2]string{"xreadgroup group g c streams s >", "*-1\r\n"}) // seen, but nothing came
	r.now.Add(50)
	c.lines(
		[2]string{"xinfo consumers s g", "*1\r\n*8\r\n" + bulk("name") + bulk("c") + bulk("pending") + ":1\r\n" + bulk("idle") + ":50\r\n" + bulk("inactive") + ":550\r\n"},
		[2]string{"xpending s g - + 10", "*1\r\n*4\r\n" + bulk("1-1") + bulk("c") + ":550\r\n:1\r\n"},
		[2]string{"xpending s g idle 551 - + 10", "*0\r\n"}, [2]string{"xpending s g idle 550 - + 10 c", "*1\r\n*4\r\n" + bulk("1-1") + bulk("c") + ":550\r\n:1\r\n"},
		[2]string{"xclaim s g d 551 1-1 justid", "*0\r\n"}, [2]string{"xautoclaim s g d 551 - justid", "*3\r\n" + bulk("0-0") + "*0\r\n*0\r\n"},
		[2]string{"xclaim s g d 550 1-1 idle 100 retrycount 7 justid", "*1\r\n" + bulk("1-1")},
		[2]string{"xpending s g - + 10", "*1\r\n*4\r\n" + bulk("1-1") + bulk("d") + ":100\r\n:7\r\n"},
		[2]string{fmt.Sprintf("xclaim s g c 0 1-1 time %d", now), "*1\r\n*2\r\n" + bulk("1-1") + "*2\r\n" + bulk("f") + bulk("v")},
		[2]string{"xpending s g - + 10", "*1\r\n*4\r\n" + bulk("1-1") + bulk("c") + ":550\r\n:8\r\n"},
		[2]string{"xautoclaim s g d 550 (0-1 count 1", "*3\r\n" + bulk("0-0") + "*1\r\n*2\r\n" + bulk("1-1") + "*2\r\n" + bulk("f") + bulk("v") + "*0\r\n"},
		[2]string{"xdel s 1-1", ":1\r\n"}, [2]string{"xautoclaim s g d 0 -", "*3\r\n" + bulk("0-0") + "*0\r\n*1\r\n" + bulk("1-1")}, [2]string{"xpending s g", "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n"},
	)
}

// TestStreamConsumersMadeOnTheWay: as in 7.2 a consumer is there after it asked, whether or not it got something.
func TestStreamConsumersMadeOnTheWay(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.lines([2]string{"xgroup create s g $ mkstream", "+OK\r\n"}, [2]string{"xreadgroup group g c streams s >", "*-1\r\n"}, [2]string{"xgroup createconsumer s g c", ":0\r\n"},
		[2]string{"xautoclaim s g d 0 -", "*3\r\n" + bulk("0-0") + "*0\r\n*0\r\n"}, [2]string{"xgroup createconsumer s g d", ":0\r\n"})
}

func TestStreamJournal(t *testing.T) {
	r := newRig(t, core.Options{})
	var d diary
	r.store.SetJournal(&d)
	c := r.client()
	now := r.now.Load()
	claim := func(who, id string, count int, last string) string {
		return fmt.Sprintf("0 XCLAIM s g %s 0 %s TIME %d RETRYCOUNT %d FORCE JUSTID LASTID %s", who, id, now, count, last)
	}
	for _, step := range []struct {
		line string
		want []string
	}{
		{"xadd s * f 1", []string{fmt.Sprintf("0 XADD s %d-0 f 1", now)}},
		{"xadd s nomkstream maxlen ~ 100 limit 5 * f 2", []string{fmt.Sprintf("0 XADD s NOMKSTREAM MAXLEN = 2 %d-1 f 2", now)}},
		{"xadd s minid ~ 5 99999999999999-* f 3", []string{fmt.Sprintf("0 XADD s MINID = %d-0 99999999999999-0 f 3", now)}},
		{"xadd s maxlen 3 99999999999999-7 f 4", []string{"0 XADD s MAXLEN = 3 99999999999999-7 f 4"}},
		{"xadd no nomkstream * f 1", nil}, {"xadd s 1-1 f 1", nil},
		{"xtrim s maxlen ~ 1", nil}, {"xtrim s maxlen 2", []string{"0 xtrim s maxlen 2"}}, {"xtrim s minid ~ 100000000000000", []string{"0 XTRIM s MINID = 100000000000000-0"}},
		{"xadd s 100000000000000-1 f 1", []string{"0 XADD s 100000000000000-1 f 1"}}, {"xadd s 100000000000000-2 f 2", []string{"0 XADD s 100000000000000-2 f 2"}},
		{"xgroup create s g 0", []string{"0 xgroup create s g 0"}}, {"xgroup create s h $", []string{"0 xgroup create s h 100000000000000-2"}}, {"xgroup create s g 0", nil},
		{"xreadgroup group g a count 1 streams s >", []string{"0 XGROUP CREATECONSUMER s g a", claim("a", "100000000000000-1", 1, "100000000000000-1"), "0 XGROUP SETID s g 100000000000000-1 ENTRIESREAD 5"}},
		{"xreadgroup group g b noack streams s >", []string{"0 XGROUP CREATECONSUMER s g b", "0 XGROUP SETID s g 100000000000000-2 ENTRIESREAD 6"}},
		{"xreadgroup group g a streams s 0", nil}, {"xreadgroup group g a streams s >", nil},
		{"xclaim s g c 0 100000000000000-1 retrycount 3", []string{"0 XGROUP CREATECONSUMER s g c", claim("c", "100000000000000-1", 3, "100000000000000-2")}},
		{"xautoclaim s g d 0 -", []string{"0 XGROUP CREATECONSUMER s g d", claim("d", "100000000000000-1", 4, "100000000000000-2")}},
		{"xclaim s g d 0 5-5 lastid 100000000000000-9", []string{"0 XGROUP SETID s g 100000000000000-9 ENTRIESREAD 6"}},
		{"xack s g 100000000000000-1", []string{"0 xack s g 100000000000000-1"}}, {"xack s g 100000000000000-1", nil},
		{"xgroup delconsumer s g d", []string{"0 xgroup delconsumer s g d"}}, {"xgroup delconsumer s g d", nil},
		{"xgroup destroy s g", []string{"0 xgroup destroy s g"}}, {"xgroup destroy s g", nil}, {"xdel s 1-1", nil}, {"xdel s 100000000000000-1", []string{"0 xdel s 100000000000000-1"}},
		{"xsetid s 100000000000000-9", []string{"0 xsetid s 100000000000000-9"}}, {"xread streams s 0", nil}, {"xinfo stream s full", nil},
	} {
		d.lines = nil
		reply := c.do(strings.Fields(step.line)...)
		if got := strings.Join(d.lines, "\n"); got != strings.Join(step.want, "\n") {
			t.Errorf("%s (%.60q):\n got %q\nwant %q", step.line, reply, d.lines, step.want)
		}
	}
}

// TestStreamJournalReplays: the journal of random commands, run elsewhere, leads to the same streams.
func TestStreamJournalReplays(t *testing.T) {
	from, to := newRig(t, core.Options{}), newRig(t, core.Options{})
	var d diary
	from.store.SetJournal(&d)
	a, b := from.client(), to.client()
	r := rand.New(rand.NewPCG(5, 5))
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	last := 0
	for range 6_000 {
		s, g, who := pick("s", "t"), pick("g", "h"), pick("a", "b", "c")
		id := fmt.Sprintf("1-%d", max(1, last-r.IntN(60)))
		line := ""
		switch r.IntN(12) {
		case 0, 1, 2:
			last++
			line = fmt.Sprintf("xadd %s 1-%d f %d", s, last, r.IntN(100))
			if r.IntN(5) == 0 {
				line = fmt.Sprintf("xadd %s %s 1-%d f v g w", s, pick("maxlen ~ 40", "minid ~ "+id, "maxlen 50", "nomkstream maxlen ~ 20 limit 10"), last)
			}
		case 3:
			line = "xdel " + s + " " + id
		case 4:
			line = "xgroup " + pick("create", "create", "create", "destroy", "delconsumer", "createconsumer", "setid") + " " + s + " " + g + " " + pick(who, "$", id, id)
		case 5, 6, 7:
			line = "xreadgroup group " + g + " " + who + " count 3 " + pick("noack", "count 2", "count 5") + " streams " + s + " >"
		case 8:
			line = "xack " + s + " " + g + " " + id
		case 9:
			line = "xclaim " + s + " " + g + " " + who + " 0 " + id + " " + pick("force", "justid", "retrycount 5", "idle 1000", "lastid "+id)
		case 10:
			line = "xautoclaim " + s + " " + g + " " + who + " " + pick("0", "50") + " " + id + " count 2 " + pick("justid", "count 3")
		case 11:
			line = "xtrim " + s + " " + pick("maxlen ~ 30", "maxlen 60", "minid "+id)
		}
		a.do(strings.Fields(line)...)
		from.now.Add(7)
	}
	to.now.Store(from.now.Load())
	for _, l := range d.lines {
		words := strings.Fields(l)[1:]
		if got := b.do(words...); strings.HasPrefix(got, "-") {
			t.Fatalf("%q: %q", words, got)
		}
	}
	b.rig.now.Store(from.now.Load())
	for _, q := range []string{"xrange s - +", "xrange t - +", "xinfo groups s", "xinfo groups t", "xpending s g - + 1000", "xpending s h - + 1000", "xpending t g - + 1000", "xpending t h - + 1000", "xpending s g"} {
		x, y := a.do(strings.Fields(q)...), b.do(strings.Fields(q)...)
		if strings.HasPrefix(q, "xinfo groups") {
			x, y = withoutConsumers(x), withoutConsumers(y) // those who got nothing are not for the journal
		}
		if x != y {
			t.Errorf("%s:\n%.2000q\nafter replay\n%.2000q", q, x, y)
		}
		if len(x) < 40 && q != "xpending s g" {
			t.Errorf("%s: nothing to compare: %q", q, x)
		}
	}
}

func withoutConsumers(reply string) string {
	parts := strings.Split(reply, bulk("consumers"))
	for i := range parts[1:] {
		_, parts[i+1], _ = strings.Cut(parts[i+1], "\r\n")
	}
	return strings.Join(parts, "")
}

// TestR17StreamNumbers: every integer edge in every place of every stream command: an answer that is one value, and no memory by announcement.
func TestR17StreamNumbers(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	edges := []string{"0", "-0", "-1", "1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615", "18446744073709551616",
		"nan", "inf", "1e400", "1.5", "", "-", "+", "$", ">", "*", "(", "4294967296", "576460752303423487", strings.Repeat("9", 200)}
	setup := func() {
		c.do("flushall")
		for i := range 5 {
			c.do("xadd", "s", fmt.Sprintf("1-%d", i+1), "f", "v")
		}
		c.do("xgroup", "create", "s", "g", "0")
		c.do("xreadgroup", "group", "g", "c", "count", "3", "streams", "s", ">")
		c.do("set", "str", "v")
	}
	for _, line := range []string{
		"xadd s maxlen ? 2-1 f v", "xadd s maxlen ~ ? limit ? 2-1 f v", "xadd s minid ? 2-1 f v", "xadd s ? f v", "xadd s ?-? f v", "xtrim s maxlen ~ ? limit ?", "xtrim s minid ~ ? limit ?", "xtrim s maxlen ?",
		"xrange s ? ? count ?", "xrevrange s ? ? count ?", "xread count ? streams s ?", "xread block ? streams s 0", "xreadgroup group g c count ? streams s ?", "xdel s ?", "xack s g ?", "xlen ?",
		"xpending s g idle ? ? ? ?", "xpending s g - + ? c", "xclaim s g c ? ? idle ? time ? retrycount ?", "xclaim s g c 0 1-1 lastid ?", "xautoclaim s g c ? ? count ?", "xsetid s ? entriesadded ? maxdeletedid ?",
		"xgroup create s ? ? entriesread ?", "xgroup setid s g ? entriesread ?", "xgroup createconsumer s g ?", "xinfo stream s full count ?", "xinfo consumers s ?",
	} {
		for _, e := range edges {
			for _, other := range []string{"0", e} {
				setup()
				words := strings.Fields(line)
				for i, first := range words {
					if strings.Contains(first, "?") {
						v := e
						if i > len(words)/2 {
							v = other
						}
						words[i] = strings.ReplaceAll(first, "?", v)
					}
				}
				reply := c.do(words...)
				if rest, err := oneValue(reply, false); err != nil || rest != "" {
					t.Fatalf("%q: %.100q: %v", words, reply, err)
				}
				if used := r.store.Memory().Used; used > 2<<20 {
					t.Fatalf("%q: %d bytes", words, used)
				}
				c.do("xrange", "s", "-", "+")
				c.do("xinfo", "stream", "s", "full")
			}
		}
		words := strings.Fields(strings.ReplaceAll(line, "?", "1"))
		for i, w := range words {
			if w == "s" {
				words[i] = "str"
			}
		}
		if got := c.do(words...); words[0] != "xlen" && got != "-"+errWrongType.Error()+"\r\n" {
			t.Errorf("%q: %q", words, got)
		}
	}
}

// TestStreamGroupCalledStreams: the word hides where the keys are; nothing is read without its lock.
func TestStreamGroupCalledStreams(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.lines([2]string{"xgroup create s streams 0 mkstream", "+OK\r\n"}, [2]string{"xreadgroup group streams c streams s >", "*-1\r\n"},
		[2]string{"xreadgroup count 1 group streams c streams s >", "-ERR syntax error\r\n"})
}

// TestStreamLimits: when memory ends an entry is refused, and everything that was there stays.
func TestStreamLimits(t *testing.T) {
	r := newRig(t, core.Options{Policy: "noeviction"})
	c := r.client()
	c.lines([2]string{"xadd s 1-1 f v", bulk("1-1")}, [2]string{"xgroup create s g 0", "+OK\r\n"})
	r.store.SetMaxMemory(1)
	const oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
	c.lines([2]string{"xadd s * f v", oom}, [2]string{"xgroup create s h 0", oom}, [2]string{"xlen s", ":1\r\n"},
		[2]string{"xreadgroup group g c streams s >", "*1\r\n*2\r\n" + bulk("s") + "*1\r\n*2\r\n" + bulk("1-1") + "*2\r\n" + bulk("f") + bulk("v")},
		[2]string{"xack s g 1-1", ":1\r\n"}, [2]string{"xdel s 1-1", ":1\r\n"}, [2]string{"del s", ":1\r\n"})
}

// TestStreamsMakeNoGarbage: what is done often costs no memory of the Go heap.
func TestStreamsMakeNoGarbage(t *testing.T) {
	if arena.Debug {
		t.Skip("the debug arena keeps a map of its blocks")
	}
	c := newRig(t, core.Options{}).client()
	c.do("xgroup", "create", "s", "g", "$", "mkstream")
	in := []byte(request("xadd", "s", "maxlen", "~", "1000", "*", "field", "value", "other", "12345") + request("xrange", "s", "-", "+", "count", "100") +
		request("xrevrange", "s", "+", "-", "count", "10") + request("xread", "count", "5", "streams", "s", "0") +
		request("xreadgroup", "group", "g", "c", "count", "5", "streams", "s", ">") + request("xpending", "s", "g", "-", "+", "10") +
		request("xautoclaim", "s", "g", "d", "0", "-", "count", "3") + request("xack", "s", "g", "1-1") + request("xdel", "s", "1-1") + request("xlen", "s"))
	run := func() {
		c.worker.Out = c.worker.Out[:0]
		if n := c.Feed(c.worker, in); n != len(in) {
			t.Fatalf("took %d of %d", n, len(in))
		}
	}
	for range 200 {
		run()
	}
	if n := testing.AllocsPerRun(300, run); n > 0 {
		t.Errorf("%v allocations a round", n)
	}
}
