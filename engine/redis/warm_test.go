//go:build linux

package redis

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/arena"
)

// warmRig opens an engine over a memory file, in a directory that stays, and loads.
func warmRig(t *testing.T, o core.Options, dir string) *rig {
	t.Helper()
	r := newRig(t, o)
	r.set.Note("dir", dir)
	allowDebug(r.set)
	done := make(chan error, 1)
	r.e.Load(func(err error) { done <- err })
	if err := receive(t, "the end of loading", done); err != nil {
		t.Fatal(err)
	}
	return r
}

// stop ends it as a server does.
func (r *rig) stop() {
	r.t.Helper()
	r.e.Close()
	memo, keep := r.e.Memo()
	if !keep {
		r.t.Fatal("the data is not to stay")
	}
	if err := r.store.Keep(memo); err != nil {
		r.t.Fatal(err)
	}
}

// fillAll makes small and big values of all types, in two databases, some of which expire.
func (f *fake) fillAll(n int) {
	for i := range n {
		s := fmt.Sprint(i)
		f.do("SET", "string:"+s, strings.Repeat("v", i%500))
		f.do("RPUSH", "list", "element "+s)
		f.do("SADD", "set", "member "+s)
		f.do("SADD", "ints", s)
		f.do("ZADD", "zset", s, "member "+s)
		f.do("HSET", "hash", "field "+s, "value "+s)
		f.do("XADD", "stream", "1-"+fmt.Sprint(i+1), "field", s)
		f.do("RPUSH", "list:"+fmt.Sprint(i%7), s)
		f.do("HSET", "hash:"+fmt.Sprint(i%7), s, s)
		f.do("ZADD", "zset:"+fmt.Sprint(i%7), s, s)
		if i%3 == 0 {
			f.do("SET", "expires:"+s, s, "PX", fmt.Sprint(1000+i))
		}
	}
	f.do("HPEXPIRE", "hash", "5000", "FIELDS", "1", "field 1")
	f.do("XGROUP", "CREATE", "stream", "group", "0")
	f.do("XREADGROUP", "GROUP", "group", "me", "COUNT", "10", "STREAMS", "stream", ">")
	f.do("PFADD", "hll", "a", "b", "c")
	f.do("SELECT", "5")
	f.do("SET", "other", "database")
	f.do("SELECT", "0")
	f.do("FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() return 7 end)")
}

func TestWarmRestartKeepsAllTypes(t *testing.T) {
	dir := t.TempDir()
	o := core.Options{File: filepath.Join(t.TempDir(), "memory"), Identity: "redis"}
	r := warmRig(t, o, dir)
	f := r.client()
	f.fillAll(1500)
	digest, size, info := f.do("DEBUG", "DIGEST"), f.do("DBSIZE"), f.do("XINFO", "STREAM", "stream", "FULL")
	if digest[0] != '+' || size[0] != ':' || info[0] != '*' {
		t.Fatal(digest, size, info)
	}
	for round := range 5 {
		r.stop()
		r = warmRig(t, o, dir)
		f = r.client()
		for what, pair := range map[string][2]string{
			"digest": {f.do("DEBUG", "DIGEST"), digest}, "size": {f.do("DBSIZE"), size}, "stream": {f.do("XINFO", "STREAM", "stream", "FULL"), info},
		} {
			if pair[0] != pair[1] {
				t.Errorf("round %d: %s is %q, was %q", round, what, pair[0], pair[1])
			}
		}
		f.want(":7\r\n", "FCALL", "f", "0")
		f.want("*1\r\n:5000\r\n", "HPTTL", "hash", "FIELDS", "1", "field 1")
		f.do("SPOP", "set") // and every structure can be changed
		f.do("LPUSH", "list", "x", "y")
		f.do("ZREM", "zset", "member 1")
		f.do("XADD", "stream", "*", "a", "b")
		f.do("HDEL", "hash", fmt.Sprint("field ", 100+round))
		digest, size, info = f.do("DEBUG", "DIGEST"), f.do("DBSIZE"), f.do("XINFO", "STREAM", "stream", "FULL")
	}
	r.now.Add(10_000)
	f.want("*1\r\n:-2\r\n", "HPTTL", "hash", "FIELDS", "1", "field 1")
	f.want("$-1\r\n", "GET", "expires:0")
	f.want("+OK\r\n", "FLUSHALL", "SYNC")
	r.store.Compact()
	r.stop()
	r = warmRig(t, o, dir)
	f = r.client()
	f.want(":0\r\n", "DBSIZE")
	if m := r.store.Memory(); m.Items != 0 {
		t.Errorf("%d bytes of items in an empty store", m.Items)
	}
}

func TestWarmRestartWhileReadersAreTracked(t *testing.T) {
	dir := t.TempDir()
	o := core.Options{File: filepath.Join(t.TempDir(), "memory"), Identity: "redis"}
	r := warmRig(t, o, dir)
	f := r.client()
	f.do("SET", "k", "v")
	f.worker.Tx.Enter()
	k := r.store.Key([]byte("k"))
	f.worker.Tx.Lock1(k)
	f.worker.Tx.Track(k, 1)
	f.worker.Tx.Unlock()
	f.worker.Tx.Leave()
	r.stop()
	r = warmRig(t, o, dir)
	if m := r.store.Memory(); m.Tracked != 0 || m.Items <= 0 {
		t.Errorf("%d bytes of items, %d of tracked keys", m.Items, m.Tracked)
	}
	r.client().do("DEL", "k")
	if m := r.store.Memory(); m.Items != 0 {
		t.Errorf("%d bytes are left of what was tracked", m.Items)
	}
}

// Who puts another snapshot there while the server is down gets that one.
func TestWarmRestartYieldsToAnExchangedSnapshot(t *testing.T) {
	dir := t.TempDir()
	o := core.Options{File: filepath.Join(t.TempDir(), "memory"), Identity: "redis"}
	r := warmRig(t, o, dir)
	f := r.client()
	f.do("SET", "k", "in the snapshot")
	f.want("+OK\r\n", "SAVE")
	other, err := os.ReadFile(filepath.Join(dir, "dump.rdb"))
	if err != nil {
		t.Fatal(err)
	}
	f.do("SET", "k", "in memory")
	r.stop()
	r = warmRig(t, o, dir)
	r.client().want(bulk("in memory"), "GET", "k")
	r.stop()
	if err := os.Remove(filepath.Join(dir, "dump.rdb")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "dump.rdb"), other, 0o600); err != nil {
		t.Fatal(err)
	}
	r = warmRig(t, o, dir)
	r.client().want(bulk("in the snapshot"), "GET", "k")
	if n := r.store.Len(0); n != 1 {
		t.Errorf("%d keys", n)
	}
}

func TestM12MemoOfAnotherEngine(t *testing.T) {
	o := core.Options{File: filepath.Join(t.TempDir(), "memory"), Identity: "redis"}
	dir := t.TempDir()
	for _, memo := range []string{"", "x", strings.Repeat("x", 40)} {
		r := warmRig(t, o, dir)
		r.client().do("SET", "k", "v")
		r.e.Close()
		if err := r.store.Keep([]byte(memo)); err != nil {
			t.Fatal(err)
		}
		r = warmRig(t, o, dir)
		r.client().want(":0\r\n", "DBSIZE")
		r.stop()
	}
}

func TestShutdownNosaveKeepsNothing(t *testing.T) {
	r := newRig(t, core.Options{})
	if err := r.e.prepareStop(stopWish{nosave: true}); err != nil {
		t.Fatal(err)
	}
	if _, keep := r.e.Memo(); keep {
		t.Error("the data stays")
	}
}

// TestMemoryFilesOfThisFormatAreRead opens a memory file that an earlier build has left. If it is refused, or its data looks different, something in
// the arena has another form now: raise keptFormat in core/keep.go, and renew the file with -update.
func TestMemoryFilesOfThisFormatAreRead(t *testing.T) {
	if arena.Debug {
		return // has a layout of its own
	}
	const golden = "testdata/memory-file.tgz"
	dir := t.TempDir()
	o := core.Options{File: filepath.Join(dir, "memory"), Identity: "golden", Shards: 4, Databases: 6, Seed: [2]uint64{1, 2}}
	if *update {
		r := warmRig(t, o, t.TempDir())
		r.client().fillAll(700)
		if err := os.WriteFile("testdata/memory-file.digest", []byte(r.client().do("DEBUG", "DIGEST")), 0o644); err != nil {
			t.Fatal(err)
		}
		r.stop()
		if out, err := exec.Command("tar", "-C", dir, "-czSf", golden, "memory", "memory.meta").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	} else if out, err := exec.Command("tar", "-C", dir, "-xzf", golden).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	digest, err := os.ReadFile("testdata/memory-file.digest")
	if err != nil {
		t.Fatal(err)
	}
	r := warmRig(t, o, t.TempDir())
	if warm := r.store.Warm(); !warm.Restored {
		t.Fatalf("it is refused: %v", warm.Why)
	}
	r.client().want(string(digest), "DEBUG", "DIGEST")
	r.client().want(":7\r\n", "FCALL", "f", "0")
}
