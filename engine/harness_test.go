// What the tests of the network share: a line protocol without a store, a server for it, and a client.

package engine

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/core"
)

// patience is how long a test waits for what must happen; reaching it is a failure.
const patience = 20 * time.Second

// lineEngine answers lines. Every request is one line, or "blob N" and N bytes behind it.
type lineEngine struct {
	opened, closed atomic.Int64
	hooks          sync.Map // word -> func(s *lineSession, w *Worker, arg string)
}

func (e *lineEngine) Name() string { return "line" }

func (e *lineEngine) Open(c *Conn) Session {
	if f, ok := e.hooks.Load("(open)"); ok {
		f.(func(*lineSession, *Worker, string))(nil, nil, "")
	}
	e.opened.Add(1)
	return &lineSession{engine: e, conn: c}
}

func (e *lineEngine) Refusal(r Refusal) []byte {
	if r == TooManyClients {
		return []byte("full\n")
	}
	return []byte("protected\n")
}

// on adds a request word.
func (e *lineEngine) on(word string, f func(s *lineSession, w *Worker, arg string)) {
	e.hooks.Store(word, f)
}

type lineSession struct {
	engine *lineEngine
	conn   *Conn
	want   int
	inside atomic.Int32 // finds two threads in one session
	feeds  int
	stop   bool // Feed is to return after this request
	again  bool // and the request is to be fed again
	dead   bool
}

func (s *lineSession) Want() int { return s.want }

func (s *lineSession) Closed(w *Worker) {
	if f, ok := s.engine.hooks.Load("(closed)"); ok {
		f.(func(*lineSession, *Worker, string))(s, w, "")
	}
	if s.dead {
		panic("closed twice")
	}
	s.dead = true
	s.engine.closed.Add(1)
}

func (s *lineSession) Feed(w *Worker, in []byte) (taken int) {
	if s.inside.Add(1) != 1 || s.dead {
		panic("two threads in one session, or fed after its end")
	}
	defer s.inside.Add(-1)
	s.feeds++
	for !w.Full() {
		s.want = 0
		i := bytes.IndexByte(in[taken:], '\n')
		if i < 0 {
			return taken
		}
		line, next := string(in[taken:taken+i]), taken+i+1
		word, arg, _ := strings.Cut(line, " ")
		if word == "blob" {
			n, _ := strconv.Atoi(arg)
			if len(in) < next+n {
				s.want = next - taken + n
				return taken
			}
			w.Out = fmt.Appendf(w.Out, "blob %d %x\n", n, checksum(in[next:next+n]))
			taken = next + n
			continue
		}
		taken = next
		s.stop, s.again = false, false
		if s.run(w, word, arg); s.again {
			return taken - len(line) - 1
		}
		if s.stop {
			return taken
		}
	}
	return taken
}

func (s *lineSession) run(w *Worker, word, arg string) {
	switch word {
	case "echo":
		w.Out = append(append(w.Out, arg...), '\n')
	case "big":
		n, _ := strconv.Atoi(arg)
		w.Out = append(append(w.Out, bytes.Repeat([]byte{'x'}, n)...), '\n')
	case "settle":
		s.conn.Settled()
		w.Out = append(w.Out, "settled\n"...)
	case "bye":
		w.Out = append(w.Out, "bye\n"...)
		s.conn.Close("asked to")
		s.stop = true
	default:
		if f, ok := s.engine.hooks.Load(word); ok {
			f.(func(*lineSession, *Worker, string))(s, w, arg)
			return
		}
		w.Out = append(w.Out, "what?\n"...)
	}
}

func checksum(p []byte) (h uint32) {
	h = 2166136261
	for _, b := range p {
		h = (h ^ uint32(b)) * 16777619
	}
	return h
}

// bothPaths runs a test over the epoll loops (where there are any) and over net.Conn.
func bothPaths(t *testing.T, test func(t *testing.T, o Options)) {
	t.Run("loops", func(t *testing.T) { test(t, Options{}) })
	t.Run("portable", func(t *testing.T) { test(t, Options{Portable: true}) })
}

// suspend is what a session does to wait for others.
func (s *lineSession) suspend() {
	s.conn.Suspend()
	s.stop = true
}

// rig is a running server and its engine.
type rig struct {
	*testing.T
	srv    *Server
	engine *lineEngine
	logs   *lockedBuffer
}

func start(t *testing.T, o Options) *rig {
	t.Helper()
	return startOver(t, nil, o)
}

// startOver is start with a store.
func startOver(t *testing.T, store *core.Store, o Options) *rig {
	t.Helper()
	e, logs := &lineEngine{}, &lockedBuffer{}
	if o.Log == nil {
		o.Log = hclog.New(&hclog.LoggerOptions{Output: logs, Level: hclog.Debug})
	}
	srv, err := NewServer(store, e, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Listen("tcp", "127.0.0.1:0", 0); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Error("Shutdown:", err)
		}
		select {
		case err := <-served:
			if err != nil {
				t.Error("Serve:", err)
			}
		case <-time.After(patience):
			t.Fatal("Serve does not return")
		}
		if o, c := e.opened.Load(), e.closed.Load(); o != c {
			t.Errorf("%d sessions opened, %d closed", o, c)
		}
		if n := srv.Count(); n != 0 {
			t.Errorf("%d connections left", n)
		}
		if b := srv.Stats().Buffers; b != 0 {
			t.Errorf("%d bytes of buffers left", b)
		}
		if t.Failed() {
			t.Log(logs.String())
		}
	})
	return &rig{t, srv, e, logs}
}

// client is one connection to the rig.
type client struct {
	*rig
	net.Conn
	r *bufio.Reader
}

func (r *rig) dial() *client {
	r.Helper()
	conn, err := net.Dial("tcp", r.srv.Addrs()[0].String())
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return &client{r, conn, bufio.NewReaderSize(conn, 64<<10)}
}

func (c *client) send(s string) {
	c.Helper()
	if _, err := io.WriteString(c.Conn, s); err != nil {
		c.Fatal("send:", err)
	}
}

func (c *client) line() string {
	c.Helper()
	s, err := c.r.ReadString('\n')
	if err != nil {
		c.Fatalf("after %.60q: %v", s, err)
	}
	return s[:len(s)-1]
}

// expect sends a request and compares the reply.
func (c *client) expect(request, reply string) {
	c.Helper()
	c.send(request + "\n")
	if got := c.line(); got != reply {
		c.Fatalf("%.60q: got %.60q, want %.60q", request, got, reply)
	}
}

// expectEnd wants the connection closed by the server, after whatever is still to be read.
func (c *client) expectEnd() (rest []byte) {
	c.Helper()
	rest, err := io.ReadAll(c.r)
	if e, ok := err.(net.Error); ok && e.Timeout() {
		c.Fatalf("the server did not close the connection (%d bytes read)", len(rest))
	}
	return rest
}

// eventually waits for a condition that other goroutines bring about.
func (r *rig) eventually(what string, ok func() bool) {
	r.Helper()
	for deadline := time.Now().Add(patience); !ok(); {
		if time.Now().After(deadline) {
			r.Fatal("never happened:", what)
		}
		time.Sleep(time.Millisecond)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// pingEngine answers every byte with a byte and allocates nothing.
type pingEngine struct{}

func (pingEngine) Name() string           { return "ping" }
func (pingEngine) Open(c *Conn) Session   { return pingSession{} }
func (pingEngine) Refusal(Refusal) []byte { return nil }

type pingSession struct{}

func (pingSession) Want() int      { return 0 }
func (pingSession) Closed(*Worker) {}
func (pingSession) Feed(w *Worker, in []byte) int {
	w.Out = append(w.Out, in...)
	return len(in)
}
