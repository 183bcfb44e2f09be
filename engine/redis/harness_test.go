// What the tests of this package share: a client over a real store without a network, and a real server.

package redis

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// rig is an engine over a small store whose clock stands still until a test moves it.
type rig struct {
	t     testing.TB
	now   atomic.Int64
	store *core.Store
	set   *config.Settings
	e     *Engine
}

func newRig(t testing.TB, o core.Options) *rig {
	t.Helper()
	r := &rig{t: t, set: config.Defaults(config.Redis)}
	r.now.Store(1_700_000_000_000)
	o.Now, o.NoActiveSweep = r.now.Load, true
	if o.Shards == 0 {
		o.Shards = 64
	}
	if err := r.set.Set("slowlog-log-slower-than", "-1"); err != nil { // a busy machine makes anything slow
		t.Fatal(err)
	}
	r.set.Note("dir", t.TempDir())
	store, err := core.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if r.e != nil {
			ended(t, "the engine ends", r.e.Close)
		}
		store.Close()
	})
	e, err := New(store, r.set, hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	r.store, r.e = store, e
	return r
}

// loseDirectory removes the server's directory, so that nothing can be written there.
func (r *rig) loseDirectory() {
	r.t.Helper()
	if err := os.RemoveAll(r.set.Get("dir")); err != nil {
		r.t.Fatal(err)
	}
}

// fake is a client that is fed by hand. It may not be closed: it has no connection.
type fake struct {
	*client
	rig    *rig
	worker *engine.Worker
}

func (r *rig) client() *fake {
	c := r.e.Open(&engine.Conn{ID: 1}).(*client)
	c.settled = true
	return &fake{c, r, &engine.Worker{Tx: r.store.NewTx()}}
}

// do runs one command given as words and returns its reply as it would go out.
func (f *fake) do(words ...string) string {
	f.rig.t.Helper()
	return f.feed(request(words...))
}

// feed runs requests as bytes; they must be complete. While somebody has the store to himself, as a snapshot has when it begins, it waits: there is no connection
// that could.
func (f *fake) feed(in string) string {
	f.rig.t.Helper()
	for !f.worker.Tx.TryEnter() {
		free := make(chan struct{})
		f.rig.store.OnFree(func() { close(free) })
		receive(f.rig.t, "the store", free)
	}
	f.worker.Tx.Leave()
	f.worker.Out = f.worker.Out[:0]
	if n := f.Feed(f.worker, []byte(in)); n != len(in) {
		f.rig.t.Fatalf("Feed took %d of %d bytes of %q", n, len(in), in)
	}
	return string(f.worker.Out)
}

// want is do with the reply that must come.
func (f *fake) want(reply string, words ...string) {
	f.rig.t.Helper()
	if got := f.do(words...); got != reply {
		f.rig.t.Errorf("%q: got %q, want %q", words, got, reply)
	}
}

func request(words ...string) string {
	var b bytes.Buffer
	b.WriteString("*" + strconv.Itoa(len(words)) + "\r\n")
	for _, w := range words {
		b.WriteString("$" + strconv.Itoa(len(w)) + "\r\n" + w + "\r\n")
	}
	return b.String()
}

// bulk is the reply with a string.
func bulk(s string) string { return "$" + strconv.Itoa(len(s)) + "\r\n" + s + "\r\n" }

// listen starts a server over the rig's engine and returns its address.
func (r *rig) listen() string {
	r.t.Helper()
	return r.listenOn(engine.Options{Threads: 2, Unsettled: unsettled})
}

func (r *rig) listenOn(o engine.Options) string {
	r.t.Helper()
	s, err := engine.NewServer(r.store, r.e, o)
	if err != nil {
		r.t.Fatal(err)
	}
	r.e.Attach(s)
	if err := s.Listen("tcp", "127.0.0.1:0", 0); err != nil {
		r.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve() }()
	r.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		s.Shutdown(ctx)
		receive(r.t, "the end of Serve", done)
	})
	return s.Addrs()[0].String()
}

// longestWait is how long anything in a test may take that must come.
const longestWait = time.Minute

// receive waits for what must come. If it does not, the test fails with what all goroutines are at: without a bound the run would, after ten minutes and without
// a name.
func receive[T any](t testing.TB, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(longestWait):
		t.Fatalf("in vain: %s\n%s", what, stacks())
	}
	return v
}

// ended runs f, an end that may have to wait for others, for no longer than that. Cleanups may use it: they go on without it.
func ended(t testing.TB, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(longestWait):
		t.Errorf("in vain: %s\n%s", what, stacks())
	}
}

func stacks() []byte {
	b := make([]byte, 1<<20)
	return b[:runtime.Stack(b, true)]
}

// latch is what something waits for until the test calls open, or ends: a test that fails must not leave its own cleanup waiting.
func latch(t testing.TB) (shut <-chan struct{}, open func()) {
	c := make(chan struct{})
	open = sync.OnceFunc(func() { close(c) })
	t.Cleanup(open)
	return c, open
}

// wire is a connection to a real server.
type wire struct {
	t testing.TB
	net.Conn
	r *bufio.Reader
}

func dial(t testing.TB, address string) *wire {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return &wire{t, c, bufio.NewReader(c)}
}

// expect sends a request and compares exactly what comes back.
func (w *wire) expect(reply string, words ...string) {
	w.t.Helper()
	if len(words) > 0 {
		if _, err := io.WriteString(w, request(words...)); err != nil {
			w.t.Fatal(err)
		}
	}
	got := make([]byte, len(reply))
	if n, err := io.ReadFull(w.r, got); err != nil {
		w.t.Fatalf("%q: %v after %q, want %q", words, err, got[:n], reply)
	}
	if string(got) != reply {
		w.t.Fatalf("%q: got %q, want %q", words, got, reply)
	}
}

// text reads a bulk or verbatim reply.
func (w *wire) text(words ...string) string {
	w.t.Helper()
	io.WriteString(w, request(words...))
	line, err := w.r.ReadString('\n')
	if err != nil {
		w.t.Fatal(err)
	}
	n, err := strconv.Atoi(line[1 : len(line)-2])
	if err != nil {
		w.t.Fatalf("%q: no text but %q", words, line)
	}
	b := make([]byte, n+2)
	if _, err := io.ReadFull(w.r, b); err != nil {
		w.t.Fatal(err)
	}
	return string(b[:n])
}

// closed waits for the server to end the connection without sending anything more.
func (w *wire) closed() {
	w.t.Helper()
	if b, err := io.ReadAll(w.r); err != nil && len(b) == 0 {
		w.t.Fatalf("not closed: %v", err)
	} else if len(b) > 0 {
		w.t.Fatalf("more before the end: %q", b)
	}
}

// serverSide is the server's end of the connection.
func (w *wire) serverSide(r *rig) (c *engine.Conn) {
	r.e.server.Load().Conns(func(conn *engine.Conn) bool {
		c = conn
		return conn.Remote().String() != w.LocalAddr().String()
	})
	return c
}
