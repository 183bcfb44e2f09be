// Starting, stopping, signals, reloading, refusals and daemons.

package lifecycle

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// write makes a file in a fresh folder.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// link makes the binary answer to another name.
func link(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(harness.Bin(t), path); err != nil {
		t.Fatal(err)
	}
	return path
}

// run runs the binary to its end and gives its exit status and output.
func run(t *testing.T, bin string, args ...string) (int, string) {
	t.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Env = harness.CleanEnv()
	cmd.Dir = t.TempDir()
	timer := time.AfterFunc(15*time.Second, func() { cmd.Process.Kill() })
	defer timer.Stop()
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

func port(t *testing.T) (int, string) {
	p := harness.FreePort(t)
	return p, strconv.Itoa(p)
}

func TestStopOnSignal(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		for _, start := range []func(testing.TB, ...string) *harness.Server{harness.Redis, harness.Memcached} {
			s := start(t)
			c := s.Dial(t)
			s.Signal(t, sig)
			if code := s.Wait(t, 10*time.Second); code != 0 {
				t.Errorf("%s: exit status %d after %v\n%s", s.Kind, code, sig, s.Output())
			}
			c.UntilClosed(5 * time.Second)
		}
	}
}

// TestSigintEndsAStopAtOnce interrupts a stop that waits for a running command.
func TestSigintEndsAStopAtOnce(t *testing.T) {
	s := harness.Redis(t, "--enable-debug-command=yes")
	c := s.Dial(t)
	c.Send(harness.Command("DEBUG", "SLEEP", "20"))
	time.Sleep(100 * time.Millisecond)
	s.Signal(t, syscall.SIGTERM)
	time.Sleep(300 * time.Millisecond)
	s.Signal(t, syscall.SIGINT)
	s.Wait(t, 3*time.Second)
}

func TestShutdownCommand(t *testing.T) {
	s := harness.Redis(t)
	c := s.Dial(t)
	c.Send(harness.Command("SHUTDOWN", "NOSAVE"))
	if got := c.UntilClosed(10 * time.Second); got != "" {
		t.Errorf("SHUTDOWN was answered: %q", got)
	}
	if code := s.Wait(t, 10*time.Second); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	for _, engine := range []string{"redis", "memcached"} {
		code, out := run(t, harness.Bin(t), "--engine="+engine, "--port="+taken)
		if code != 1 || !strings.Contains(out, taken) || !strings.Contains(out, "in use") {
			t.Errorf("%s on a taken port: status %d\n%s", engine, code, out)
		}
		if strings.Contains(out, "goroutine ") {
			t.Errorf("%s shows a stack:\n%s", engine, out)
		}
	}
}

func TestBadConfiguration(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"unknown key":       {"a.yaml", "engine: redis\nport: 1234\nnosuchkey: 5\n", "nosuchkey"},
		"bad value":         {"a.yaml", "engine: redis\nmaxclients: many\n", "maxclients"},
		"bad value, TOML":   {"a.toml", "engine = \"redis\"\nmaxclients = \"many\"\n", "maxclients"},
		"no YAML":           {"a.yaml", "engine: [redis\n", "a.yaml"},
		"port out of range": {"a.yaml", "engine: redis\nport: 70000\n", "port"},
	} {
		path := write(t, c.file, c.text)
		for _, args := range [][]string{{"--config", path}, {"config", "check", path}} {
			code, out := run(t, harness.Bin(t), args...)
			if code != 1 || !strings.Contains(out, c.want) || !strings.Contains(out, filepath.Base(path)) {
				t.Errorf("%s, %v: status %d, want 1 and %q named\n%s", name, args, code, c.want, out)
			}
			if n := strings.Count(strings.TrimSpace(out), "\n"); n > 0 {
				t.Errorf("%s, %v: %d lines where one would do\n%s", name, args, n+1, out)
			}
		}
	}
	good := write(t, "good.yaml", "engine: redis\nport: 7000\nmaxmemory: 100mb\n")
	if code, out := run(t, harness.Bin(t), "config", "check", good); code != 0 {
		t.Errorf("a good file: status %d\n%s", code, out)
	}
	if code, out := run(t, harness.Bin(t), "--engine=redis", "--nosuchflag=1"); code != 1 || !strings.Contains(out, "nosuchflag") {
		t.Errorf("unknown flag: status %d\n%s", code, out)
	}
	if code, out := run(t, harness.Bin(t), "--engine=foo"); code != 1 || !strings.Contains(out, "foo") {
		t.Errorf("unknown engine: status %d\n%s", code, out)
	}
}

func TestConfigurationPrecedence(t *testing.T) {
	p, ps := port(t)
	path := write(t, "c.yaml", "engine: redis\nport: "+ps+"\nmaxclients: 111\nslowlog-max-len: 7\n")
	s := harness.Start(t, "redis", "/usr/bin/env", p, "CACHESRV_MAXCLIENTS=222", "CACHESRV_SLOWLOG_MAX_LEN=8", harness.Bin(t), "--config", path, "--maxclients=333")
	s.AwaitReady(t)
	c := s.Dial(t)
	for name, want := range map[string]string{"maxclients": "333", "slowlog-max-len": "8"} {
		if got, _ := c.Do("CONFIG", "GET", name).Get(name); got.Str != want {
			t.Errorf("%s is %s, want %s: flags come before the environment, it before the file", name, got.Str, want)
		}
	}
}

func TestReloadOnSIGHUP(t *testing.T) {
	p, ps := port(t)
	path := write(t, "c.yaml", "engine: redis\nport: "+ps+"\nslowlog-max-len: 7\n")
	s := harness.Start(t, "redis", harness.Bin(t), p, "--config", path)
	s.AwaitReady(t)
	c := s.Dial(t)
	get := func() string {
		v, _ := c.Do("CONFIG", "GET", "slowlog-max-len").Get("slowlog-max-len")
		return v.Str
	}
	if get() != "7" {
		t.Fatalf("slowlog-max-len is %s at start", get())
	}
	os.WriteFile(path, []byte("engine: redis\nport: "+ps+"\nslowlog-max-len: 9\n"), 0o644)
	s.Signal(t, syscall.SIGHUP)
	harness.Eventually(t, 5*time.Second, "the new value", func() (bool, string) { return get() == "9", get() })
	os.WriteFile(path, []byte("engine: redis\nport: "+ps+"\nslowlog-max-len: many\n"), 0o644)
	s.Signal(t, syscall.SIGHUP)
	s.AwaitOutput(t, "slowlog-max-len", 5*time.Second)
	c.Ask("PING\r\n", "+PONG\r\n")
	if get() != "9" {
		t.Errorf("a bad file changed the setting to %s", get())
	}
}

func TestVersionAndHelp(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"--help"}, {"help"}, {"completion", "bash"}, {"bench", "--help"}, {"config", "show"}} {
		if code, out := run(t, harness.Bin(t), args...); code != 0 || len(out) < 5 {
			t.Errorf("%v: status %d\n%s", args, code, out)
		}
	}
}

func TestDaemonize(t *testing.T) {
	p, ps := port(t)
	dir := t.TempDir()
	pidfile, logfile := filepath.Join(dir, "pid"), filepath.Join(dir, "log")
	code, out := run(t, harness.Bin(t), "--engine=redis", "--port="+ps, "--daemonize=yes", "--pidfile="+pidfile, "--logfile="+logfile)
	if code != 0 {
		t.Fatalf("status %d\n%s", code, out)
	}
	b, err := os.ReadFile(pidfile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Kill(pid, syscall.SIGKILL)
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", p)) // the parent ended: it must listen already
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	syscall.Kill(pid, syscall.SIGTERM)
	harness.Eventually(t, 10*time.Second, "the daemon is gone and its pid file too", func() (bool, string) {
		_, err := os.Stat(pidfile)
		return syscall.Kill(pid, 0) != nil && os.IsNotExist(err), fmt.Sprint(err)
	})
	// A daemon that cannot start says so through its parent.
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	defer l.Close()
	taken := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	if code, out := run(t, harness.Bin(t), "--engine=redis", "--port="+taken, "--daemonize=yes"); code != 1 {
		t.Errorf("daemon on a taken port: status %d\n%s", code, out)
	}
}
