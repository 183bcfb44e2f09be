// Tests of the outbox: replies that wait for the end of the round while connections break, and others speak at length.

package engine

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// oneRound has the loop find one request of every client in one poll, in this order.
func (r *rig) oneRound(clients []*client, requests ...string) {
	r.Helper()
	r.engine.on("gate", func(_ *lineSession, w *Worker, _ string) {
		for i, c := range clients { // while the loop stands here, all of these become ready
			c.send(requests[i] + "\n")
		}
		w.Out = append(w.Out, "open\n"...)
	})
	for _, c := range clients {
		c.expect("echo x", "x")
	}
	r.dial().expect("gate", "open")
}

// The end of the input may come together with the request that suspends the connection.
func TestHangUpWithTheSuspendingRequest(t *testing.T) {
	r := start(t, Options{Threads: 1})
	r.engine.on("wait", func(s *lineSession, _ *Worker, _ string) { s.suspend() })
	c := r.dial()
	r.engine.on("gate", func(*lineSession, *Worker, string) {
		c.send("wait\n")
		c.Conn.Close()
	})
	c.expect("echo x", "x")
	r.dial().send("gate\n")
	r.eventually("the client is gone", func() bool { return r.engine.closed.Load() == 1 }) // not Count: the other may not be accepted yet
}

// breaker adds the word "break N", which resets the connection of victim and answers with N bytes.
func (r *rig) breaker(victim *client) {
	r.engine.on("break", func(s *lineSession, w *Worker, arg string) {
		victim.Conn.(*net.TCPConn).SetLinger(0)
		victim.Conn.Close()
		s.run(w, "big", arg)
	})
}

// The reply of a connection must not suffer from another one in the same round whose reply cannot be sent any more.
func TestBrokenNeighbourInTheOutbox(t *testing.T) {
	for _, n := range []int{5_000, 50_000, 8_000_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			r := start(t, Options{Threads: 1})
			before := Panics()
			victim, c := r.dial(), r.dial()
			r.breaker(victim)
			r.oneRound([]*client{victim, c}, "echo lost", fmt.Sprintf("echo first\nbreak %d\necho last", n))
			for _, want := range []string{"first", strings.Repeat("x", n), "last"} {
				if got := c.line(); got != want {
					t.Fatalf("got %d bytes, want %d", len(got), len(want))
				}
			}
			r.eventually("the broken connection is closed", func() bool { return r.engine.closed.Load() >= 1 })
			if Panics() != before {
				t.Error("the loop panicked")
			}
		})
	}
}

// Even if the end of the broken connection takes so long that the loop changes its thread.
func TestSlowEndOfABrokenNeighbour(t *testing.T) {
	r := start(t, Options{Threads: 1, HandOver: 4 * time.Millisecond})
	victim, c := r.dial(), r.dial()
	r.breaker(victim)
	ending, release := make(chan struct{}, 10), make(chan struct{})
	r.engine.on("(closed)", func(s *lineSession, _ *Worker, _ string) {
		ending <- struct{}{}
		<-release
	})
	defer close(release)
	r.oneRound([]*client{victim, c}, "echo lost", "break 5000\necho last")
	<-ending
	for _, want := range []string{strings.Repeat("x", 5_000), "last"} {
		if got := c.line(); got != want {
			t.Fatalf("got %d bytes, want %d", len(got), len(want))
		}
	}
}
