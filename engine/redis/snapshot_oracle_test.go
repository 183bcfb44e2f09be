// Snapshots against the real server: each loads what the other writes, and then both have the same data.

package redis

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

// startOriginal starts a redis-server on a socket, in a directory of its own, and gives a connection to it and its snapshot's name.
func startOriginal(t *testing.T) (*wire, string) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server on this machine: snapshots are not compared with its")
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "s")
	cmd := exec.Command(path, "--port", "0", "--unixsocket", socket, "--save", "", "--enable-debug-command", "yes", "--dir", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	lines := bufio.NewReader(out)
	for line := ""; !strings.Contains(line, "ready to accept connections"); {
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatal("the server does not start: ", err)
		}
	}
	go io.Copy(io.Discard, lines)
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	w := &wire{t, conn, bufio.NewReader(conn)}
	if !strings.Contains(w.text("info", "server"), "redis_version:7.0.") {
		t.Skip("the redis-server here is not 7.0")
	}
	return w, filepath.Join(dir, "dump.rdb")
}

// ask sends a request and gives the one line of its reply.
func ask(w *wire, words ...string) string {
	w.t.Helper()
	w.send(words...)
	return w.line()
}

func TestTheOriginalReadsOurSnapshotsAndWeReadIts(t *testing.T) {
	original, name := startOriginal(t)
	for seed, compress := range []string{"yes", "no"} {
		r := newRig(t, core.Options{MaxMemory: 1 << 30, Policy: []string{"noeviction", "allkeys-lru"}[seed]})
		r.setting("rdbcompression", compress)
		r.now.Store(time.Now().UnixMilli())
		manyValues(t, r, uint64(100+seed))
		withoutTimed(r)
		ours := r.snapshot()
		if err := os.WriteFile(name, ours, 0o600); err != nil {
			t.Fatal(err)
		}
		if checker, err := exec.LookPath("redis-check-rdb"); err == nil {
			if out, err := exec.Command(checker, name).CombinedOutput(); err != nil {
				t.Errorf("redis-check-rdb: %v\n%s", err, out)
			}
		}
		if line := ask(original, "debug", "reload", "nosave"); line != "+OK\r\n" {
			t.Fatalf("the original does not load our file: %q", line)
		}
		if got, want := ask(original, "debug", "digest"), r.digest(); got != want {
			t.Errorf("the original has %q of %q", got, want)
		}
		if line := ask(original, "save"); line != "+OK\r\n" {
			t.Fatalf("%q", line)
		}
		theirs, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		to := newRig(t, core.Options{})
		to.now.Store(r.now.Load())
		if err := to.e.loadSnapshot(bytes.NewReader(theirs), int64(len(theirs))); err != nil {
			t.Fatal(err)
		}
		same(t, r, to)
	}
}

// withoutTimed removes the hashes with fields that expire, which the original does not know.
func withoutTimed(r *rig) {
	c := r.client()
	for _, db := range []string{"0", "3"} {
		c.do("select", db)
		for _, key := range []string{"hash0", "hash1", "hash2", "hash3"} {
			c.do("del", key)
			c.do("hset", key, "f", "v")
		}
		for i := range 1000 {
			c.do("hset", "hash3", strings.Repeat("f", i%300), "v")
		}
	}
}
