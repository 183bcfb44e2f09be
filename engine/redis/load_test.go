// Tests of the start: loading, what is refused meanwhile, and files that are not loaded.

package redis

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/faults"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// load starts the rig's data from its directory and waits.
func (r *rig) load() error {
	done := make(chan error, 1)
	r.e.Load(func(err error) { done <- err })
	return receive(r.t, "the end of loading", done)
}

// startFrom is a new rig on the directory of another.
func startFrom(t *testing.T, from *rig) *rig {
	r := newRig(t, core.Options{})
	r.set.Note("dir", from.set.Get("dir"))
	return r
}

func TestTheStartLoadsWhatWasSaved(t *testing.T) {
	r := newRig(t, core.Options{})
	if err := r.load(); err != nil {
		t.Fatal("without a file: ", err)
	}
	manyValues(t, r, 11)
	r.client().want("+OK\r\n", "save")
	again := startFrom(t, r)
	if err := again.load(); err != nil {
		t.Fatal(err)
	}
	same(t, r, again)
	if again.info("rdb_changes_since_last_save") != "0" || again.info("rdb_last_load_keys_loaded") == "0" || again.info("loading") != "0" {
		t.Error(again.e.info(nil, [][]byte{[]byte("persistence")}))
	}
	late := startFrom(t, r)
	late.now.Add(10_000_000)
	if err := late.load(); err != nil {
		t.Fatal(err)
	}
	gone, _ := strconv.Atoi(late.info("rdb_last_load_keys_expired"))
	if want := r.store.Expiring(0) + r.store.Expiring(3); gone != want || late.store.Expiring(0) != 0 {
		t.Errorf("%d keys were left out, want %d", gone, want)
	}
}

func TestLoadingRefusesWhatNeedsData(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.want("+OK\r\n", "set", "k", "v")
	c.want("+OK\r\n", "save")
	again := startFrom(t, r)
	d := newHeldDisk(t)
	again.e.fs = d
	again.setting("key-load-delay", "100000")
	done := make(chan error, 1)
	again.e.Load(func(err error) { done <- err })
	c = again.client()
	for line, want := range map[string]string{
		"get k": "-LOADING Redis is loading the dataset in memory\r\n", "set k w": "-LOADING Redis is loading the dataset in memory\r\n",
		"ping": "-LOADING Redis is loading the dataset in memory\r\n", "select 1": "+OK\r\n", "dbsize": "-LOADING Redis is loading the dataset in memory\r\n",
	} {
		c.want(want, strings.Fields(line)...)
	}
	if !strings.Contains(c.do("info"), "loading:1\r\n") || !strings.Contains(c.do("info", "persistence"), "loading_total_bytes:") {
		t.Error(c.do("info", "persistence"))
	}
	if err := receive(t, "the end of loading", done); err != nil {
		t.Fatal(err)
	}
	again.client().want(bulk("v"), "get", "k")
}

// TestR21AndF17DamagedFile: a start that finds damage ends with the name of the file and the place, and does not serve.
func TestR21AndF17DamagedFile(t *testing.T) {
	r := newRig(t, core.Options{})
	manyValues(t, r, 5)
	r.client().want("+OK\r\n", "save")
	name := filepath.Join(r.set.Get("dir"), "dump.rdb")
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	rot := bytes.Clone(good)
	rot[len(rot)/2] ^= 4
	for what, b := range map[string][]byte{"nothing": {}, "cut": good[:len(good)*2/3], "rot": rot, "another file": []byte("*1\r\n$4\r\nPING\r\n"), "no end": good[:len(good)-9]} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		bad := startFrom(t, r)
		err := bad.load()
		var d *rdb.Damage
		if !errors.As(err, &d) || !strings.HasPrefix(err.Error(), name+": offset ") {
			t.Errorf("%s: %v", what, err)
		}
		bad.client().want("-LOADING Redis is loading the dataset in memory\r\n", "dbsize")
	}
	unreadable := startFrom(t, r)
	if err := errors.Join(os.Remove(name), os.Mkdir(name, 0o700)); err != nil {
		t.Fatal(err)
	}
	if err := unreadable.load(); err == nil {
		t.Error("a directory is loaded as a file")
	}
}

func TestAKeyTwiceIsDamage(t *testing.T) {
	var w rdb.FileWriter
	w.Header(10)
	for range 2 {
		w.Name = []byte("k")
		w.Kind(rdb.KindString)
		w.Name = nil
		w.Text([]byte("v"))
	}
	w.End()
	file := append(w.Out, make([]byte, 8)...)
	r := newRig(t, core.Options{})
	if err := r.e.loadSnapshot(bytes.NewReader(file), 0); err == nil || !strings.Contains(err.Error(), `key "k": a key that is there already`) {
		t.Error(err)
	}
	merged := newRig(t, core.Options{})
	l := &loader{e: merged.e, merge: true}
	if _, err := l.load(bytes.NewReader(file)); err != nil {
		t.Error(err)
	}
}

// TestABaseKeepsWhatHasExpired: the log that follows it decides.
func TestABaseKeepsWhatHasExpired(t *testing.T) {
	r := newRig(t, core.Options{})
	r.client().do("set", "k", "v", "pxat", "1700000000500")
	file := append(r.snapshot(), "tail"...)
	to := newRig(t, core.Options{})
	to.now.Add(1000)
	l := &loader{e: to.e, expired: true}
	rest, err := l.load(bytes.NewReader(file))
	if err != nil || to.store.Len(0) != 1 {
		t.Fatalf("%d keys, %v", to.store.Len(0), err)
	}
	b := make([]byte, 8)
	if n, _ := rest.Read(b); string(b[:n]) != "tail" {
		t.Errorf("%q follows", b[:n])
	}
}

// TestF8SlowReadsAtLoad: while every read waits for the disk, requests are answered, INFO tells how far it is, and an end needs no more of the file.
func TestF8SlowReadsAtLoad(t *testing.T) {
	r := newRig(t, core.Options{})
	manyValues(t, r, 3)
	r.client().want("+OK\r\n", "set", "long", strings.Repeat("0123456789", 300_000))
	r.client().want("+OK\r\n", "config", "set", "rdbcompression", "no")
	r.client().want("+OK\r\n", "save")
	slow := func() (r2 *rig, at, let chan struct{}, done chan error) {
		r2, at, let, done = startFrom(t, r), make(chan struct{}), make(chan struct{}), make(chan error, 1)
		disk := faults.New(vfs.OS)
		over, _ := latch(t)
		disk.Add(&faults.Rule{Op: faults.Read, Name: "dump.rdb", Wait: func() {
			select {
			case at <- struct{}{}:
			case <-over:
			}
			select {
			case <-let:
			case <-over:
			}
		}})
		r2.e.SetFiles(disk)
		r2.e.Load(func(err error) { done <- err })
		return
	}
	again, at, let, done := slow()
	c := again.client()
	last, reads := -1, 0
	for loading := true; loading; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			loading = false
		case <-at:
			c.want("-LOADING Redis is loading the dataset in memory\r\n", "get", "long")
			so, _ := strconv.Atoi(again.info("loading_loaded_bytes"))
			total, _ := strconv.Atoi(again.info("loading_total_bytes"))
			if again.info("loading") != "1" || total < 3_000_000 || so < last || so > total {
				t.Fatalf("INFO: loading %s, %d of %d bytes, %d before", again.info("loading"), so, total, last)
			}
			last = so
			reads++
			let <- struct{}{}
		case <-time.After(30 * time.Second):
			t.Fatal("loading does not go on")
		}
	}
	if last < 100_000 || reads < 4 {
		t.Errorf("INFO has come to %d bytes in %d reads", last, reads)
	}
	same(t, r, again)

	stopped, at, let, done := slow()
	receive(t, "the first read", at)
	if err := stopped.e.PrepareStop("SIGTERM"); err != nil {
		t.Error(err)
	}
	ended := make(chan struct{})
	go func() { stopped.e.Close(); close(ended) }()
	receive(t, "the end of the engine, though the disk has not answered", ended)
	if err := receive(t, "the end of loading", done); !errors.Is(err, errClosing) {
		t.Errorf("loading ended with %v", err)
	}
	let <- struct{}{}
	select {
	case <-at:
		t.Error("the end reads more of the file")
	default:
	}
}

// TestF8AReadOfTheLogThatDoesNotReturn: an end does not wait for it, wherever in base and increment it is.
func TestF8AReadOfTheLogThatDoesNotReturn(t *testing.T) {
	r := newRig(t, core.Options{})
	r.setting("appendonly", "yes")
	if err := r.load(); err != nil {
		t.Fatal(err)
	}
	manyValues(t, r, 4)
	r.e.Close()
	for _, file := range []string{"*.base.rdb", "*.incr.aof"} {
		again, at, done := startFrom(t, r), make(chan struct{}, 64), make(chan error, 1)
		again.setting("appendonly", "yes")
		over, _ := latch(t)
		disk := faults.New(vfs.OS)
		disk.Add(&faults.Rule{Op: faults.Read, Name: file, Wait: func() {
			at <- struct{}{}
			<-over
		}})
		again.e.SetFiles(disk)
		again.e.Load(func(err error) { done <- err })
		select {
		case <-at:
		case err := <-done:
			t.Fatalf("%s: loaded without a read that waits: %v", file, err)
		}
		ended := make(chan struct{})
		go func() { again.e.Close(); close(ended) }()
		receive(t, file+": the end of the engine", ended)
		if err := receive(t, "the end of loading", done); !errors.Is(err, errClosing) {
			t.Errorf("%s: loading ended with %v", file, err)
		}
	}
}

func TestLoadingEndsWithTheEngine(t *testing.T) {
	r := newRig(t, core.Options{})
	manyValues(t, r, 2)
	r.client().want("+OK\r\n", "save")
	again := startFrom(t, r)
	again.setting("key-load-delay", "1000000")
	done := make(chan error, 1)
	again.e.Load(func(err error) { done <- err })
	ended(t, "the engine ends", again.e.Close)
	if err := receive(t, "the end of loading", done); err != nil && !errors.Is(err, errClosing) {
		t.Error(err)
	}
}

func TestDebugReload(t *testing.T) {
	r := newRig(t, core.Options{})
	r.set.Note("enable-debug-command", "yes")
	manyValues(t, r, 9)
	before := r.digest()
	c := r.client()
	c.want("+OK\r\n", "debug", "reload")
	c.want(":7\r\n", "fcall", "f", "0")
	if after := r.digest(); after != before {
		t.Errorf("%q, then %q", before, after)
	}
	c.want("+OK\r\n", "set", "more", "v")
	c.want("-ERR Error trying to load the RDB dump, check server logs.\r\n", "debug", "reload", "nosave", "noflush")
	c.want("+OK\r\n", "debug", "reload", "nosave", "noflush", "merge")
	c.want(bulk("v"), "get", "more")
	c.want("+OK\r\n", "debug", "reload", "nosave")
	c.want("$-1\r\n", "get", "more")
	c.want("-ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.\r\n", "debug", "reload", "x")
	r.loseDirectory()
	c.want("-ERR\r\n", "debug", "reload")
	if after := r.digest(); after != before {
		t.Errorf("a save that failed left %q of %q", after, before)
	}
}
