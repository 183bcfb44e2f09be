// R11: accepting when files run out.

package engine

import (
	"net"
	"os"
	"testing"

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
