// R11: deadlines for idle, slow and silent clients.

package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestR11FirstCommandDeadline(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.FirstDeadline = 60 * time.Millisecond
		r := start(t, o)
		good := r.dial()
		good.expect("settle", "settled")
		silent, trickle := r.dial(), r.dial()
		stop := make(chan struct{})
		defer close(stop)
		go func() { // a byte now and then is no command
			for {
				select {
				case <-stop:
					return
				case <-time.After(10 * time.Millisecond):
					if _, err := trickle.Write([]byte("e")); err != nil {
						return
					}
				}
			}
		}()
		silent.expectEnd()
		trickle.expectEnd()
		r.eventually("counted", func() bool { return r.srv.Stats().IdleClosed == 2 })
		good.expect("echo still here", "still here")
	})
}

// TestLongFirstCommandIsNoTrickle sends a first command that takes several deadlines to arrive, at a decent pace.
func TestLongFirstCommandIsNoTrickle(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.FirstDeadline = 200 * time.Millisecond
		o.Unsettled = Limits{}
		r := start(t, o)
		slow := r.dial()
		piece := strings.Repeat("x", 1<<20)
		slow.send(fmt.Sprintf("blob %d\n", 10*len(piece)))
		for range 10 { // every pause is a quarter of the deadline
			slow.send(piece)
			time.Sleep(o.FirstDeadline / 4)
		}
		slow.expect("", fmt.Sprintf("blob %d %x", 10*len(piece), checksum([]byte(strings.Repeat(piece, 10)))))
	})
}

func TestR11IdleTimeout(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.IdleTimeout = 150 * time.Millisecond
		r := start(t, o)
		r.engine.on("exempt", func(s *lineSession, w *Worker, arg string) {
			s.conn.SetIdleExempt(true)
			w.Out = append(w.Out, "exempt\n"...)
		})
		r.engine.on("wait", func(s *lineSession, w *Worker, arg string) { s.suspend() })
		idle, exempt, waiting := r.dial(), r.dial(), r.dial()
		exempt.expect("exempt", "exempt")
		waiting.send("wait\n")
		busy := r.dial()
		began := time.Now()
		for r.srv.Conn(1) != nil { // as long as the idle one is there, somebody else is not
			busy.expect("echo x", "x")
		}
		if took := time.Since(began); took < 100*time.Millisecond {
			t.Errorf("closed after %v", took)
		}
		idle.expectEnd()
		exempt.expect("echo x", "x")
		if r.srv.Conn(3) == nil {
			t.Error("a client that waits for something was closed as idle")
		}
	})
}

// A timeout set later applies to connections that are already there.
func TestSetIdleTimeout(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		c := r.dial()
		c.expect("echo x", "x")
		r.srv.SetIdleTimeout(20 * time.Millisecond)
		c.expectEnd()
	})
}
