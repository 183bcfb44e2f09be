package redis

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/vfs"
)

// TestF16TwoServersThatSaveToOneFile: the second one says so, and one that does not save neither says nor leaves anything.
func TestF16TwoServersThatSaveToOneFile(t *testing.T) {
	dir := t.TempDir()
	const word = "Another server saves to the same file"
	start := func(settings ...string) (e *Engine, log *bytes.Buffer) {
		t.Helper()
		set := config.Defaults(config.Redis)
		set.Note("dir", dir)
		for i := 0; i < len(settings); i += 2 {
			set.Note(settings[i], settings[i+1])
		}
		store, err := core.Open(core.Options{Shards: 64, NoActiveSweep: true})
		if err != nil {
			t.Fatal(err)
		}
		log = &bytes.Buffer{}
		if e, err = New(store, set, hclog.New(&hclog.LoggerOptions{Output: log})); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ended(t, "the engine ends", e.Close); store.Close() })
		done := make(chan error, 1)
		e.Load(func(err error) { done <- err })
		if err := receive(t, "the end of loading", done); err != nil {
			t.Fatal(err)
		}
		return e, log
	}
	quiet := func(what string, log *bytes.Buffer) {
		t.Helper()
		if strings.Contains(log.String(), word) {
			t.Errorf("%s: %s", what, log)
		}
	}
	_, log := start("save", "")
	quiet("no saving", log)
	if list, _ := os.ReadDir(dir); len(list) != 0 {
		t.Errorf("a server that saves nothing has made %v", list)
	}
	first, log := start()
	quiet("the only one", log)
	second, log := start()
	if !strings.Contains(log.String(), word) || !strings.Contains(log.String(), "dump.rdb") {
		t.Errorf("the second one: %q", log)
	}
	_, log = start("save", "")
	quiet("one that does not save", log)
	third, log := start("dbfilename", "other.rdb")
	quiet("one with a file of its own", log)
	first.Close()
	log.Reset()
	if err := third.settings.Set("dbfilename", "dump.rdb"); err != nil {
		t.Fatal(err)
	}
	quiet("one that comes when the first has ended", log)
	second.Close()
	third.Close()
	if list, _ := os.ReadDir(dir); len(list) != 0 {
		t.Errorf("left behind: %v", list)
	}
}

// closedDir is a directory in which this process may make no files.
type closedDir struct{ vfs.FS }

func (closedDir) Lock(name string) (io.Closer, error) {
	return nil, fmt.Errorf("open %s: %w", name, syscall.EACCES)
}

// TestWarnsOfADirectoryThatCannotBeWritten: it is said at the start, once, and not only when the last snapshot fails.
func TestWarnsOfADirectoryThatCannotBeWritten(t *testing.T) {
	store, err := core.Open(core.Options{Shards: 64, NoActiveSweep: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	set := config.Defaults(config.Redis)
	set.Note("dir", t.TempDir())
	var log bytes.Buffer
	e, err := New(store, set, hclog.New(&hclog.LoggerOptions{Output: &log}))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.SetFiles(closedDir{vfs.OS})
	e.lockSnapshot()
	e.lockSnapshot()
	if n := strings.Count(log.String(), "Snapshots cannot be saved here"); n != 1 {
		t.Errorf("told %d times:\n%s", n, &log)
	}
}

// TestWhatAKilledSaveHasLeftGoes: with the lock of a snapshot, the beginnings of it that others have left are removed, and nothing else.
func TestWhatAKilledSaveHasLeftGoes(t *testing.T) {
	r := newRig(t, core.Options{})
	dir := r.set.Get("dir")
	own := "temp-" + strconv.Itoa(os.Getpid()) + "-dump.rdb"
	kept := []string{own, "temp-1-other.rdb", "temp-x-dump.rdb", "temp-1.rdb", "dump.rdb.old"}
	for _, name := range append(kept, "temp-1-dump.rdb", "temp-4194304-dump.rdb") {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.load(); err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, f := range list {
		if !strings.HasSuffix(f.Name(), lockSuffix) {
			left = append(left, f.Name())
		}
	}
	slices.Sort(kept)
	if !slices.Equal(left, kept) {
		t.Errorf("left are %q, want %q", left, kept)
	}
}

// countingDirs counts how often a directory is read.
type countingDirs struct {
	vfs.FS
	reads map[string]int // by the start, one goroutine
}

func (d countingDirs) ReadDir(name string) ([]fs.DirEntry, error) {
	d.reads[name]++
	return d.FS.ReadDir(name)
}

// TestAStartSweepsOnce, with the append-only file and without, and what a killed save has left is gone.
func TestAStartSweepsOnce(t *testing.T) {
	for _, appendonly := range []string{"yes", "no"} {
		r := newRig(t, core.Options{})
		r.set.Note("appendonly", appendonly)
		dir := r.set.Get("dir")
		left := filepath.Join(dir, "temp-1-dump.rdb")
		if err := os.WriteFile(left, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		disk := countingDirs{vfs.OS, map[string]int{}}
		r.e.SetFiles(disk)
		if err := r.load(); err != nil {
			t.Fatal(err)
		}
		if n := disk.reads[dir]; n != 1 {
			t.Errorf("appendonly %s: the directory is read %d times", appendonly, n)
		}
		if _, err := os.Stat(left); !missing(err) {
			t.Errorf("appendonly %s: what was left: %v", appendonly, err)
		}
	}
}
