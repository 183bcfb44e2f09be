// Rows M6 and M11 on the memcached personality, and vulnerabilities of the original that have no row of their own.

package badinput

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestM6MetaFlags(t *testing.T) {
	const (
		twice    = "CLIENT_ERROR duplicate flag\r\n"
		badToken = "CLIENT_ERROR bad token in command line format\r\n"
		doubtful = "CLIENT_ERROR invalid or duplicate flag\r\n"
		tooMany  = "CLIENT_ERROR options flags are too long\r\n"
	)
	w := watchMemcached(t)
	w.playShared([]step{
		{"twice", "mg k v v\r\nmg k \x80\r\nms k 1 q q\r\nx\r\n", one(twice + twice + twice)},
		{"unknown", "mg k z\r\n", one("CLIENT_ERROR invalid flag\r\n")},
		{"longest opaque", "mg k O" + strings.Repeat("x", 31) + "\r\n", one("EN O" + strings.Repeat("x", 31) + "\r\n")}, // newer versions leave it away
		{"too long an opaque", "mg k O" + strings.Repeat("x", 32) + "\r\n", one("CLIENT_ERROR opaque token too long\r\n")},
		{"no argument at the end of the line", "mg k T\r\nmg k N\r\nmg k R\r\nmg k C\r\nms k 1 C\r\nx\r\n", one(strings.Repeat(badToken, 5))},
		{"no number", "mg k Tx\r\nmg k Nx\r\nmg k T99999999999999999999\r\n", one(strings.Repeat(badToken, 3))},
		{"modes", "ms k 1 Mx\r\nx\r\nms k 1 MXX\r\nx\r\n", one("CLIENT_ERROR invalid mode for ms M token\r\nCLIENT_ERROR incorrect length for M token\r\n")},
		{"md and ma", "ma k D\r\nma k Dx\r\nma k J\r\nma k Tx\r\nmd k Cx\r\nmd k v v\r\n", one(strings.Repeat(doubtful, 6))},
		{"no key", "mg\r\nms\r\nmd\r\nma\r\nme\r\n", one(strings.Repeat("ERROR\r\n", 4) + badFormat)},
		{"lengths", "ms k\r\nms k x\r\nms k -1\r\nms k 2147483648\r\n", one(strings.Repeat(badFormat, 4))},
		{"keys", "mg " + strings.Repeat("k", 251) + " v\r\nmg " + strings.Repeat("A", 252) + " b v\r\nmg !!! b v\r\n", one(badFormat + badFormat + "CLIENT_ERROR error decoding key\r\n")},
		{"too many", "mg k " + strings.Repeat("q ", 40) + "\r\nmg k c f h k l q s t u v O P L b I x Z W X\r\n", one(tooMany + tooMany)},
		{"too long a value, quietly", "ms big 2000000 q\r\n" + strings.Repeat("x", 2000000) + "\r\n", one(tooLarge)},
	})
	w.unharmed()
}

// TestM11StalledDump: whoever asks for all keys and does not read them costs a bounded number of bytes, and nobody else waits.
func TestM11StalledDump(t *testing.T) {
	if !onlyOurs(t) {
		return
	}
	w := watchMemcached(t, "--maxmemory=256mb")
	const n = 100_000
	fill := w.s.Dial(t)
	name := strings.Repeat("n", 180)
	for from := 0; from < n; from += 1000 {
		var b strings.Builder
		for i := from; i < from+1000; i++ {
			fmt.Fprintf(&b, "set %s%06d 0 0 1 noreply\r\nx\r\n", name, i)
		}
		fill.Send(b.String())
	}
	fill.Ask("version\r\n", "VERSION 1.6.18\r\n")
	full := w.s.RSS(t)
	dump := w.s.Dial(t)
	dump.Send("lru_crawler metadump all\r\n")
	for range 100 {
		w.inStep()
	}
	if got := w.s.RSS(t); got > full+slack {
		t.Errorf("%d bytes more for a dump that nobody reads", got-full)
	}
	seen := 0
	for line := ""; line != "END"; seen++ {
		if line = dump.Line(); line != "END" && !strings.HasPrefix(line, "key=") {
			t.Fatalf("line %d of the dump: %q", seen, line)
		}
	}
	if seen-1 < n {
		t.Errorf("%d keys, want %d", seen-1, n)
	}
	w.by.Ask("flush_all\r\nset bystander 5 0 28\r\n"+canary+"\r\n", "OK\r\nSTORED\r\n")
	w.unharmed()
}

// TestM11Prefixes: statistics by prefix stay bounded, whatever keys are asked for.
func TestM11Prefixes(t *testing.T) {
	if !onlyOurs(t) {
		return
	}
	w := watchMemcached(t)
	c := w.s.Dial(t)
	c.Ask("stats detail on\r\n", "OK\r\n")
	for from := 0; from < 100_000; from += 1000 {
		var b strings.Builder
		for i := from; i < from+1000; i++ {
			fmt.Fprintf(&b, "delete p%06d:k noreply\r\n", i)
		}
		c.Send(b.String())
	}
	c.Send("stats detail dump\r\n")
	if got := len(c.UntilEnd()) - 1; got > 1<<16 || got < 1000 {
		t.Errorf("%d prefixes are kept", got)
	}
	c.Ask("stats detail off\r\n", "OK\r\n")
	w.s.Alive(t)
	w.inStep()
}

// CVE-2019-11596: lru with a mode or a time missing.
func TestCVE201911596(t *testing.T) {
	w := watchMemcached(t)
	w.playShared([]step{{"lru", "lru mode\r\nlru temp_ttl\r\nlru tune\r\nlru tune 1 2 3\r\nlru mode bad\r\n", one(strings.Repeat("ERROR\r\n", 5))}})
	w.unharmed()
}

// CVE-2019-15026: stats conns with a unix socket's path as long as it may be.
func TestCVE201915026(t *testing.T) {
	dir, err := os.MkdirTemp("", "mc")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, strings.Repeat("s", 107-len(dir)-1))
	s := harness.Start(t, "memcached", harness.Bin(t), 0, "--engine=memcached", "--port=0", "--unixsocket="+path)
	s.Net, s.Addr = "unix", path
	s.AwaitReady(t)
	c := s.Dial(t)
	c.Send("stats conns\r\n")
	if got := strings.Join(c.UntilEnd(), "|"); !strings.Contains(got, "unix:"+path) {
		t.Errorf("%q", got)
	}
	s.Alive(t)
}

// CVE-2023-46853: a bare newline at the places where the original's proxy counted on \r\n; CVE-2020-22570: meta lines in headers that end early.
func TestCVE202346853(t *testing.T) {
	w := watchMemcached(t)
	w.playShared([]step{
		{"bare newlines", "mg k v\nmn\nms k 1\nx\r\nmg k v\nmg\nmg k\n", one("EN\r\nMN\r\nHD\r\nVA 1\r\nx\r\nERROR\r\nHD\r\n")},
		{"nothing behind a blank", "mg \nmg  \r\nms k 1 \ny\r\nmd k \n", one("ERROR\r\nERROR\r\nHD\r\nHD\r\n")},
	})
	w.unharmed()
}

// CVE-2018-1000127: many readers of one item at once, while it is replaced and removed.
func TestCVE20181000127(t *testing.T) {
	w := watchMemcached(t)
	value := strings.Repeat("v", 100_000)
	c, d := w.s.Dial(t), w.s.Dial(t)
	c.Ask(fmt.Sprintf("set k 0 0 %d\r\n%s\r\n", len(value), value), "STORED\r\n")
	c.Send("get" + strings.Repeat(" k", 500) + "\r\n") // replies wait for their reader
	for range 50 {
		d.Ask(fmt.Sprintf("set k 0 0 %d\r\n%s\r\ndelete k\r\n", len(value), value), "STORED\r\nDELETED\r\n")
	}
	for whole := 0; ; whole++ {
		line := c.Line()
		if line == "END" {
			break
		}
		if line != "VALUE k 0 100000" || c.Line() != value {
			t.Fatalf("a torn reply behind %d whole ones: %.60q", whole, line)
		}
	}
	w.unharmed()
}

// CVE-2017-9951: a GETKQ or SET whose lengths compare well only with signs.
func TestCVE20179951(t *testing.T) {
	w := watchMemcached(t)
	for _, f := range []string{frame(0x00, "", strings.Repeat("k", 250), "", 1<<31), frame(0x01, zeros8, "k", "", 1<<31+10), frame(0x0d, "", "k", "", 1<<32-2)} {
		c := w.s.Dial(t)
		c.SendAny(f)
		if got := c.UntilClosed(10 * time.Second); len(got) < 24 || got[0] != 0x81 || got[7] == 0 {
			t.Errorf("%q", got)
		}
	}
	w.unharmed()
}
