// Tests of the server as a client sees it: requests in, replies out, in order, over both paths.

package engine

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/racing"
)

func TestEcho(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		a, b := r.dial(), r.dial()
		for i := range 100 {
			a.expect(fmt.Sprint("echo a", i), fmt.Sprint("a", i))
			b.expect(fmt.Sprint("echo b", i), fmt.Sprint("b", i))
		}
		if n := r.srv.Count(); n != 2 {
			t.Errorf("Count = %d", n)
		}
	})
}

// R10: a frame split at every offset and byte by byte gives the same replies in order.
func TestR10SplitFrames(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		const request = "echo one\nblob 5\nabcdeecho two\n"
		want := fmt.Sprintf("one|blob 5 %x|two", checksum([]byte("abcde")))
		read3 := func(c *client) string { return c.line() + "|" + c.line() + "|" + c.line() }
		c := r.dial()
		for cut := range len(request) {
			c.send(request[:cut])
			c.send(request[cut:])
			if got := read3(c); got != want {
				t.Fatalf("cut at %d: %q", cut, got)
			}
		}
		for i := range len(request) {
			c.send(request[i : i+1])
		}
		if got := read3(c); got != want {
			t.Fatalf("byte by byte: %q", got)
		}
	})
}

// R10: a million requests in one pipeline, then half closed: every one is answered, in order.
func TestR10MillionPipelineHalfClose(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		n := 1000000
		if testing.Short() || racing.On {
			n = 100000
		}
		r := start(t, o)
		c := r.dial()
		go func() {
			var b strings.Builder
			for i := range n {
				fmt.Fprintf(&b, "echo %d\n", i)
				if b.Len() > 100000 {
					c.Write([]byte(b.String()))
					b.Reset()
				}
			}
			c.Write([]byte(b.String()))
			c.Conn.(*net.TCPConn).CloseWrite()
		}()
		for i := range n {
			if got := c.line(); got != fmt.Sprint(i) {
				t.Fatalf("reply %d is %q", i, got)
			}
		}
		if rest := c.expectEnd(); len(rest) > 0 {
			t.Fatalf("%q behind the last reply", rest)
		}
	})
}

func TestBigBlobs(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		c := r.dial()
		for _, n := range []int{0, 1, 500, 32 << 10, 64<<10 - 9, 64 << 10, 200000, 5 << 20} {
			blob := strings.Repeat("0123456789abcdef", n/16+1)[:n]
			c.send(fmt.Sprintf("echo before\nblob %d\n%secho after\n", n, blob))
			for _, want := range []string{"before", fmt.Sprintf("blob %d %x", n, checksum([]byte(blob))), "after"} {
				if got := c.line(); got != want {
					t.Fatalf("%d bytes: got %.40q, want %q", n, got, want)
				}
			}
		}
		r.eventually("the buffers are freed", func() bool { return r.srv.Stats().Buffers == 0 })
	})
}

func TestBigReplies(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		c := r.dial()
		for _, n := range []int{1, 70000, 1 << 20, 20 << 20} {
			c.send(fmt.Sprintf("big %d\necho after\n", n))
			if got := len(c.line()); got != n {
				t.Fatalf("%d bytes of %d", got, n)
			}
			if got := c.line(); got != "after" {
				t.Fatalf("then %q", got)
			}
		}
	})
}

func TestCloseSendsTheLastReply(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		c := r.dial()
		c.send("big 3000000\nbye\necho never\n" + strings.Repeat("y", 10000))
		if rest := string(c.expectEnd()); len(rest) != 3000001+4 || !strings.HasSuffix(rest, "\nbye\n") {
			t.Fatalf("%d bytes, end %.20q", len(rest), rest[max(0, len(rest)-20):])
		}
	})
}
