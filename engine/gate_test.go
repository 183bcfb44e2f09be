// Replies that are held back until the gate opens, on the loops and on the portable path.

package engine

import (
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// barrier is a gate that a test opens by hand.
type barrier struct {
	at      atomic.Uint64
	never   atomic.Bool
	asked   atomic.Int64
	settled atomic.Int64
	settle  atomic.Pointer[func(pos uint64)] // what Settle does; nil nothing
}

func (b *barrier) Reach(pos uint64) Reached {
	b.asked.Add(1)
	switch {
	case pos <= b.at.Load():
		return Open
	case b.never.Load():
		return Never
	}
	return Shut
}

// Settle does what the test says.
func (b *barrier) Settle(pos uint64) {
	b.settled.Add(1)
	if f := b.settle.Load(); f != nil {
		(*f)(pos)
	}
}

// onSettle says what Settle does.
func (b *barrier) onSettle(f func(pos uint64)) { b.settle.Store(&f) }

// gated starts a server whose word "write N" makes its reply wait for N, and "silent N" waits without one.
func gated(t *testing.T, o Options) (*rig, *barrier) {
	r := start(t, o)
	b := &barrier{}
	r.srv.SetGate(b)
	r.engine.on("write", func(s *lineSession, w *Worker, arg string) {
		n, _ := strconv.ParseUint(arg, 10, 64)
		s.conn.HoldFor(n)
		w.Out = append(append(append(w.Out, "wrote "...), arg...), '\n')
	})
	r.engine.on("silent", func(s *lineSession, w *Worker, arg string) {
		n, _ := strconv.ParseUint(arg, 10, 64)
		s.conn.HoldFor(n)
	})
	return r, b
}

// open moves the gate.
func (b *barrier) open(r *rig, at uint64) {
	b.at.Store(at)
	r.srv.GateMoved()
}

// awaitAsked waits until the gate has been asked again.
func (b *barrier) awaitAsked(t *testing.T, before int64) {
	t.Helper()
	for end := time.Now().Add(patience); b.asked.Load() <= before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the gate was not asked")
		}
	}
}

// silence fails if something comes.
func (c *client) silence() {
	c.Helper()
	c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if b, err := c.r.ReadByte(); err == nil {
		c.Fatalf("a reply begins with %q before the gate has opened", b)
	}
	c.SetReadDeadline(time.Now().Add(patience))
}

func TestGateHoldsReplies(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r, b := gated(t, o)
		writer, reader := r.dial(), r.dial()
		before := b.asked.Load()
		writer.send("echo first\nwrite 5\necho behind\n")
		b.awaitAsked(t, before)
		writer.silence()
		reader.expect("echo others go on", "others go on")
		before = b.asked.Load()
		b.open(r, 4)
		b.awaitAsked(t, before)
		writer.silence()
		b.open(r, 5)
		for _, want := range []string{"first", "wrote 5", "behind"} {
			if got := writer.line(); got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
		}
		writer.expect("echo after", "after")
		writer.expect("write 3", "wrote 3") // reached already
	})
}

// TestGateHoldsWhatComesBehind: later requests of a connection are not run before its earlier replies are out.
func TestGateHoldsWhatComesBehind(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r, b := gated(t, o)
		var ran atomic.Int64
		r.engine.on("count", func(s *lineSession, w *Worker, _ string) {
			ran.Add(1)
			w.Out = append(w.Out, "counted\n"...)
		})
		c := r.dial()
		before := b.asked.Load()
		c.send("write 1\n")
		b.awaitAsked(t, before)
		c.send("count\n")
		c.silence()
		if ran.Load() != 0 {
			t.Error("a request was run behind replies that are held back")
		}
		b.open(r, 1)
		if a, b := c.line(), c.line(); a != "wrote 1" || b != "counted" {
			t.Errorf("got %q and %q", a, b)
		}
	})
}

// TestGateWithoutReplies: who wants no replies waits as well, or nothing would bound what it makes others keep.
func TestGateWithoutReplies(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r, b := gated(t, o)
		c := r.dial()
		before := b.asked.Load()
		c.send("silent 7\n")
		b.awaitAsked(t, before)
		c.send("echo x\n")
		c.silence()
		b.open(r, 7)
		if got := c.line(); got != "x" {
			t.Errorf("got %q", got)
		}
	})
}

func TestGateNeverOpens(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r, b := gated(t, o)
		held, late := r.dial(), r.dial()
		before := b.asked.Load()
		held.send("write 9\n")
		b.awaitAsked(t, before)
		b.never.Store(true)
		r.srv.GateMoved()
		late.send("write 10\n")
		for _, c := range []*client{held, late} {
			if s, err := c.r.ReadString('\n'); err == nil {
				t.Errorf("got %q, want the end of the connection", s)
			}
		}
		r.dial().expect("echo the others live", "the others live")
	})
}

// TestGateAndTheEnd: connections end as usual while their replies are held back, from either side, and get them if they wait.
func TestGateAndTheEnd(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r, b := gated(t, o)
		before := b.asked.Load()
		gone, bye, killed := r.dial(), r.dial(), r.dial()
		gone.send("write 1\n")
		bye.send("write 2\nbye\n")
		killed.send("write 3\n")
		b.awaitAsked(t, before+4)
		gone.Close()
		var id uint64
		r.srv.Conns(func(c *Conn) bool {
			if c.Remote().String() == killed.LocalAddr().String() {
				id = c.ID
			}
			return true
		})
		r.srv.Conn(id).Kill("the test")
		if _, err := killed.r.ReadByte(); err == nil {
			t.Error("a killed connection got its reply")
		}
		bye.silence()
		b.open(r, 100)
		if a, b := bye.line(), bye.line(); a != "wrote 2" || b != "bye" {
			t.Errorf("got %q and %q", a, b)
		}
		if _, err := bye.r.ReadByte(); err == nil {
			t.Error("the connection goes on after bye")
		}
	})
}

// TestGateManyConnections: with all the loops at work nothing is lost, doubled or out of order.
func TestGateManyConnections(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.Threads = 3
		r, b := gated(t, o)
		const clients, each = 20, 30
		var next atomic.Uint64
		r.engine.on("next", func(s *lineSession, w *Worker, arg string) {
			s.conn.HoldFor(next.Add(1))
			w.Out = append(append(w.Out, arg...), '\n')
		})
		stop := make(chan struct{})
		opened := make(chan struct{})
		go func() {
			defer close(opened)
			for {
				select {
				case <-stop:
					return
				default:
					b.open(r, next.Load())
				}
			}
		}()
		done := make(chan string, clients)
		for range clients {
			c := r.dial()
			go func() {
				for i := range each {
					word := strconv.Itoa(i)
					c.Conn.Write([]byte("next " + word + "\nnext b" + word + "\n"))
					for _, want := range []string{word, "b" + word} {
						if got, err := c.r.ReadString('\n'); err != nil || strings.TrimSpace(got) != want {
							done <- "got " + got + " want " + want
							return
						}
					}
				}
				done <- ""
			}()
		}
		for range clients {
			if problem := <-done; problem != "" {
				t.Error(problem)
			}
		}
		close(stop)
		<-opened
	})
}
