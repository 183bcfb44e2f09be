// Files that do not grow, that changed while the server was away, that others wrote, and that nobody must be able to read.

package faults

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// TestF6FileLimit lets no file grow beyond 256 KB: writes are refused, reads are not, and with the limit gone it goes on by itself.
func TestF6FileLimit(t *testing.T) {
	limit := harness.Need(t, "prlimit")
	port, dir := harness.FreePort(t), t.TempDir()
	s := harness.Start(t, "redis", limit, port, "--fsize=262144:", harness.Bin(t), "--engine=redis", fmt.Sprint("--port=", port), "--dir="+dir, "--appendonly=yes",
		"--appendfsync=always", "--save=", "--auto-aof-rewrite-percentage=0")
	s.AwaitReady(t)
	c := answers(t, s)
	value := strings.Repeat("x", 10000)
	acked := 0
	for c != nil && acked < 100 {
		c.Send(harness.Command("RPUSH", "l", value))
		r, err := c.TryReply(20 * time.Second)
		if err != nil || r.Kind == '-' {
			c = nil
			break
		}
		acked++
	}
	if c != nil {
		t.Fatal("a file grew beyond its limit")
	}
	c = answers(t, s)
	if r := c.Do("RPUSH", "l", value); !strings.HasPrefix(r.Str, "MISCONF Errors writing to the AOF file: File too large") {
		t.Errorf("a write beyond the limit gives %q", r.Str)
	}
	if r := c.Do("LLEN", "l"); r.Kind != ':' {
		t.Errorf("reading gives %q", r.Raw)
	}
	if out, err := exec.Command(limit, "--pid", strconv.Itoa(s.Pid()), "--fsize=unlimited:").CombinedOutput(); err != nil {
		t.Fatalf("prlimit: %v %s", err, out)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if r := c.Do("RPUSH", "l", "last"); r.Kind == ':' {
			break
		}
		if time.Now().After(end) {
			t.Fatal("it does not go on")
		}
	}
	s.Signal(t, syscall.SIGKILL)
	s.Wait(t, 10*time.Second)
	again := answers(t, harness.Redis(t, "--dir="+dir, "--appendonly=yes"))
	list := again.Do("LRANGE", "l", "0", "-1").Elems
	if n := len(list); n < acked+1 || n > acked+2 || list[n-1].Str != "last" {
		t.Errorf("%d entries after %d that were acknowledged before the limit", len(list), acked)
	}
}

// filled gives a directory with a snapshot, a base and an increment, from a server that ended in order.
func filled(t *testing.T, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	s := harness.Redis(t, append([]string{"--dir=" + dir, "--appendonly=yes", "--appendfsync=always"}, args...)...)
	c := answers(t, s)
	for i := range 50 {
		c.Do("SET", fmt.Sprint("secret-key-", i), fmt.Sprint("secret-value-", i))
		c.Do("RPUSH", "secret-list", fmt.Sprint("secret-entry-", i))
		if i == 25 {
			c.Do("BGREWRITEAOF")
			for end := time.Now().Add(20 * time.Second); !strings.Contains(c.Do("INFO", "persistence").Str, "aof_rewrite_in_progress:0") && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
		}
	}
	c.Do("SAVE")
	s.Signal(t, syscall.SIGTERM)
	if code := s.Wait(t, 20*time.Second); code != 0 {
		t.Fatalf("exit status %d\n%s", code, s.Output())
	}
	return dir
}

// dataFiles are the files that hold data.
func dataFiles(t *testing.T, dir string) (all []string) {
	t.Helper()
	for _, pattern := range []string{"*.rdb", "appendonlydir/*"} {
		list, _ := filepath.Glob(filepath.Join(dir, pattern))
		all = append(all, list...)
	}
	if len(all) < 4 {
		t.Fatalf("only %v", all)
	}
	return all
}

// refused starts a server that must say no, and gives what it said.
func refused(t *testing.T, dir string, args ...string) string {
	t.Helper()
	port := harness.FreePort(t)
	s := harness.Start(t, "redis", harness.Bin(t), port, append([]string{"--engine=redis", fmt.Sprint("--port=", port), "--dir=" + dir}, args...)...)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		if s.Ended() {
			break
		}
		if strings.Contains(s.Output(), "Ready to accept connections") || time.Now().After(end) {
			return ""
		}
	}
	return s.Output()
}

// TestF17BitRot changes one bit in every file with data, at several places: the start is refused and names the file. With the log turned off, that goes
// for the snapshot.
func TestF17BitRot(t *testing.T) {
	dice := rand.New(rand.NewPCG(17, 0))
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("5a", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, sealed := range []bool{false, true} {
		var args []string
		if sealed {
			args = append(args, "--encryption-key-file="+key)
		}
		dir := filled(t, args...)
		for _, name := range dataFiles(t, dir) {
			whole, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			last := len(whole)
			if strings.HasSuffix(name, ".manifest") && !sealed {
				last -= 20 // its last line is the checksum
			}
			if strings.HasSuffix(name, ".incr.aof") {
				last -= 60 // the last line only says that the end was orderly
				if sealed {
					last -= 100
				}
			}
			mode := append([]string{"--appendonly=yes"}, args...)
			if strings.HasSuffix(name, "dump.rdb") {
				mode[0] = "--appendonly=no"
			}
			for range 3 {
				at := dice.IntN(last)
				b := slices.Clone(whole)
				b[at] ^= 1 << dice.IntN(8)
				if err := os.WriteFile(name, b, 0o644); err != nil {
					t.Fatal(err)
				}
				if out := refused(t, dir, mode...); !strings.Contains(out, filepath.Base(name)) {
					t.Errorf("%s, sealed %v, a bit at %d of %d: %q", filepath.Base(name), sealed, at, len(whole), out)
				}
			}
			if err := os.WriteFile(name, whole, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		c := answers(t, harness.Redis(t, append([]string{"--dir=" + dir, "--appendonly=yes"}, args...)...))
		if n := c.Do("DBSIZE").Str; n != "51" {
			t.Errorf("the files as they were give %s keys", n)
		}
	}
}

// TestEncryptedFilesTellNothing looks for names and values in every file, and tries to start without the key and with another.
func TestEncryptedFilesTellNothing(t *testing.T) {
	keys := t.TempDir()
	key, other := filepath.Join(keys, "key"), filepath.Join(keys, "other")
	for i, name := range []string{key, other} {
		if err := os.WriteFile(name, []byte(strings.Repeat(fmt.Sprint(i+1, "a"), 32)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dir := filled(t, "--encryption-key-file="+key)
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, word := range []string{"secret", "RPUSH", "REDIS", "incr.aof"} {
			if bytes.Contains(b, []byte(word)) {
				t.Errorf("%s holds %q", path, word)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range [][]string{{"rdb", "dump.rdb"}, {"aof", "appendonlydir/appendonly.aof.manifest"}} {
		args := []string{"check", what[0], filepath.Join(dir, what[1])}
		if out, err := exec.Command(harness.Bin(t), args...).CombinedOutput(); err == nil {
			t.Errorf("%v without the key: %s", args, out)
		}
		if out, err := exec.Command(harness.Bin(t), append(args, "--key-file="+key)...).CombinedOutput(); err != nil || !bytes.Contains(out, []byte(": ok")) {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	if out := refused(t, dir, "--appendonly=yes", "--encryption-key-file="+other); !strings.Contains(out, "cachesrv.keys") {
		t.Errorf("with another key: %q", out)
	}
	for _, mode := range []string{"--appendonly=yes", "--appendonly=no"} {
		if out := refused(t, dir, mode); out == "" {
			t.Errorf("%s, without the key it starts", mode)
		}
	}
}

// TestF18FilesOfTheOriginal goes to redis-server and back.
func TestF18FilesOfTheOriginal(t *testing.T) {
	harness.Need(t, "redis-check-aof")
	dir := filled(t, "--rdb-version=10")
	for _, check := range [][]string{{"redis-check-aof", filepath.Join(dir, "appendonlydir", "appendonly.aof.manifest")}, {"redis-check-rdb", filepath.Join(dir, "dump.rdb")}} {
		if out, err := exec.Command(check[0], check[1:]...).CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", check, err, out)
		}
	}
	original := harness.OracleRedis(t, "--dir", dir, "--appendonly", "yes", "--appendfsync", "always")
	c := answers(t, original)
	if n := c.Do("DBSIZE").Str; n != "51" {
		t.Fatalf("redis-server reads %s keys", n)
	}
	c.Do("SET", "from-redis", "1")
	original.Signal(t, syscall.SIGKILL)
	original.Wait(t, 10*time.Second)
	c = answers(t, harness.Redis(t, "--dir="+dir, "--appendonly=yes"))
	if n, v := c.Do("DBSIZE").Str, c.Do("GET", "from-redis").Str; n != "52" || v != "1" {
		t.Errorf("back here it is %s keys, %q", n, v)
	}
}
