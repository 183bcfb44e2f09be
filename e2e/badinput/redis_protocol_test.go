// Rows R1 to R6, R10 and R16: the Redis protocol, malformed, split and half closed.

package badinput

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func protocolError(text string) string { return "-ERR Protocol error: " + text + "\r\n" }

func TestR1EmptyRequests(t *testing.T) {
	w := watchRedis(t)
	var list []exchange
	for _, empty := range []string{"\r\n", "\n", " \r\n", "*0\r\n", "*-1\r\n", "*-10\r\n", "*-2147483648\r\n"} {
		list = append(list,
			exchange{name: "then inline", send: empty + "PING\r\n", want: "+PONG\r\n"},
			exchange{name: "then RESP", send: empty + harness.Command("ECHO", "x"), want: "$1\r\nx\r\n"},
			exchange{name: "many", send: strings.Repeat(empty, 500) + harness.Command("SET", "r1", "v") + empty + "GET r1\r\n", want: "+OK\r\n$1\r\nv\r\n"},
		)
	}
	w.play(list)
	w.unharmed()
}

func TestR2MultibulkLength(t *testing.T) {
	w := watchRedis(t)
	invalid, big := protocolError("invalid multibulk length"), protocolError("too big mbulk count string")
	var list []exchange
	for _, n := range []string{"3000000000", "2147483648", "abc", "1 ", "", "1a", "+1", "01", "0x1", "1.0", "9223372036854775808", "-"} {
		list = append(list, exchange{name: n, send: "*" + n + "\r\n", want: invalid, closed: true})
	}
	list = append(list, exchange{name: "64 KB of digits", send: "*" + strings.Repeat("1", 70_000), want: big, closed: true})
	list = append(list, exchange{name: "after a good one", send: "PING\r\n*abc\r\nPING\r\n", want: "+PONG\r\n" + invalid, closed: true})
	w.play(list)
	w.unharmed()
}

func TestR3BulkLength(t *testing.T) {
	w := watchRedis(t)
	invalid, big := protocolError("invalid bulk length"), protocolError("too big bulk count string")
	var list []exchange
	for _, n := range []string{"-10", "-1", "2000000000", "536870913", "blabla", "", "04", "+4", "4 ", "99999999999999999999"} {
		list = append(list, exchange{name: n, send: "*2\r\n$4\r\nECHO\r\n$" + n + "\r\n", want: invalid, closed: true})
	}
	list = append(list, exchange{name: "64 KB", send: "*1\r\n$" + strings.Repeat("1", 70_000), want: big, closed: true})
	w.play(list)
	w.unharmed()
}

func TestR4ExpectedDollar(t *testing.T) {
	w := watchRedis(t)
	w.play([]exchange{
		{name: "third argument", send: "*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n", want: protocolError("expected '$', got 'f'"), closed: true},
		{name: "first argument", send: "*1\r\nfoo\r\n", want: protocolError("expected '$', got 'f'"), closed: true},
		{name: "a number", send: "*2\r\n$4\r\nECHO\r\n:5\r\n", want: protocolError("expected '$', got ':'"), closed: true},
		{name: "a bulk without its line end", send: "*1\r\n$4\r\nPINGxxPING\r\n", want: "+PONG\r\n+PONG\r\n"},
	})
	w.unharmed()
}

func TestR5EndlessLines(t *testing.T) {
	w := watchRedis(t)
	for prefix, want := range map[string]string{
		"":            protocolError("too big inline request"),
		"\x00":        protocolError("too big inline request"),
		"*\x00":       protocolError("too big mbulk count string"),
		"*1\r\n$\x00": protocolError("too big bulk count string"),
	} {
		c := w.s.Dial(t)
		c.SendAny(prefix)
		got := make(chan string, 1)
		harness.Go(func() { // ends when the server closes or the deadline is over
			s, closed := c.Drain(30 * time.Second)
			if !closed {
				s += " (still open)"
			}
			got <- s
		})
		chunk := strings.Repeat("A", 16<<10)
		deadline := time.Now().Add(30 * time.Second)
		for time.Now().Before(deadline) {
			if _, err := c.Write([]byte(chunk)); err != nil {
				break
			}
		}
		// What the server said can be lost to the reset that answers bytes sent after it closed.
		if s := <-got; s != want && s != "" {
			t.Errorf("%q: got %q, want %q", prefix, s, want)
		}
	}
	// Sent in one piece, the text must arrive.
	w.play([]exchange{
		{name: "inline", send: strings.Repeat("A", 66_000), want: protocolError("too big inline request"), closed: true},
		{name: "inline, below the limit", send: "ECHO " + strings.Repeat("A", 60_000) + "\r\n", want: "$60000\r\n" + strings.Repeat("A", 60_000) + "\r\n"},
	})
	w.unharmed()
}

func TestR6UnbalancedQuotes(t *testing.T) {
	w := watchRedis(t)
	want := protocolError("unbalanced quotes in request")
	var list []exchange
	for _, line := range []string{`SET "foo`, `SET 'foo`, `SET "a"b`, `SET 'a'b`, `"`, `'`, `GET "a\"`, `GET '\'`, `GET "a\x4`} {
		list = append(list, exchange{name: line, send: line + "\r\n", want: want, closed: true})
	}
	list = append(list, exchange{name: "escapes", send: `ECHO "\x41\x4g\n\q\""` + "\r\n", want: "$7\r\nAx4g\nq\"\r\n"},
		exchange{name: "single quotes", send: `ECHO 'a\'b\n'` + "\r\n", want: "$5\r\na'b\\n\r\n"},
		exchange{name: "empty", send: `ECHO ""` + "\r\n", want: "$0\r\n\r\n"})
	w.play(list)
	w.unharmed()
}

// requests10 is a stream that holds every kind of frame, and its replies.
var requests10 = harness.Command("SET", "r10", "a\r\nb") + "PING\r\n" + harness.Command("GET", "r10") + "ECHO \"x y\"\r\n" +
	"*0\r\n" + harness.Command("APPEND", "r10", "") + harness.Command("GET", "") + "\r\n" + harness.Command("ECHO", strings.Repeat("z", 300)) + "GET\r\n"
var replies10 = "+OK\r\n+PONG\r\n$4\r\na\r\nb\r\n$3\r\nx y\r\n:4\r\n$-1\r\n$300\r\n" + strings.Repeat("z", 300) + "\r\n-ERR wrong number of arguments for 'get' command\r\n"

func TestR10SplitFrames(t *testing.T) {
	w := watchRedis(t)
	c := w.s.Dial(t)
	c.Conn.(*net.TCPConn).SetNoDelay(true)
	for i := range len(requests10) {
		c.Send(requests10[i : i+1])
	}
	c.Expect(replies10)
	for i := 1; i < len(requests10); i++ {
		c.Send(requests10[:i])
		if i%7 == 0 {
			time.Sleep(200 * time.Microsecond) // lets the server see the first part alone
		}
		c.Send(requests10[i:])
		c.Expect(replies10)
	}
	w.unharmed()
}

func TestR10MillionPipelined(t *testing.T) {
	w := watchRedis(t)
	const n = 1_000_000
	c := w.s.Dial(t)
	harness.Go(func() { // ends when all is sent or the connection closes
		buf := strings.Repeat(harness.Command("INCR", "counter"), 1000)
		for range n / 1000 {
			c.SetWriteDeadline(time.Now().Add(60 * time.Second))
			if _, err := c.Write([]byte(buf)); err != nil {
				return
			}
		}
	})
	for i := 1; i <= n; i++ {
		if r, err := c.TryReply(60 * time.Second); err != nil || r.Raw != fmt.Sprintf(":%d\r\n", i) {
			t.Fatalf("reply %d: %v, %v", i, r, err)
		}
	}
	w.unharmed()
}

func TestR10HalfClose(t *testing.T) {
	w := watchRedis(t)
	for _, n := range []int{1, 10, 5000} {
		c := w.s.Dial(t)
		harness.Go(func() { // ends when all is sent
			c.SendAny(strings.Repeat(requests10, n) + "*2\r\n$4\r\nECHO\r\n$5\r\nhal")
			c.Conn.(*net.TCPConn).CloseWrite()
		})
		got := c.UntilClosed(20 * time.Second)
		if want := strings.Repeat(replies10, n); got != want {
			t.Errorf("%d requests, then FIN: %d bytes of replies, want %d", n, len(got), len(want))
		}
	}
	w.unharmed()
}

func TestR16HTTPOnTheRedisPort(t *testing.T) {
	w := watchRedis(t)
	for _, send := range []string{
		"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30\r\n\r\nSET attacked yes\r\n",
		"Host: localhost:6379\r\nSET attacked yes\r\n",
		"post / HTTP/1.1\r\n",
		"SET a 1\r\nPOST /\r\nSET attacked yes\r\n",
	} {
		c := w.s.Dial(t)
		c.SendAny(send)
		if got := c.UntilClosed(20 * time.Second); strings.Count(got, "\r\n") > 1 {
			t.Errorf("%q was answered with %q", send, got)
		}
	}
	if got := w.by.Do("EXISTS", "attacked"); got.Str != "0" {
		t.Error("a command behind an HTTP request was executed")
	}
	w.s.AwaitOutput(t, "Possible SECURITY ATTACK", 5*time.Second)
	w.unharmed()
}

// TestR4RandomGarbage sends random bytes that look like the protocol: any answer will do, but the server lives on.
func TestR4RandomGarbage(t *testing.T) {
	w := watchRedis(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 2))
	parts := []string{"*", "$", "\r\n", "\n", "\r", "1", "2", "3", "-", "9", "GET", "SET", "k", " ", "\"", "'", "\x00", "\xff", "*3\r\n", "$3\r\n", "$0\r\n\r\n", "PING\r\n", "\\", "+", ":", "HELLO 3\r\n", "4294967296"}
	for range 1500 {
		c, err := w.s.TryDial()
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for range rnd.IntN(40) {
			b.WriteString(parts[rnd.IntN(len(parts))])
		}
		c.SetDeadline(time.Now().Add(5 * time.Second))
		c.Write([]byte(b.String()))
		if rnd.IntN(4) == 0 {
			c.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
			c.Read(make([]byte, 100))
		}
		c.Close()
	}
	w.unharmed()
}
