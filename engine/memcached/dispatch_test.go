// Tests of dispatch.go and session.go that are not transcripts.

package memcached

import (
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/engine"
)

// TestWithoutTheStore: while the store is held exclusively, commands that need no data are answered.
func TestWithoutTheStore(t *testing.T) {
	r := newRig(t)
	c := r.client()
	held, free := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(free)
		tx := r.store.NewTx()
		tx.Enter()
		defer tx.Leave()
		tx.Exclusive(func() {
			held <- struct{}{}
			<-held
		})
	}()
	<-held
	if got := c.send("version\r\nverbosity 0\r\nfoo\r\nset k 0 0 x\r\n"); got != "VERSION 1.6.18\r\nOK\r\nERROR\r\nCLIENT_ERROR bad command line format\r\n" {
		t.Errorf("got %q", got)
	}
	held <- struct{}{}
	<-free
	if got := c.send("get k\r\n"); got != "END\r\n" {
		t.Errorf("afterwards %q", got)
	}
}

// TestClosing: what closes a connection, and that nothing behind it is run.
func TestClosing(t *testing.T) {
	for name, c := range map[string]struct{ in, out string }{
		"quit":               {"version\r\nquit\r\nversion\r\n", "VERSION 1.6.18\r\n"},
		"R16 HTTP GET":       {"GET / HTTP/1.1\r\nversion\r\n", ""},
		"R16 HTTP POST":      {"POST /set HTTP/1.0\r\nversion\r\n", ""},
		"R16 HTTP DELETE":    {"DELETE / HTTP/1.1\r\nversion\r\n", ""},
		"M4 long line":       {strings.Repeat("a", maxLine+1), ""},
		"M4 leading spaces":  {strings.Repeat(" ", maxBlank+1) + "get " + strings.Repeat("k ", maxLine), ""},
		"disabled shutdown":  {"shutdown\r\nquit\r\n", "ERROR: shutdown not enabled\r\n"},
		"quit with noreply":  {"quit noreply\r\nversion\r\n", ""},
		"M2 endless swallow": {"set k 0 0 2147483645\r\n" + strings.Repeat("quit\r\n", 1000), "SERVER_ERROR object too large for cache\r\n"},
	} {
		client := newRig(t).client()
		if got := client.send(c.in); got != c.out || client.s.closing == (name == "M2 endless swallow") {
			t.Errorf("%s: got %q, closing %v", name, got, client.s.closing)
		}
	}
}

func TestShutdown(t *testing.T) {
	c := newRig(t, "CACHESRV_ENABLE_SHUTDOWN=yes").client()
	if got := c.send("shutdown x\r\nshutdown graceful now\r\nshutdown graceful\r\nversion\r\n"); got != "CLIENT_ERROR invalid shutdown mode\r\nCLIENT_ERROR invalid shutdown mode\r\n" || !c.s.closing {
		t.Errorf("got %q, closing %v", got, c.s.closing)
	}
}

func TestRefusal(t *testing.T) {
	e := newRig(t).e
	if got := string(e.Refusal(engine.TooManyClients)); got != "ERROR Too many open connections\r\n" {
		t.Errorf("got %q", got)
	}
	if got := string(e.Refusal(engine.ProtectedMode)); !strings.HasPrefix(got, "SERVER_ERROR ") || !strings.HasSuffix(got, "\r\n") {
		t.Errorf("got %q", got)
	}
}

// TestVerbosity: from 2 on every request is logged, and stats settings shows the level.
func TestVerbosity(t *testing.T) {
	var log strings.Builder
	r := newRig(t)
	r.e.log = hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Debug})
	c := r.client()
	c.send("get one\r\nverbosity 2\r\nget two\r\nverbosity 9 noreply\r\n")
	if level := c.stats("settings")["verbosity"]; level != "2" {
		t.Errorf("level %s", level)
	}
	c.send("verbosity 1\r\nget three\r\n")
	if got := log.String(); strings.Contains(got, "get one") || !strings.Contains(got, "get two") || strings.Contains(got, "get three") {
		t.Errorf("log %q", got)
	}
}
