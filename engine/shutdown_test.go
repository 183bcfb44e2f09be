// Shutdown: what runs is finished, replies drain, and nothing is left behind.

package engine

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestShutdownDrains(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		idle, waiting, pending := r.dial(), r.dial(), r.dial()
		r.engine.on("wait", func(s *lineSession, w *Worker, arg string) { s.suspend() })
		idle.expect("echo x", "x")
		waiting.send("echo x\nwait\n")
		waiting.line()
		const size = 30 << 20
		pending.send("big 31457280\n")
		r.eventually("the reply is pending", func() bool {
			c := r.srv.Conn(3)
			return c != nil && c.Stats().OutPending > 0
		})
		done := make(chan error, 1)
		go func() { done <- r.srv.Shutdown(context.Background()) }()
		idle.expectEnd()
		waiting.expectEnd()
		if rest := pending.expectEnd(); len(rest) != size+1 {
			t.Errorf("%d bytes of the pending reply, want %d", len(rest), size+1)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestShutdownCutsOffAtTheDeadline(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		c := r.dial()
		c.send("big 31457280\n")
		r.eventually("the reply is pending", func() bool {
			c := r.srv.Conn(1)
			return c != nil && c.Stats().OutPending > 0
		})
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		if err := r.srv.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if n := len(c.expectEnd()); n > 20<<20 {
			t.Errorf("%d bytes came after all", n)
		}
	})
}

// A running command ends before the server does, and its reply arrives.
func TestShutdownWaitsForTheCommand(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.HandOver = 4 * time.Millisecond
		r := start(t, o)
		entered, release := make(chan struct{}), make(chan struct{})
		r.engine.on("stick", func(s *lineSession, w *Worker, arg string) {
			close(entered)
			<-release
			w.Out = append(w.Out, "done\n"...)
		})
		c := r.dial()
		c.send("stick\n")
		<-entered
		done := make(chan error, 1)
		go func() { done <- r.srv.Shutdown(context.Background()) }()
		other := r.srv
		r.eventually("accepting has ended", func() bool { return len(other.Addrs()) == 0 })
		close(release)
		if rest := string(c.expectEnd()); rest != "done\n" {
			t.Errorf("%q", rest)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestAskStop(t *testing.T) {
	r := start(t, Options{})
	select {
	case <-r.srv.StopAsked():
		t.Fatal("nobody asked")
	default:
	}
	r.srv.AskStop("test")
	r.srv.AskStop("again")
	<-r.srv.StopAsked()
}

// openFiles counts the descriptors of this process, -1 where the system does not show them.
func openFiles() int {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(files)
}

func TestNothingLeaks(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.Threads, o.HandOver = 3, 2*time.Millisecond
		round := func() {
			t.Run("round", func(t *testing.T) {
				r := start(t, o)
				r.engine.on("slow", func(s *lineSession, w *Worker, arg string) {
					time.Sleep(6 * time.Millisecond)
					w.Out = append(w.Out, "slow\n"...)
				})
				for range 20 {
					r.dial().expect("echo x", "x")
					r.dial().send("slow\n")
					r.dial().send("blob 100000\n" + strings.Repeat("z", 50000))
				}
			})
		}
		round()
		settled := func() (int, int) {
			runtime.GC()
			return runtime.NumGoroutine(), openFiles()
		}
		goroutines, files := settled()
		for range 3 {
			round()
		}
		for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
			g, f := settled()
			if g <= goroutines && f <= files {
				return
			}
			if time.Now().After(deadline) {
				buf := make([]byte, 1<<16)
				t.Fatalf("goroutines %d -> %d, files %d -> %d\n%s", goroutines, g, files, f, buf[:runtime.Stack(buf, true)])
			}
		}
	})
}
