// The gate and the loops: what a round has made is settled at once, and a disk that does not answer costs nobody else their turn.

package engine

import (
	"fmt"
	"testing"
	"time"
)

// TestGateSettlesRounds: replies that Settle lets through go out with their round, without being held back.
func TestGateSettlesRounds(t *testing.T) {
	r, b := gated(t, Options{Threads: 1})
	b.onSettle(func(pos uint64) { b.at.Store(max(b.at.Load(), pos)) })
	c := r.dial()
	for i := range uint64(20) {
		c.expect(fmt.Sprint("write ", i+1), fmt.Sprint("wrote ", i+1))
		if got := b.settled.Load(); got != int64(i+1) {
			t.Fatalf("settled %d times for %d rounds", got, i+1)
		}
	}
	c.expect("echo x", "x")
	if got := b.settled.Load(); got != 20 {
		t.Errorf("settled for a round that waits for nothing: %d times", got)
	}
}

// TestGateSettlesForAll: once for all connections of a round, up to the highest position.
func TestGateSettlesForAll(t *testing.T) {
	r, b := gated(t, Options{Threads: 1, HandOver: time.Minute}) // a slow machine must not make two rounds of it
	const clients = 10
	var all []*client
	for i := range clients {
		all = append(all, r.dial())
		all[i].expect("echo x", "x")
	}
	b.onSettle(func(pos uint64) { b.at.Store(max(b.at.Load(), pos)) })
	r.engine.on("together", func(s *lineSession, w *Worker, _ string) {
		for i, c := range all { // the loop stands here, so one batch has them all
			c.send(fmt.Sprintf("write %d\n", 100-i))
		}
		w.Out = append(w.Out, "sent\n"...)
	})
	r.dial().expect("together", "sent")
	for i, c := range all {
		if got := c.line(); got != fmt.Sprint("wrote ", 100-i) {
			t.Errorf("client %d got %q", i, got)
		}
	}
	if n := b.settled.Load(); n != 1 || b.at.Load() != 100 {
		t.Errorf("settled %d times, up to %d", n, b.at.Load())
	}
}

// TestF8GateSettlesLong: while Settle does not come back another thread has the loop, and the replies are held back until the gate opens.
func TestF8GateSettlesLong(t *testing.T) {
	r, b := gated(t, Options{Threads: 1, HandOver: 4 * time.Millisecond})
	entered, release := make(chan struct{}, 1), make(chan struct{})
	b.onSettle(func(uint64) {
		select {
		case entered <- struct{}{}:
			<-release
		default:
		}
	})
	writer, second, reader := r.dial(), r.dial(), r.dial()
	writer.send("write 1\n")
	<-entered
	entered <- struct{}{} // whoever settles from now on comes back at once
	reader.expect("echo others go on", "others go on")
	before := b.asked.Load()
	second.send("write 2\n")
	b.awaitAsked(t, before)
	writer.silence()
	if n := r.srv.Stats().HandOvers; n != 1 {
		t.Errorf("%d hand-overs", n)
	}
	b.open(r, 2)
	if x, y := writer.line(), second.line(); x != "wrote 1" || y != "wrote 2" {
		t.Errorf("got %q and %q", x, y)
	}
	close(release)
	writer.expect("echo after", "after")
}

// TestGatePanicsInSettle: it costs no connection, since none is to blame.
func TestGatePanicsInSettle(t *testing.T) {
	r, b := gated(t, Options{Threads: 1})
	first := true
	b.onSettle(func(pos uint64) {
		if first {
			first = false
			panic("from the test")
		}
		b.at.Store(pos)
	})
	c := r.dial()
	c.send("write 1\n")
	r.dial().expect("echo the others live", "the others live")
	b.open(r, 1)
	if got := c.line(); got != "wrote 1" {
		t.Errorf("got %q", got)
	}
	c.expect("write 2", "wrote 2")
}

// TestGatePanicsInALateSettle: the loop has another thread by then, and stays that one's.
func TestGatePanicsInALateSettle(t *testing.T) {
	r, b := gated(t, Options{Threads: 1, HandOver: 4 * time.Millisecond})
	entered, release := make(chan struct{}, 1), make(chan struct{})
	b.onSettle(func(pos uint64) {
		select {
		case entered <- struct{}{}:
			<-release
			panic("from the test")
		default:
			b.at.Store(pos)
		}
	})
	writer, reader := r.dial(), r.dial()
	writer.send("write 1\n")
	<-entered
	entered <- struct{}{}
	reader.expect("echo others go on", "others go on")
	before := Panics()
	close(release)
	r.eventually("the panic was caught", func() bool { return Panics() > before })
	b.open(r, 1)
	if got := writer.line(); got != "wrote 1" {
		t.Errorf("got %q", got)
	}
	writer.expect("write 2", "wrote 2")
	r.eventually("the late thread has gone", func() bool {
		f := r.srv.backend.(*fleet)
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.late == 0
	})
}
