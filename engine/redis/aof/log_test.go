// The log: what is acknowledged is written, or synced, and what happens when the disk does not do its part.

package aof

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/faults"
)

const patience = 20 * time.Second

// bench is a log over a disk that may fail.
type bench struct {
	*testing.T
	disk                                  *faults.FS
	dir                                   string
	log                                   *Log
	late                                  atomic.Bool // the clock is far ahead
	moved, failed, broken, mended, synced atomic.Int64
}

func newBench(t *testing.T, p Policy) *bench {
	t.Helper()
	b := &bench{T: t, disk: faults.New(vfs.OS), dir: t.TempDir()}
	l, err := Open(b.file("1"), 0, p, Hooks{
		Moved: func() { b.moved.Add(1) }, Failed: func(error) { b.failed.Add(1) }, Broken: func(error) { b.broken.Add(1) },
		Mended: func() { b.mended.Add(1) }, Synced: func() { b.synced.Add(1) },
		Spawn: func(_ string, run func()) { go run() }, Now: b.now, Stamp: func() int64 { return 5 },
	})
	if err != nil {
		t.Fatal(err)
	}
	b.log = l
	return b
}

// now is the log's clock.
func (b *bench) now() time.Time {
	if b.late.Load() {
		return time.Now().Add(2 * window)
	}
	return time.Now()
}

func (b *bench) file(name string) vfs.File {
	b.Helper()
	f, err := b.disk.Open(filepath.Join(b.dir, name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	return f
}

// set records SET i i and gives its position.
func (b *bench) set(i int) uint64 {
	b.log.Command(0, words("SET", strconv.Itoa(i), strconv.Itoa(i)))
	return b.log.Appended()
}

// until waits for a condition.
func (b *bench) until(what string, is func() bool) {
	b.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			b.Fatal("in vain: ", what)
		}
	}
}

func (b *bench) passes(pos uint64) {
	b.Helper()
	b.until("position "+strconv.FormatUint(pos, 10)+" passes", func() bool { return b.log.Reach(pos) == Pass })
}

// holds counts the records of a file, which must be whole.
func (b *bench) holds(name string) int {
	b.Helper()
	content := read(b, filepath.Join(b.dir, name))
	if res := verify(b, content); !res.Whole() {
		b.Fatalf("%s: %v", name, res.Damage)
	}
	return records(b, content)
}

func TestAcknowledgedIsWritten(t *testing.T) {
	for name, p := range map[string]Policy{"everysec": EverySec, "no": No} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, p)
			for i := 1; i <= 10; i++ {
				b.passes(b.set(i))
				if got := b.holds("1"); got != i {
					t.Fatalf("%d records in the file, %d are acknowledged", got, i)
				}
			}
			if err := b.log.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAlwaysWaitsForTheDisk(t *testing.T) {
	b := newBench(t, Always)
	gate := make(chan struct{})
	slow := &faults.Rule{Op: faults.Sync, Wait: func() { <-gate }}
	b.disk.Add(slow)
	first := b.set(1)
	if v := b.log.Reach(first); v != Wait {
		t.Errorf("verdict %d while nothing is synced", v)
	}
	b.until("the Sync runs", func() bool { return b.log.syncing.Load() })
	second := b.set(2)
	b.log.Reach(second)
	b.disk.Drop(slow)
	close(gate)
	b.passes(second)
	if b.moved.Load() == 0 {
		t.Error("nobody was told")
	}
	if b.log.Synced() < second {
		t.Error("acknowledged, but not synced")
	}
	b.log.Close()
}

func TestGroupsStayTogether(t *testing.T) {
	b := newBench(t, No)
	var wait sync.WaitGroup
	for g := range 4 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := range 200 {
				b.log.Begin()
				b.log.Add(0, words("MULTI"))
				b.log.Add(0, words("SET", strconv.Itoa(g), strconv.Itoa(i)))
				b.log.Add(g, words("SET", strconv.Itoa(g), strconv.Itoa(i)))
				b.log.Add(0, words("EXEC"))
				b.log.End()
				if i%10 == 0 {
					b.log.Reach(b.log.Appended())
				}
			}
		}()
	}
	wait.Wait()
	b.log.Close()
	if n := b.holds("1"); n != 4*200*2 {
		t.Errorf("%d records", n)
	}
}

// TestF6ShortWrite: a record of which only a part could be written is cut off, nobody is told that it is kept, and when there is space again it goes on by itself.
func TestF6ShortWrite(t *testing.T) {
	for name, p := range map[string]Policy{"always": Always, "everysec": EverySec, "no": No} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, p)
			b.passes(b.set(1))
			full := faults.Full(10)
			b.disk.Add(full)
			pos := b.set(2)
			b.until("the record is lost", func() bool { return b.log.Reach(pos) == Lost })
			if b.failed.Load() != 1 || b.log.Healthy() {
				t.Errorf("told %d times that writing fails; healthy %v", b.failed.Load(), b.log.Healthy())
			}
			if n := b.holds("1"); n != 1 {
				t.Errorf("%d records in the file", n)
			}
			b.disk.Drop(full)
			b.until("it is mended", func() bool { return b.mended.Load() == 1 })
			b.passes(b.set(3))
			if n := b.holds("1"); n != 3 {
				t.Errorf("%d records in the file", n)
			}
			if err := b.log.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestF6PartThatStays: a part of a record that cannot be cut off makes the file useless.
func TestF6PartThatStays(t *testing.T) {
	b := newBench(t, EverySec)
	b.passes(b.set(1))
	full := faults.Full(10)
	b.disk.Add(full)
	b.disk.Add(&faults.Rule{Op: faults.Truncate, Err: syscall.EIO})
	if v := b.log.Reach(b.set(2)); v != Lost {
		t.Errorf("verdict %d", v)
	}
	if b.broken.Load() != 1 {
		t.Errorf("told %d times", b.broken.Load())
	}
}

// TestF7SyncFails: after one failed Sync nothing is acknowledged on that file any more, though later ones would succeed. A new file with all data helps.
func TestF7SyncFails(t *testing.T) {
	for name, p := range map[string]Policy{"always": Always, "everysec": EverySec} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, p)
			good := b.set(1)
			b.passes(good)
			if p == EverySec {
				b.until("the first Sync", func() bool { return b.log.Synced() >= good })
			}
			b.disk.Add(faults.BadSync("1"))
			b.log.Reach(b.set(2))
			b.until("the file is given up", func() bool { return b.broken.Load() == 1 })
			for i := 3; i < 6; i++ {
				if v := b.log.Reach(b.set(i)); v != Lost {
					t.Errorf("record %d on a file that lost something: verdict %d", i, v)
				}
			}
			b.log.Cut(b.file("2"))
			if err := b.log.Changed(context.Background()); err != nil {
				t.Fatal(err)
			}
			pos := b.set(6)
			if v := b.log.Reach(pos); v != Lost {
				t.Errorf("verdict %d before the new files are listed", v)
			}
			b.log.Mend()
			b.passes(pos)
			b.passes(b.set(7))
			if err := b.log.Close(); err != nil {
				t.Fatal(err)
			}
			if n := b.holds("2"); n != 2 {
				t.Errorf("%d records in the new file", n)
			}
		})
	}
}

// TestF8SlowSync: while the disk is late, writers wait instead of making more and more unsafe; it is counted once.
func TestF8SlowSync(t *testing.T) {
	b := newBench(t, EverySec)
	gate := make(chan struct{})
	slow := &faults.Rule{Op: faults.Sync, Wait: func() { <-gate }}
	b.disk.Add(slow)
	b.passes(b.set(1))
	b.until("a Sync runs", func() bool { return b.log.syncing.Load() })
	b.passes(b.set(2)) // the writer writes beside it
	b.late.Store(true)
	pos := b.set(3)
	for range 5 {
		if v := b.log.Reach(pos); v != Wait {
			t.Fatalf("verdict %d while the disk is late", v)
		}
	}
	b.until("it is counted", func() bool { return b.log.Figures().Delayed == 1 })
	b.late.Store(false)
	b.disk.Drop(slow)
	close(gate)
	b.passes(pos)
	if n := b.log.Figures().Delayed; n != 1 {
		t.Errorf("delayed %d times", n)
	}
	b.log.Close()
}

// ending is a file that tells when it is written to and when it is closed.
type ending struct {
	vfs.File
	written, closed func()
}

func (f *ending) Write(b []byte) (int, error) {
	f.written()
	return f.File.Write(b)
}

func (f *ending) Close() error {
	err := f.File.Close()
	f.closed()
	return err
}

// TestAFileIsClosedBeforeTheNextBegins: an encrypted one gets its last mark then, and only the last file may have a torn end.
func TestAFileIsClosedBeforeTheNextBegins(t *testing.T) {
	b := newBench(t, Always)
	var closed, early atomic.Bool
	nothing := func() {}
	for _, f := range []*ending{
		{b.file("2"), nothing, func() { closed.Store(true) }},
		{b.file("3"), func() { early.Store(early.Load() || !closed.Load()) }, nothing},
	} {
		b.log.Cut(f)
		b.passes(b.set(1))
		if err := b.log.Changed(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.log.Close(); err != nil {
		t.Fatal(err)
	}
	if early.Load() || !closed.Load() {
		t.Errorf("written to too early: %v, closed: %v", early.Load(), closed.Load())
	}
}

// TestCut: what was recorded before a cut is in the old file and synced before anything is in the new one.
func TestCut(t *testing.T) {
	for name, p := range map[string]Policy{"always": Always, "everysec": EverySec, "no": No} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, p)
			b.set(1)
			b.log.Cut(b.file("2"))
			b.passes(b.set(2))
			if err := b.log.Changed(context.Background()); err != nil {
				t.Fatal(err)
			}
			if one, two := b.holds("1"), b.holds("2"); one != 1 || two != 1 {
				t.Errorf("%d and %d records", one, two)
			}
			synced := false
			for _, s := range b.disk.Steps() {
				synced = synced || s.Op == faults.Sync && s.Name == "1"
				if s.Op == faults.Write && s.Name == "2" && !synced {
					t.Error("the new file was written to before the old one was safe")
				}
			}
			b.passes(b.set(3))
			if err := b.log.Close(); err != nil {
				t.Fatal(err)
			}
			if n := b.holds("2"); n != 2 {
				t.Errorf("%d records", n)
			}
		})
	}
}

// TestStarting: a log without a file takes nothing before the first cut and makes nobody wait before it is whole.
func TestStarting(t *testing.T) {
	b := newBench(t, Always)
	b.log.Close()
	l, err := Open(nil, 0, Always, b.log.hooks)
	if err != nil {
		t.Fatal(err)
	}
	b.log = l
	if v := l.Reach(b.set(1)); v != Pass {
		t.Errorf("verdict %d", v)
	}
	l.Cut(b.file("2"))
	if v := l.Reach(b.set(2)); v != Pass {
		t.Errorf("verdict %d", v)
	}
	if err := l.Changed(context.Background()); err != nil {
		t.Fatal(err)
	}
	l.Mend()
	b.passes(b.set(3))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if n := b.holds("2"); n != 2 {
		t.Errorf("%d records", n)
	}
}

// TestTooMuchIsGivenUp: what cannot be written is not kept in memory for ever.
func TestTooMuchIsGivenUp(t *testing.T) {
	b := newBench(t, No)
	b.disk.Add(faults.Full(0))
	b.log.most = 1000
	long := [][]byte{make([]byte, 400)}
	b.until("the file is given up", func() bool {
		b.log.Command(0, long)
		b.log.Reach(b.log.Appended())
		return b.broken.Load() == 1
	})
	if n := b.log.Figures().Buffer; n != 0 {
		t.Errorf("%d bytes are kept", n)
	}
	if err := b.log.Close(); !errors.Is(err, errNoFile) {
		t.Errorf("closed with %v", err)
	}
}

// BenchmarkCommand is what recording costs a command of a pipeline: 270 ns for a short SET, of which most is a sixteenth of the system's write.
func BenchmarkCommand(b *testing.B) {
	f, err := vfs.OS.Open(filepath.Join(b.TempDir(), "f"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	l, err := Open(f, 0, No, quiet(b))
	if err != nil {
		b.Fatal(err)
	}
	w := words("SET", "key:000000000001", "12345678901234567890123456789012")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l.Command(0, w)
		if i%16 == 15 {
			l.Reach(l.Appended())
		}
	}
	l.Close()
}
