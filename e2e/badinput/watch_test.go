// The bystander that every test has: another client's connection, and the memory before it all began.

package badinput

import (
	"os"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// slack is how much resident memory may stay after a test: arenas keep empty spans for a while, and so does Go's heap.
const slack = 32 << 20

// watch is a server with its bystander.
type watch struct {
	t    testing.TB
	s    *harness.Server
	by   *harness.Conn
	base int64
}

const canary = "canary-7f3a-of-the-bystander"

func watchRedis(t testing.TB, args ...string) *watch {
	w := &watch{t: t, s: harness.Redis(t, args...)}
	w.by = w.s.Dial(t)
	w.by.Ask(harness.Command("SET", "bystander", canary), "+OK\r\n")
	w.base = w.s.RSS(t)
	return w
}

func watchMemcached(t testing.TB, args ...string) *watch {
	w := &watch{t: t, s: harness.Memcached(t, args...)}
	w.by = w.s.Dial(t)
	w.by.Ask("set bystander 5 0 28\r\n"+canary+"\r\n", "STORED\r\n")
	w.base = w.s.RSS(t)
	return w
}

// inStep asks for the bystander's value on its old connection.
func (w *watch) inStep() {
	w.t.Helper()
	if w.s.Kind == "memcached" {
		w.by.Ask("get bystander\r\n", "VALUE bystander 5 28\r\n"+canary+"\r\nEND\r\n")
		return
	}
	w.by.Ask(harness.Command("GET", "bystander"), "$28\r\n"+canary+"\r\n")
}

// unharmed is the end of every test.
func (w *watch) unharmed() {
	w.t.Helper()
	w.s.Alive(w.t)
	w.inStep()
	w.s.BackNear(w.t, w.base, slack)
}

// exchange is what one connection sends and what must come back; closed wants the connection ended after it.
type exchange struct {
	name, send, want string
	closed           bool
}

// play runs each exchange on a connection of its own.
func (w *watch) play(list []exchange) {
	for _, e := range list {
		c := w.s.Dial(w.t)
		c.SendAny(e.send)
		ok := false
		func() {
			defer func() {
				if !ok {
					w.t.Logf("in %q, sent %q", e.name, e.send[:min(len(e.send), 100)])
				}
			}()
			c.Expect(e.want)
			if e.closed {
				c.ExpectClosed()
			} else if w.s.Kind == "memcached" {
				c.Ask("verbosity 0\r\n", "OK\r\n")
			} else {
				c.Ask("PING\r\n", "+PONG\r\n")
			}
			ok = true
		}()
		c.Close()
		w.inStep()
	}
}

// onlyOurs leaves a test out when the original stands in for us: the target is stricter than what it does.
func onlyOurs(t *testing.T) bool {
	if os.Getenv("CACHESRV_SUBJECT") == "oracle" {
		t.Log("stricter than the original: not tried on it")
		return false
	}
	return true
}
