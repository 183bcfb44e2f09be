// Tests of CLIENT PAUSE over real connections.

package redis

import (
	"bufio"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

// held waits until n clients are suspended by a pause.
func (r *rig) held(n int64) {
	r.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if r.e.pause.held.Load() == n {
			return
		}
	}
	r.t.Fatalf("%d clients are held, want %d", r.e.pause.held.Load(), n)
}

func TestClientPauseWrites(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	me, a, b := dial(t, address), dial(t, address), dial(t, address)
	me.expect("+OK\r\n", "client", "pause", "100000", "write")
	io.WriteString(a, request("get", "k")+request("set", "k", "a")+request("get", "k")) // what follows in the pipeline waits with it
	a.expect("$-1\r\n")
	r.held(1)
	io.WriteString(b, request("pfcount", "h"))
	r.held(2)
	me.expect("+OK\r\n", "client", "pause", "1", "write") // no pause is made shorter
	me.expect("$-1\r\n", "get", "k")
	if got := me.text("client", "list"); strings.Count(got, " flags=b ") != 2 || !strings.Contains(got, " cmd=pfcount ") {
		t.Errorf("%s", got)
	}
	if got := me.text("info", "clients"); !strings.Contains(got, "blocked_clients:2\r\n") {
		t.Errorf("%s", got)
	}
	me.expect("-ERR unknown command 'nosuch', with args beginning with: \r\n", "nosuch")
	me.expect("+OK\r\n", "client", "unpause")
	a.expect("+OK\r\n$1\r\na\r\n")
	b.expect(":0\r\n")
	r.held(0)
	me.expect("+OK\r\n", "set", "k", "me")
}

func TestClientPauseAllEndsByItself(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	me, other := dial(t, address), dial(t, address)
	other.expect("+PONG\r\n", "ping")
	began := time.Now()
	me.expect("+OK\r\n", "client", "pause", "300")
	me.expect("+PONG\r\n", "ping") // even the one that asked for it waits
	if took := time.Since(began); took < 300*time.Millisecond {
		t.Errorf("over after %v", took)
	}
	other.expect("+PONG\r\n", "ping")
	r.held(0)
	if alert := r.e.alert.Load(); alert != 0 {
		t.Errorf("requests are still looked at twice: %b", alert)
	}
}

// R15: clients that are held are killed, hang up and are freed, and a pause that ends meanwhile finds nobody who is gone.
func TestR15PauseAndKill(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	me, a, b := dial(t, address), dial(t, address), dial(t, address)
	me.expect("+OK\r\n", "client", "pause", "100000", "write")
	io.WriteString(a, request("set", "k", "a"))
	io.WriteString(b, request("set", "k", "b"))
	r.held(2)
	me.expect(":1\r\n", "client", "kill", "addr", a.LocalAddr().String())
	a.closed()
	r.held(1)
	b.Close()
	r.held(0)
	me.expect("+OK\r\n", "client", "unpause")
	me.expect("$-1\r\n", "get", "k")
}

func TestClientPauseErrors(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	for line, want := range map[string]string{
		"client pause x": "ERR timeout is not an integer or out of range", "client pause -1": "ERR timeout is negative", "client pause 1 foo": "ERR CLIENT PAUSE mode must be WRITE or ALL",
		"client pause x foo": "ERR CLIENT PAUSE mode must be WRITE or ALL", "client pause 9223372036854775807": "ERR timeout is out of range",
		"client pause 1 write foo": "ERR unknown subcommand or wrong number of arguments for 'pause'. Try CLIENT HELP.",
	} {
		c.want("-"+want+"\r\n", strings.Fields(line)...)
	}
	c.want("+OK\r\n", "client", "unpause")
	c.want("+OK\r\n", "client", "pause", "0")
}

// TestPauseTransaction: what counts for EXEC is what is queued.
func TestPauseTransaction(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	reads, writes, w := dial(t, address), dial(t, address), dial(t, address)
	reads.expect("+OK\r\n", "multi")
	reads.expect("+QUEUED\r\n", "get", "k")
	writes.expect("+OK\r\n", "multi")
	writes.expect("+QUEUED\r\n", "set", "k", "v")
	w.expect("+OK\r\n", "client", "pause", "100000", "write")
	reads.expect("*1\r\n$-1\r\n", "exec")
	io.WriteString(writes, request("exec"))
	r.held(1)
	w.expect("$-1\r\n", "get", "k")
	w.expect("+OK\r\n", "client", "unpause")
	writes.expect("*1\r\n+OK\r\n")
}

// TestPauseHoldsOnlyChanges: of the commands that may run in a pause of writes, and of those that may not.
func TestPauseHoldsOnlyChanges(t *testing.T) {
	r := newRig(t, core.Options{})
	w := dial(t, r.listen())
	w.expect("+OK\r\n", "client", "pause", "100000", "write")
	for _, line := range []string{"get k", "ping", "exists k", "dbsize", "client id", "ttl k", "info nosuch"} {
		io.WriteString(w, request(strings.Fields(line)...))
		if _, err := bufio.NewReader(w).ReadString('\n'); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	for i, line := range []string{"set k v", "del k", "expire k 1", "pfcount k", "flushall", "getex k", "sort k", "copy k l", "restore k 0 x"} {
		other := dial(t, r.e.server.Load().Addrs()[0].String())
		io.WriteString(other, request(strings.Fields(line)...))
		r.held(int64(i) + 1)
	}
	w.expect("+OK\r\n", "client", "unpause")
}

// TestClientPauseHoldsExpiryBack: during a pause of writes what expires is gone for readers, but nothing is removed or told to the journal before the end.
func TestClientPauseHoldsExpiryBack(t *testing.T) {
	r := newRig(t, core.Options{})
	var d diary
	r.store.SetJournal(&d)
	c := r.client()
	c.do("set", "k", "v", "px", "100")
	c.do("set", "other", "v", "px", "100")
	c.do("client", "pause", "100000", "write")
	r.now.Add(1000)
	d.lines = nil
	c.want("$-1\r\n", "get", "k")
	c.want(":-2\r\n", "ttl", "k")
	c.want(":0\r\n", "exists", "k", "other")
	if len(d.lines) > 0 || r.store.Stats().Expired > 0 {
		t.Errorf("removed during the pause: %q", d.lines)
	}
	c.do("client", "unpause")
	c.want("$-1\r\n", "get", "k")
	c.want("+OK\r\n", "set", "other", "new")
	if got := strings.Join(d.lines, "; "); got != "0 removed k; 0 removed other; 0 set other new" {
		t.Errorf("journal got %q", got)
	}
}

// What several hold back adds up: the end of a reload does not let go of the writes that the end of the server holds.
func TestHoldsAddUp(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	w, reader := dial(t, address), dial(t, address)
	r.e.holdClients(holdWrites)
	r.e.holdClients(holdAll)
	w.Write([]byte(request("set", "k", "v")))
	reader.Write([]byte(request("get", "k")))
	eventually(t, "both wait", func() bool { return r.e.pause.held.Load() == 2 })
	r.e.letGo(holdAll)
	reader.expect("$-1\r\n")
	eventually(t, "the write waits again", func() bool { return r.e.pause.held.Load() == 1 })
	reader.expect("$-1\r\n", "get", "k")
	r.e.letGo(holdWrites)
	w.expect("+OK\r\n")
	if r.e.alert.Load()&alertPause != 0 {
		t.Error("a pause is left")
	}
}
