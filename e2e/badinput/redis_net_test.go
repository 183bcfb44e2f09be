// Rows R11, R12, R32 and R33: slow and many clients, limits of connections, protected mode, unix sockets.

package badinput

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestR11Slowloris(t *testing.T) {
	w := watchRedis(t)
	conns := dialMany(t, w.s, 3000)
	req := harness.Command("SET", "slow", "value")
	for round := range 3 {
		for _, c := range conns {
			c.SendAny(req[round : round+1])
		}
		for range 50 {
			w.inStep()
		}
	}
	if perConn := (w.s.RSS(t) - w.base) / 3000; perConn > 20<<10 {
		t.Errorf("a connection with three bytes in it costs %d bytes", perConn)
	}
	for _, c := range conns {
		c.Close()
	}
	w.unharmed()
}

func TestR11FirstCommandDeadline(t *testing.T) {
	if !onlyOurs(t) {
		return
	}
	w := watchRedis(t, "--first-command-timeout=1")
	silent, half := w.s.Dial(t), w.s.Dial(t)
	half.Send("*1\r\n$4\r\nPI")
	spoke := w.s.Dial(t)
	spoke.Ask("PING\r\n", "+PONG\r\n")
	silent.UntilClosed(8 * time.Second)
	half.UntilClosed(8 * time.Second)
	spoke.Ask("PING\r\n", "+PONG\r\n")
	w.unharmed()
}

func TestR11IdleTimeout(t *testing.T) {
	w := watchRedis(t)
	w.by.Ask(harness.Command("CONFIG", "SET", "timeout", "1"), "+OK\r\n")
	idle := w.s.Dial(t)
	idle.Ask("PING\r\n", "+PONG\r\n")
	done := make(chan struct{})
	go func() {
		defer close(done)
		idle.Drain(8 * time.Second)
	}()
	deadline := time.After(8 * time.Second)
	for {
		w.inStep() // stays: it is not idle
		select {
		case <-done:
			w.unharmed()
			return
		case <-deadline:
			t.Fatal("an idle client was not closed by timeout 1")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func TestR11AcceptStorm(t *testing.T) {
	w := watchRedis(t)
	linger := func(c *harness.Conn) { c.Conn.(*net.TCPConn).SetLinger(0) }
	for i := range 4000 {
		c, err := w.s.TryDial()
		if err != nil {
			t.Fatal(err)
		}
		switch i % 4 {
		case 0:
			c.Write([]byte("PING\r\n"))
		case 1:
			linger(c) // goes with a reset
		case 2:
			c.Write([]byte("*1\r\n$4\r\n"))
			linger(c)
		}
		c.Close()
		if i%100 == 0 {
			w.inStep()
		}
	}
	w.unharmed()
}

// TestR11OutOfFiles starts the server with few file descriptors: accept fails for a while and must recover, without
// a busy loop.
func TestR11OutOfFiles(t *testing.T) {
	if !onlyOurs(t) {
		return
	}
	bin, port := harness.Bin(t), harness.FreePort(t)
	s := harness.Start(t, "redis", "/bin/sh", port, "-c", `ulimit -n 64; exec "$0" "$@"`, bin, "--engine=redis", fmt.Sprintf("--port=%d", port))
	s.AwaitReady(t)
	var open []*harness.Conn
	for range 150 {
		if c, err := s.TryDial(); err == nil {
			open = append(open, c)
		}
	}
	time.Sleep(300 * time.Millisecond)
	before := s.CPU(t)
	time.Sleep(time.Second)
	if spent := s.CPU(t) - before; spent > 500*time.Millisecond {
		t.Errorf("%v of CPU in one second without a free descriptor: the accept loop spins", spent)
	}
	for _, c := range open {
		c.Close()
	}
	harness.Eventually(t, 10*time.Second, "new clients are served again", func() (bool, string) {
		c, err := s.TryDial()
		if err != nil {
			return false, err.Error()
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(time.Second))
		c.Write([]byte("PING\r\n"))
		l, err := c.R.ReadString('\n')
		return l == "+PONG\r\n", fmt.Sprint(l, err)
	})
}

func TestR12MaxClients(t *testing.T) {
	w := watchRedis(t, "--maxclients=5")
	conns := dialMany(t, w.s, 4)
	for _, c := range conns {
		c.Ask("PING\r\n", "+PONG\r\n")
	}
	for range 3 {
		over := w.s.Dial(t)
		if got := over.UntilClosed(5 * time.Second); got != "-ERR max number of clients reached\r\n" {
			t.Errorf("one client too many got %q", got)
		}
	}
	w.inStep()
	conns[0].Close()
	harness.Eventually(t, 5*time.Second, "the free place is given", func() (bool, string) {
		c, err := w.s.TryDial()
		if err != nil {
			return false, err.Error()
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(time.Second))
		c.Write([]byte("PING\r\n"))
		l, _ := c.R.ReadString('\n')
		return l == "+PONG\r\n", l
	})
	rejected := w.by.Do("INFO", "stats").Str
	if !strings.Contains(rejected, "rejected_connections:3") && !strings.Contains(rejected, "rejected_connections:4") {
		t.Errorf("rejected connections are not counted:\n%s", rejected)
	}
	w.unharmed()
}

func TestR12MaxClientsMemcached(t *testing.T) {
	if !onlyOurs(t) {
		return
	}
	w := watchMemcached(t, "--maxclients=4")
	conns := dialMany(t, w.s, 3)
	for _, c := range conns {
		c.Ask("verbosity 0\r\n", "OK\r\n")
	}
	over := w.s.Dial(t)
	got, closed := over.Drain(2 * time.Second)
	if got != "" && !strings.HasPrefix(got, "ERROR Too many open connections") {
		t.Errorf("one client too many got %q", got)
	}
	if !closed && got != "" {
		t.Error("refused, but not closed")
	}
	w.inStep()
	w.s.Signal(t, 0)
}

// outsideAddress is an address of this machine that is not loopback: a connection to it comes from it.
func outsideAddress() string {
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if ip, ok := a.(*net.IPNet); ok && !ip.IP.IsLoopback() && ip.IP.To4() != nil {
			return ip.IP.String()
		}
	}
	return ""
}

func TestR32ProtectedMode(t *testing.T) {
	ip := outsideAddress()
	if ip == "" {
		harness.Missing(t, "an address besides loopback")
	}
	w := watchRedis(t, "--bind=0.0.0.0")
	outside := *w.s
	outside.Addr = net.JoinHostPort(ip, fmt.Sprint(w.s.Port))
	for _, send := range []string{"", "PING\r\n", harness.Command("GET", "bystander")} {
		c := outside.Dial(t)
		c.SendAny(send)
		got := c.UntilClosed(5 * time.Second)
		if !strings.HasPrefix(got, "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user.") || strings.Count(got, "\r\n") != 1 {
			t.Errorf("sent %q from outside, got %q", send, got)
		}
	}
	w.by.Ask(harness.Command("CONFIG", "SET", "requirepass", "secret"), "+OK\r\n")
	c := outside.Dial(t)
	c.Ask("PING\r\n", "-NOAUTH Authentication required.\r\n")
	w.by.Ask(harness.Command("CONFIG", "SET", "requirepass", "", "protected-mode", "no"), "+OK\r\n")
	c2 := outside.Dial(t)
	c2.Ask("PING\r\n", "+PONG\r\n")
	w.unharmed()
}

// startOnSocket starts our binary on a unix socket only; ready says whether to wait for it.
func startOnSocket(t *testing.T, path string, args ...string) *harness.Server {
	t.Helper()
	all := append([]string{"--engine=redis", fmt.Sprintf("--port=%d", harness.FreePort(t)), "--unixsocket=" + path}, args...)
	s := harness.Start(t, "redis", harness.Bin(t), 0, all...)
	s.Net, s.Addr = "unix", path
	return s
}

func TestR33UnixSocket(t *testing.T) {
	if !onlyOurs(t) {
		return
	}
	dir, err := os.MkdirTemp("", "r33") // t.TempDir() is too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "s")
	s := startOnSocket(t, path, "--unixsocketperm=700")
	wide := false
	for range 2000 { // looks at the file while the server makes it: it must never be open to others
		if st, err := os.Lstat(path); err == nil {
			wide = wide || st.Mode().Perm()&0o077 != 0
			break
		}
		time.Sleep(time.Millisecond)
	}
	if wide {
		t.Error("the socket was open to others when it was made")
	}
	s.AwaitReady(t)
	st, err := os.Lstat(path)
	if err != nil || st.Mode().Type() != os.ModeSocket || st.Mode().Perm() != 0o700 {
		t.Fatalf("socket is %v (%v), want mode 0700", st, err)
	}
	s.Dial(t).Ask("PING\r\n", "+PONG\r\n")

	second := startOnSocket(t, path)
	if code := second.Wait(t, 10*time.Second); code != 1 {
		t.Errorf("a second server on a socket in use ended with %d", code)
	}
	s.Alive(t)

	s.Signal(t, syscall.SIGKILL)
	s.Wait(t, 5*time.Second)
	if _, err := os.Lstat(path); err != nil {
		t.Fatal("the killed server left no socket behind: the test needs another way to get a stale one")
	}
	third := startOnSocket(t, path)
	third.AwaitReady(t)
	third.Signal(t, syscall.SIGTERM)
	third.Wait(t, 10*time.Second)
	if _, err := os.Lstat(path); err == nil {
		t.Error("the socket is still there after a clean stop")
	}
}

func TestR33UnixSocketRefusals(t *testing.T) {
	if !onlyOurs(t) {
		return
	}
	dir, err := os.MkdirTemp("", "r33")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"a plain file":    file,
		"no such folder":  filepath.Join(dir, "nosuch", "s"),
		"a path too long": filepath.Join(dir, strings.Repeat("x", 108)),
	} {
		s := startOnSocket(t, path)
		if code := s.Wait(t, 10*time.Second); code != 1 {
			t.Errorf("%s: exit status %d\n%s", name, code, s.Output())
		}
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "precious" {
		t.Error("a plain file in the socket's place was removed")
	}
}
