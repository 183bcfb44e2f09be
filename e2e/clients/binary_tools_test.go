// libmemcached's tools over the binary protocol, with and without SASL.

package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestMemccapableBinary(t *testing.T) {
	s := harness.Memcached(t)
	out, err := tool(t, "", "memccapable", "-b", "-h", "127.0.0.1", "-p", fmt.Sprint(s.Port))
	if err != nil || !strings.Contains(out, "All tests passed") || strings.Contains(strings.ToLower(out), "[fail]") {
		t.Errorf("memccapable -b: %v\n%s", err, out)
	}
	if n := strings.Count(out, "[pass]"); n < 20 {
		t.Errorf("only %d tests passed\n%s", n, out)
	}
}

func contentFile(t *testing.T) string {
	file := filepath.Join(t.TempDir(), "one.txt")
	if err := os.WriteFile(file, []byte("the content\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestBinaryTools(t *testing.T) {
	s := harness.Memcached(t)
	at, file := []string{"--servers=" + s.Addr, "--binary"}, contentFile(t)
	with := func(more ...string) []string { return append(append([]string(nil), at...), more...) }
	wants(t, "", nil, "memcping", at[0])
	wants(t, "", nil, "memccp", with("--set", "--flag=7", file)...)
	wants(t, "", []string{"the content"}, "memccat", with("one.txt")...)
	wants(t, "", nil, "memcexist", with("one.txt")...) // an add, which counts as a set
	wants(t, "", nil, "memctouch", with("--expire=1000", "one.txt")...)
	wants(t, "", []string{"curr_items: 1", "cmd_set: 2"}, "memcstat", with()...)
	wants(t, "", []string{"one.txt"}, "memcdump", at[0])
	wants(t, "", nil, "memcrm", with("one.txt")...)
	if out, err := tool(t, "", "memcexist", with("one.txt")...); err == nil {
		t.Errorf("memcexist finds what memcrm removed: %s", out)
	}
	wants(t, "", nil, "memcslap", with("--concurrency=4", "--execute-number=1000", "--test=set", "--flush")...)
	wants(t, "", nil, "memcslap", with("--concurrency=4", "--execute-number=1000", "--test=get")...)
	wants(t, "", nil, "memcflush", with()...)
	s.Alive(t)
}

func TestToolsWithSASL(t *testing.T) {
	users, port := filepath.Join(t.TempDir(), "users"), harness.FreePort(t)
	if err := os.WriteFile(users, []byte("user:pass\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := harness.Start(t, "memcached", harness.Bin(t), port, "--engine=memcached", fmt.Sprintf("--port=%d", port), "--enable-sasl=yes", "--sasl-password-file="+users)
	s.AwaitOutput(t, "Ready to accept connections", 10*time.Second)
	file := contentFile(t)
	with := func(password string, more ...string) []string {
		return append([]string{"--servers=" + s.Addr, "--binary", "--username=user", "--password=" + password}, more...)
	}
	wants(t, "", nil, "memccp", with("pass", file)...)
	wants(t, "", []string{"the content"}, "memccat", with("pass", "one.txt")...)
	if out, err := tool(t, "", "memccat", with("nope", "one.txt")...); err == nil || strings.Contains(out, "the content") {
		t.Errorf("a wrong password: %v\n%s", err, out)
	}
	if out, err := tool(t, "", "memccat", "--servers="+s.Addr, "--binary", "one.txt"); err == nil || strings.Contains(out, "the content") {
		t.Errorf("no password: %v\n%s", err, out)
	}
}
