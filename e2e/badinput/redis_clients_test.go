// Rows R9, R13 and R15: clients that make the server keep things for them, and clients that are ended at awkward moments.

package badinput

import (
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// gone waits until only the bystander is left.
func gone(t *testing.T, w *watch, what string) {
	t.Helper()
	harness.Eventually(t, 20*time.Second, what, func() (bool, string) {
		w.inStep()
		list := w.by.Do("CLIENT", "LIST").Str
		return strings.Count(list, "\n") == 1, list
	})
}

// TestR9HogOfMonitor: a monitor that does not read is closed at the limit of normal clients, while the others' traffic goes on.
func TestR9HogOfMonitor(t *testing.T) {
	w := watchRedis(t)
	w.by.Ask(harness.Command("CONFIG", "SET", "client-output-buffer-limit", "normal 4194304 0 0"), "+OK\r\n")
	m := w.s.Dial(t)
	m.Conn.(*net.TCPConn).SetReadBuffer(4096)
	m.Ask(harness.Command("MONITOR"), "+OK\r\n")
	load := w.s.Dial(t)
	for range 24 {
		load.Ask(harness.Command("SET", "big", strings.Repeat("v", 1<<20)), "+OK\r\n")
	}
	load.Ask(harness.Command("DEL", "big"), ":1\r\n")
	load.Close()
	gone(t, w, "the monitor is closed")
	m.Close()
	w.unharmed()
}

func TestR9HogOfRandomFields(t *testing.T) {
	w := watchRedis(t)
	w.by.Ask(harness.Command("HSET", "h", "field", strings.Repeat("v", 1<<10)), ":1\r\n")
	hog(t, w, strings.Repeat(harness.Command("HRANDFIELD", "h", "-20000", "WITHVALUES"), 4))
	w.by.Ask(harness.Command("DEL", "h"), ":1\r\n")
	w.unharmed()
}

// TestR9TransactionOverItsLimit: what EXEC has begun it ends, though its replies are too much for the client.
func TestR9TransactionOverItsLimit(t *testing.T) {
	w := watchRedis(t)
	w.by.Ask(harness.Command("SET", "big", strings.Repeat("v", 1<<20)), "+OK\r\n")
	w.by.Ask(harness.Command("CONFIG", "SET", "client-output-buffer-limit", "normal 8388608 0 0"), "+OK\r\n")
	c := w.s.Dial(t)
	c.Conn.(*net.TCPConn).SetReadBuffer(4096)
	c.SendAny(harness.Command("MULTI") + harness.Command("SET", "first", "1") + strings.Repeat(harness.Command("GET", "big"), 60) + harness.Command("SET", "last", "1") + harness.Command("EXEC"))
	gone(t, w, "the client is closed")
	c.Close()
	w.by.Ask(harness.Command("DEL", "first", "last", "big"), ":3\r\n")
	w.unharmed()
}

// TestR13QueuedBytesCount: what a transaction collects counts as its client's memory, which is closed for it; nothing of it is applied.
func TestR13QueuedBytesCount(t *testing.T) {
	w := watchRedis(t, "--maxmemory-clients=12mb")
	c := w.s.Dial(t)
	c.Ask(harness.Command("MULTI"), "+OK\r\n")
	if !writeUntilClosed(c, harness.Command("SET", "queued", strings.Repeat("v", 64<<10)), 100<<20) {
		t.Error("a client with 100 MB in its transaction was not closed at maxmemory-clients 12mb")
	}
	c.Close()
	w.by.Ask(harness.Command("EXISTS", "queued"), ":0\r\n")
	if n := w.by.Do("INFO", "stats").Str; !strings.Contains(n, "evicted_clients:1\r\n") {
		t.Errorf("%s", n)
	}
	w.unharmed()
}

// TestR15KillSelf: a client that ends itself gets its reply, also in the middle of a transaction, and what comes behind is not run.
func TestR15KillSelf(t *testing.T) {
	w := watchRedis(t)
	c := w.s.Dial(t)
	id := c.Do("CLIENT", "ID").Raw[1:]
	id = strings.TrimSpace(id)
	c.Send(harness.Command("CLIENT", "KILL", "ID", id, "SKIPME", "no") + harness.Command("SET", "behind", "1"))
	c.Expect(":1\r\n")
	c.ExpectClosed()
	c = w.s.Dial(t)
	id = strings.TrimSpace(c.Do("CLIENT", "ID").Raw[1:])
	c.Send(harness.Command("MULTI") + harness.Command("SET", "before", "1") + harness.Command("CLIENT", "KILL", "ID", id, "SKIPME", "no") + harness.Command("EXEC") + harness.Command("SET", "behind", "1"))
	c.UntilClosed(10 * time.Second)
	w.by.Ask(harness.Command("DEL", "before", "behind"), ":1\r\n")
	w.unharmed()
}

// TestR15KillHeld: clients that a pause holds back are killed, hang up, and are let go at the same moment.
func TestR15KillHeld(t *testing.T) {
	w := watchRedis(t)
	admin := w.s.Dial(t)
	for round := range 20 {
		admin.Ask(harness.Command("CLIENT", "PAUSE", "60000", "WRITE"), "+OK\r\n")
		conns := dialMany(t, w.s, 20)
		for _, c := range conns {
			c.Send(harness.Command("INCR", "held") + harness.Command("GET", "held"))
		}
		harness.Eventually(t, 10*time.Second, "all are held", func() (bool, string) {
			info := admin.Do("INFO", "clients").Str
			return strings.Contains(info, "blocked_clients:20\r\n"), info
		})
		for i, c := range conns {
			switch i % 4 {
			case 0:
				admin.Do("CLIENT", "KILL", "ADDR", c.LocalAddr().String())
			case 1:
				c.Close()
			}
			if i == round {
				admin.Ask(harness.Command("CLIENT", "UNPAUSE"), "+OK\r\n")
			}
		}
		for i, c := range conns {
			if i%4 > 1 {
				c.Reply()
				c.Reply()
			}
			c.Close()
		}
		harness.Eventually(t, 10*time.Second, "nobody is held any more", func() (bool, string) {
			info := admin.Do("INFO", "clients").Str
			return strings.Contains(info, "blocked_clients:0\r\n"), info
		})
	}
	admin.Do("DEL", "held")
	admin.Close()
	w.unharmed()
}

// TestR15KillStorm: connections are ended while they send, monitor, collect and come anew; every reply that arrives belongs to its request.
func TestR15KillStorm(t *testing.T) {
	w := watchRedis(t)
	var stop atomic.Bool
	var wrong atomic.Pointer[string]
	done := make(chan int)
	const clients = 8
	for n := range clients {
		go func() {
			replies := 0
			for i := 0; !stop.Load(); i++ {
				c, err := w.s.TryDial()
				if err != nil {
					continue
				}
				if n == 0 {
					c.Write([]byte(harness.Command("MONITOR")))
				}
				for j := 0; !stop.Load(); j++ {
					text := fmt.Sprintf("%d:%d:%d", n, i, j)
					if _, err := c.Write([]byte(harness.Command("ECHO", text))); err != nil {
						break
					}
					if n == 0 { // what a monitor gets is told apart by nothing but its form
						if _, err := c.TryReply(time.Second); err != nil {
							break
						}
						continue
					}
					r, err := c.TryReply(10 * time.Second)
					if err != nil {
						break
					}
					if replies++; r.Str != text {
						s := fmt.Sprintf("%s was answered with %s", text, r.Raw)
						wrong.Store(&s)
						break
					}
				}
				c.Close()
			}
			done <- replies
		}()
	}
	admin := w.s.Dial(t)
	for end := time.Now().Add(1500 * time.Millisecond); time.Now().Before(end); {
		for line := range strings.Lines(admin.Do("CLIENT", "LIST").Str) {
			fields := strings.Fields(line) // id=… addr=…
			if at := fields[1][len("addr="):]; at != admin.LocalAddr().String() && at != w.by.LocalAddr().String() {
				admin.Do("CLIENT", "KILL", "ID", fields[0][len("id="):])
			}
		}
	}
	stop.Store(true)
	total := 0
	for range clients {
		total += <-done
	}
	if s := wrong.Load(); s != nil {
		t.Error(*s)
	}
	if total == 0 {
		t.Error("nothing was answered")
	}
	admin.Close()
	w.unharmed()
}

// TestR37ReplicationRequests: whoever pretends to be a replica, or a master, gets errors or nothing, and the connection stays in step.
func TestR37ReplicationRequests(t *testing.T) {
	if !onlyOurs(t) {
		return
	}
	w := watchRedis(t)
	const none = "-ERR This server does not support replication yet\r\n"
	ok, pong := "+OK\r\n", "+PONG\r\n"
	cmd := harness.Command
	w.play([]exchange{
		{name: "without the right", send: cmd("ACL", "SETUSER", "reader", "on", "nopass", "+@all", "-@dangerous") + cmd("AUTH", "reader", "x") + cmd("SYNC") + cmd("PSYNC", "?", "-1"),
			want: ok + ok + "-NOPERM User reader has no permissions to run the 'sync' command\r\n-NOPERM User reader has no permissions to run the 'psync' command\r\n"},
		{name: "psync of nonsense", send: cmd("PSYNC", "a", "1e9"), want: "-ERR value is not an integer or out of range\r\n"},
		{name: "handshake", send: cmd("REPLCONF", "listening-port", "6380") + cmd("REPLCONF", "capa", "eof", "capa", "psync2") + cmd("PSYNC", "?", "-1"), want: ok + ok + none},
		{name: "acknowledgements are not answered", send: cmd("REPLCONF", "ACK", "99999999999") + cmd("REPLCONF", "GETACK", "*") + cmd("REPLCONF", "ACK", "x") + "PING\r\n", want: pong},
		{name: "half an option", send: cmd("REPLCONF", "capa"), want: "-ERR syntax error\r\n"},
		{name: "long address", send: cmd("REPLCONF", "ip-address", strings.Repeat("1", 100_000)), want: "-ERR REPLCONF ip-address provided by replica instance is too long: 100000 bytes\r\n"},
		{name: "attacker as master", send: cmd("REPLICAOF", "203.0.113.1", "6379") + cmd("SLAVEOF", "203.0.113.1", "6379"), want: none + none},
		{name: "in a transaction", send: cmd("MULTI") + cmd("SYNC") + cmd("PSYNC", "?", "-1") + cmd("DISCARD"),
			want: ok + "-ERR Command not allowed inside a transaction\r\n-ERR Command not allowed inside a transaction\r\n" + ok},
		{name: "a master's stream", send: "+FULLRESYNC " + strings.Repeat("a", 40) + " 1\r\n", want: "-ERR unknown command '+FULLRESYNC', with args beginning with: '" + strings.Repeat("a", 40) + "' '1' \r\n"},
	})
	role := w.by.Do("ROLE")
	if len(role.Elems) != 3 || role.Elems[0].Str != "master" || len(role.Elems[2].Elems) != 0 {
		t.Errorf("ROLE: %v", role)
	}
	w.unharmed()
}
