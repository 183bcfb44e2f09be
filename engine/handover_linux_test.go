// Tests of the hand-over: one long command must not hold the other connections of its loop.

package engine

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// stuck adds the word "stick", which runs until the test lets it go.
func (r *rig) stuck() (entered, release chan struct{}) {
	entered, release = make(chan struct{}, 200), make(chan struct{})
	r.engine.on("stick", func(s *lineSession, w *Worker, arg string) {
		entered <- struct{}{}
		<-release
		w.Out = append(append(w.Out, arg...), '\n')
	})
	return entered, release
}

func TestHandOver(t *testing.T) {
	r := start(t, Options{Threads: 1, HandOver: 4 * time.Millisecond})
	entered, release := r.stuck()
	late := r.dial()
	var others []*client
	for range 10 {
		others = append(others, r.dial())
	}
	late.send("echo first\nstick done\necho behind\n")
	<-entered
	for i, c := range others {
		c.expect(fmt.Sprint("echo ", i), fmt.Sprint(i))
	}
	if st := r.srv.Stats(); st.HandOvers != 1 {
		t.Errorf("%d hand-overs", st.HandOvers)
	}
	close(release)
	for _, want := range []string{"first", "done", "behind"} {
		if got := late.line(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	late.expect("echo again", "again")
}

// All of them in one batch: the events harvested behind the late one must be served by the next thread.
func TestHandOverServesTheHarvestedBatch(t *testing.T) {
	r := start(t, Options{Threads: 1, HandOver: 4 * time.Millisecond})
	entered, release := r.stuck()
	gate := r.dial()
	var others []*client
	for range 20 {
		others = append(others, r.dial())
	}
	for _, c := range others {
		c.expect("echo x", "x")
	}
	r.engine.on("gate", func(s *lineSession, w *Worker, arg string) {
		for i, c := range others { // while the loop stands here, all of these become ready
			if i == 3 {
				c.send("stick late\n")
			} else {
				c.send(fmt.Sprintf("echo %d\n", i))
			}
		}
		w.Out = append(w.Out, "open\n"...)
	})
	gate.expect("gate", "open")
	<-entered
	for i, c := range others {
		if i != 3 {
			if got := c.line(); got != fmt.Sprint(i) {
				t.Fatalf("client %d got %q", i, got)
			}
		}
	}
	if n := r.srv.Stats().HandOvers; n != 1 {
		t.Errorf("%d hand-overs", n)
	}
	others[3].send("echo behind\n")
	close(release)
	if a, b := others[3].line(), others[3].line(); a != "late" || b != "behind" {
		t.Errorf("the late client got %q, %q", a, b)
	}
}

// Posts, kills and a hang-up while the command is late.
func TestHandOverMeanwhile(t *testing.T) {
	r := start(t, Options{Threads: 1, HandOver: 4 * time.Millisecond})
	entered, release := r.stuck()
	posted, killed, gone, closing := r.dial(), r.dial(), r.dial(), r.dial()
	for _, c := range []*client{posted, killed, gone, closing} {
		c.send("stick late\nbye\n")
		<-entered
	}
	r.eventually("four hand-overs", func() bool { return r.srv.Stats().HandOvers == 4 })
	r.srv.Conn(1).Post(func(w *Worker) { w.Out = append(w.Out, "posted\n"...) })
	r.srv.Conn(2).Kill("test")
	killed.expectEnd() // at once, though the command runs
	gone.Close()
	close(release)
	if got := string(posted.expectEnd()); got != "late\nbye\n" { // nothing behind the last reply
		t.Errorf("%q", got)
	}
	if got := string(closing.expectEnd()); got != "late\nbye\n" {
		t.Errorf("%q", got)
	}
	r.eventually("all gone", func() bool { return r.srv.Count() == 0 })
}

// A late post is handed over like a late command.
func TestHandOverOfAPost(t *testing.T) {
	r := start(t, Options{Threads: 1, HandOver: 4 * time.Millisecond})
	a, b := r.dial(), r.dial()
	a.expect("echo x", "x")
	b.expect("echo x", "x")
	entered, release := make(chan struct{}), make(chan struct{})
	conn := r.srv.Conn(1)
	conn.Post(func(w *Worker) {
		close(entered)
		<-release
		w.Out = append(w.Out, "one\n"...)
	})
	conn.Post(func(w *Worker) { w.Out = append(w.Out, "two\n"...) })
	<-entered
	b.expect("echo fine", "fine")
	close(release)
	if x, y := a.line(), a.line(); x != "one" || y != "two" {
		t.Errorf("%q, %q", x, y)
	}
}

// More late commands than spare threads: the rest waits, and everything goes on afterwards.
func TestHandOverIsBounded(t *testing.T) {
	r := start(t, Options{Threads: 1, HandOver: 2 * time.Millisecond})
	entered, release := r.stuck()
	var clients []*client
	for range maxSpares + 3 {
		c := r.dial()
		c.send("stick late\n")
		clients = append(clients, c)
	}
	for range maxSpares + 1 {
		<-entered
	}
	if n := r.srv.Stats().HandOvers; n != maxSpares {
		t.Errorf("%d hand-overs", n)
	}
	close(release)
	for _, c := range clients {
		if got := c.line(); got != "late" {
			t.Fatal(got)
		}
		c.expect("echo fine", "fine")
	}
}

// Late and quick commands mixed at random keep their order on every connection.
func TestHandOverUnderLoad(t *testing.T) {
	r := start(t, Options{Threads: 2, HandOver: 2 * time.Millisecond})
	r.engine.on("slow", func(s *lineSession, w *Worker, arg string) {
		time.Sleep(5 * time.Millisecond)
		w.Out = append(append(w.Out, arg...), '\n')
	})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			c := r.dial()
			var b strings.Builder
			const n = 600
			for i := range n {
				word := "echo"
				if i%60 == g {
					word = "slow"
				}
				fmt.Fprintf(&b, "%s %d\n", word, i)
			}
			go c.Write([]byte(b.String()))
			for i := range n {
				if got := c.line(); got != fmt.Sprint(i) {
					t.Errorf("client %d: reply %d is %q", g, i, got)
					return
				}
			}
		})
	}
	wg.Wait()
	if r.srv.Stats().HandOvers == 0 {
		t.Error("nothing was handed over")
	}
}

// A client that hangs up while its late command runs, which then suspends it, is noticed all the same.
func TestHangUpDuringALateTurn(t *testing.T) {
	r := start(t, Options{Threads: 1, HandOver: 4 * time.Millisecond})
	entered, release := make(chan struct{}), make(chan struct{})
	r.engine.on("stickwait", func(s *lineSession, _ *Worker, _ string) {
		close(entered)
		<-release
		s.suspend()
	})
	other, c := r.dial(), r.dial()
	c.send("stickwait\n")
	<-entered
	other.expect("echo x", "x") // the loop has another thread
	c.Close()
	for range 3 {
		other.expect("echo x", "x") // and has seen the end
	}
	close(release)
	r.eventually("the client is gone", func() bool { return r.srv.Count() == 1 })
}

// TestR11UnreadFirstCommandIsNoSilence: who has sent its first command in time is not cut off because all threads are late.
func TestR11UnreadFirstCommandIsNoSilence(t *testing.T) {
	const deadline = 200 * time.Millisecond
	r := start(t, Options{Threads: 1, HandOver: 2 * time.Millisecond, FirstDeadline: deadline})
	entered, release := r.stuck()
	var late, others []*client
	for range maxSpares + 1 {
		c := r.dial()
		c.expect("echo x", "x")
		c.send("settle\n")
		late = append(late, c)
	}
	for i, c := range late {
		c.send(fmt.Sprintf("stick %d\n", i))
		<-entered
	}
	for range 5 {
		c := r.dial()
		c.send("echo in time\n")
		others = append(others, c)
	}
	<-time.After(2 * deadline)
	close(release)
	for _, c := range others {
		if got := c.line(); got != "in time" {
			t.Errorf("got %q", got)
		}
	}
}

// TestAWakeIsPublishedBeforeTheMonitorIsRung: between the two the monitor may fall asleep, and the next turn may last.
func TestAWakeIsPublishedBeforeTheMonitorIsRung(t *testing.T) {
	l := &loop{}
	for want := int64(1); want < 4; want++ {
		l.harvest(0, 0)
		if got := l.wakesSum.Load(); got != want {
			t.Fatalf("after %d wakes the monitor sees %d", want, got)
		}
	}
}
