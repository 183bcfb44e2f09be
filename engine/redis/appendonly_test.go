// The append-only file of a whole engine: what is in it after a restart, and what clients see while the disk fails.

package redis

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/faults"
	"github.com/cachesrv/cachesrv/engine"
)

// logged is an engine with an append-only file in a directory, over a disk that may fail.
type logged struct {
	*rig
	dir     string
	disk    *faults.FS
	address string
	stop    func()
}

// startLogged starts an engine in a directory and a server for it. Settings override appendonly yes.
func startLogged(t *testing.T, dir string, settings ...string) (*logged, error) {
	t.Helper()
	l := &logged{rig: &rig{t: t, set: config.Defaults(config.Redis)}, dir: dir, disk: faults.New(vfs.OS)}
	for all := append([]string{"appendonly", "yes", "slowlog-log-slower-than", "-1"}, settings...); len(all) > 0; all = all[2:] {
		if err := l.set.Set(all[0], all[1]); err != nil {
			t.Fatal(err)
		}
	}
	l.set.Note("dir", dir)
	store, err := core.Open(core.Options{Shards: 64, NoActiveSweep: true})
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(store, l.set, hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	e.SetFiles(l.disk)
	l.store, l.e = store, e
	over := false
	l.stop = func() {
		if !over {
			over = true
			if s := e.server.Load(); s != nil {
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
				defer cancel()
				s.Shutdown(ctx)
			}
			ended(t, "the engine ends", e.Close)
			store.Close()
		}
	}
	t.Cleanup(l.stop)
	l.address = l.listenOn(engine.Options{Threads: 2})
	loaded := make(chan error, 1)
	e.Load(func(err error) { loaded <- err })
	select {
	case err = <-loaded:
	case <-time.After(20 * time.Second):
		err = errors.New("loading does not end")
	}
	return l, err
}

func mustStart(t *testing.T, dir string, settings ...string) *logged {
	t.Helper()
	l, err := startLogged(t, dir, settings...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// until waits for a condition.
func (l *logged) until(what string, is func() bool) {
	l.t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			l.t.Fatal("in vain: " + what)
		}
	}
}

// says waits until INFO has a line.
func (l *logged) says(line string) {
	l.t.Helper()
	l.until("INFO says "+line, func() bool { return strings.Contains(l.e.info(nil, [][]byte{[]byte("persistence")}), line+"\r\n") })
}

func (l *logged) digest() string { return l.client().do("debug", "digest") }

// again ends the engine and starts another one on what it has left.
func (l *logged) again(settings ...string) *logged {
	l.t.Helper()
	l.stop()
	return mustStart(l.t.(*testing.T), l.dir, settings...)
}

// only is the one file that matches.
func only(t *testing.T, dir, pattern string) string {
	t.Helper()
	list, _ := filepath.Glob(filepath.Join(dir, "appendonlydir", pattern))
	if len(list) != 1 {
		t.Fatalf("%s: %q", pattern, list)
	}
	return list[0]
}

func TestLogHoldsEverything(t *testing.T) {
	for _, preamble := range []string{"yes", "no"} {
		l := mustStart(t, t.TempDir(), "aof-use-rdb-preamble", preamble)
		manyValues(t, l.rig, 1)
		want := l.digest()
		l = l.again("aof-use-rdb-preamble", preamble)
		if got := l.digest(); got != want {
			t.Fatalf("after a restart: %s, want %s", got, want)
		}
		l.client().want("+Background append only file rewriting started\r\n", "bgrewriteaof")
		l.says("aof_rewrite_in_progress:0")
		only(t, l.dir, "*.base.*")
		l.client().want("+OK\r\n", "set", "behind", "the rewrite")
		want = l.digest()
		if l = l.again(); l.digest() != want {
			t.Fatalf("after a rewrite (%s): %s, want %s", preamble, l.digest(), want)
		}
		l.client().want("*1\r\n$6\r\nbehind\r\n", "keys", "behind")
		if got := l.client().do("fcall", "f", "0"); got != ":7\r\n" {
			t.Errorf("the function: %q", got)
		}
	}
}

// TestRewrittenCommandsHaveTheFunctionsOfTheirMoment: a library that is loaded when a rewrite has been asked for, but holds the store later, is recorded
// before the new increment, so it must be in the base.
func TestRewrittenCommandsHaveTheFunctionsOfTheirMoment(t *testing.T) {
	r := newRig(t, core.Options{})
	r.client().want("$1\r\nl\r\n", "function", "load", "#!lua name=l\nredis.register_function('f', function() return 7 end)")
	loaded := r.e.scripts.functions.load()
	r.e.scripts.functions.set.Store(noLibraries)
	var base bytes.Buffer
	if err := r.e.writeCommands(context.Background(), &base, func() { r.e.scripts.functions.set.Store(loaded) }); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(base.String(), "#!lua name=l"); n != 1 {
		t.Errorf("the library is there %d times: %q", n, base.String())
	}
}

// TestLogKeepsTime: what a key was when it had not expired yet decides what its log means, however late it is read.
func TestLogKeepsTime(t *testing.T) {
	l := mustStart(t, t.TempDir())
	c := l.client()
	c.want("+OK\r\n", "set", "k", "1", "px", "30")
	c.want(":2\r\n", "append", "k", "2")
	c.want("+OK\r\n", "set", "stays", "1", "ex", "1000")
	l.until("it has expired", func() bool { return time.Now().UnixMilli() > 0 && c.do("exists", "k") == ":0\r\n" })
	l = l.again()
	l.client().want("*1\r\n$5\r\nstays\r\n", "keys", "*")
}

func TestLogIsTurnedOnAndOff(t *testing.T) {
	l := mustStart(t, t.TempDir(), "appendonly", "no")
	c := dial(t, l.address)
	c.expect("+OK\r\n", "set", "before", "1")
	c.expect("+OK\r\n", "config", "set", "appendonly", "yes")
	l.says("aof_rewrite_in_progress:0")
	l.says("aof_enabled:1")
	c.expect("+OK\r\n", "set", "on", "1")
	c.expect("+OK\r\n", "config", "set", "appendfsync", "always")
	c.expect("+OK\r\n", "set", "always", "1")
	c.expect("*2\r\n:1\r\n:0\r\n", "waitaof", "1", "0", "0")
	c.expect("+OK\r\n", "config", "set", "appendonly", "no")
	l.until("it is off", func() bool { return l.e.aof.log.Load() == nil })
	c.expect("+OK\r\n", "set", "off", "1")
	c.expect("-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n", "waitaof", "1", "0", "0")
	l = l.again()
	for key, want := range map[string]string{"before": ":1\r\n", "on": ":1\r\n", "always": ":1\r\n", "off": ":0\r\n"} {
		l.client().want(want, "exists", key)
	}
	// On again: what is in the old files counts no more.
	c = dial(t, l.address)
	c.expect("+OK\r\n", "config", "set", "appendonly", "no")
	l.until("it is off", func() bool { return l.e.aof.log.Load() == nil })
	c.expect(":1\r\n", "del", "before")
	c.expect("+OK\r\n", "config", "set", "appendonly", "yes")
	l.says("aof_rewrite_in_progress:0")
	l = l.again()
	l.client().want(":0\r\n", "exists", "before")
}

func TestWaitAOF(t *testing.T) {
	l := mustStart(t, t.TempDir(), "appendfsync", "no")
	c := dial(t, l.address)
	c.expect("+OK\r\n", "set", "a", "1")
	c.expect("*2\r\n:0\r\n:0\r\n", "waitaof", "1", "0", "20") // nobody syncs
	io.WriteString(c, request("waitaof", "1", "0", "0"))
	l.until("it waits", func() bool { return l.e.blocked.Load() == 1 })
	dial(t, l.address).expect("+OK\r\n", "config", "set", "appendfsync", "everysec")
	c.expect("*2\r\n:1\r\n:0\r\n")
}

// A client that wrote while the log was on, and waits after it was turned off and on, does not wait until the new log is as long as the old one was.
func TestWaitAOFOfAnEarlierLog(t *testing.T) {
	l := mustStart(t, t.TempDir(), "appendfsync", "everysec")
	c, admin := dial(t, l.address), dial(t, l.address)
	c.expect("+OK\r\n", "set", "a", strings.Repeat("x", 100_000))
	admin.expect("+OK\r\n", "config", "set", "appendonly", "no")
	l.until("it is off", func() bool { return l.e.aof.log.Load() == nil })
	admin.expect("+OK\r\n", "config", "set", "appendonly", "yes")
	l.until("it is on", func() bool { log := l.e.aof.log.Load(); return log != nil && log.Good() })
	c.expect("*2\r\n:1\r\n:0\r\n", "waitaof", "1", "0", "20000")
}

// Who waits for a log that never begins is let go when it is turned off.
func TestWaitAOFWithoutALog(t *testing.T) {
	l := mustStart(t, t.TempDir(), "appendonly", "no", "appendfsync", "no")
	c, admin := dial(t, l.address), dial(t, l.address)
	l.disk.Add(&faults.Rule{Op: faults.Mkdir, Err: syscall.EROFS})
	admin.expect("+OK\r\n", "config", "set", "appendonly", "yes")
	io.WriteString(c, request("waitaof", "1", "0", "0"))
	l.until("it waits", func() bool { return l.e.blocked.Load() == 1 })
	admin.expect("+OK\r\n", "config", "set", "appendonly", "no")
	l.until("it goes on", func() bool { return l.e.blocked.Load() == 0 })
}

func TestF6DiskFull(t *testing.T) {
	for _, policy := range []string{"always", "everysec", "no"} {
		t.Run(policy, func(t *testing.T) {
			l := mustStart(t, t.TempDir(), "appendfsync", policy)
			c := dial(t, l.address)
			c.expect("+OK\r\n", "set", "a", "1")
			full := faults.Full(5)
			l.disk.Add(full)
			io.WriteString(c, request("set", "lost", "1"))
			if b, err := io.ReadAll(c.r); len(b) > 0 {
				t.Errorf("a write that is not kept got %q, %v", b, err)
			}
			whole, err := os.ReadFile(only(t, l.dir, "*.incr.aof"))
			if err != nil {
				t.Fatal(err)
			}
			if file, at := l.e.aof.place(); file != only(t, l.dir, "*.incr.aof") || at != int64(len(whole)) {
				t.Errorf("the log names %s, offset %d; it has %d bytes", file, at, len(whole))
			}
			c = dial(t, l.address)
			const refused = "-MISCONF Errors writing to the AOF file: No space left on device\r\n"
			c.expect(refused, "set", "b", "1")
			c.expect(refused, "ping")
			c.expect("$1\r\n1\r\n", "get", "a")
			c.expect(refused[:len(refused)-2]+"\r\n", "del", "a")
			if got := c.text("info", "persistence"); !strings.Contains(got, "aof_last_write_status:err\r\n") {
				t.Error("INFO does not say that writing fails")
			}
			l.disk.Drop(full)
			l.says("aof_last_write_status:ok")
			c.expect("+OK\r\n", "set", "b", "1")
			l = l.again()
			l.client().want(":2\r\n", "exists", "a", "b")
		})
	}
}

func TestF6ScriptsAndTransactions(t *testing.T) {
	l := mustStart(t, t.TempDir())
	c := dial(t, l.address)
	c.expect("+OK\r\n", "multi")
	c.expect("+QUEUED\r\n", "set", "a", "1")
	l.disk.Add(faults.Full(0))
	other := dial(t, l.address)
	io.WriteString(other, request("set", "lost", "1"))
	l.says("aof_last_write_status:err")
	const text = "MISCONF Errors writing to the AOF file: No space left on device"
	c.expect("-EXECABORT Transaction discarded because of: "+text+"\r\n", "exec")
	if got, _ := c.reply("eval", "return redis.pcall('set',KEYS[1],1)", "1", "k"); !strings.Contains(got, text) {
		t.Errorf("a script: %q", got)
	}
	c.expect("$-1\r\n", "eval", "return redis.call('get',KEYS[1])", "1", "k")
}

// reply sends a request and reads one line.
func (w *wire) reply(words ...string) (string, error) {
	io.WriteString(w, request(words...))
	return w.r.ReadString('\n')
}

// TestF7SyncFails: nothing more is acknowledged on a file of which a part may be lost; it is written anew, and writes go on.
func TestF7SyncFails(t *testing.T) {
	for _, policy := range []string{"always", "everysec"} {
		t.Run(policy, func(t *testing.T) {
			l := mustStart(t, t.TempDir(), "appendfsync", policy)
			c := dial(t, l.address)
			c.expect("+OK\r\n", "set", "a", "1")
			first := filepath.Base(only(t, l.dir, "*.incr.aof"))
			l.disk.Add(faults.BadSync(first))
			io.WriteString(c, request("set", "b", "1"))
			l.until("it was written anew", func() bool {
				list, _ := filepath.Glob(filepath.Join(l.dir, "appendonlydir", "*.incr.aof"))
				return len(list) == 1 && filepath.Base(list[0]) != first && l.e.aof.log.Load().Healthy()
			})
			c = dial(t, l.address)
			c.expect("+OK\r\n", "set", "c", "1")
			steps := l.disk.Steps()
			for i, s := range steps {
				if s.Op == faults.Sync && s.Name == first && s.Err != nil {
					for _, later := range steps[i+1:] {
						if later.Name == first && later.Op&(faults.Sync|faults.Write) != 0 {
							t.Errorf("a %v of the file that lost something", later.Op)
						}
					}
				}
			}
			l = l.again()
			l.client().want(":2\r\n", "exists", "a", "c")
		})
	}
}

func TestRewriteByItself(t *testing.T) {
	l := mustStart(t, t.TempDir(), "auto-aof-rewrite-min-size", "1kb")
	c := dial(t, l.address)
	for range 100 {
		c.expect("+OK\r\n", "set", "same", strings.Repeat("x", 100))
	}
	l.until("the log has been written anew", func() bool {
		return strings.Contains(l.e.info(nil, [][]byte{[]byte("persistence")}), "aof_rewrites:2")
	})
	l = l.again()
	l.client().want(":1\r\n", "exists", "same")
}

// TestRewriteFails: the old files and the new increment are one log, and the next rewrite makes good for it.
func TestRewriteFails(t *testing.T) {
	l := mustStart(t, t.TempDir())
	c := dial(t, l.address)
	c.expect("+OK\r\n", "set", "a", "1")
	full := &faults.Rule{Op: faults.Write, Name: "temp-rewriteaof-*", Err: errors.New("full")}
	l.disk.Add(full)
	c.expect("+Background append only file rewriting started\r\n", "bgrewriteaof")
	l.says("aof_last_bgrewrite_status:err")
	l.says("aof_rewrite_in_progress:0")
	c.expect("+OK\r\n", "set", "b", "1")
	l.disk.Drop(full)
	l = l.again()
	l.client().want(":2\r\n", "exists", "a", "b")
	c = dial(t, l.address)
	c.expect("+Background append only file rewriting started\r\n", "bgrewriteaof")
	l.says("aof_rewrite_in_progress:0")
	only(t, l.dir, "*.incr.aof")
	l = l.again()
	l.client().want(":2\r\n", "exists", "a", "b")
}

// TestHistory: replaced files stay for as long as is asked for, and the log says when what was.
func TestHistory(t *testing.T) {
	l := mustStart(t, t.TempDir(), "aof-history-seconds", "1000")
	c := dial(t, l.address)
	c.expect("+OK\r\n", "set", "a", "1")
	c.expect("+Background append only file rewriting started\r\n", "bgrewriteaof")
	l.says("aof_rewrite_in_progress:0")
	manifest, _ := os.ReadFile(only(t, l.dir, "*.manifest"))
	want := "file appendonly.aof.2.base.rdb seq 2 type b\nfile appendonly.aof.1.base.rdb seq 1 type h\nfile appendonly.aof.1.incr.aof seq 1 type h\nfile appendonly.aof.2.incr.aof seq 2 type i\n"
	if list, _, _ := strings.Cut(string(manifest), "#"); list != want { // its checksum follows
		t.Errorf("the manifest is\n%s", manifest)
	}
	if b, _ := os.ReadFile(filepath.Join(l.dir, "appendonlydir", "appendonly.aof.1.incr.aof")); !strings.Contains(string(b), "#TS:") {
		t.Error("no times in the log")
	}
	l = l.again("aof-history-seconds", "1000")
	if list, _ := filepath.Glob(filepath.Join(l.dir, "appendonlydir", "*.1.*")); len(list) != 2 {
		t.Errorf("after a restart: %q", list)
	}
	dial(t, l.address).expect("+OK\r\n", "config", "set", "aof-history-seconds", "0")
	l.until("the old files are gone", func() bool {
		list, _ := filepath.Glob(filepath.Join(l.dir, "appendonlydir", "*.1.*"))
		return len(list) == 0
	})
}

// TestOldSingleFile: the file of a version before 7 becomes the base of a log, with a snapshot in front or without one.
func TestOldSingleFile(t *testing.T) {
	from := newRig(t, core.Options{})
	from.client().want("+OK\r\n", "set", "snapshot", "1")
	plain := request("SELECT", "0") + request("SET", "plain", "1") + request("EXPIRE", "plain", "1000")
	for name, content := range map[string]string{"plain": plain, "with a snapshot": string(from.snapshot()) + plain} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "appendonly.aof"), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			l := mustStart(t, dir)
			l.client().want(":1\r\n", "exists", "plain")
			l.client().want("+OK\r\n", "set", "more", "1")
			if _, err := os.Stat(filepath.Join(dir, "appendonly.aof")); err == nil {
				t.Error("the old file is still there")
			}
			l = l.again()
			l.client().want(":2\r\n", "exists", "plain", "more")
			if strings.HasPrefix(content, "REDIS") {
				l.client().want(":1\r\n", "exists", "snapshot")
			}
		})
	}
}

// TestSnapshotBecomesALog: who turns the log on in the configuration of a server with a snapshot keeps the data.
func TestSnapshotBecomesALog(t *testing.T) {
	l := mustStart(t, t.TempDir(), "appendonly", "no")
	c := dial(t, l.address)
	c.expect("+OK\r\n", "set", "a", "1")
	c.expect("+OK\r\n", "save")
	l = l.again()
	l.client().want(":1\r\n", "exists", "a")
	if err := os.Remove(filepath.Join(l.dir, "dump.rdb")); err != nil {
		t.Fatal(err)
	}
	l = l.again()
	l.client().want(":1\r\n", "exists", "a")
}

// TestDamagedLogs: what is not a torn end is refused with file and offset, and a log never starts empty because something of it is missing.
func TestDamagedLogs(t *testing.T) {
	make3 := func(t *testing.T) (dir string) {
		l := mustStart(t, t.TempDir())
		for _, k := range []string{"a", "b", "c"} {
			l.client().want("+OK\r\n", "set", k, "value")
			if err := l.e.aof.log.Load().Flush(); err != nil {
				t.Fatal(err)
			}
		}
		l.stop()
		return l.dir
	}
	for _, row := range []struct {
		name   string
		damage func(t *testing.T, dir string)
		want   string // part of the error; empty: it starts
		keys   string
		set    []string
	}{
		{"F17 a bit in a value", func(t *testing.T, dir string) { flip(t, only(t, dir, "*.incr.aof"), "$5\r\nvalue", 6) }, "appendonly.aof.1.incr.aof: offset", "", nil},
		{"F17 a bit in a length", func(t *testing.T, dir string) { flip(t, only(t, dir, "*.incr.aof"), "$5\r\nvalue", 1) }, "cachesrv check aof", "", nil},
		{"F17 a bit in the base", func(t *testing.T, dir string) { flip(t, only(t, dir, "*.base.rdb"), "ctime", 2) }, "appendonly.aof.1.base.rdb", "", nil},
		{"F17 a bit in the manifest", func(t *testing.T, dir string) { flip(t, only(t, dir, "*.manifest"), "seq", 0) }, "Invalid AOF manifest file format", "", nil},
		{"R22 a torn end", func(t *testing.T, dir string) { cutBehind(t, only(t, dir, "*.incr.aof"), "value", 3) }, "", ":2\r\n", nil},
		{"R22 a torn end, refused", func(t *testing.T, dir string) { cutBehind(t, only(t, dir, "*.incr.aof"), "value", 3) }, "Unexpected end of file", "", []string{"aof-load-truncated", "no"}},
		{"R22 a file is missing", func(t *testing.T, dir string) { os.Remove(only(t, dir, "*.incr.aof")) }, "does not exist", "", nil},
		{"R22 the manifest is missing", func(t *testing.T, dir string) { os.Remove(only(t, dir, "*.manifest")) }, "no manifest", "", nil},
		{"R22 the manifest is empty", func(t *testing.T, dir string) { os.WriteFile(only(t, dir, "*.manifest"), nil, 0o600) }, "empty AOF manifest", "", nil},
		{"R22 a command that is none", func(t *testing.T, dir string) {
			add(t, only(t, dir, "*.incr.aof"), request("SELECT", "0")+request("POST", "x"))
		}, "unknown command", "", nil},
		{"R22 a command that is not for a log", func(t *testing.T, dir string) {
			add(t, only(t, dir, "*.incr.aof"), request("SELECT", "0")+request("SHUTDOWN"))
		}, "no command for a log", "", nil},
		{"R22 too few words", func(t *testing.T, dir string) {
			add(t, only(t, dir, "*.incr.aof"), request("SELECT", "0")+request("SET", "x"))
		}, "wrong number of arguments", "", nil},
		{"R22 the original goes on over an error", func(t *testing.T, dir string) {
			add(t, only(t, dir, "*.incr.aof"), request("SELECT", "0")+request("LPUSH", "a", "1"))
		}, "", ":3\r\n", nil},
		{"F3 leftovers of a crash", func(t *testing.T, dir string) {
			for _, name := range []string{"temp-rewriteaof-bg-1.aof", "appendonly.aof.9.incr.aof", "appendonly.aof.9.base.rdb", "temp-appendonly.aof.manifest"} {
				if err := os.WriteFile(filepath.Join(dir, "appendonlydir", name), []byte("half"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}, "", ":3\r\n", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := make3(t)
			row.damage(t, dir)
			l, err := startLogged(t, dir, row.set...)
			if row.want != "" {
				if err == nil || !strings.Contains(err.Error(), row.want) {
					t.Fatalf("got %v, want %q", err, row.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			l.client().want(row.keys, "exists", "a", "b", "c")
			only(t, dir, "*.incr.aof")
			only(t, dir, "*.base.rdb")
			l.client().want("+OK\r\n", "set", "d", "1")
			l = l.again()
			l.client().want(":1\r\n", "exists", "d")
		})
	}
}

// flip changes a bit behind the last place where a file has some text.
func flip(t *testing.T, path, text string, behind int) {
	t.Helper()
	b, _ := os.ReadFile(path)
	at := strings.Index(string(b), text)
	if at < 0 {
		t.Fatalf("no %q in %s", text, path)
	}
	b[at+behind] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// cutBehind ends a file some bytes behind the last place where it has some text.
func cutBehind(t *testing.T, path, text string, behind int) {
	t.Helper()
	b, _ := os.ReadFile(path)
	at := strings.LastIndex(string(b), text)
	if err := os.WriteFile(path, b[:at+behind], 0o600); err != nil {
		t.Fatal(err)
	}
}

func add(t *testing.T, path, text string) {
	t.Helper()
	b, _ := os.ReadFile(path)
	if err := os.WriteFile(path, append(b, text...), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestF16SecondEngine(t *testing.T) {
	l := mustStart(t, t.TempDir())
	if _, err := startLogged(t, l.dir); err == nil || !strings.Contains(err.Error(), "another server is using this data directory") {
		t.Errorf("the second server: %v", err)
	}
	l = l.again() // and the lock goes with the server
	l.client().want("+OK\r\n", "set", "a", "1")
}

func TestLoadAOF(t *testing.T) {
	l := mustStart(t, t.TempDir())
	l.set.Note("enable-debug-command", "yes")
	c := dial(t, l.address)
	for _, w := range []string{"a", "b"} {
		c.expect("+OK\r\n", "set", w, "1")
	}
	want := l.digest()
	c.expect("+OK\r\n", "debug", "loadaof")
	if got := l.digest(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	c.expect("+OK\r\n", "set", "c", "1")
	l = l.again()
	l.client().want(":3\r\n", "exists", "a", "b", "c")
}

// TestPushedChangesAreKept: what a client does to another that waits is recorded as well, and the reply of the one who waited comes after that.
func TestPushedChangesAreKept(t *testing.T) {
	l := mustStart(t, t.TempDir(), "appendfsync", "always")
	waiting, pushing := dial(t, l.address), dial(t, l.address)
	io.WriteString(waiting, request("blmove", "from", "to", "left", "left", "0"))
	l.until("it waits", func() bool { return l.e.blocked.Load() == 1 })
	pushing.expect(":1\r\n", "rpush", "from", "x")
	waiting.expect("$1\r\nx\r\n")
	l = l.again()
	l.client().want("*1\r\n$1\r\nx\r\n", "lrange", "to", "0", "-1")
	l.client().want(":0\r\n", "exists", "from")
}

// TestGateOfALog: with always a reply is there when its record is synced and not before, whoever of the loop and the syncer does it; the others are served meanwhile.
func TestGateOfALog(t *testing.T) {
	l := mustStart(t, t.TempDir(), "appendfsync", "always")
	c, other := dial(t, l.address), dial(t, l.address)
	for i := range 20 {
		c.expect("+OK\r\n", "set", "k", strings.Repeat("v", i))
		if log := l.e.aof.log.Load(); log.Synced() < log.Appended() {
			t.Fatalf("acknowledged at %d, synced is %d", log.Appended(), log.Synced())
		}
	}
	entered := make(chan struct{})
	gate, open := latch(t)
	l.disk.Add(&faults.Rule{Op: faults.Sync, Once: true, Wait: func() { close(entered); <-gate }})
	io.WriteString(c, request("set", "slow", "1"))
	receive(t, "the Sync", entered)
	other.expect("$1\r\n1\r\n", "get", "slow") // others may read what is not safe yet
	pos := l.e.aof.log.Load().Appended()
	if v := (gateOf{l.e.aof.log.Load()}).Reach(pos); v != engine.Shut {
		t.Errorf("verdict %d while the disk has not answered", v)
	}
	c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if b, err := c.r.ReadByte(); err == nil {
		t.Fatalf("a reply begins with %q before the record is safe", b)
	}
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	open()
	c.expect("+OK\r\n")
	if v := (gateOf{l.e.aof.log.Load()}).Reach(pos); v != engine.Open {
		t.Errorf("verdict %d when it is safe", v)
	}
	bad := faults.BadSync("*.incr.aof")
	l.disk.Add(bad)
	defer l.disk.Drop(bad)
	io.WriteString(c, request("set", "lost", "1"))
	if b, err := c.r.ReadByte(); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%q, %v, want the end of the connection", b, err)
	}
}
