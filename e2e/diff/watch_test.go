// The event log of memcached, line by line beside the original's.

package diff

import (
	"bufio"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// What differs between servers that do the same: time, number of the line, size class, and the socket's number.
// Of a value that is refused before it is an item the original shows a class and a socket that it never set.
var watchVaries = regexp.MustCompile(`^ts=\d+\.\d+ gid=\d+ | clsid=-?\d+| cfd=-?\d+`)

// TestWatchLines: the same requests give the same lines.
func TestWatchLines(t *testing.T) {
	large := strings.Repeat("x", 1_100_000)
	requests := []string{
		"set k 0 0 3\r\nabc", "set k 5 60 3\r\nabc", "add k 0 0 1\r\na", "add n 0 0 1\r\na", "replace zz 0 0 1\r\na", "append k 0 0 1\r\na", "append zz 0 0 1\r\nb",
		"prepend k 0 0 1\r\na", "cas k 0 0 1 1\r\na", "cas zz 0 0 1 1\r\na", "get k", "get k zz n", "gets k", "gat 100 k", "gat 100 zz", "gats 100 k", "touch k 50", "touch zz 5",
		"set num 0 0 1\r\n5", "incr num 1", "incr zz 1", "decr num 2", "delete k", "delete zz", "ms m 2 T100\r\nhi", "mg m v t", "mg zz v", "mg viv N30 v", "mg m v T50",
		"ma num", "md m", "md m", "mg num s", "me num", "set " + strings.Repeat("k", 250) + " 0 0 1\r\na", "set with%20pct 0 0 1\r\na", "set a\"b\\c\xff 0 0 1\r\na", "ms cas1 2 C5\r\nhi",
		"set cas1 0 0 1\r\nx", "ms cas1 2 C9999999\r\nhi", "ms aWI= 2 b\r\nhi", "mg aWI= b v", "ms e1 1 ME\r\nx", "ms e1 1 ME\r\nx", "ms e1 1 MR\r\nx", "ms no 1 MR\r\nx", "ms e1 1 MA\r\nx", "ms no 1 MP\r\nx",
		"set big 0 100 1100000\r\n" + large, "cas big 0 100 1100000 5\r\n" + large, "ms big 1100000 T30 ME\r\n" + large,
	}
	ours, theirs := watchLines(t, harness.Memcached(t), requests), watchLines(t, harness.OracleMemcached(t), requests)
	if len(theirs) < len(requests) {
		t.Fatalf("the original tells only %d lines of %d requests", len(theirs), len(requests))
	}
	for i := range max(len(ours), len(theirs)) {
		var a, b string
		if i < len(ours) {
			a = ours[i]
		}
		if i < len(theirs) {
			b = theirs[i]
		}
		if a != b {
			t.Fatalf("line %d\nours:   %s\ntheirs: %s", i, a, b)
		}
	}
}

// watchLines runs requests and gives the lines that a watcher gets.
func watchLines(t *testing.T, s *harness.Server, requests []string) (lines []string) {
	t.Helper()
	dial := func() (net.Conn, *bufio.Reader) {
		c, err := net.Dial("tcp", s.Addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(20 * time.Second))
		return c, bufio.NewReader(c)
	}
	client, replies := dial()
	watcher, events := dial()
	fmt.Fprint(watcher, "watch fetchers mutations\r\n")
	if line, err := events.ReadString('\n'); line != "OK\r\n" {
		t.Fatalf("watch: %q, %v", line, err)
	}
	for i, r := range requests {
		fmt.Fprintf(client, "%s\r\nmn\r\n", r)
		for line := ""; line != "MN\r\n"; {
			var err error
			if line, err = replies.ReadString('\n'); err != nil {
				t.Fatalf("request %d: %v", i, err)
			}
		}
	}
	fmt.Fprint(client, "get the-end\r\n")
	for {
		line, err := events.ReadString('\n')
		if err != nil {
			t.Fatalf("after %d lines: %v", len(lines), err)
		}
		line = strings.TrimSpace(watchVaries.ReplaceAllString(line, ""))
		if strings.Contains(line, "key=the-end ") {
			return lines
		}
		lines = append(lines, line)
	}
}
