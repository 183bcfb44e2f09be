// Clients of memcached's event log that do not read it, and lists that nobody takes.

package badinput

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// TestM11WatcherThatNeverReads: what it does not take is skipped and counted, memory stays bounded, nobody waits for it, and once it reads it is told
// how much it has missed.
func TestM11WatcherThatNeverReads(t *testing.T) {
	s := harness.Memcached(t)
	dial := func() (net.Conn, *bufio.Reader) {
		c, err := net.Dial("tcp", s.Addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(60 * time.Second))
		return c, bufio.NewReader(c)
	}
	watcher, events := dial()
	watcher.(*net.TCPConn).SetReadBuffer(64 << 10)
	fmt.Fprint(watcher, "watch fetchers mutations\r\n")
	if line, _ := events.ReadString('\n'); line != "OK\r\n" {
		t.Fatalf("watch: %q", line)
	}
	client, replies := dial()
	base := s.RSS(t)
	const rounds, batch = 40, 1000
	request := strings.Repeat("set "+strings.Repeat("k", 200)+" 0 0 1 noreply\r\nx\r\n", batch) + "mn\r\n"
	for range rounds { // some 25 MB of lines
		io.WriteString(client, request)
		if line, err := replies.ReadString('\n'); line != "MN\r\n" {
			t.Fatalf("%q, %v", line, err)
		}
	}
	if grown := s.RSS(t) - base; grown > 16<<20 {
		t.Errorf("%d MB more while nobody reads", grown>>20)
	}
	stop := make(chan struct{})
	harness.Go(func() { // lines go on coming, so that the number of those missed has a line to stand before
		c, err := net.Dial("tcp", s.Addr)
		if err != nil {
			return
		}
		defer c.Close()
		for {
			select {
			case <-stop:
				return
			default:
				io.WriteString(c, "get x\r\n")
				c.SetReadDeadline(time.Now().Add(5 * time.Second))
				if _, err := c.Read(make([]byte, 100)); err != nil {
					return
				}
			}
		}
	})
	defer close(stop)
	for seen, skipped := 0, 0; seen+skipped < 2*rounds*batch; {
		line, err := events.ReadString('\n')
		if err != nil {
			t.Fatalf("%d lines and %d skipped make %d, not %d: %v", seen, skipped, seen+skipped, 2*rounds*batch, err)
		}
		n := 0
		if k, _ := fmt.Sscanf(line, "[skipped: %d]", &n); k == 1 {
			skipped += n
		} else {
			seen++
		}
		if seen+skipped >= 2*rounds*batch && skipped == 0 {
			t.Error("nothing was skipped: the test has not filled the buffers")
		}
	}
	s.Alive(t)
}
