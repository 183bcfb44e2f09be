// The binary under the names redis-server and memcached, with those programs' own arguments.

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

func TestRedisServerByName(t *testing.T) {
	bin := link(t, "redis-server")
	p, ps := port(t)
	inc := write(t, "inc.conf", "maxclients 77\n")
	conf := write(t, "redis.conf", "# a comment\nport "+ps+"\nmaxmemory 10mb\nrequirepass \"se cret\"\nsave 900 1\ninclude "+inc+"\nclient-output-buffer-limit normal 1mb 0 0\n")
	s := harness.Start(t, "redis", bin, p, conf, "--maxmemory-policy", "allkeys-lru", "--save", "")
	s.AwaitReady(t)
	s.AwaitOutput(t, "Server initialized", time.Second)
	s.AwaitOutput(t, "Ready to accept connections", time.Second)
	c := s.Dial(t)
	c.Ask(harness.Command("AUTH", "se cret"), "+OK\r\n")
	for name, want := range map[string]string{"maxmemory": "10485760", "maxclients": "77", "maxmemory-policy": "allkeys-lru", "port": ps} {
		if got, _ := c.Do("CONFIG", "GET", name).Get(name); got.Str != want {
			t.Errorf("%s is %q, want %q", name, got.Str, want)
		}
	}
	s.Signal(t, syscall.SIGTERM)
	if code := s.Wait(t, 10*time.Second); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

func TestRedisServerRefusals(t *testing.T) {
	bin := link(t, "redis-server")
	original := harness.Need(t, "redis-server")
	for name, text := range map[string]string{
		"unknown directive": "port 0\nnosuch 5\n",
		"bad value":         "port abc\n",
		"unbalanced":        "requirepass \"abc\n",
		"missing argument":  "port\n",
	} {
		conf := write(t, "redis.conf", text)
		code, ours := run(t, bin, conf)
		theirCode, theirs := run(t, original, conf)
		if code != theirCode || code != 1 {
			t.Errorf("%s: status %d, theirs %d", name, code, theirCode)
		}
		if !strings.Contains(ours, "*** FATAL CONFIG FILE ERROR") || lineOf(ours) != lineOf(theirs) {
			t.Errorf("%s:\nours:\n%s\ntheirs:\n%s", name, ours, theirs)
		}
	}
	if code, out := run(t, bin, "--version"); code != 0 || !strings.HasPrefix(out, "Redis server v=7.2.0") {
		t.Errorf("--version: status %d, %q", code, out)
	}
}

// lineOf is the line of an error message that names the place in the file.
func lineOf(out string) string {
	for l := range strings.Lines(out) {
		if strings.HasPrefix(l, "Reading the configuration file, at line ") {
			return l
		}
	}
	return ""
}

func TestMemcachedByName(t *testing.T) {
	bin := link(t, "memcached")
	p, ps := port(t)
	s := harness.Start(t, "memcached", bin, p, "-p", ps, "-l", "127.0.0.1", "-U", "0", "-m", "32", "-c", "100", "-t", "2", "-I", "2m", "-u", "root", "-v", "-o", "no_lru_crawler")
	s.AwaitReady(t)
	c := s.Dial(t)
	c.Send("stats settings\r\n")
	settings := strings.Join(c.UntilEnd(), "\n")
	for _, want := range []string{"STAT maxbytes 33554432", "STAT maxconns 100", "STAT item_size_max 2097152", "STAT tcpport " + ps} {
		if !strings.Contains(settings, want) {
			t.Errorf("stats settings lacks %q:\n%s", want, settings)
		}
	}
	big := strings.Repeat("x", 1500000)
	c.Ask(fmt.Sprintf("set big 0 0 %d\r\n%s\r\n", len(big), big), "STORED\r\n")
}

func TestMemcachedOnAUnixSocket(t *testing.T) {
	bin := link(t, "memcached")
	dir, err := os.MkdirTemp("", "mc")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "s")
	s := harness.Start(t, "memcached", bin, 0, "-s", path, "-a", "0750", "-u", "root", "-A")
	s.Net, s.Addr = "unix", path
	s.AwaitReady(t)
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o750 {
		t.Errorf("socket %v, %v, want mode 0750", st, err)
	}
	c := s.Dial(t)
	c.Send("shutdown\r\n")
	s.Wait(t, 10*time.Second)
}

func TestMemcachedRefusals(t *testing.T) {
	bin := link(t, "memcached")
	original := harness.Need(t, "memcached")
	for _, args := range [][]string{
		{"-u", "root", "-o", "nosuchoption"},
		{"-u", "root", "-Q"},
		{"-u", "root", "-I", "1"},
		{"-u", "root", "-c", "-5"},
		{"-u", "root", "-t", "0"},
		{"-u", "nosuchuser"},
		{"-u", "root", "-f", "0.5"},
	} {
		code, ours := run(t, bin, args...)
		theirCode, theirs := run(t, original, args...)
		if code != theirCode {
			t.Errorf("%v: status %d (%q), theirs %d (%q)", args, code, ours, theirCode, theirs)
		}
	}
	if code, out := run(t, bin, "-V"); code != 0 || !strings.HasPrefix(out, "memcached 1.6") {
		t.Errorf("-V: status %d, %q", code, out)
	}
	if code, out := run(t, bin, "-h"); code != 0 || !strings.Contains(out, "-p") {
		t.Errorf("-h: status %d, %q", code, out)
	}
}
