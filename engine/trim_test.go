// The trimmer: it collects after much was dropped, once, and not for small change.

package engine

import (
	"bytes"
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
)

func TestTrimmerWaitsForEnough(t *testing.T) {
	tr := &trimmer{log: hclog.NewNullLogger(), done: make(chan struct{}), collect: func() {}}
	for range 1000 {
		tr.dropped(trimBuffer - 1)
	}
	tr.dropped(-trimFrom)
	if tr.freed.Load() != 0 || tr.waiting.Load() {
		t.Errorf("small buffers and new ones were counted: %d", tr.freed.Load())
	}
	tr.dropped(trimFrom - 1)
	if tr.waiting.Load() {
		t.Error("a collection was ordered too early")
	}
	tr.dropped(trimBuffer)
	(&rig{T: t}).eventually("the collection", func() bool { return tr.rounds.Load() == 1 && !tr.waiting.Load() })
	if tr.freed.Load() != 0 {
		t.Errorf("%d bytes are still counted", tr.freed.Load())
	}
	(*trimmer)(nil).dropped(trimFrom)
}

// What is dropped while a collection runs may have escaped it, so another one follows.
func TestTrimmerGoesOn(t *testing.T) {
	tr := &trimmer{log: hclog.NewNullLogger(), done: make(chan struct{})}
	calls := 0
	tr.collect = func() {
		if calls++; calls == 1 {
			tr.dropped(trimFrom)
		}
	}
	tr.dropped(trimFrom)
	(&rig{T: t}).eventually("both", func() bool { return tr.rounds.Load() == 2 && !tr.waiting.Load() })
	if tr.freed.Load() != 0 {
		t.Errorf("%d bytes are still counted", tr.freed.Load())
	}
}

// The arguments of a worker that has run a large request must not keep the buffer the request came in.
func TestLargeRequestIsLetGo(t *testing.T) {
	kept := &keepingEngine{}
	s, err := NewServer(nil, kept, Options{Log: hclog.NewNullLogger(), Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("tcp", "127.0.0.1:0", 0); err != nil {
		t.Fatal(err)
	}
	go s.Serve()
	t.Cleanup(func() { s.Shutdown(t.Context()) })
	c, err := net.Dial("tcp", s.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write(append(make([]byte, 4<<20), '\n')); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Read(make([]byte, 8)); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	// The next turn of the only loop sees what the one before left.
	if _, err := c.Write([]byte{'\n'}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" && kept.left.Load() != 0 {
		t.Errorf("an argument of %d bytes was left in the worker", kept.left.Load())
	}
}

// keepingEngine takes lines, and leaves each in the worker's arguments as the protocols do.
type keepingEngine struct {
	pingEngine
	left atomic.Int64 // bytes of the argument found at the last request
}

func (e *keepingEngine) Open(*Conn) Session { return keepingSession{e: e} }

type keepingSession struct {
	pingSession
	e *keepingEngine
}

func (s keepingSession) Feed(w *Worker, in []byte) int {
	end := bytes.IndexByte(in, '\n')
	if end < 0 {
		return 0
	}
	if all := w.Args[:cap(w.Args)]; len(all) > 0 {
		s.e.left.Store(int64(len(all[0])))
	}
	w.Args = append(w.Args[:0], in[:end])[:0]
	w.Out = append(w.Out, '+')
	return end + 1
}

func TestTrimmerEndsWithTheServer(t *testing.T) {
	done := make(chan struct{})
	tr := &trimmer{log: hclog.NewNullLogger(), done: done, wait: time.Hour}
	tr.dropped(trimFrom)
	close(done)
	(&rig{T: t}).eventually("the end", func() bool { return !tr.waiting.Load() })
	if tr.rounds.Load() != 0 {
		t.Error("collected for a server that has ended")
	}
}

// A reply that is much larger than the socket's buffers passes through the worker's buffer and the connection's.
func TestLargeReplyIsGivenBack(t *testing.T) {
	s, err := NewServer(nil, hugeEngine{}, Options{Log: hclog.NewNullLogger()})
	if err != nil {
		t.Fatal(err)
	}
	s.trim.wait = 0
	if err := s.Listen("tcp", "127.0.0.1:0", 0); err != nil {
		t.Fatal(err)
	}
	go s.Serve()
	t.Cleanup(func() { s.Shutdown(t.Context()) })
	c, err := net.Dial("tcp", s.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte{'x'}); err != nil {
		t.Fatal(err)
	}
	c.Close()
	(&rig{T: t}).eventually("a collection", func() bool { return s.trim.rounds.Load() > 0 })
}

// hugeEngine answers every request with 32 MB.
type hugeEngine struct{ pingEngine }

func (hugeEngine) Open(*Conn) Session { return hugeSession{} }

type hugeSession struct{ pingSession }

func (hugeSession) Feed(w *Worker, in []byte) int {
	w.Out = append(w.Out, make([]byte, 32<<20)...)
	return len(in)
}
