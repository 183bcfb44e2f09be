package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs/crypt"
)

// cachesrv runs a sub-command and gives what it printed.
func cachesrv(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := rootCommand()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.Execute()
	return out.String(), err
}

// TestADirectoryIsEncryptedRotatedAndDecrypted goes the whole way of the keys commands.
func TestADirectoryIsEncryptedRotatedAndDecrypted(t *testing.T) {
	dir, keys := t.TempDir(), t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	files := map[string]string{
		put("dump.rdb", "REDIS0010 secret"): "REDIS0010 secret", put("appendonlydir/a.aof.1.incr.aof", "SET secret"): "SET secret",
		put("appendonlydir/a.aof.manifest", "file secret"): "file secret",
	}
	log := put("server.log", "not data: secret")
	readable := func() (n int) {
		for name := range files {
			if b, _ := os.ReadFile(name); bytes.Contains(b, []byte("secret")) {
				n++
			}
		}
		return n
	}
	must := func(args ...string) string {
		t.Helper()
		out, err := cachesrv(t, args...)
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return out
	}
	one, two := filepath.Join(keys, "one"), filepath.Join(keys, "two")
	must("keys", "create", one)
	must("keys", "create", two)
	if _, err := cachesrv(t, "keys", "create", one); err == nil {
		t.Error("a key was overwritten")
	}
	if out := must("keys", "encrypt", "--dir", dir, "--key-file", one); strings.Count(out, "\n") != 3 || readable() != 0 {
		t.Errorf("encrypt said %q, %d files are readable", out, readable())
	}
	if out := must("keys", "encrypt", "--dir", dir, "--key-file", one); out != "" {
		t.Errorf("encrypt did something again: %q", out)
	}
	if b, _ := os.ReadFile(log); !bytes.Contains(b, []byte("secret")) {
		t.Error("a file that is no data was encrypted")
	}
	if _, err := cachesrv(t, "keys", "rotate", "--dir", dir, "--key-file", two, "--new-key-file", one); err == nil || !strings.Contains(err.Error(), crypt.RingName) {
		t.Errorf("rotating with the wrong key: %v", err)
	}
	must("keys", "rotate", "--dir", dir, "--key-file", one, "--new-key-file", two, "--fresh")
	if _, err := cachesrv(t, "keys", "decrypt", "--dir", dir, "--key-file", one); err == nil {
		t.Error("the old key still opens")
	}
	must("keys", "decrypt", "--dir", dir, "--key-file", two)
	for name, want := range files {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, args := range [][]string{{}, {"--key-file", one, "--key-command", "x"}, {"--key-file", filepath.Join(keys, "missing")}, {"--key-file", log}} {
		if _, err := cachesrv(t, append([]string{"keys", "encrypt", "--dir", dir}, args...)...); err == nil {
			t.Errorf("encrypt %v is taken", args)
		}
	}
}
