// Warm restarts: the data stays over a stop in order, and only over that.

package lifecycle

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// tmpfs is a directory whose files are in memory where there is one.
func tmpfs(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "cachesrv-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// stop ends a server by a signal.
func stop(t *testing.T, s *harness.Server, sig syscall.Signal) {
	t.Helper()
	s.Signal(t, sig)
	if code := s.Wait(t, 20*time.Second); code != 0 {
		t.Fatalf("status %d\n%s", code, s.Output())
	}
}

func needsOurs(t *testing.T) {
	if os.Getenv("CACHESRV_SUBJECT") == "oracle" {
		t.Skip("it is about our own files")
	}
}

func TestWarmRestartMemcached(t *testing.T) {
	needsOurs(t)
	file := filepath.Join(tmpfs(t), "memory")
	s := harness.Memcached(t, "--memory-file="+file)
	c := s.Dial(t)
	var in strings.Builder
	const items = 20_000
	for i := range items {
		fmt.Fprintf(&in, "set key:%d %d 0 5 noreply\r\n%05d\r\n", i, i, i)
	}
	in.WriteString("mn\r\n")
	c.Send(in.String())
	c.Expect("MN\r\n")
	for _, sig := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGTERM, syscall.SIGINT} {
		stop(t, s, sig)
		if !strings.Contains(s.Output(), "the data stays in the memory file") {
			t.Errorf("after %v it says\n%s", sig, s.Output())
		}
		s = harness.Memcached(t, "--memory-file="+file)
		if !strings.Contains(s.Output(), "warm restart: the data is there again, 20000 keys") {
			t.Errorf("after %v it says\n%s", sig, s.Output())
		}
		c = s.Dial(t)
		for _, i := range []int{0, 7, 4711, items - 1} {
			c.Ask(fmt.Sprintf("get key:%d\r\n", i), fmt.Sprintf("VALUE key:%d %d 5\r\n%05d\r\nEND\r\n", i, i, i))
		}
		c.Send("stats\r\n")
		if got := strings.Join(c.UntilEnd(), "\n"); !strings.Contains(got, "STAT curr_items 20000") {
			t.Errorf("stats: %s", got)
		}
	}
	if err := syscall.Kill(s.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.Wait(t, 20*time.Second)
	s = harness.Memcached(t, "--memory-file="+file)
	if out := s.Output(); !strings.Contains(out, "no warm restart") || !strings.Contains(out, "the last process did not end cleanly") {
		t.Errorf("after a crash it says\n%s", out)
	}
	c = s.Dial(t)
	c.Ask("get key:7\r\nset a 0 0 1\r\nb\r\n", "END\r\nSTORED\r\n")
	stop(t, s, syscall.SIGTERM)
	s = harness.Memcached(t, "--memory-file="+file, "--item-size-max=2mb")
	if out := s.Output(); !strings.Contains(out, "written under other settings") {
		t.Errorf("with another item size it says\n%s", out)
	}
	s.Dial(t).Ask("get a\r\n", "END\r\n")
}

func TestWarmRestartOfTheOriginalsFlags(t *testing.T) {
	needsOurs(t)
	file := filepath.Join(tmpfs(t), "memory")
	bin := link(t, "memcached")
	user := []string{}
	if os.Getuid() == 0 {
		user = []string{"-u", "root"}
	}
	run := func() *harness.Server {
		p, word := port(t)
		s := harness.Start(t, "memcached", bin, p, append(user, "-p", word, "-l", "127.0.0.1", "-A", "-e", file)...)
		s.AwaitReady(t)
		return s
	}
	s := run()
	s.Dial(t).Ask("set a 0 0 1\r\nb\r\n", "STORED\r\n")
	s.Dial(t).Send("shutdown graceful\r\n")
	s.Wait(t, 20*time.Second)
	s = run()
	s.Dial(t).Ask("get a\r\n", "VALUE a 0 1\r\nb\r\nEND\r\n")
}

func TestWarmRestartRedis(t *testing.T) {
	needsOurs(t)
	file := filepath.Join(tmpfs(t), "memory")
	args := []string{"--memory-file=" + file, "--save=", "--enable-debug-command=yes"}
	s := harness.Redis(t, args...)
	c := s.Dial(t)
	for i := range 2000 {
		n := fmt.Sprint(i)
		for _, words := range [][]string{{"SET", "s:" + n, n}, {"RPUSH", "list", n}, {"HSET", "hash", n, n}, {"ZADD", "zset", n, n}, {"SADD", "set", "m" + n}, {"XADD", "stream", "*", "n", n}} {
			if r := c.Do(words...); r.IsError() {
				t.Fatal(words, r)
			}
		}
	}
	c.Do("SET", "soon", "gone", "PX", "1")
	c.Do("SELECT", "3")
	c.Do("SET", "other", "database")
	c.Do("SELECT", "0")
	harness.Eventually(t, 5*time.Second, "the expiry", func() (bool, string) {
		r := c.Do("EXISTS", "soon")
		return r.Str == "0", r.String()
	})
	digest := c.Do("DEBUG", "DIGEST").Str
	for _, end := range []string{"SIGTERM", "SHUTDOWN", "SHUTDOWN SAVE"} {
		if end == "SIGTERM" {
			stop(t, s, syscall.SIGTERM)
		} else {
			c.SendAny(harness.Command(strings.Fields(end)...))
			s.Wait(t, 20*time.Second)
		}
		s = harness.Redis(t, args...)
		c = s.Dial(t)
		if got := c.Do("DEBUG", "DIGEST").Str; got != digest {
			t.Errorf("after %s the digest is %s, was %s\n%s", end, got, digest, s.Output())
		}
	}
	c.SendAny(harness.Command("SHUTDOWN", "NOSAVE"))
	s.Wait(t, 20*time.Second)
	s = harness.Redis(t, args...)
	if r := s.Dial(t).Do("DBSIZE"); r.Str != "0" {
		t.Errorf("%s keys after SHUTDOWN NOSAVE", r)
	}
}

func TestMemoryFileRefusals(t *testing.T) {
	needsOurs(t)
	letter := write(t, "letter", "dear reader")
	if code, out := run(t, harness.Bin(t), "--engine=memcached", "--memory-file="+letter); code == 0 || !strings.Contains(out, "is not a memory file") {
		t.Errorf("a letter: status %d\n%s", code, out)
	}
	if code, out := run(t, harness.Bin(t), "--memory-file=/nowhere/at/all"); code == 0 || !strings.Contains(out, "cannot be opened") {
		t.Errorf("no directory: status %d\n%s", code, out)
	}
	file := filepath.Join(tmpfs(t), "memory")
	harness.Memcached(t, "--memory-file="+file)
	if code, out := run(t, harness.Bin(t), "--engine=memcached", "--port=0", "--unixsocket="+filepath.Join(t.TempDir(), "s"), "--memory-file="+file); code == 0 || !strings.Contains(out, "another process uses") {
		t.Errorf("twice: status %d\n%s", code, out)
	}
}
