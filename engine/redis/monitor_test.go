// Tests of MONITOR: what is shown, to whom, and what a monitor that does not read costs.

package redis

import (
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

var shownLine = regexp.MustCompile(`^\+\d{10}\.\d{6} (\[.*)\r\n$`)

// shown reads one line that a monitor is sent, without its time.
func (w *wire) shown() string {
	w.t.Helper()
	line, err := w.r.ReadString('\n')
	if err != nil {
		w.t.Fatal(err)
	}
	m := shownLine.FindStringSubmatch(line)
	if m == nil {
		w.t.Fatalf("not a monitor's line: %q", line)
	}
	return m[1]
}

func TestMonitor(t *testing.T) {
	r := newRig(t, core.Options{Databases: 16})
	address := r.listen()
	m, c := dial(t, address), dial(t, address)
	m.expect("+OK\r\n", "monitor")
	at := c.LocalAddr().String()
	sees := func(what string) {
		t.Helper()
		if got := m.shown(); got != what {
			t.Fatalf("shown %s, want %s", got, what)
		}
	}
	c.expect("+OK\r\n", "set", "a", "x\"y\\\n\r\t\a\b\x00\xff\x7f z")
	sees("[0 " + at + `] "set" "a" "x\"y\\\n\r\t\a\b\x00\xff\x7f z"`)
	c.expect("-ERR wrong number of arguments for 'get' command\r\n", "get") // what is refused is not shown
	c.expect("-ERR unknown command 'nosuch', with args beginning with: \r\n", "nosuch")
	c.expect("+OK\r\n", "select", "3")
	sees("[3 " + at + `] "select" "3"`)
	c.expect("-"+errNoPassSet.Error()+"\r\n", "auth", "secret")
	sees("[3 " + at + `] "auth" "(redacted)"`)
	c.expect("-"+errWrongPass.Error()+"\r\n", "auth", "somebody", "secret")
	sees("[3 " + at + `] "auth" "(redacted)" "(redacted)"`)
	c.expect("-"+errWrongPass.Error()+"\r\n", "hello", "3", "auth", "u", "secret", "setname", "q")
	sees("[3 " + at + `] "hello" "3" "auth" "(redacted)" "(redacted)" "setname" "q"`)
	c.expect("*0\r\n", "config", "get", "nosuch") // an admin's commands are not shown
	c.expect("$-1\r\n", "GeT", "q")
	sees("[3 " + at + `] "GeT" "q"`)
	c.expect("+RESET\r\n", "reset")
	sees("[0 " + at + `] "reset"`)
	// The monitor's own commands.
	m.expect("-ERR Replica can't interact with the keyspace\r\n", "get", "a")
	m.expect("+PONG\r\n", "ping")
	sees("[0 " + m.LocalAddr().String() + `] "ping"`)
	if got := dial(t, address).text("client", "list", "type", "normal"); strings.Count(got, " flags=O ") != 1 {
		t.Errorf("%s", got)
	}
	io.WriteString(m, request("monitor")+request("reset")) // the second MONITOR is not answered
	m.expect("+RESET\r\n")
	c.expect("+PONG\r\n", "ping")
	m.expect("+PONG\r\n", "ping")
	if n := r.e.alert.Load(); n != 0 || len(r.e.monitors.list) != 0 {
		t.Errorf("somebody watches still: %b", n)
	}
}

// TestMonitorTransaction: a transaction's commands are shown when they run, and EXEC behind them.
func TestMonitorTransaction(t *testing.T) {
	address := newRig(t, core.Options{}).listen()
	m, c := dial(t, address), dial(t, address)
	m.expect("+OK\r\n", "monitor")
	io.WriteString(c, request("multi")+request("set", "b", "1")+request("hello", "2", "auth", "u", "secret")+request("monitor")+request("exec"))
	c.expect("+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n+OK\r\n-WRONGPASS invalid username-password pair or user is disabled.\r\n" +
		"-ERR MONITOR isn't allowed for DENY BLOCKING client\r\n")
	for _, want := range []string{`"multi"`, `"set" "b" "1"`, `"hello" "2" "auth" "(redacted)" "(redacted)"`, `"exec"`} {
		if got := m.shown(); got != "[0 "+c.LocalAddr().String()+"] "+want {
			t.Errorf("shown %s, want %s", got, want)
		}
	}
}

// TestMonitorHidesLateSecrets: a secret that stands behind many other words is one too.
func TestMonitorHidesLateSecrets(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	m, c := dial(t, address), dial(t, address)
	m.expect("+OK\r\n", "monitor")
	words := []string{"hello", "3"}
	for range 50 {
		words = append(words, "setname", "n")
	}
	c.expect("-"+errWrongPass.Error()+"\r\n", append(words, "auth", "u", "topsecret")...)
	if got := m.shown(); strings.Contains(got, "topsecret") || !strings.Contains(got, "(redacted)") {
		t.Error(got)
	}
}

// TestMonitorSeesAllLoops: nothing of what other connections do at once is lost or torn.
func TestMonitorSeesAllLoops(t *testing.T) {
	address := newRig(t, core.Options{}).listen()
	m := dial(t, address)
	m.expect("+OK\r\n", "monitor")
	const conns, each = 8, 500
	for range conns {
		w := dial(t, address)
		go io.WriteString(w, strings.Repeat(request("echo", "0123456789"), each))
		go io.Copy(io.Discard, w.r)
	}
	seen := map[string]int{}
	for range conns * each {
		seen[m.shown()]++
	}
	if len(seen) != conns {
		t.Errorf("%d different lines", len(seen))
	}
	for line, n := range seen {
		if n != each {
			t.Errorf("%s: %d times", line, n)
		}
	}
}

// R9: a monitor that does not read is closed at its output limit; nobody waits for it and nothing is kept of it.
func TestR9MonitorNeverReads(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	r.e.server.Load().SetLimits(engine.ForAll(engine.Limits{OutHard: 4 << 20}), engine.Limits{})
	m, c := dial(t, address), dial(t, address)
	m.expect("+OK\r\n", "monitor")
	value := strings.Repeat("v", 1<<20)
	for i := 0; r.e.alert.Load() != 0; i++ {
		if i == 2000 {
			t.Fatal("never closed")
		}
		c.expect("+OK\r\n", "set", "k", value)
	}
	if n := r.e.server.Load().Stats().OutClosed; n != 1 {
		t.Errorf("%d closed for their output", n)
	}
	c.expect("+OK\r\n", "set", "k", "v")
	foreign := func() int64 { return r.store.Memory().Foreign }
	for end := time.Now().Add(10 * time.Second); foreign() > 2<<20 && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	if n := foreign(); n > 2<<20 {
		t.Errorf("%d bytes are kept for clients", n)
	}
}

// R9: one line that is over the limit alone is not built to its end.
func TestR9MonitorGiantLine(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	r.e.server.Load().SetLimits(engine.ForAll(engine.Limits{OutHard: 1 << 20}), engine.Limits{})
	m, c := dial(t, address), dial(t, address)
	m.expect("+OK\r\n", "monitor")
	c.expect("+OK\r\n", "set", "k", strings.Repeat("\x00", 2<<20))
	m.closed()
}

// TestMonitorCostsNothing: while nobody watches, nothing of a request is looked at for it.
func TestMonitorCostsNothing(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	if c.monitor || c.e.alert.Load() != 0 {
		t.Fatal("somebody watches")
	}
	c.do("set", "k", "v")
	in := []byte(request("get", "k"))
	if n := testing.AllocsPerRun(100, func() {
		c.worker.Out = c.worker.Out[:0]
		c.Feed(c.worker, in)
	}); n != 0 {
		t.Errorf("%v allocations for a GET", n)
	}
}
