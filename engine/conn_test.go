// Tests of Conn: posts, kill, suspend and resume, from other goroutines and under load.

package engine

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// only gives the one connection there is.
func (r *rig) only() (only *Conn) {
	r.Helper()
	r.eventually("a connection", func() bool {
		r.srv.Conns(func(c *Conn) bool { only = c; return true })
		return only != nil
	})
	return only
}

func TestPostsArriveInOrder(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		c := r.dial()
		c.expect("echo hello", "hello")
		conn := r.only()
		const posters, each = 4, 2000
		for p := range posters {
			go func() {
				for i := range each {
					if !conn.Post(func(w *Worker) { w.Out = fmt.Appendf(w.Out, "%d %d\n", p, i) }) {
						t.Error("Post was refused")
						return
					}
				}
			}()
		}
		next := make([]int, posters)
		for range posters * each {
			var p, i int
			line := c.line()
			if _, err := fmt.Sscan(line, &p, &i); err != nil || next[p] != i {
				t.Fatalf("got %q, poster %d is at %d", line, p, next[p])
			}
			next[p]++
		}
		c.Close()
		r.eventually("the connection is gone", func() bool { return !conn.Post(func(*Worker) {}) })
	})
}

// Posts to each other from within sessions must not deadlock.
func TestPostsCrosswise(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		r.engine.on("tell", func(s *lineSession, w *Worker, arg string) {
			s.conn.Server().Conns(func(c *Conn) bool {
				return c.Post(func(w *Worker) { w.Out = append(append(w.Out, arg...), '\n') }) || true
			})
		})
		a, b := r.dial(), r.dial()
		a.expect("echo a", "a")
		b.expect("echo b", "b")
		const n = 300
		go a.Write([]byte(strings.Repeat("tell x\n", n)))
		go b.Write([]byte(strings.Repeat("tell x\n", n)))
		for range 2 * n {
			if a.line() != "x" || b.line() != "x" {
				t.Fatal("wrong message")
			}
		}
	})
}

func TestSuspendResume(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		waiting := make(chan *Conn, 1)
		r.engine.on("wait", func(s *lineSession, w *Worker, arg string) {
			s.suspend()
			waiting <- s.conn
		})
		c := r.dial()
		for i := range 200 {
			c.send("echo before\nwait\necho after\n") // the last one is in the same read
			if got := c.line(); got != "before" {
				t.Fatal(got)
			}
			conn := <-waiting
			if i%2 == 0 {
				conn.Post(func(w *Worker) {
					w.Out = append(w.Out, "popped\n"...)
					conn.Resume()
				})
			} else {
				conn.Post(func(w *Worker) { w.Out = append(w.Out, "popped\n"...) })
				conn.Resume()
			}
			if got := c.line(); got != "popped" {
				t.Fatal(got)
			}
			if got := c.line(); got != "after" {
				t.Fatal(got)
			}
		}
		c.send("wait\necho later\n")
		conn := <-waiting
		for range 100 {
			c.send("echo later\n")
		}
		conn.Resume()
		for range 101 {
			if got := c.line(); got != "later" {
				t.Fatal(got)
			}
		}
	})
}

// What waits for a client must learn that it has hung up.
func TestHangUpWhileSuspended(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		r.engine.on("wait", func(s *lineSession, w *Worker, arg string) { s.suspend() })
		c := r.dial()
		c.send("wait\n")
		r.eventually("suspended", func() bool { return r.only().has(flagSuspended) })
		c.Close()
		r.eventually("gone", func() bool { return r.srv.Count() == 0 })
	})
}

func TestKill(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		c := r.dial()
		c.expect("echo x", "x")
		conn := r.only()
		conn.Kill("test")
		c.expectEnd()
		r.eventually("gone", func() bool { return r.srv.Conn(conn.ID) == nil && r.srv.Count() == 0 })
		conn.Kill("again") // of no effect
		conn.Resume()
	})
}

// R15: kills, posts, resumes and closes from everywhere while requests run. No session may be fed after its end (the
// session itself looks), and no reply may reach a later connection.
func TestR15KillRaces(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.Threads = 3
		r := start(t, o)
		r.engine.on("wait", func(s *lineSession, w *Worker, arg string) {
			s.suspend()
			go s.conn.Resume()
		})
		var stop atomic.Bool
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for !stop.Load() {
					r.srv.Conns(func(c *Conn) bool {
						switch (c.ID + c.ID/7) % 3 {
						case 0:
							c.Kill("race")
						case 1:
							c.Post(func(w *Worker) { w.Out = append(w.Out, '\n') })
						}
						c.Stats()
						return !stop.Load()
					})
				}
			})
		}
		rounds := 150
		for g := range 6 {
			wg.Go(func() {
				for i := range rounds {
					c := r.dial()
					name := fmt.Sprintf("%d-%d", g, i)
					fmt.Fprintf(c, "echo %s\nwait\necho %s\nbye\n", name, name)
					for _, line := range strings.Fields(string(c.expectEnd())) {
						if line != name && line != "bye" {
							t.Errorf("%s received %q", name, line)
						}
					}
					c.Close()
				}
			})
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		r.eventually("all clients served", func() bool {
			return r.engine.opened.Load() >= int64(6*rounds)
		})
		stop.Store(true)
		<-done
	})
}

func TestPanicCostsOneConnection(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		r.engine.on("panic", func(s *lineSession, w *Worker, arg string) { panic("thrown by the test") })
		other := r.dial()
		for range 3 {
			c := r.dial()
			c.send("echo x\npanic\necho y\n")
			c.expectEnd()
			other.expect("echo fine", "fine")
		}
		if !strings.Contains(r.logs.String(), "thrown by the test") || !strings.Contains(r.logs.String(), "conn_test.go") {
			t.Error("the log does not tell what happened where")
		}
		r.srv.Conn(1).Post(func(w *Worker) { panic("thrown in a post") })
		other.expectEnd()
		r.dial().expect("echo fine", "fine")
	})
}

// A panic while the session is made ends that connection and no other.
func TestPanicInOpen(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		other := r.dial()
		other.expect("echo x", "x")
		r.engine.on("(open)", func(*lineSession, *Worker, string) { panic("no session today") })
		if rest := r.dial().expectEnd(); len(rest) != 0 {
			t.Errorf("got %q", rest)
		}
		r.engine.hooks.Delete("(open)")
		other.expect("echo y", "y")
		r.eventually("its place is free", func() bool { return r.srv.Count() == 1 })
		r.dial().expect("echo z", "z")
	})
}

func TestConnStats(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		c := r.dial()
		c.expect("echo 12345", "12345")
		c.send("echo half")
		conn := r.only()
		r.eventually("the half request is seen", func() bool { return conn.Stats().QueryLen == 9 })
		s := conn.Stats()
		if s.BytesIn != 20 || s.BytesOut != 6 || s.QueryCap < 9 || s.OutPending != 0 || s.LastActive.Before(conn.Created) {
			t.Errorf("%+v", s)
		}
		if got, want := conn.Remote().String(), c.LocalAddr().String(); got != want {
			t.Errorf("Remote = %s, want %s", got, want)
		}
		if got, want := conn.Local().String(), c.RemoteAddr().String(); got != want {
			t.Errorf("Local = %s, want %s", got, want)
		}
		st := r.srv.Stats()
		if st.Accepted != 1 || st.BytesIn != 20 || st.BytesOut != 6 {
			t.Errorf("%+v", st)
		}
		r.srv.ResetStats()
		if st := r.srv.Stats(); st.Accepted != 0 || st.BytesIn != 0 || st.Buffers == 0 {
			t.Errorf("after the reset: %+v", st)
		}
		c.expect("", "half")
	})
}

// broken is a driver that panics when it is asked for a visit.
type broken struct{}

func (broken) visit(*Conn) { panic("no visit") }
func (broken) number() int { return 0 }

// TestPanicsLeaveTheConnectionUnlocked: whoever ends a connection after a panic in between can do so.
func TestPanicsLeaveTheConnectionUnlocked(t *testing.T) {
	for name, what := range map[string]func(c *Conn){
		"Post":   func(c *Conn) { c.Post(func(*Worker) {}) },
		"Push":   func(c *Conn) { c.Push([]byte("x")) },
		"Resume": func(c *Conn) { c.flags.Or(flagSuspended); c.Resume() },
		"Kill":   func(c *Conn) { c.Kill("test") },
	} {
		c := &Conn{srv: &Server{}, home: broken{}, fd: -1}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: the visit did not panic: the test proves nothing", name)
				}
			}()
			what(c)
		}()
		if !c.mu.TryLock() {
			t.Errorf("%s left the mutex locked", name)
		}
	}
}
