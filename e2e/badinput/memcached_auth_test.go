// Row M9 on the real binary: ways around authentication, and its files.

package badinput

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

const (
	denied     = "CLIENT_ERROR unauthenticated\r\n"
	authFailed = "CLIENT_ERROR authentication failure\r\n"
)

func token(secret string) string { return fmt.Sprintf("set t 0 0 %d\r\n%s\r\n", len(secret), secret) }

func usersFile(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestM9TextAuth(t *testing.T) {
	path := usersFile(t, "user:pass\n")
	s := harness.Memcached(t, "--auth-file="+path)
	playFrames(t, s, []exchange{
		{"strangers", "get k\r\nmg k v\r\nversion\r\nflush_all\r\n\r\n\n", strings.Repeat(denied, 6), false},
		{"binary frames", frame(0x0b, "", "", "", -1) + "\n", denied, false},
		{"2147483646", "set t 0 0 2147483646\r\n", "CLIENT_ERROR auth token too long\r\n", true},
		{"no line", strings.Repeat("a", 5000), "", true},
		{"wrong, then get", token("user nope") + "get k\r\n", authFailed + denied, false},
		{"right", token("user pass") + "get k\r\n", "STORED\r\nEND\r\n", false},
	})
	in := s.Dial(t)
	in.Ask(token("user pass"), "STORED\r\n")
	reloaded := func(text, pair, want string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s.Signal(t, syscall.SIGHUP)
		harness.Eventually(t, 10*time.Second, "the file is read again", func() (bool, string) {
			c := s.Dial(t)
			defer c.Close()
			c.Send(token(pair))
			line := c.Line()
			return line+"\r\n" == want, line
		})
	}
	reloaded("other:word\n", "other word", "STORED\r\n")
	s.Dial(t).Ask(token("user pass"), authFailed)
	in.Ask("get k\r\n", "END\r\n") // who is in stays in
	if err := os.WriteFile(path, []byte("garbage\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in.Ask("refresh_auth\r\n", "SERVER_ERROR the file of users cannot be read\r\n")
	s.Dial(t).Ask(token("other word"), "STORED\r\n")
	s.Alive(t)
	for _, secret := range []string{"pass\n", "nope", "other word", "garbage"} {
		if strings.Contains(s.Output(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

// TestM9SASL does not wait for the usual answer to version: a server with SASL closes a connection that speaks text.
func TestM9SASL(t *testing.T) {
	port := harness.FreePort(t)
	s := harness.Start(t, "memcached", harness.Bin(t), port, "--engine=memcached", fmt.Sprintf("--port=%d", port), "--enable-sasl=yes", "--sasl-password-file="+usersFile(t, "user:pass\n"))
	s.AwaitOutput(t, "Ready to accept connections", 10*time.Second)
	get, noop := frame(0x00, "", "k", "", -1), frame(0x0a, "", "", "", -1)
	login := func(message string) string { return frame(0x21, "", "PLAIN", message, -1) }
	const failure = "Auth failure."
	good, ok := login("\x00user\x00pass"), answer(0x21, 0, "Authenticated")
	playFrames(t, s, []exchange{
		{"a stranger's get", get, answer(0x00, 0x20, failure), true},
		{"a stranger's noop", noop, answer(0x0a, 0x20, failure), true},
		{"text", "get k\r\n", "", true},
		{"text login", token("user pass"), "", true},
		{"CVE-2013-7239: in after a failure", login("\x00user\x00nope") + get, answer(0x21, 0x20, failure) + answer(0x00, 0x20, failure), true},
		{"out after a failure", good + get + login("\x00user\x00nope") + get, ok + answer(0x00, 0x01, "Not found") + answer(0x21, 0x20, failure) + answer(0x00, 0x20, failure), true},
		{"a start in mid-step", frame(0x21, "", "PLAIN", "", -1) + frame(0x21, "", "CRAM", "x", -1) + frame(0x22, "", "PLAIN", "\x00user\x00pass", -1) + get,
			answer(0x21, 0x21, "") + answer(0x21, 0x20, failure) + answer(0x22, 0x20, failure) + answer(0x00, 0x20, failure), true},
		{"a megabyte of message", frame(0x21, "", "PLAIN", "\x00", 1<<20), answer(0x21, 0x03, "Too large."), true},
		{"a good one", frame(0x20, "", "", "", -1) + good + get, answer(0x20, 0, "PLAIN") + ok + answer(0x00, 0x01, "Not found"), false},
	})
}
