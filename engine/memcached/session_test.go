// Tests of session.go and dispatch.go: transcripts, in one piece and in many.

package memcached

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// rig is an engine over a store of its own, one worker, and a clock that stands still.
type rig struct {
	t     testing.TB
	e     *Engine
	store *core.Store
	w     *engine.Worker
	now   int64 // Unix ms; moved by tick alone, because the store's own goroutine reads it too
}

// tick moves the clock.
func (r *rig) tick(ms int64) { atomic.AddInt64(&r.now, ms) }

// newRig takes settings as environment variables: "CACHESRV_DISABLE_CAS=yes".
func newRig(t testing.TB, settings ...string) *rig {
	t.Helper()
	return rigOver(t, core.Options{Databases: 1, Shards: 4, NoActiveSweep: true}, settings...)
}

// rigOver is newRig with a store of another kind.
func rigOver(t testing.TB, o core.Options, settings ...string) *rig {
	t.Helper()
	r := &rig{t: t, now: 1_800_000_000_000}
	plan := config.Plan{Engine: config.Memcached, Env: settings}
	conf, err := plan.Load()
	if err != nil {
		t.Fatal(err)
	}
	o.Now = func() int64 { return atomic.LoadInt64(&r.now) }
	if r.store, err = core.Open(o); err != nil {
		t.Fatal(err)
	}
	if r.e, err = New(r.store, conf, hclog.NewNullLogger()); err != nil {
		t.Fatal(err)
	}
	r.w = &engine.Worker{Tx: r.store.NewTx()}
	t.Cleanup(func() { r.e.Close(); r.store.Close() })
	return r
}

// client is one session, fed as a loop would feed it.
type client struct {
	r    *rig
	s    *session
	rest []byte
	out  bytes.Buffer
}

func (r *rig) client() *client {
	return &client{r: r, s: r.e.Open(&engine.Conn{}).(*session)}
}

// send feeds more bytes and returns the replies to them.
func (c *client) send(in string) string {
	c.rest = append(c.rest, in...)
	for len(c.rest) > 0 && !c.s.closing {
		buf := bytes.Clone(c.rest) // a buffer that does not outlive Feed, as the loop's
		taken := c.s.Feed(c.r.w, buf)
		for i := range buf {
			buf[i] = '#'
		}
		full := c.r.w.Full()
		c.out.Write(c.r.w.Out)
		c.r.w.Out = c.r.w.Out[:0]
		c.rest = c.rest[taken:]
		if !full && (taken == 0 || c.s.Want() > len(c.rest) || len(c.rest) == 0) {
			break
		}
		if !full {
			break
		}
	}
	got := c.out.String()
	c.out.Reset()
	return got
}

// script is a transcript: what is sent, and all that must come back.
type script struct {
	name, in, out string
}

// transcripts are the files of testdata; those of meta commands are recorded from memcached 1.6.18, with versions written c#.
var transcripts = []string{"text.txt", "meta.txt"}

// shownVersion is a version in the reply to a meta command.
var shownVersion = regexp.MustCompile(`(?m)^((?:HD|VA|EX|NS)[^\r]*?) c[1-9]\d*`)

// readScripts reads the transcripts: "# name" begins a script, "> " lines are sent with \r\n, ">| " lines as they are with Go
// escapes, "< " lines are expected.
func readScripts(t *testing.T) (scripts []script) {
	for _, file := range transcripts {
		data, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, parseScripts(t, string(data))...)
	}
	return scripts
}

func parseScripts(t *testing.T, data string) (scripts []script) {
	for n, line := range strings.Split(data, "\n") {
		at := len(scripts) - 1
		kind, text, _ := strings.Cut(line, " ")
		switch kind {
		case "#":
			scripts = append(scripts, script{name: text})
		case ">":
			scripts[at].in += text + "\r\n"
		case ">|":
			scripts[at].in += unescape(t, n, text)
		case "<":
			scripts[at].out += unescape(t, n, text) + "\r\n"
		case "":
		default:
			t.Fatalf("line %d: %q", n+1, line)
		}
	}
	return scripts
}

// masked replaces what a transcript cannot know.
func masked(stream string) string { return shownVersion.ReplaceAllString(stream, "$1 c#") }

func unescape(t *testing.T, n int, text string) string {
	for {
		head, tail, found := strings.Cut(text, "{")
		count, rest, _ := strings.Cut(tail, "}")
		var times int
		if !found {
			break
		}
		if _, err := fmt.Sscanf(count, "%d", &times); err != nil {
			t.Fatalf("line %d: {%s}", n+1, count)
		}
		text = head + strings.Repeat("k", times) + rest
	}
	for old, new := range map[string]string{`\r`: "\r", `\n`: "\n", `\0`: "\x00", `\t`: "\t", `\x80`: "\x80"} {
		text = strings.ReplaceAll(text, old, new)
	}
	return text
}

func TestScripts(t *testing.T) {
	for _, s := range readScripts(t) {
		t.Run(s.name, func(t *testing.T) {
			if got := masked(newRig(t).client().send(s.in)); got != s.out {
				t.Errorf("sent %q\n got %q\nwant %q", s.in, got, s.out)
			}
		})
	}
}

// TestScriptsInPieces is R10 for this protocol: however the bytes arrive, the replies are the same.
func TestScriptsInPieces(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, s := range readScripts(t) {
		t.Run(s.name, func(t *testing.T) {
			c, got := newRig(t).client(), ""
			for i := range len(s.in) {
				got += c.send(s.in[i : i+1])
			}
			if got = masked(got); got != s.out {
				t.Errorf("byte by byte\n got %q\nwant %q", got, s.out)
			}
			for range 20 {
				c, got = newRig(t).client(), ""
				for in := s.in; in != ""; {
					n := 1 + rnd.IntN(min(len(in), 1+rnd.IntN(40)))
					got += c.send(in[:n])
					in = in[n:]
				}
				if got = masked(got); got != s.out {
					t.Fatalf("in random pieces\n got %q\nwant %q", got, s.out)
				}
			}
		})
	}
}

// FuzzSession feeds any bytes: nothing panics, no more is taken than was there, and pieces give the same replies.
func FuzzSession(f *testing.F) {
	f.Add([]byte("set k 0 0 3\r\nabc\r\nget k\r\n"), uint16(5))
	f.Add([]byte("incr k 1\r\ndelete k 0 noreply\r\nset k 1 2 99999999\r\nzz\r\n"), uint16(1))
	f.Add([]byte("gat 0 a b\r\n\x00\r\n\r\nstats\r\n"), uint16(9))
	f.Fuzz(func(t *testing.T, in []byte, at uint16) {
		if bytes.Contains(in, []byte("stats")) || bytes.Contains(in, []byte("shutdown")) || len(in) > maxLine {
			return // time in the reply; lines whose fate depends on what has arrived
		}
		whole := newRig(t).client().send(string(in))
		c := newRig(t).client()
		cut := int(at) % (len(in) + 1)
		if pieces := c.send(string(in[:cut])) + c.send(string(in[cut:])); pieces != whole {
			t.Errorf("%q cut at %d\n got %q\nwant %q", in, cut, pieces, whole)
		}
	})
}
