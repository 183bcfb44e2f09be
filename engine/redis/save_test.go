// Tests of snapshots on the disk: when they are written, what happens when they cannot be, and that an old one stays until a new one is safe.

package redis

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/vfs"
)

// eventually waits for a condition.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("still not so: " + what)
		}
	}
}

// brokenDisk fails where its fields say.
type brokenDisk struct {
	vfs.FS
	open, write, sync, rename, syncDir atomic.Bool
}

type brokenFile struct {
	vfs.File
	disk *brokenDisk
}

func (d *brokenDisk) Open(name string, flags int, perm fs.FileMode) (vfs.File, error) {
	if d.open.Load() && flags&os.O_CREATE != 0 {
		return nil, syscall.EACCES
	}
	f, err := d.FS.Open(name, flags, perm)
	if err != nil {
		return nil, err
	}
	return &brokenFile{f, d}, nil
}

func (d *brokenDisk) Rename(from, to string) error {
	if d.rename.Load() {
		return syscall.EIO
	}
	return d.FS.Rename(from, to)
}

func (d *brokenDisk) SyncDir(name string) error {
	if d.syncDir.Load() {
		return syscall.EIO
	}
	return d.FS.SyncDir(name)
}

func (f *brokenFile) Write(b []byte) (int, error) {
	if f.disk.write.Load() {
		return 0, syscall.ENOSPC
	}
	return f.File.Write(b)
}

func (f *brokenFile) Sync() error {
	if f.disk.sync.Load() {
		return syscall.EIO
	}
	return f.File.Sync()
}

// disk gives the rig a disk that can fail, and the path of its snapshot.
func (r *rig) disk() (*brokenDisk, string) {
	d := &brokenDisk{FS: vfs.OS}
	r.e.fs = d
	return d, filepath.Join(r.set.Get("dir"), "dump.rdb")
}

func (r *rig) setting(name, text string) {
	r.t.Helper()
	if err := r.set.Set(name, text); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) info(name string) string {
	_, after, _ := strings.Cut(r.e.info(nil, [][]byte{[]byte("persistence")}), "\n"+name+":")
	value, _, _ := strings.Cut(after, "\r\n")
	return value
}

func (r *rig) alone(name string) {
	r.t.Helper()
	all, err := os.ReadDir(filepath.Dir(name))
	all = slices.DeleteFunc(all, func(f os.DirEntry) bool { return f.Name() == filepath.Base(name)+lockSuffix })
	if err != nil || len(all) > 1 || len(all) == 1 && all[0].Name() != filepath.Base(name) {
		r.t.Errorf("the directory holds %v, %v", all, err)
	}
}

func TestSaveCommands(t *testing.T) {
	r := newRig(t, core.Options{})
	_, name := r.disk()
	c := r.client()
	c.want("+OK\r\n", "set", "k", "v")
	if r.info("rdb_changes_since_last_save") != "1" || r.info("rdb_last_bgsave_time_sec") != "-1" || r.info("rdb_saves") != "0" {
		t.Error(r.e.info(nil, [][]byte{[]byte("persistence")}))
	}
	c.want("+OK\r\n", "save")
	r.alone(name)
	if r.info("rdb_changes_since_last_save") != "0" || r.info("rdb_saves") != "1" {
		t.Error(r.e.info(nil, [][]byte{[]byte("persistence")}))
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	c.want("-ERR syntax error\r\n", "bgsave", "now")
	c.want("+Background saving started\r\n", "bgsave", "schedule")
	eventually(t, "the snapshot is there", func() bool { _, err := os.Stat(name); return err == nil && r.info("rdb_bgsave_in_progress") == "0" })
	if r.info("rdb_last_bgsave_status") != "ok" || r.info("rdb_last_bgsave_time_sec") != "0" || r.info("rdb_saves") != "2" {
		t.Error(r.e.info(nil, [][]byte{[]byte("persistence")}))
	}
	if reply := c.do("lastsave"); len(reply) != 13 || reply[0] != ':' {
		t.Errorf("%q", reply)
	}
}

// TestOneJobAtATime holds a snapshot up and asks for more.
func TestOneJobAtATime(t *testing.T) {
	r := newRig(t, core.Options{})
	r.disk()
	go r.e.keepSaving()
	c := r.client()
	if !r.e.begin(jobRewrite) {
		t.Fatal("a job is at work")
	}
	c.want("-ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.\r\n", "bgsave")
	c.want("+Background saving scheduled\r\n", "bgsave", "schedule")
	saved := make(chan error, 1)
	go func() { saved <- r.e.save(context.Background()) }()
	r.e.finish()
	err := receive(t, "the end of the save", saved)
	if err != nil && err != errSaving { // the scheduled one may be first
		t.Error(err)
	}
	eventually(t, "the scheduled snapshot is saved", func() bool { return r.info("rdb_last_bgsave_time_sec") == "0" })
	c.do("multi")
	c.do("bgsave")
	c.want("*1\r\n+Background saving scheduled\r\n", "exec")
	eventually(t, "the next one too", func() bool { return r.info("rdb_saves") >= "2" })
	eventually(t, "no job is at work", func() bool { return r.e.begin(jobSave) })
	c.want("-ERR Background save already in progress\r\n", "bgsave")
	c.want("-ERR Background save already in progress\r\n", "save")
	r.e.finish()
}

// TestF6DiskFullForASnapshot and the other ways in which a disk fails: the old snapshot stays, nothing else is left, writes are refused until one succeeds.
func TestF6DiskFullForASnapshot(t *testing.T) {
	r := newRig(t, core.Options{})
	d, name := r.disk()
	c := r.client()
	c.want("+OK\r\n", "set", "k", "old")
	c.want("+OK\r\n", "save")
	old, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c.want("+OK\r\n", "set", "k", "new")
	for step, fails := range map[string]*atomic.Bool{"open": &d.open, "write": &d.write, "sync": &d.sync, "rename": &d.rename} {
		fails.Store(true)
		c.want("-ERR\r\n", "save")
		c.want("+PONG\r\n", "ping") // SAVE has told it already
		r.failBackgroundSave(c, step)
		fails.Store(false)
		if now, err := os.ReadFile(name); err != nil || string(now) != string(old) {
			t.Fatalf("%s: the old snapshot is gone: %v", step, err)
		}
		r.alone(name)
		c.want("+OK\r\n", "save")
		c.want("+PONG\r\n", "ping")
		if old, err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	d.syncDir.Store(true)
	c.want("-ERR\r\n", "save")
}

// failBackgroundSave has one fail, and holds all that follows from it against the original.
func (r *rig) failBackgroundSave(c *fake, step string) {
	t := r.t
	t.Helper()
	c.want("+Background saving started\r\n", "bgsave")
	eventually(t, step+": it has failed", func() bool { return r.info("rdb_last_bgsave_status") == "err" && r.e.working() == noJob })
	refusal := "-" + errUnsaved.Error() + "\r\n"
	c.want(refusal, "set", "k", "newer")
	c.want(refusal, "ping")
	c.want(bulk("new"), "get", "k")
	c.want(bulk(errUnsaved.Error()), "eval", "return redis.pcall('set', KEYS[1], 'x').err", "1", "k")
	c.want(bulk("new"), "eval", "return redis.call('get', KEYS[1])", "1", "k")
	c.want(refusal, "eval", "#!lua\nreturn 1", "0")
	c.want(":1\r\n", "eval", "#!lua flags=no-writes\nreturn 1", "0")
	c.want("+OK\r\n", "multi")
	c.want(refusal, "set", "k", "x")
	c.want("-EXECABORT Transaction discarded because of previous errors.\r\n", "exec")
	r.setting("stop-writes-on-bgsave-error", "no")
	c.want("+OK\r\n", "set", "k", "new")
	r.setting("stop-writes-on-bgsave-error", "yes")
	c.want(refusal, "set", "k", "newer")
	r.setting("save", "")
	c.want("+OK\r\n", "set", "k", "new")
	r.setting("save", "3600 1")
	c.want(refusal, "set", "k", "newer")
}

func TestExecIsRefusedWhenSnapshotsFailMeanwhile(t *testing.T) {
	r := newRig(t, core.Options{})
	r.loseDirectory()
	c, other := r.client(), r.client()
	c.want("+OK\r\n", "multi")
	c.want("+QUEUED\r\n", "set", "k", "v")
	other.want("+Background saving started\r\n", "bgsave")
	eventually(t, "it has failed", func() bool { return r.info("rdb_last_bgsave_status") == "err" })
	c.want("-EXECABORT Transaction discarded because of: "+errUnsaved.Error()+"\r\n", "exec")
}

func TestSaveRules(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	r.setting("save", "100 1 10 5")
	now := r.e.started
	for _, step := range []struct {
		changes int
		after   time.Duration
		due     string
	}{
		{0, 500 * time.Second, ""}, {1, 100 * time.Second, ""}, {0, 101 * time.Second, "1 changes in 100"}, {3, 11 * time.Second, ""}, {1, 11 * time.Second, "5 changes in 10"}, {0, 10 * time.Second, ""},
	} {
		for range step.changes {
			c.do("incr", "n")
		}
		if why := r.e.saveDue(now.Add(step.after)); step.due == "" && why != "" || !strings.HasPrefix(why, step.due) {
			t.Errorf("after %v: %q, want %q", step.after, why, step.due)
		}
	}
	r.e.saves.failed, r.e.saves.tried = true, now.Add(200*time.Second)
	if why := r.e.saveDue(now.Add(205 * time.Second)); why != "" {
		t.Errorf("five seconds after a failure: %q", why)
	}
	if why := r.e.saveDue(now.Add(206 * time.Second)); why == "" {
		t.Error("it is not tried again")
	}
	r.setting("save", "")
	if why := r.e.saveDue(now.Add(1000 * time.Second)); why != "" {
		t.Errorf("without rules: %q", why)
	}
}

// TestARuleSavesByItself also recovers by itself.
func TestARuleSavesByItself(t *testing.T) {
	r := newRig(t, core.Options{})
	d, name := r.disk()
	d.write.Store(true)
	r.setting("save", "1 1")
	go r.e.keepSaving()
	c := r.client()
	c.want("+OK\r\n", "set", "k", "v")
	eventually(t, "a snapshot has failed", func() bool { return r.info("rdb_last_bgsave_status") == "err" })
	r.e.saves.mu.Lock()
	r.e.saves.tried = r.e.saves.tried.Add(-saveRetry)
	r.e.saves.mu.Unlock()
	d.write.Store(false)
	eventually(t, "the next is good", func() bool { return r.info("rdb_last_bgsave_status") == "ok" })
	c.want("+OK\r\n", "set", "k", "w")
	if _, err := os.Stat(name); err != nil {
		t.Error(err)
	}
}

// heldDisk lets nothing be written until it is told.
type heldDisk struct {
	vfs.FS
	at   chan struct{}
	let  <-chan struct{}
	open func()
}

type heldFile struct {
	vfs.File
	d *heldDisk
}

// newHeldDisk is such a disk; open lets everything be written, at the latest at the end of the test.
func newHeldDisk(t testing.TB) *heldDisk {
	d := &heldDisk{FS: vfs.OS, at: make(chan struct{}, 1)}
	d.let, d.open = latch(t)
	return d
}

func (d *heldDisk) Open(name string, flags int, perm fs.FileMode) (vfs.File, error) {
	f, err := d.FS.Open(name, flags, perm)
	return &heldFile{f, d}, err
}

func (f *heldFile) Write(b []byte) (int, error) {
	select {
	case f.d.at <- struct{}{}:
	default:
	}
	<-f.d.let
	return f.File.Write(b)
}

func TestASaveIsGivenUpForTheLastOne(t *testing.T) {
	r := newRig(t, core.Options{})
	d := newHeldDisk(t)
	r.e.fs = d
	c := r.client()
	c.want("+OK\r\n", "set", "k", "v")
	c.want("+Background saving started\r\n", "bgsave")
	receive(t, "the first write", d.at)
	if r.info("rdb_bgsave_in_progress") != "1" || r.info("rdb_current_bgsave_time_sec") != "0" || r.info("current_save_keys_total") != "1" {
		t.Error(r.e.info(nil, [][]byte{[]byte("persistence")}))
	}
	stopped := make(chan error, 1)
	go func() { stopped <- r.e.prepareStop(stopWish{}) }()
	eventually(t, "it was given up", func() bool {
		r.e.saves.mu.Lock()
		defer r.e.saves.mu.Unlock()
		return r.e.stopping.active()
	})
	d.open()
	if err := receive(t, "the end of the stop", stopped); err != nil {
		t.Fatal(err)
	}
	if r.info("rdb_last_bgsave_status") != "ok" || r.info("rdb_saves") == "0" {
		t.Error(r.e.info(nil, [][]byte{[]byte("persistence")}))
	}
	if err := r.e.prepareStop(stopWish{}); err != errStopping {
		t.Errorf("a second end: %v", err)
	}
}

func TestSteppedFileSyncs(t *testing.T) {
	d := &brokenDisk{FS: vfs.OS}
	f, err := d.Open(filepath.Join(t.TempDir(), "f"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d.sync.Store(true)
	for _, on := range []bool{false, true} {
		s := &steppedFile{File: f, on: on}
		b := make([]byte, syncStep/2)
		_, first := s.Write(b)
		_, second := io.Writer(s).Write(b)
		if first != nil || on != errors.Is(second, syscall.EIO) {
			t.Errorf("%v: %v, %v", on, first, second)
		}
	}
}
