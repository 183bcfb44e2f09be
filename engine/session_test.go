package engine

import (
	"fmt"
	"strconv"
	"testing"
	"time"
)

// Due is called when the time has come that "after" asked for.
func (s *lineSession) Due(w *Worker) {
	w.Out = append(w.Out, "due\n"...)
	s.conn.GoOn()
}

// A suspended session is called at its own time, not before and not much after, however far away other deadlines are; then it goes on.
func TestWakeAt(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		r.engine.on("after", func(s *lineSession, w *Worker, arg string) {
			ms, _ := strconv.Atoi(arg)
			s.suspend()
			s.conn.WakeAt(time.Duration(ms) * time.Millisecond)
		})
		r.engine.on("never", func(s *lineSession, w *Worker, arg string) {
			s.suspend()
			s.conn.WakeAt(time.Hour)
			s.conn.WakeAt(-1)
			s.conn.Post(func(w *Worker) {
				w.Out = append(w.Out, "posted\n"...)
				s.conn.GoOn()
			})
		})
		c := r.dial()
		for _, ms := range []int{1, 0, 30, 5} {
			began := time.Now()
			c.send(fmt.Sprintf("after %d\necho behind\n", ms))
			if got := c.line(); got != "due" {
				t.Fatalf("%q", got)
			}
			if took := time.Since(began); took < time.Duration(ms)*time.Millisecond {
				t.Errorf("%d ms were over after %v", ms, took)
			}
			if got := c.line(); got != "behind" {
				t.Fatalf("%q", got)
			}
		}
		c.send("never\necho behind\n")
		for _, want := range []string{"posted", "behind"} {
			if got := c.line(); got != want {
				t.Fatalf("%q, want %q", got, want)
			}
		}
	})
}

func TestKilledIsKnownAtOnce(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		c := r.dial()
		c.expect("echo x", "x")
		conn := r.srv.Conn(1)
		if conn.Killed() {
			t.Fatal("killed before")
		}
		conn.Kill("test")
		if !conn.Killed() {
			t.Error("not killed")
		}
		c.expectEnd()
	})
}
