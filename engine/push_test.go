// Messages that others leave for a connection: order, collecting, what waiting ones count for.

package engine

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Messages and posts of every sender arrive in its order, whatever else happens to the connection.
func TestPushOrder(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		c := r.dial()
		c.expect("settle", "settled")
		conn := r.srv.Conn(1)
		const senders, each = 4, 5000
		var wg sync.WaitGroup
		for s := range senders {
			wg.Go(func() {
				for i := range each {
					if i%100 == 99 {
						conn.Post(func(w *Worker) { w.Out = fmt.Appendf(w.Out, "%d %d\n", s, i) })
					} else {
						conn.Push(fmt.Appendf(nil, "%d %d\n", s, i))
					}
				}
			})
		}
		var next [senders]int
		for range senders * each {
			var s, i int
			if _, err := fmt.Sscan(c.line(), &s, &i); err != nil || i != next[s] {
				t.Fatalf("sender %d: %d after %d, %v", s, i, next[s]-1, err)
			}
			next[s]++
		}
		wg.Wait()
		r.eventually("nothing waits", func() bool { return conn.Stats().OutPending == 0 })
	})
}

// Collect puts what waits behind what was said before and in front of what comes next.
func TestCollect(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		r.engine.on("collect", func(s *lineSession, w *Worker, arg string) {
			w.Out = append(w.Out, "before "...)
			s.conn.Push([]byte("pushed "))
			s.conn.Post(func(w *Worker) { w.Out = append(w.Out, "posted\n"...) })
			s.conn.Push([]byte("again "))
			s.conn.Collect(w)
			s.conn.Collect(w)
			w.Out = append(w.Out, "behind\n"...)
		})
		c := r.dial()
		c.expect("collect", "before pushed again behind")
		if s := c.line(); s != "posted" {
			t.Error(s)
		}
	})
}

// R9: what waits for a connection counts before its loop has looked at it: messages beyond the limit of its class close it, at once.
func TestR9PushedBeyondTheLimit(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		r.srv.SetLimits(ClassLimits{Subscriber: {OutHard: 1 << 20}}, Limits{})
		stuck, stay := make(chan bool), make(chan bool)
		r.engine.on("stay", func(s *lineSession, w *Worker, arg string) {
			s.conn.SetClass(Subscriber)
			stuck <- true
			<-stay
		})
		c, other := r.dial(), r.dial()
		c.expect("settle", "settled")
		other.expect("settle", "settled")
		c.send("stay\n")
		<-stuck
		conn, message := r.srv.Conn(1), bytes.Repeat([]byte{'x'}, 100_000)
		for i := range 10 {
			if !conn.Push(message) {
				t.Fatal("refused message", i)
			}
		}
		if n := conn.Stats().OutPending; n != 1_000_000 {
			t.Error("pending:", n)
		}
		if n := r.srv.Stats().Buffers; n < 900_000 {
			t.Error("buffers:", n)
		}
		if conn.Push(message) {
			t.Error("a message beyond the limit was taken")
		}
		if n := r.srv.Stats().Buffers; n > 200_000 {
			t.Error("buffers afterwards:", n)
		}
		c.expectEnd()
		close(stay)
		r.eventually("counted", func() bool { return r.srv.Stats().OutClosed == 1 })
		r.eventually("logged", func() bool { return strings.Contains(r.logs.String(), hardLimit) })
		if conn.Push(message) {
			t.Error("a message for a closed connection was taken")
		}
		other.expect("echo fine", "fine")
	})
}

// A connection that has taken its messages keeps no room for more.
func TestPostboxReturned(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		c := r.dial()
		c.expect("settle", "settled")
		conn := r.srv.Conn(1)
		for range 1000 {
			conn.Push([]byte("m\n"))
		}
		for range 1000 {
			c.line()
		}
		r.eventually("the box returned", func() bool {
			conn.mu.Lock()
			defer conn.mu.Unlock()
			return conn.box == nil && conn.posts() == 0
		})
	})
}
