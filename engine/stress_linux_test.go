// Everything at once on the loops: moves, late commands, posts, kills and peers that break off, beside connections on which every reply must come in order.

package engine

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// storm is the trouble around the steady clients.
type storm struct {
	*rig
	stop    atomic.Bool
	wg      sync.WaitGroup
	victims sync.Map // *Conn of those that may be killed
}

func (s *storm) loop(f func(r *rand.Rand)) {
	s.wg.Go(func() {
		for r := rand.New(rand.NewPCG(1, 2)); !s.stop.Load(); {
			f(r)
		}
	})
}

// breaksOff is a client that asks for this and that and leaves in the middle, in one of the ways there are.
func (s *storm) breaksOff(r *rand.Rand) {
	conn, err := net.Dial("tcp", s.srv.Addrs()[0].String())
	if err != nil {
		s.Error(err)
		return
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(300 * time.Millisecond)) // what it waits for may never come
	requests := []string{"victim\n", "echo one\n", "big 3000\n", "big 100000\n", "slow x\n", "wait\n", "bye\n", "blob 70000\nabc", "echo ha"}
	var b strings.Builder
	for range 1 + r.IntN(6) {
		b.WriteString(requests[r.IntN(len(requests))])
	}
	io.WriteString(conn, b.String())
	switch r.IntN(4) {
	case 0:
		conn.(*net.TCPConn).SetLinger(0)
	case 1:
		conn.(*net.TCPConn).CloseWrite()
		io.CopyN(io.Discard, conn, int64(r.IntN(50_000)))
	case 2:
		io.ReadFull(conn, make([]byte, 1))
	}
}

// meddle moves connections from loop to loop, posts to all of them and kills some.
func (s *storm) meddle(r *rand.Rand) {
	loops := *s.srv.backend.(*fleet).running.Load()
	l := loops[r.IntN(len(loops))]
	l.shedTo.Store(loops[r.IntN(len(loops))])
	l.shed.Store(int64(r.IntN(4)))
	s.srv.Conns(func(c *Conn) bool {
		if r.IntN(3) == 0 {
			c.Post(func(w *Worker) { w.Out = append(w.Out, "post\n"...) })
		}
		if _, victim := s.victims.Load(c); victim && r.IntN(8) == 0 {
			c.Kill("bad luck")
		}
		c.Resume()
		c.Stats()
		return true
	})
	time.Sleep(200 * time.Microsecond)
}

// steady wants every reply of its pipeline, in order, with posts in between.
func (s *storm) steady(g int) {
	c := s.dial()
	c.SetDeadline(time.Now().Add(3 * patience))
	const n = 3_000
	size := func(i int) int { return i * 37 % 6_000 } // below and above what goes through the outbox
	go func() {
		for i := range n {
			switch {
			case i%500 == 50*g:
				fmt.Fprintf(c, "slow %d\n", i)
			case i%7 == 0:
				fmt.Fprintf(c, "big %d\n", size(i))
			default:
				fmt.Fprintf(c, "echo %d\n", i)
			}
		}
	}()
	for i := 0; i < n; {
		want := fmt.Sprint(i)
		if i%7 == 0 && i%500 != 50*g {
			want = strings.Repeat("x", size(i))
		}
		switch got := c.line(); got {
		case want:
			i++
		case "post":
		default:
			s.Errorf("client %d: reply %d is %.20q of %d bytes, want %.20q of %d", g, i, got, len(got), want, len(want))
			return
		}
	}
	c.Close()
}

func TestStorm(t *testing.T) {
	r := start(t, Options{Threads: 1, HandOver: 2 * time.Millisecond, MaxClients: 1_000})
	for range 2 {
		if l, err := r.srv.backend.(*fleet).grow(); err != nil || l == nil {
			t.Fatal(l, err)
		}
	}
	before := Panics()
	s := &storm{rig: r}
	r.engine.on("slow", func(_ *lineSession, w *Worker, arg string) {
		time.Sleep(5 * time.Millisecond)
		w.Out = append(append(w.Out, arg...), '\n')
	})
	r.engine.on("wait", func(l *lineSession, _ *Worker, _ string) { l.suspend() })
	r.engine.on("victim", func(l *lineSession, _ *Worker, _ string) { s.victims.Store(l.conn, true) })
	for range 3 {
		s.loop(s.breaksOff)
	}
	s.loop(s.meddle)
	var clients sync.WaitGroup
	for g := range 6 {
		clients.Go(func() { s.steady(g) })
	}
	clients.Wait()
	s.stop.Store(true)
	s.wg.Wait()
	r.eventually("all are gone", func() bool { return r.srv.Count() == 0 })
	if st := r.srv.Stats(); Panics() != before || st.HandOvers == 0 || st.Moved == 0 {
		t.Errorf("%d panics, %+v", Panics()-before, st)
	}
}
