// A raw connection: bytes out, bytes in, with deadlines so that a silent server fails a test instead of hanging it.

package harness

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"testing"
	"time"
)

// replyLimit is how long a reply may take before the test fails.
const replyLimit = 20 * time.Second

// Conn is one raw connection. Its methods fail the test when the connection does not do what they say.
type Conn struct {
	net.Conn
	R *bufio.Reader
	t testing.TB
}

// Dial opens a connection that is closed with the test.
func (s *Server) Dial(t testing.TB) *Conn {
	t.Helper()
	c, err := s.TryDial()
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	c.t = t
	t.Cleanup(func() { c.Close() })
	return c
}

// TryDial opens a connection that belongs to nobody yet; only its Try methods may be used.
func (s *Server) TryDial() (*Conn, error) {
	nc, err := net.DialTimeout(s.Net, s.Addr, replyLimit)
	if err != nil {
		return nil, err
	}
	return &Conn{Conn: nc, R: bufio.NewReaderSize(nc, 32<<10)}, nil
}

// Send writes raw bytes.
func (c *Conn) Send(raw string) {
	c.t.Helper()
	c.SetWriteDeadline(time.Now().Add(replyLimit))
	if _, err := c.Write([]byte(raw)); err != nil {
		c.t.Fatalf("write %q: %v", clip(raw), err)
	}
}

// SendAny writes raw bytes and accepts that the server closes meanwhile, as it may after bad input.
func (c *Conn) SendAny(raw string) {
	c.SetWriteDeadline(time.Now().Add(replyLimit))
	c.Write([]byte(raw))
}

// Expect reads exactly want.
func (c *Conn) Expect(want string) {
	c.t.Helper()
	c.SetReadDeadline(time.Now().Add(replyLimit))
	got := make([]byte, len(want))
	n, err := io.ReadFull(c.R, got)
	if string(got[:n]) != want {
		c.t.Fatalf("got %q (%v), want %q", clip(string(got[:n])+c.rest()), err, clip(want))
	}
}

// rest is what else has arrived, for messages.
func (c *Conn) rest() string {
	n := c.R.Buffered()
	b, _ := c.R.Peek(n)
	return string(b)
}

// Ask sends raw and expects want.
func (c *Conn) Ask(raw, want string) {
	c.t.Helper()
	c.Send(raw)
	c.Expect(want)
}

// ExpectClosed fails unless the server ends the connection without another byte.
func (c *Conn) ExpectClosed() {
	c.t.Helper()
	if got := c.UntilClosed(replyLimit); got != "" {
		c.t.Fatalf("got %q, want the connection closed", clip(got))
	}
}

// UntilClosed reads until the server closes and gives what came before; it fails after limit.
func (c *Conn) UntilClosed(limit time.Duration) string {
	c.t.Helper()
	got, closed := c.Drain(limit)
	if !closed {
		c.t.Fatalf("still open after %v, got %q", limit, clip(got))
	}
	return got
}

// Drain reads until the server closes or has been silent for quiet.
func (c *Conn) Drain(quiet time.Duration) (got string, closed bool) {
	var b bytes.Buffer
	buf := make([]byte, 64<<10)
	for {
		c.SetReadDeadline(time.Now().Add(quiet))
		n, err := c.R.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String(), !errors.Is(err, os.ErrDeadlineExceeded)
		}
	}
}

// Do sends one RESP command and reads its reply.
func (c *Conn) Do(args ...string) Reply {
	c.t.Helper()
	c.Send(Command(args...))
	return c.Reply()
}

// Reply reads one RESP reply.
func (c *Conn) Reply() Reply {
	c.t.Helper()
	r, err := c.TryReply(replyLimit)
	if err != nil {
		c.t.Fatalf("no reply: %v", err)
	}
	return r
}

// TryReply reads one RESP reply or says why there is none.
func (c *Conn) TryReply(limit time.Duration) (Reply, error) {
	c.SetReadDeadline(time.Now().Add(limit))
	return ReadReply(c.R)
}

// Line reads one line without its end.
func (c *Conn) Line() string {
	c.t.Helper()
	c.SetReadDeadline(time.Now().Add(replyLimit))
	b, err := c.R.ReadString('\n')
	if err != nil {
		c.t.Fatalf("no line: %v (got %q)", err, clip(b))
	}
	return string(bytes.TrimRight([]byte(b), "\r\n"))
}

// UntilEnd reads the lines of a memcached reply up to END, ERROR or one of their kind, and gives all of them.
func (c *Conn) UntilEnd() []string {
	c.t.Helper()
	var lines []string
	for {
		l := c.Line()
		lines = append(lines, l)
		switch {
		case l == "END", l == "RESET", l == "ERROR", bytes.HasPrefix([]byte(l), []byte("CLIENT_ERROR")), bytes.HasPrefix([]byte(l), []byte("SERVER_ERROR")):
			return lines
		}
	}
}

// Command encodes a RESP request.
func Command(args ...string) string {
	return string(AppendCommand(nil, args))
}

// AppendCommand appends a RESP request to b.
func AppendCommand(b []byte, args []string) []byte {
	b = append(b, '*')
	b = strconv.AppendInt(b, int64(len(args)), 10)
	b = append(b, "\r\n"...)
	for _, a := range args {
		b = append(b, '$')
		b = strconv.AppendInt(b, int64(len(a)), 10)
		b = append(b, "\r\n"...)
		b = append(b, a...)
		b = append(b, "\r\n"...)
	}
	return b
}

func clip(s string) string {
	if len(s) > 400 {
		return s[:400] + "..."
	}
	return s
}
