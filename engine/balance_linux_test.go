// Connections move between loops under load without losing or reordering anything.

package engine

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestMovesUnderLoad(t *testing.T) {
	r := start(t, Options{Threads: 1}) // no balancing but the test's own
	f := r.srv.backend.(*fleet)
	for range 2 {
		if l, err := f.grow(); err != nil || l == nil {
			t.Fatal(l, err)
		}
	}
	loops := *f.running.Load()
	if len(loops) != 3 {
		t.Fatalf("%d loops", len(loops))
	}
	var stop atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() { // every loop sheds to the next one all the time
		for i := 0; !stop.Load(); i++ {
			l := loops[i%3]
			l.shedTo.Store(loops[(i+1)%3])
			l.shed.Store(2)
			var run sync.WaitGroup
			r.srv.Conns(func(c *Conn) bool {
				run.Add(1)
				if !c.Post(func(w *Worker) {
					w.Out = append(w.Out, "post\n"...)
					run.Done()
				}) {
					run.Done()
				}
				return true
			})
			run.Wait()
		}
	})
	var clients sync.WaitGroup
	for g := range 8 {
		clients.Go(func() {
			c := r.dial()
			const n = 300
			for round := 0; round < 3 || r.srv.Stats().Moved < 200; round++ {
				go func() {
					for i := 0; i < n; {
						var b strings.Builder
						for k := 0; k < 1+i%17 && i < n; k++ {
							fmt.Fprintf(&b, "echo %d-%d\n", g, i)
							i++
						}
						s := b.String()
						c.Write([]byte(s[:len(s)/2])) // often half a request
						c.Write([]byte(s[len(s)/2:]))
					}
				}()
				for i := 0; i < n; {
					switch got := c.line(); got {
					case "post":
					case fmt.Sprintf("%d-%d", g, i):
						i++
					default:
						t.Errorf("client %d: reply %d is %q", g, i, got)
						return
					}
				}
			}
		})
	}
	clients.Wait()
	stop.Store(true)
	wg.Wait()
	if st := r.srv.Stats(); st.Loops != 3 {
		t.Errorf("%+v", st)
	}
}

// A loop that is given up hands its connections on and ends.
func TestRetire(t *testing.T) {
	r := start(t, Options{Threads: 2})
	f := r.srv.backend.(*fleet)
	second, err := f.grow()
	if err != nil {
		t.Fatal(err)
	}
	var clients []*client
	for range 10 {
		clients = append(clients, r.dial())
	}
	f.first.shedTo.Store(second)
	f.first.shed.Store(everything)
	for _, c := range clients {
		c.expect("echo x", "x")
	}
	r.eventually("all have moved", func() bool { return second.conns.Load() == 10 && f.first.conns.Load() == 0 })
	f.first.shed.Store(0)
	clients[0].send("echo ha") // half a request: it must not move yet
	r.eventually("the half request is there", func() bool { return r.srv.Conn(1).Stats().QueryLen > 0 })
	f.retire(second, f.first)
	r.eventually("nine have moved", func() bool { return f.first.conns.Load() == 9 })
	for _, c := range clients[1:] {
		c.expect("echo y", "y")
	}
	clients[0].expect("lf", "half")
	r.eventually("the loop has ended", func() bool { return r.srv.Stats().Loops == 1 })
	for _, c := range clients {
		c.expect("echo z", "z")
	}
}

// The loop that was to take over may be given up itself before the last connection could move.
func TestRetireOfTheHeir(t *testing.T) {
	r := start(t, Options{Threads: 1}) // no balancing but the test's own
	f := r.srv.backend.(*fleet)
	second, err := f.grow()
	if err != nil {
		t.Fatal(err)
	}
	heir, err := f.grow()
	if err != nil {
		t.Fatal(err)
	}
	c := r.dial()
	f.first.shedTo.Store(second)
	f.first.shed.Store(everything)
	c.expect("echo x", "x")
	r.eventually("it has moved", func() bool { return second.conns.Load() == 1 })
	f.first.shed.Store(0)
	c.send("echo ha")
	r.eventually("the half request is there", func() bool { return r.srv.Conn(1).Stats().QueryLen > 0 })
	f.retire(second, heir)
	f.retire(heir, f.first)
	r.eventually("the heir has ended", func() bool { return r.srv.Stats().Loops == 2 })
	c.expect("lf", "half")
	r.eventually("the loop has ended", func() bool { return r.srv.Stats().Loops == 1 })
	c.expect("echo z", "z")
}

// The decisions, without threads: when a loop sheds, how much, and when one is given up.
func TestBalancerDecides(t *testing.T) {
	s, err := NewServer(nil, &lineEngine{}, Options{Threads: 3})
	if err != nil {
		t.Fatal(err)
	}
	f := s.backend.(*fleet)
	defer f.finish()
	a, b := f.first, &loop{fleet: f, num: 1}
	bal := &balancer{fleet: f, loads: map[*loop]*load{
		a: {busy: 0.95, active: 40, hot: hotWindows},
		b: {busy: 0.15, active: 4},
	}}
	if !bal.spread([]*loop{a, b}) || a.shedTo.Load() != b || a.shed.Load() != 16 {
		t.Errorf("shed %d to %v", a.shed.Load(), a.shedTo.Load())
	}
	bal.loads[a] = &load{busy: 0.95, active: 1, hot: 9}
	if bal.spread([]*loop{a, b}) || a.shed.Load() != 0 {
		t.Error("one connection cannot be spread")
	}
	bal.loads[a] = &load{busy: 0.95, active: 40, hot: hotWindows - 1}
	if bal.spread([]*loop{a, b}) {
		t.Error("shed before the load has lasted")
	}
	bal.loads[a], bal.loads[b] = &load{busy: 0.45, active: 40}, &load{busy: 0.2}
	for range 100 {
		bal.gather([]*loop{a, b})
	}
	if b.ending.Load() {
		t.Error("0.65 of a core gathered onto one loop")
	}
	bal.loads[a] = &load{busy: 0.3, active: 40}
	for i := range calmWindows {
		if b.ending.Load() {
			t.Errorf("gathered after %d windows", i)
		}
		bal.gather([]*loop{a, b})
	}
	if !b.ending.Load() || b.shedTo.Load() != a || a.ending.Load() {
		t.Error("not gathered")
	}
}
