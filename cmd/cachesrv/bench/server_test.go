// A small Redis for the tests of this package: SET and GET on a map, with ways to misbehave.

package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fakeRedis answers SET, GET, PING, DBSIZE and INFO. answer, if set, may replace the reply to a command; a reply of
// "close" closes the connection.
type fakeRedis struct {
	answer func(words []string, reply string) string

	mu   sync.Mutex
	keys map[string]string
	sets int
}

// serve listens until the test ends, and gives the target.
func (f *fakeRedis) serve(t *testing.T) *target {
	t.Helper()
	return f.serveOn(t, "tcp", "127.0.0.1:0")
}

func (f *fakeRedis) serveOn(t *testing.T, network, address string) *target {
	t.Helper()
	f.keys = map[string]string{}
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, c := range open {
			c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	all.Add(1)
	guarded(func(err error) { t.Error(err) }, func() {
		defer all.Done()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			all.Add(1)
			guarded(func(err error) { t.Error(err) }, func() {
				defer all.Done()
				defer c.Close()
				f.session(c)
			})
		}
	})
	scheme := "redis://"
	if network == "unix" {
		scheme = "redis+unix://"
	}
	x, err := parseTarget(scheme + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func (f *fakeRedis) session(c net.Conn) {
	in, out := bufio.NewReader(c), bufio.NewWriter(c)
	for {
		words, err := readCommand(in)
		if err != nil {
			return
		}
		reply := f.run(words)
		if f.answer != nil {
			reply = f.answer(words, reply)
		}
		if reply == "close" {
			return
		}
		out.WriteString(reply)
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
	}
}

func (f *fakeRedis) run(words []string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch strings.ToUpper(words[0]) {
	case "PING":
		return "+PONG\r\n"
	case "DBSIZE":
		return fmt.Sprintf(":%d\r\n", len(f.keys))
	case "INFO":
		return "$21\r\nredis_version:9.9.9\r\n\r\n"
	case "SET":
		f.keys[words[1]] = words[2]
		f.sets++
		return "+OK\r\n"
	case "GET":
		if v, ok := f.keys[words[1]]; ok {
			return fmt.Sprintf("$%d\r\n%s\r\n", len(v), v)
		}
		return "$-1\r\n"
	}
	return "-ERR unknown command\r\n"
}

// readCommand reads one array of bulk strings.
func readCommand(in *bufio.Reader) ([]string, error) {
	n, err := readNumber(in, '*')
	if err != nil {
		return nil, err
	}
	words := make([]string, n)
	for i := range words {
		size, err := readNumber(in, '$')
		if err != nil {
			return nil, err
		}
		b := make([]byte, size+2)
		if _, err := io.ReadFull(in, b); err != nil {
			return nil, err
		}
		words[i] = string(b[:size])
	}
	return words, nil
}

func readNumber(in *bufio.Reader, marker byte) (int, error) {
	line, err := in.ReadString('\n')
	if err != nil || line[0] != marker {
		return 0, fmt.Errorf("not a command: %q, %w", line, err)
	}
	return strconv.Atoi(strings.TrimSpace(line[1:]))
}
