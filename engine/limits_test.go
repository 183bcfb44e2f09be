// Limits on what one connection may make the server keep (R7, R8, R9, R11).

package engine

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestOverOut(t *testing.T) {
	l := Limits{OutHard: 100, OutSoft: 50, OutSoftFor: 10}
	for _, c := range []struct {
		pending, now, since int64
		why                 string
		soft                int64
	}{
		{0, 5, 0, "", 0},
		{100, 5, 0, "", 5},
		{101, 5, 0, hardLimit, 0},
		{50, 5, 0, "", 0},
		{51, 5, 0, "", 5},
		{51, 0, 0, "", 1},
		{51, 14, 5, "", 5},
		{51, 15, 5, softTooLong, 5},
		{50, 15, 5, "", 0},
	} {
		if why, soft := l.overOut(c.pending, c.now, c.since); why != c.why || soft != c.soft {
			t.Errorf("overOut(%d, %d, %d) = %q, %d", c.pending, c.now, c.since, why, soft)
		}
	}
	if why, _ := (&Limits{}).overOut(1<<60, 1, 1); why != "" {
		t.Error("no limits, yet:", why)
	}
}

// R8: a client that sends and never reads, without a valid command, is closed while little is pending, with a line in the log.
func TestR8UnsettledNeverReads(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.Unsettled = Limits{OutHard: 1 << 10}
		r := start(t, o)
		other := r.dial()
		c := r.dial()
		c.Conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		var err error
		for sent := 0; err == nil && sent < 1<<30; sent += 1000 * 9 {
			_, err = io.WriteString(c.Conn, strings.Repeat("big 9999\n", 1000))
		}
		if ne, ok := err.(net.Error); err == nil || ok && ne.Timeout() {
			t.Fatal("the client was not closed:", err)
		}
		r.eventually("counted", func() bool { return r.srv.Stats().OutClosed == 1 })
		r.eventually("logged", func() bool { return strings.Contains(r.logs.String(), hardLimit) })
		r.eventually("its buffers freed", func() bool { return r.srv.Stats().Buffers == 0 })
		other.expect("echo fine", "fine")
	})
}

// R9: over the hard limit nothing more is sent, so no reply arrives cut in its middle and then continued.
func TestR9HardLimitDropsWhatIsPending(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.Limits = Limits{OutHard: 8 << 20}
		r := start(t, o)
		c := r.dial()
		c.expect("settle", "settled")
		c.send(strings.Repeat("big 1000000\n", 100))
		r.eventually("closed for the limit", func() bool { return r.srv.Stats().OutClosed == 1 })
		if rest := c.expectEnd(); len(rest) > 60<<20 {
			t.Errorf("%d bytes came after all", len(rest))
		}
	})
}

func TestR9SoftLimit(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.Unsettled = Limits{OutSoft: 1 << 10, OutSoftFor: 400 * time.Millisecond}
		r := start(t, o)
		c := r.dial()
		c.send("big 30000000\n")
		r.eventually("closed for the limit", func() bool { return r.srv.Stats().OutClosed == 1 })
		// A reader that keeps up is not touched by it.
		d := r.dial()
		for range 200 {
			d.send("big 200000\n")
			if n := len(d.line()); n != 200000 {
				t.Fatal(n)
			}
		}
	})
}

// While more than PauseAt is pending the server reads no further: the client's sending blocks, the server's memory stays.
func TestR9Backpressure(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.Unsettled = Limits{PauseAt: 256 << 10}
		r := start(t, o)
		c := r.dial()
		const n = 800 // 80 MB: five times what may be held
		go func() {
			for range n {
				c.Write([]byte("big 100000\n" + strings.Repeat("echo 1234567890\n", 100)))
			}
		}()
		var peak int64
		for range n {
			if got := len(c.line()); got != 100000 {
				t.Fatal(got)
			}
			for range 100 {
				if c.line() != "1234567890" {
					t.Fatal("replies out of order")
				}
			}
			peak = max(peak, r.srv.Stats().Buffers)
		}
		if peak > 16<<20 {
			t.Errorf("%d bytes of buffers at the peak", peak)
		}
	})
}

// R7: a big request that is announced and not sent costs what was sent.
func TestR7AnnouncedNotSent(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		for range 50 {
			r.dial().send("blob 500000000\nabc")
		}
		r.eventually("all have arrived", func() bool {
			n := 0
			r.srv.Conns(func(c *Conn) bool {
				if c.Stats().QueryLen == len("blob 500000000\nabc") {
					n++
				}
				return true
			})
			return n == 50
		})
		if b := r.srv.Stats().Buffers; b > 50<<14 {
			t.Errorf("%d bytes of buffers for 50 announcements", b)
		}
	})
}

func TestQueryLimit(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.Unsettled = Limits{QueryMax: 1000}
		o.Limits = Limits{QueryMax: 100000}
		r := start(t, o)
		c := r.dial()
		c.send(strings.Repeat("echo abc\n", 1000) + "echo last\n") // many short ones are no long one
		for range 1000 {
			c.line()
		}
		if got := c.line(); got != "last" {
			t.Fatal(got)
		}
		c.send(strings.Repeat("z", 1001))
		c.expectEnd()
		d := r.dial()
		d.expect("settle", "settled")
		d.expect("echo "+strings.Repeat("z", 5000), strings.Repeat("z", 5000))
		d.send(strings.Repeat("z", 100001))
		d.expectEnd()
		r.eventually("both counted", func() bool { return r.srv.Stats().QueryClosed == 2 })
	})
}

// What a connection's own limits say goes before the server's.
func TestSetLimits(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		o.Unsettled = Limits{QueryMax: 100}
		r := start(t, o)
		r.engine.on("own", func(s *lineSession, w *Worker, arg string) {
			s.conn.SetLimits(&Limits{QueryMax: 10000})
			w.Out = fmt.Appendln(w.Out, "own")
		})
		c := r.dial()
		c.expect("own", "own")
		c.expect("echo "+strings.Repeat("z", 9000), strings.Repeat("z", 9000))
	})
}

// A client that is over the soft limit when the limit is lifted or raised is not closed for it.
func TestSoftLimitLifted(t *testing.T) {
	s, err := NewServer(nil, &lineEngine{}, Options{Unsettled: Limits{OutSoft: 1 << 10, OutSoftFor: time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Shutdown(context.Background())
	c := &Conn{srv: s, softSince: 5}
	c.pendings.Store(2 << 10)
	if when, why := c.deadline(); when != 5+int64(time.Second) || why != softTooLong {
		t.Fatalf("%d %q", when, why)
	}
	for _, l := range []Limits{{}, {OutSoft: 4 << 10, OutSoftFor: time.Second}} {
		s.SetLimits(ForAll(l), l)
		if when, why := c.deadline(); when != 0 {
			t.Errorf("limits %+v: %d %q", l, when, why)
		}
	}
}

// R9: every class has limits of its own, and a connection may change its class.
func TestR9ClassLimits(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		r.engine.on("subscribe", func(s *lineSession, w *Worker, arg string) {
			s.conn.SetClass(Subscriber)
			w.Out = fmt.Appendln(w.Out, "subscribed")
		})
		r.srv.SetLimits(ClassLimits{Normal: {OutHard: 64 << 20}, Subscriber: {OutHard: 1 << 20}}, Limits{})
		if n := r.srv.OutHard(Subscriber); n != 1<<20 {
			t.Fatal(n)
		}
		c := r.dial()
		c.expect("settle", "settled")
		c.send("big 20000000\n")
		if n := len(c.line()); n != 20000000 {
			t.Fatal(n)
		}
		c.expect("subscribe", "subscribed")
		c.send("big 20000000\n")
		r.eventually("closed for the limit of its class", func() bool { return r.srv.Stats().OutClosed == 1 })
	})
}

// R9: one that takes nothing of what others send it is closed from outside, and counted.
func TestR9KillFull(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r := start(t, o)
		c := r.dial()
		c.expect("settle", "settled")
		r.srv.Conns(func(conn *Conn) bool {
			conn.KillFull()
			conn.KillFull()
			return true
		})
		c.expectEnd()
		if n := r.srv.Stats().OutClosed; n != 1 {
			t.Errorf("counted %d times", n)
		}
	})
}
