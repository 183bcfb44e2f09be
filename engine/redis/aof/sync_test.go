// Settle: who has records syncs them without the syncer, unless Syncs take long.

package aof

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/faults"
)

// settling is a bench whose clock the test moves, and whose syncer and writer do nothing before they are let go.
type settling struct {
	*bench
	clock atomic.Int64
	wake  func() // lets the goroutines go
}

func newSettling(t *testing.T, p Policy) *settling {
	t.Helper()
	s := &settling{bench: &bench{T: t, disk: faults.New(vfs.OS), dir: t.TempDir()}}
	s.clock.Store(time.Now().UnixNano())
	asleep := make(chan struct{})
	s.wake = sync.OnceFunc(func() { close(asleep) })
	l, err := Open(s.file("1"), 0, p, Hooks{
		Moved: func() { s.moved.Add(1) }, Failed: func(error) { s.failed.Add(1) }, Broken: func(error) { s.broken.Add(1) },
		Mended: func() { s.mended.Add(1) }, Synced: func() { s.synced.Add(1) },
		Spawn: func(_ string, run func()) { go func() { <-asleep; run() }() },
		Now:   func() time.Time { return time.Unix(0, s.clock.Load()) }, Stamp: func() int64 { return 5 },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.log = l
	t.Cleanup(s.wake)
	return s
}

// settled records, settles, and tells what then becomes of the reply.
func (s *settling) settled(i int) Verdict {
	pos := s.set(i)
	s.log.Settle(pos)
	return s.log.Reach(pos)
}

func (s *settling) closes() {
	s.Helper()
	s.wake()
	if err := s.log.Close(); err != nil {
		s.Fatal(err)
	}
}

// syncs counts those of the file.
func (s *settling) syncs() (n int) {
	for _, step := range s.disk.Steps() {
		if step.Op == faults.Sync {
			n++
		}
	}
	return n
}

func TestSettleSyncsItself(t *testing.T) {
	s := newSettling(t, Always)
	for i := 1; i <= 5; i++ {
		before := s.syncs()
		if v := s.settled(i); v != Pass {
			t.Fatalf("record %d: verdict %d", i, v)
		}
		if n := s.syncs() - before; n != 1 || s.log.Synced() < s.log.Appended() || s.holds("1") != i {
			t.Fatalf("record %d: %d syncs, position %d of %d, %d records in the file", i, n, s.log.Synced(), s.log.Appended(), s.holds("1"))
		}
	}
	before := s.syncs()
	if s.log.Settle(s.log.Appended()); s.syncs() != before {
		t.Error("a Sync for what is safe already")
	}
	s.closes()
}

// TestSettleWritesOnly: where replies need no Sync they get none.
func TestSettleWritesOnly(t *testing.T) {
	for name, p := range map[string]Policy{"everysec": EverySec, "no": No} {
		t.Run(name, func(t *testing.T) {
			s := newSettling(t, p)
			before := s.syncs()
			if v := s.settled(1); v != Pass || s.holds("1") != 1 || s.syncs() != before {
				t.Errorf("verdict %d, %d records in the file, %d syncs", v, s.holds("1"), s.syncs()-before)
			}
			s.closes()
		})
	}
}

// TestF8SettleLeavesLongSyncs: after a long Sync nobody but the syncer waits for the next, until they are short again.
func TestF8SettleLeavesLongSyncs(t *testing.T) {
	s := newSettling(t, Always)
	s.disk.Add(&faults.Rule{Op: faults.Sync, Once: true, Wait: func() { s.clock.Add(int64(short) + 1) }})
	if v := s.settled(1); v != Pass {
		t.Fatalf("verdict %d", v)
	}
	before := s.syncs()
	if v := s.settled(2); v != Wait || s.syncs() != before {
		t.Fatalf("verdict %d, %d syncs", v, s.syncs()-before)
	}
	s.wake() // the syncer has been told, and finds the disk fast
	s.until("the syncer has done it", func() bool { return s.log.Synced() >= s.log.Appended() })
	s.passes(s.log.Appended())
	s.until("it is known to have been short", func() bool { return !s.log.slow() })
	pos := s.set(3)
	if s.log.Settle(pos); s.log.Synced() < pos {
		t.Error("short Syncs are left to the syncer")
	}
	s.closes()
}

// TestF8SettleBehindALongSync: one that runs is waited for only as long as it is short.
func TestF8SettleBehindALongSync(t *testing.T) {
	s := newSettling(t, Always)
	entered, gate, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	s.disk.Add(&faults.Rule{Op: faults.Sync, Once: true, Wait: func() { close(entered); <-gate }})
	go func() {
		defer close(done)
		s.log.Settle(s.set(1))
	}()
	<-entered
	s.clock.Add(int64(short) + 1)
	if v := s.settled(2); v != Wait {
		t.Errorf("verdict %d", v)
	}
	close(gate)
	<-done
	s.wake()
	s.passes(s.log.Appended())
	if s.moved.Load() == 0 {
		t.Error("nobody was told")
	}
	s.closes()
}

// TestF8SettleBehindALongChange: the same where the file is being changed, which can take as long.
func TestF8SettleBehindALongChange(t *testing.T) {
	s := newSettling(t, Always)
	if v := s.settled(1); v != Pass {
		t.Fatalf("verdict %d", v)
	}
	entered, gate := make(chan struct{}), make(chan struct{})
	s.disk.Add(&faults.Rule{Op: faults.Sync, Name: "1", Once: true, Wait: func() { close(entered); <-gate }})
	s.wake()
	s.log.Cut(s.file("2"))
	<-entered
	s.clock.Add(int64(short) + 1)
	if v := s.settled(2); v != Wait {
		t.Errorf("verdict %d", v)
	}
	close(gate)
	s.passes(s.log.Appended())
	s.closes()
	if one, two := s.holds("1"), s.holds("2"); one != 1 || two != 1 {
		t.Errorf("%d and %d records", one, two)
	}
}

// TestSettleTogether: from several goroutines at once, and with the end in between, everything is in the file once and in one piece, and never acknowledged before.
func TestSettleTogether(t *testing.T) {
	s := newSettling(t, Always)
	const workers, each = 4, 30
	var wait sync.WaitGroup
	for w := range workers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := range each {
				s.log.Command(0, words("SET", strconv.Itoa(w), strconv.Itoa(i)))
				pos := s.log.Appended()
				s.log.Settle(pos)
				if v := s.log.Reach(pos); v != Pass || s.log.Synced() < pos {
					t.Errorf("verdict %d at %d, synced is %d", v, pos, s.log.Synced())
				}
			}
		}()
	}
	wait.Wait()
	last := s.set(1)
	for range workers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			s.log.Settle(last)
		}()
	}
	s.closes()
	wait.Wait()
	s.log.Settle(last + 1)
	if n := s.holds("1"); n != workers*each+1 {
		t.Errorf("%d records", n)
	}
	if s.broken.Load()+s.failed.Load() != 0 {
		t.Error("the end counts as a failure")
	}
}

func TestF7SettleFails(t *testing.T) {
	s := newSettling(t, Always)
	if v := s.settled(1); v != Pass {
		t.Fatalf("verdict %d", v)
	}
	s.disk.Add(faults.BadSync("1"))
	for i := 2; i < 5; i++ {
		if v := s.settled(i); v != Lost {
			t.Errorf("record %d: verdict %d", i, v)
		}
	}
	if n := s.broken.Load(); n != 1 {
		t.Errorf("told %d times", n)
	}
}

func TestF6SettleFails(t *testing.T) {
	s := newSettling(t, Always)
	full := faults.Full(10)
	s.disk.Add(full)
	if v := s.settled(1); v != Lost || s.failed.Load() != 1 {
		t.Errorf("verdict %d, told %d times", v, s.failed.Load())
	}
	s.disk.Drop(full)
	s.wake()
	s.until("it is mended", func() bool { return s.mended.Load() == 1 })
	s.passes(s.set(2))
	s.closes()
}
