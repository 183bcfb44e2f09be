// Invalidations: which come, to whom, and where they stand among the replies.

package redis

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

// gone is the push that says which keys have changed; all of them if none is given.
func gone(keys ...string) string {
	if len(keys) == 0 {
		return ">2\r\n$10\r\ninvalidate\r\n_\r\n"
	}
	s := fmt.Sprintf(">2\r\n$10\r\ninvalidate\r\n*%d\r\n", len(keys))
	for _, k := range keys {
		s += bulk(k)
	}
	return s
}

// dial3 is dial with version 3.
func dial3(t testing.TB, address string) *wire {
	t.Helper()
	w := dial(t, address)
	w.hello3()
	return w
}

// all sends requests, one a line, in one packet, and compares everything that comes back.
func (w *wire) all(reply string, lines ...string) {
	w.t.Helper()
	var in string
	for _, l := range lines {
		in += request(strings.Fields(l)...)
	}
	io.WriteString(w, in)
	w.expect(reply)
}

// id is the number of the connection.
func (w *wire) id() string {
	w.t.Helper()
	io.WriteString(w, request("client", "id"))
	line, err := w.r.ReadString('\n')
	if err != nil || line[0] != ':' {
		w.t.Fatalf("CLIENT ID: %q, %v", line, err)
	}
	return strings.TrimSpace(line[1:])
}

func TestInvalidationOrder(t *testing.T) {
	address := newRig(t, core.Options{}).listen()
	w, other := dial3(t, address), dial(t, address)
	w.all("+OK\r\n", "client tracking on")
	w.all("_\r\n+OK\r\n"+gone("k")+"$1\r\n1\r\n", "get k", "set k 1", "get k")
	other.all("+OK\r\n", "set k 2")
	w.expect(gone("k"))
	other.all("+OK\r\n", "set k 3") // it was told already
	w.all("$1\r\n3\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n+OK\r\n_\r\n+OK\r\n"+gone("k")+gone("x")+"+PONG\r\n",
		"get k", "multi", "set k 4", "get x", "set x 1", "exec", "ping")
	w.all("$1\r\n4\r\n+OK\r\n"+gone()+"+PONG\r\n", "get k", "flushdb", "ping")
	w.all("_\r\n+OK\r\n", "get k", "multi")
	other.all("+OK\r\n+OK\r\n", "set k 5", "select 3")
	w.expect(gone("k"))
	w.all("+OK\r\n", "discard")
	other.all("+OK\r\n", "flushdb") // in whatever database
	w.expect(gone())
	w.all("_\r\n", "get q")
	other.all("+OK\r\n", "set q 1") // one name, whatever the database
	w.expect(gone("q"))
	w.all("+OK\r\n_\r\n+OK\r\n+OK\r\n_\r\n+OK\r\n"+gone("m2")+"+PONG\r\n", "client tracking on noloop", "get m", "set m 1", "client tracking on", "get m2", "set m2 1", "ping")
}

// TestWhatIsTracked has another client change a key after each command.
func TestWhatIsTracked(t *testing.T) {
	address := newRig(t, core.Options{}).listen()
	w, other := dial3(t, address), dial(t, address)
	wrong := "-" + errWrongType.Error() + "\r\n"
	w.all("+OK\r\n", "client tracking on")
	for _, s := range []struct {
		line, reply string
		tracked     bool
	}{
		{"exists x", ":1\r\n", true}, {"strlen x", ":1\r\n", true}, {"touch x", ":1\r\n", true}, {"ttl x", ":-1\r\n", true}, {"object encoding x", "$3\r\nint\r\n", true},
		{"hget x f", wrong, true}, {"sort_ro x foo", "-ERR syntax error\r\n", true}, {"xread streams x 0", wrong, true}, {"getrange x 0 0", "$1\r\n1\r\n", true},
		{"mget y x", "*2\r\n_\r\n$1\r\n1\r\n", true}, {"get x", "$1\r\n1\r\n", true}, {"get x y", "-ERR wrong number of arguments for 'get' command\r\n", false},
		{"watch x", "+OK\r\n", false}, {"getex x", "$1\r\n1\r\n", false}, {"incrby x 0", ":1\r\n", false}, {"randomkey", "$1\r\nx\r\n", false},
		{"multi", "+OK\r\n", false}, {"get x", "+QUEUED\r\n", false}, {"discard", "+OK\r\n", false}, {"sort x", wrong, false},
	} {
		other.all("+OK\r\n", "set x 1")
		w.all(s.reply, s.line)
		other.all("+OK\r\n", "set x 1")
		if s.tracked {
			w.expect(gone("x"))
		}
	}
}

func TestOptInOptOut(t *testing.T) {
	address := newRig(t, core.Options{}).listen()
	w, other := dial3(t, address), dial(t, address)
	set := func() { other.all("+OK\r\n", "mset o1 1 o2 1 o3 1") }
	w.all("+OK\r\n+OK\r\n_\r\n_\r\n", "client tracking on optin", "client caching yes", "get o1", "get o2")
	set()
	w.expect(gone("o1"))
	w.all("+OK\r\n:0\r\n$1\r\n1\r\n", "client caching yes", "client getredir", "get o3")
	set()
	w.expect(gone("o3"))
	w.all("+OK\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$1\r\n1\r\n$1\r\n1\r\n$1\r\n1\r\n", "client caching yes", "multi", "get o1", "get o2", "exec", "get o3")
	set()
	w.expect(gone("o1") + gone("o2"))
	w.all("+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n$1\r\n1\r\n+OK\r\n$1\r\n1\r\n$1\r\n1\r\n", "multi", "get o1", "client caching yes", "get o2", "exec", "get o3")
	set()
	w.expect(gone("o2"))
	w.all("+OK\r\n+OK\r\n+OK\r\n$1\r\n1\r\n$1\r\n1\r\n", "client tracking off", "client tracking on optout", "client caching no", "get o1", "get o2")
	set()
	w.expect(gone("o2"))
	w.all("+PONG\r\n", "ping")
}

// TestReplyOff shows that invalidations are no replies.
func TestReplyOff(t *testing.T) {
	address := newRig(t, core.Options{}).listen()
	w := dial3(t, address)
	w.all("+OK\r\n"+gone("y")+"+OK\r\n+PONG\r\n", "client tracking on", "client reply off", "get y", "set y 1", "client reply skip", "client reply on", "ping")
	w.all("$1\r\n1\r\n"+gone("y")+"+PONG\r\n", "get y", "client reply skip", "set y 2", "ping")
}

func TestRedirection(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	w, to, other := dial(t, address), dial3(t, address), dial(t, address)
	id := to.id()
	w.all("+OK\r\n$-1\r\n+OK\r\n", "client tracking on redirect "+id, "get k", "set k 1")
	to.expect(gone("k"))
	w.all("$1\r\n1\r\n", "get k")
	other.all("+OK\r\n", "flushall")
	to.expect(">2\r\n$10\r\ninvalidate\r\n$-1\r\n") // the client's kind of null, as in the original
	w.all("$-1\r\n", "get k")
	to.Close()
	r.await(func() bool { return r.e.server.Load().Count() == 2 })
	other.all("+OK\r\n", "set k 2")
	w.all("*6\r\n$5\r\nflags\r\n*2\r\n$2\r\non\r\n$15\r\nbroken_redirect\r\n$8\r\nredirect\r\n:"+id+"\r\n$8\r\nprefixes\r\n*0\r\n", "client trackinginfo")
	if got := w.text("client", "list"); !strings.Contains(got, " flags=tR ") {
		t.Errorf("CLIENT LIST does not show it: %q", got)
	}
	w.hello3()
	broken := ">2\r\n$21\r\ntracking-redir-broken\r\n:" + id + "\r\n"
	w.all("$1\r\n2\r\n*2\r\n_\r\n_\r\n+OK\r\n"+broken+broken+"+PONG\r\n", "get k", "mget a b", "mset a 1 b 1", "ping")
	other.all("+OK\r\n", "set k 3")
	w.expect(broken)
	w.all("+OK\r\n$1\r\n3\r\n", "client tracking on", "get k")
	other.all("+OK\r\n", "set k 4")
	w.expect(gone("k"))
}

// await waits for a condition.
func (r *rig) await(done func() bool) {
	r.t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatal("it does not happen")
		}
	}
}

// TestRedirectionToASubscriber: version 2 gets a message of a channel, whatever it is subscribed to.
func TestRedirectionToASubscriber(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	w, to, other := dial3(t, address), dial(t, address), dial(t, address)
	message := "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n"
	id := to.id()
	w.all("+OK\r\n_\r\n", "client tracking on redirect "+id, "get k")
	other.all("+OK\r\n", "set k 1") // it is not subscribed: nobody is told
	to.all("*3\r\n$9\r\nsubscribe\r\n$3\r\nfoo\r\n:1\r\n", "subscribe foo")
	w.all("$1\r\n1\r\n+OK\r\n", "get k", "set k 2")
	to.expect(message + "*1\r\n" + bulk("k"))
	w.all("$1\r\n2\r\n", "get k")
	other.all("+OK\r\n", "flushall")
	to.expect(message + "_\r\n")
	w.all("+OK\r\n+OK\r\n", "client tracking off", "client tracking on bcast redirect "+id)
	other.all("+OK\r\n+OK\r\n+OK\r\n", "set q 1", "set p 2", "set q 3")
	to.expect(message + "*2\r\n" + bulk("p") + bulk("q"))
}

func TestVersionTwoHearsNothing(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	w, other := dial(t, address), dial(t, address)
	w.all("+OK\r\n$-1\r\n+OK\r\n$1\r\n1\r\n", "client tracking on", "get k", "set k 1", "get k")
	other.all("+OK\r\n+OK\r\n", "set k 2", "flushall")
	w.all("+PONG\r\n", "ping")
	if keys, _ := r.store.Tracked(); keys != 0 {
		t.Errorf("%d keys are still tracked", keys)
	}
}

func TestTrackedKeysExpireAndAreEvicted(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	w, other := dial3(t, address), dial(t, address)
	w.all("+OK\r\n+OK\r\n$1\r\n1\r\n", "client tracking on", "set e 1 px 1000", "get e")
	r.now.Add(2000)
	other.all("$-1\r\n", "get e")
	w.expect(gone("e"))
	w.all("+OK\r\n$1\r\n1\r\n", "set e 1 px 1000", "get e")
	r.now.Add(2000)
	w.all("_\r\n"+gone("e"), "get e") // and it is tracked again
	long := strings.Repeat("x", 300)
	other.all("+OK\r\n", "set e "+long)
	w.expect(gone("e"))
	w.all(bulk(long), "get e")
	if err := r.store.SetPolicy("allkeys-lru"); err != nil {
		t.Fatal(err)
	}
	r.store.SetMaxMemory(r.store.Memory().Used)
	w.all(gone("e")+"+OK\r\n", "set f 1") // what goes for a command goes before its reply
}

func TestTrackingTableLimit(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	w, other := dial3(t, address), dial(t, address)
	if err := r.set.Set("tracking-table-max-keys", "10"); err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, request("client", "tracking", "on"))
	for i := range 500 {
		io.WriteString(w, request("get", fmt.Sprint("k", i)))
	}
	w.expect("+OK\r\n")
	told := 0
	for replies := 0; replies < 500; {
		line, err := w.r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		switch line {
		case "_\r\n":
			replies++
		case "invalidate\r\n":
			told++
		}
	}
	if keys, items := r.store.Tracked(); keys != 10 || items != 10 || told < 489 {
		t.Errorf("%d keys are tracked for %d readers, %d were told", keys, items, told)
	}
	if got := other.text("info", "stats"); !strings.Contains(got, "tracking_total_keys:10\r\ntracking_total_items:10\r\n") {
		t.Errorf("INFO says %q", got)
	}
	if got := other.text("info", "clients"); !strings.Contains(got, "tracking_clients:1\r\n") {
		t.Errorf("INFO says %q", got)
	}
	w.Close()
	r.await(func() bool { return r.e.trackers.all.Size() == 0 })
}

// TestMostWaiting fills what waits for a connection that is never visited.
func TestMostWaiting(t *testing.T) {
	r := newRig(t, core.Options{})
	address := r.listen()
	w := dial3(t, address)
	w.all("+OK\r\n", "client tracking on")
	tr, _ := r.e.trackers.all.Load(w.serverSide(r).ID)
	tr.attend() // as if it were in a long command
	key := []byte(strings.Repeat("k", 1000))
	for range 3 * mostWaiting / 1000 {
		tr.invalid(key)
	}
	tr.mu.Lock()
	n := len(tr.waiting)
	tr.mu.Unlock()
	if n > mostWaiting {
		t.Errorf("%d bytes wait", n)
	}
	io.WriteString(w, request("ping"))
	w.expect("+PONG\r\n" + gone())
}

// TestAgentTracks reads through an agent, as scripts do.
func TestAgentTracks(t *testing.T) {
	r := newRig(t, core.Options{})
	f := r.client()
	f.do("hello", "3")
	f.want("+OK\r\n", "client", "tracking", "on")
	f.w, f.tx, f.st = f.worker, f.worker.Tx, r.e.counters(0)
	k := r.store.Key([]byte("k"))
	f.tx.Enter()
	f.tx.Lock1(k)
	a := f.borrow(f.client)
	reply, err := a.call(r.e.table.find([]byte("get")), [][]byte{[]byte("get"), []byte("k")})
	if string(reply) != "_\r\n" || err != nil {
		t.Errorf("the agent gives %q, %v", reply, err)
	}
	a.giveBack()
	f.tx.Unlock()
	f.tx.Leave()
	f.want("+OK\r\n"+gone("k"), "set", "k", "1")
}
