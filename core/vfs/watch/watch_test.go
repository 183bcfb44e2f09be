package watch

import (
	"os"
	"sync"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/faults"
	"github.com/cachesrv/cachesrv/core/vfs/simdisk"
)

// TestUnansweredNamesTheOldestCall holds two calls up, and lets them go one after the other.
func TestUnansweredNamesTheOldestCall(t *testing.T) {
	broken := faults.New(simdisk.New())
	s := Over(broken)
	f, err := s.Open("/log", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if d, what := s.Unanswered(); d != 0 || what != "" {
		t.Errorf("with nothing under way: %v, %q", d, what)
	}
	release := map[faults.Op]chan struct{}{faults.Sync: make(chan struct{}), faults.Rename: make(chan struct{})}
	began := make(chan struct{})
	for op, c := range release {
		broken.Add(&faults.Rule{Op: op, Wait: func() {
			began <- struct{}{}
			<-c
		}})
	}
	var done [2]sync.WaitGroup
	for i, call := range []func() error{f.Sync, func() error { return s.Rename("/log", "/new") }} {
		done[i].Add(1)
		go func() {
			defer done[i].Done()
			if err := call(); err != nil {
				t.Error(err)
			}
		}()
		<-began
	}
	first, what := s.Unanswered()
	if first <= 0 || what != "sync log" {
		t.Errorf("the first is %v, %q", first, what)
	}
	close(release[faults.Sync])
	done[0].Wait()
	if d, what := s.Unanswered(); d <= 0 || what != "rename new" {
		t.Errorf("then it is %v, %q", d, what)
	}
	close(release[faults.Rename])
	done[1].Wait()
	if d, what := s.Unanswered(); d != 0 || what != "" {
		t.Errorf("in the end: %v, %q", d, what)
	}
}

// TestMoreCallsThanPlaces: they are made all the same.
func TestMoreCallsThanPlaces(t *testing.T) {
	s := Over(vfs.OS)
	for range 2 * places {
		s.begin(&step{"sync", "x"})
	}
	if _, err := s.Stat("."); err != nil {
		t.Error(err)
	}
}

func TestWatchedWritesAllocateNothing(t *testing.T) {
	f, err := Over(simdisk.New()).Open("/log", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	below := f.(*file).File
	without := testing.AllocsPerRun(100, func() { below.Write([]byte("x")) })
	if with := testing.AllocsPerRun(100, func() { f.Write([]byte("x")) }); with > without {
		t.Errorf("%v allocations, %v without the layer", with, without)
	}
}
