// Accepting: in the middle of a long round, and when files run out (R11).

package engine

import (
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// With no descriptor left the server tells waiting clients so, does not spin, serves those it has, and accepts again later.
func TestR11NoFilesLeft(t *testing.T) {
	r := start(t, Options{})
	steady := r.dial()
	steady.expect("echo x", "x")
	// Clients' sockets first: they need descriptors of this process as well.
	var clients []int
	for range 10 {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		clients = append(clients, fd)
	}
	var old unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_NOFILE, &old)
	low := old
	low.Cur = uint64(openFiles() + 8)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	restore := func() { unix.Setrlimit(unix.RLIMIT_NOFILE, &old) }
	defer restore()
	var plugs []*os.File
	for {
		f, err := os.Open("/dev/null")
		if err != nil {
			break
		}
		plugs = append(plugs, f)
	}
	unplug := func() {
		for _, f := range plugs {
			f.Close()
		}
		plugs = nil
	}
	defer unplug()
	addr := r.srv.Addrs()[0].(*net.TCPAddr).AddrPort()
	for _, fd := range clients {
		if err := unix.Connect(fd, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}); err != nil {
			t.Fatal(err)
		}
	}
	for _, fd := range clients {
		var text [64]byte
		n, err := unix.Read(fd, text[:])
		if err != nil || string(text[:n]) != "full\n" {
			t.Fatalf("%q, %v", text[:max(n, 0)], err)
		}
	}
	wakes := r.srv.Stats().Wakes
	steady.expect("echo fine", "fine")
	if more := r.srv.Stats().Wakes - wakes; more > 50 {
		t.Errorf("the loop woke %d times", more)
	}
	unplug()
	restore()
	r.dial().expect("echo back", "back")
}

// Who connects while the loop serves a long round of short turns does not wait for its end.
func TestAcceptInALongRound(t *testing.T) {
	r := start(t, Options{Threads: 1})
	gate := r.dial()
	var others []*client
	for range 100 { // so many are harvested at once
		others = append(others, r.dial())
	}
	for _, c := range others {
		c.expect("echo x", "x")
	}
	var seen atomic.Bool
	newcomer := make(chan struct{})
	r.engine.on("gate", func(s *lineSession, w *Worker, arg string) {
		for _, c := range others { // while the loop stands here, all of these become ready
			c.send("look\n")
		}
		go func() {
			defer close(newcomer)
			r.dial().expect("echo in", "in")
		}()
		w.Out = append(w.Out, "open\n"...)
	})
	// The turns of one batch: they end when the newcomer has been counted, or after a time that is too short for a hand-over and, all together, long for a round.
	r.engine.on("look", func(s *lineSession, w *Worker, arg string) {
		for until := time.Now().Add(5 * time.Millisecond); !seen.Load() && time.Now().Before(until); time.Sleep(100 * time.Microsecond) {
			seen.Store(r.srv.Count() > len(others)+1)
		}
		w.Out = append(append(w.Out, map[bool]string{true: "seen", false: "not yet"}[seen.Load()]...), '\n')
	})
	gate.expect("gate", "open")
	last := ""
	for _, c := range others {
		if got := c.line(); got == "seen" {
			last = got
		}
	}
	if last != "seen" {
		t.Error("nobody was accepted before the end of the round")
	}
	<-newcomer
}
