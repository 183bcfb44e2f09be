// Tests of auth.go.

package memcached

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
)

// userFile writes a file of users.
func userFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func textRig(t testing.TB, users string) (*rig, string) {
	path := userFile(t, users)
	return newRig(t, "CACHESRV_AUTH_FILE="+path), path
}

func saslRig(t testing.TB, users string) (*rig, string) {
	path := userFile(t, users)
	return newRig(t, "CACHESRV_ENABLE_SASL=yes", "CACHESRV_SASL_PASSWORD_FILE="+path), path
}

// TestNoServerWithoutUsers: a file that is not there, not readable as one or too long stops the start.
func TestNoServerWithoutUsers(t *testing.T) {
	for name, path := range map[string]string{
		"missing": filepath.Join(t.TempDir(), "none"), "a folder": t.TempDir(), "malformed": userFile(t, "x\n"), "too long": userFile(t, strings.Repeat("a:b\n", 300_000)),
	} {
		for _, settings := range [][]string{{"CACHESRV_AUTH_FILE=" + path}, {"CACHESRV_ENABLE_SASL=yes", "CACHESRV_SASL_PASSWORD_FILE=" + path}} {
			plan := config.Plan{Engine: config.Memcached, Env: settings}
			conf, err := plan.Load()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := New(newRig(t).store, conf, hclog.NewNullLogger()); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestReload: the file is read again on request and with the configuration; a bad one changes nothing; who is in stays in.
func TestReload(t *testing.T) {
	r, path := textRig(t, "old:one\n")
	in := r.client()
	if got := in.send(token("old one")); got != "STORED\r\n" {
		t.Fatalf("%q", got)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tries := func(pair, want string) {
		t.Helper()
		if got := r.client().send(token(pair)); got != want+"\r\n" {
			t.Errorf("%s: %q", pair, got)
		}
	}
	write("new:two\n")
	tries("new two", replyAuthFailure)
	if got := in.send("refresh_auth\r\n"); got != "OK\r\n" {
		t.Errorf("%q", got)
	}
	tries("new two", "STORED")
	tries("old one", replyAuthFailure)
	write("garbage\n")
	if got := in.send("refresh_auth\r\nget k\r\n"); got != "SERVER_ERROR the file of users cannot be read\r\nEND\r\n" {
		t.Errorf("%q", got)
	}
	tries("new two", "STORED")
	write("third:three\n")
	r.e.reloadUsers()
	tries("third three", "STORED")
	if got := newRig(t).client().send("refresh_auth\r\n"); got != "SERVER_ERROR authentication is not enabled\r\n" {
		t.Errorf("%q", got)
	}
}

// A file of users that is not there or not one ends the start, in words that name the setting and its place.
func TestBadFileOfUsers(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(bad, []byte("garbage\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/nonexistent/users", bad} {
		conf, err := (&config.Plan{Engine: config.Memcached, Env: []string{"CACHESRV_AUTH_FILE=" + path}}).Load()
		if err != nil {
			t.Fatal(err)
		}
		_, err = newAuth(conf)
		if err == nil || !strings.HasPrefix(err.Error(), "environment CACHESRV_AUTH_FILE: auth-file: ") || !strings.Contains(err.Error(), path) {
			t.Errorf("%v", err)
		}
	}
}

// TestReloadRace reads the file again while clients log in: each attempt sees the old users or the new, never a mixture.
func TestReloadRace(t *testing.T) {
	r, path := textRig(t, "a:1\nb:1\n")
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				if !r.e.auth.check([]byte("a"), []byte("1")) || r.e.auth.check([]byte("a"), []byte("2")) {
					t.Error("the user who is in every version of the file")
					return
				}
			}
		}()
	}
	for i := range 200 {
		text := "a:1\nb:1\n"
		if i%2 == 0 {
			text = "c:3\na:1\n"
		}
		next := path + ".new"
		if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, path); err != nil {
			t.Fatal(err)
		}
		if err := r.e.auth.reload(); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	wg.Wait()
}

// TestUsersKeepNoPassword: what is kept differs from process to process, and between name and password of the same text.
func TestUsersKeepNoPassword(t *testing.T) {
	a, _ := parseAuthFile([]byte("same:same\n"))
	b, _ := parseAuthFile([]byte("same:same\n"))
	if a.list[0] == b.list[0] {
		t.Error("the hashes have no salt")
	}
	if !a.check([]byte("same"), []byte("same")) || a.check([]byte("same"), nil) || a.check(nil, nil) {
		t.Error("check")
	}
}

func TestProtocolsOfAuth(t *testing.T) {
	text, path := textRig(t, "a:b\n")
	c := text.client()
	c.send(token("a b"))
	if s := c.stats("settings"); s["binding_protocol"] != "ascii" || s["auth_enabled_ascii"] != path || s["auth_enabled_sasl"] != "no" {
		t.Errorf("%v", s)
	}
	sasl, _ := saslRig(t, "a:b\n")
	c = sasl.client()
	c.ask(plainFrame("a", "b"))
	if s := c.figures("settings"); s["binding_protocol"] != "binary" || s["auth_enabled_ascii"] != "no" || s["auth_enabled_sasl"] != "yes" {
		t.Errorf("%v", s)
	}
}
