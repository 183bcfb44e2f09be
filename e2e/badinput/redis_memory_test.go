// Rows R7 to R9: memory grows with what a client has sent or read, never with what it announces or leaves unread.

package badinput

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// dialMany opens n connections; they close with the test.
func dialMany(t *testing.T, s *harness.Server, n int) []*harness.Conn {
	t.Helper()
	out := make([]*harness.Conn, n)
	for i := range out {
		out[i] = s.Dial(t)
	}
	return out
}

func TestR7AnnouncedNotSent(t *testing.T) {
	w := watchRedis(t)
	conns := dialMany(t, w.s, 1000)
	base := w.s.RSS(t)
	for i, c := range conns {
		switch i % 3 {
		case 0:
			c.Send("*1000000\r\n")
		case 1:
			c.Send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\n")
		case 2:
			c.Send("*1000000\r\n$3\r\nGET\r\n$536870912\r\nabc")
		}
	}
	w.inStep()
	time.Sleep(200 * time.Millisecond)
	// 64 KB a connection would be generous; half a gigabyte each is what was announced.
	if grown := w.s.RSS(t) - base; grown > 64<<20 {
		t.Errorf("1000 announcements cost %d MB", grown>>20)
	}
	for _, c := range conns {
		c.Close()
	}
	w.unharmed()
}

func TestR7BulkArrivesInPieces(t *testing.T) {
	w := watchRedis(t)
	const size = 48 << 20
	c := w.s.Dial(t)
	c.Send(fmt.Sprintf("*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$%d\r\n", size))
	piece := strings.Repeat("0123456789abcdef", 4096)
	for range size / len(piece) {
		c.Send(piece)
	}
	c.Ask("\r\n", "+OK\r\n")
	c.Ask(harness.Command("STRLEN", "big"), fmt.Sprintf(":%d\r\n", size))
	c.Ask(harness.Command("GETRANGE", "big", fmt.Sprint(size-3), "-1"), "$3\r\ndef\r\n")
	c.Ask(harness.Command("DEL", "big"), ":1\r\n")
	c.Close()
	w.unharmed()
}

func TestR7BeforeAuthentication(t *testing.T) {
	s := harness.Redis(t, "--requirepass=secret")
	base := s.RSS(t)
	for send, want := range map[string]string{
		"*11\r\n":                            protocolError("unauthenticated multibulk length"),
		"*1000000\r\n":                       protocolError("unauthenticated multibulk length"),
		"*2\r\n$4\r\nAUTH\r\n$16385\r\n":     protocolError("unauthenticated bulk length"),
		"*2\r\n$4\r\nAUTH\r\n$536870912\r\n": protocolError("unauthenticated bulk length"),
	} {
		c := s.Dial(t)
		c.Ask(send, want)
		c.ExpectClosed()
	}
	c := s.Dial(t)
	c.Ask(harness.Command("AUTH", strings.Repeat("x", 16384)), "-WRONGPASS invalid username-password pair or user is disabled.\r\n")
	c.Ask(harness.Command("GET", "k"), "-NOAUTH Authentication required.\r\n")
	c.Ask(harness.Command("AUTH", "secret"), "+OK\r\n")
	c.Ask(harness.Command(append([]string{"MGET"}, strings.Split(strings.Repeat("k", 20), "")...)...), "*20\r\n"+strings.Repeat("$-1\r\n", 20))
	s.Alive(t)
	s.BackNear(t, base, slack)
}

// writeUntilClosed sends piece again and again without reading, up to limit bytes, and says whether the server
// ended it. A client's small receive buffer makes unread replies pile up on the server's side.
func writeUntilClosed(c *harness.Conn, piece string, limit int) bool {
	for sent := 0; sent < limit; sent += len(piece) {
		c.SetWriteDeadline(time.Now().Add(10 * time.Second))
		if _, err := c.Write([]byte(piece)); err != nil {
			return !strings.Contains(err.Error(), "timeout")
		}
	}
	return false
}

func TestR8UnauthenticatedNeverReads(t *testing.T) {
	s := harness.Redis(t, "--requirepass=secret")
	base := s.RSS(t)
	for i, piece := range []string{strings.Repeat("PING\r\n", 5000), strings.Repeat(harness.Command("GET", "k"), 2000), strings.Repeat("x\r\n", 5000)} {
		for range 3 {
			c := s.Dial(t)
			c.Conn.(*net.TCPConn).SetReadBuffer(4096)
			// The kernel's own buffers swallow some megabytes of replies first.
			if !writeUntilClosed(c, piece, 128<<20) {
				t.Errorf("flood %d was never closed", i)
			}
			if grown := s.RSS(t) - base; grown > 24<<20 {
				t.Errorf("flood %d: grown by %d MB", i, grown>>20)
			}
		}
	}
	s.Alive(t)
	c := s.Dial(t)
	c.Ask(harness.Command("AUTH", "secret"), "+OK\r\n")
	c.Ask("PING\r\n", "+PONG\r\n")
	s.BackNear(t, base, slack)
}

func TestR9DefaultOutputLimit(t *testing.T) {
	if !onlyOurs(t) {
		return
	}
	w := watchRedis(t)
	limit, _ := w.by.Do("CONFIG", "GET", "client-output-buffer-limit").Get("client-output-buffer-limit")
	if !strings.HasPrefix(limit.Str, "normal 268435456 ") {
		t.Errorf("client-output-buffer-limit is %q: a normal client's default must be 256 MB", limit.Str)
	}
}

// hog lets a client ask for more than its output limit without reading, and wants it closed.
func hog(t *testing.T, w *watch, requests string) {
	t.Helper()
	w.by.Ask(harness.Command("CONFIG", "SET", "client-output-buffer-limit", "normal 16777216 0 0"), "+OK\r\n")
	c := w.s.Dial(t)
	c.Conn.(*net.TCPConn).SetReadBuffer(4096)
	c.SendAny(requests)
	harness.Eventually(t, 20*time.Second, "the hog is closed", func() (bool, string) {
		w.inStep()
		list := w.by.Do("CLIENT", "LIST").Str
		return strings.Count(list, "\n") == 1, list
	})
	c.Close() // what the kernel still holds for it would take minutes to read through so small a buffer
}

func TestR9HogOfBigValues(t *testing.T) {
	w := watchRedis(t)
	w.by.Ask(harness.Command("SET", "big", strings.Repeat("v", 1<<20)), "+OK\r\n")
	hog(t, w, strings.Repeat(harness.Command("GET", "big"), 500))
	w.by.Ask(harness.Command("DEL", "big"), ":1\r\n")
	w.unharmed()
}

func TestR9HogOfKeys(t *testing.T) {
	w := watchRedis(t)
	load := w.s.Dial(t)
	for i := range 100 {
		args := []string{"MSET"}
		for j := range 1000 {
			args = append(args, fmt.Sprintf("key:%d:%d:%s", i, j, strings.Repeat("n", 200)), "v")
		}
		load.Ask(harness.Command(args...), "+OK\r\n")
	}
	load.Close()
	hog(t, w, strings.Repeat(harness.Command("KEYS", "*"), 20))
	w.by.Ask(harness.Command("FLUSHDB"), "+OK\r\n")
	w.by.Ask(harness.Command("SET", "bystander", canary), "+OK\r\n")
	w.unharmed()
}

func TestR9SoftLimit(t *testing.T) {
	w := watchRedis(t)
	w.by.Ask(harness.Command("SET", "big", strings.Repeat("v", 1<<20)), "+OK\r\n")
	w.by.Ask(harness.Command("CONFIG", "SET", "client-output-buffer-limit", "normal 0 8388608 1"), "+OK\r\n")
	c := w.s.Dial(t)
	c.Conn.(*net.TCPConn).SetReadBuffer(4096)
	c.SendAny(strings.Repeat(harness.Command("GET", "big"), 30))
	harness.Eventually(t, 20*time.Second, "the client over its soft limit is closed", func() (bool, string) {
		w.inStep()
		// The original looks at the soft limit when it adds to the buffer.
		c.SendAny(harness.Command("PING"))
		time.Sleep(100 * time.Millisecond)
		list := w.by.Do("CLIENT", "LIST").Str
		return strings.Count(list, "\n") == 1, list
	})
	c.Close()
	w.by.Ask(harness.Command("DEL", "big"), ":1\r\n")
	w.unharmed()
}

func TestR9MaxmemoryClients(t *testing.T) {
	w := watchRedis(t, "--maxmemory-clients=12mb")
	c := w.s.Dial(t)
	c.SendAny("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$60000000\r\n")
	piece := strings.Repeat("0123456789abcdef", 4096)
	if !writeUntilClosed(c, piece, 60_000_000) {
		t.Error("a client with 60 MB in its query buffer was not closed at maxmemory-clients 12mb")
	}
	c.Close()
	w.unharmed()
}

func TestR9QueryBufferLimit(t *testing.T) {
	w := watchRedis(t, "--client-query-buffer-limit=2mb")
	c := w.s.Dial(t)
	c.SendAny("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$60000000\r\n")
	if !writeUntilClosed(c, strings.Repeat("0123456789abcdef", 4096), 60_000_000) {
		t.Error("a client with 60 MB in its query buffer was not closed at client-query-buffer-limit 2mb")
	}
	c.Close()
	w.unharmed()
}
