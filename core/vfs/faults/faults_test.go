package faults

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/simdisk"
)

func file1(t *testing.T, s vfs.FS, name string) vfs.File {
	t.Helper()
	f, err := s.Open(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func text(t *testing.T, s vfs.FS, name string) string {
	t.Helper()
	f, err := s.Open(name, os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAFullDiskTakesTheFirstBytes(t *testing.T) {
	s := New(simdisk.New())
	full := Full(7)
	s.Add(full)
	f := file1(t, s, "/a")
	for _, w := range []struct {
		text string
		n    int
		err  error
	}{{"12345", 5, nil}, {"678", 2, syscall.ENOSPC}, {"9", 0, syscall.ENOSPC}} {
		if n, err := f.Write([]byte(w.text)); n != w.n || !errors.Is(err, w.err) {
			t.Errorf("writing %q gives %d, %v", w.text, n, err)
		}
	}
	s.Drop(full)
	if _, err := f.Write([]byte("x")); err != nil {
		t.Error(err)
	}
	if got := text(t, s, "/a"); got != "1234567x" {
		t.Errorf("the file holds %q", got)
	}
}

func TestARuleMeetsItsFileAndItsTurn(t *testing.T) {
	s := New(simdisk.New())
	s.Add(&Rule{Op: Sync, Name: "*.aof", Skip: 1, Once: true, Err: syscall.EIO})
	a, b := file1(t, s, "/x.aof"), file1(t, s, "/x.rdb")
	var got []bool
	for range 3 {
		got = append(got, a.Sync() != nil, b.Sync() != nil)
	}
	if fmt.Sprint(got) != "[false false true false false false]" {
		t.Errorf("the syncs that failed: %v", got)
	}
}

func TestAFailedSyncLosesThePages(t *testing.T) {
	d := simdisk.New()
	s := New(d)
	s.Add(BadSync(""))
	f := file1(t, s, "/a")
	f.Write([]byte("lost"))
	if err := f.Sync(); !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if err := s.SyncDir("/"); err != nil {
		t.Fatal(err)
	}
	if got := text(t, d.PowerCut(1), "/a"); got != "\x00\x00\x00\x00" {
		t.Errorf("after the cut the file holds %q", got)
	}
}

func TestAReadOnlySystemTakesNoChange(t *testing.T) {
	s := New(simdisk.New())
	f := file1(t, s, "/a")
	s.Add(ReadOnly())
	_, create := s.Open("/b", os.O_CREATE|os.O_RDWR, 0o600)
	_, write := f.Write([]byte("x"))
	for i, err := range []error{create, write, f.Truncate(0), s.Rename("/a", "/b"), s.Remove("/a"), s.MkdirAll("/d", 0o700)} {
		if !errors.Is(err, syscall.EROFS) {
			t.Errorf("change %d gives %v", i, err)
		}
	}
	if got := text(t, s, "/a"); got != "" {
		t.Errorf("the file holds %q", got)
	}
}

func TestWaitingIsDoneWithoutTheLock(t *testing.T) {
	s := New(simdisk.New())
	f := file1(t, s, "/a")
	waited, others := make(chan bool), make(chan bool)
	s.Add(&Rule{Op: Sync, Once: true, Wait: func() { waited <- true; <-others }})
	go func() { f.Sync(); waited <- true }()
	<-waited
	file1(t, s, "/b").Write([]byte("x")) // goes through meanwhile
	others <- true
	<-waited
}

// TestEveryStepCanBeTheLast ends the process at each step of a small run.
func TestEveryStepCanBeTheLast(t *testing.T) {
	run := func(s *FS) error {
		f, err := s.Open("/t", os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return err
		}
		for _, do := range []func() error{
			func() error { _, err := f.Write([]byte("x")); return err }, f.Sync,
			func() error { return s.Rename("/t", "/a") }, func() error { return s.SyncDir("/") }, func() error { return s.Remove("/a") },
		} {
			if err := do(); err != nil {
				return err
			}
		}
		return nil
	}
	s := New(simdisk.New())
	if err := run(s); err != nil {
		t.Fatal(err)
	}
	want := s.Steps()
	if fmt.Sprint(want) != "[{create t 0 <nil>} {write t 1 <nil>} {sync t 0 <nil>} {rename a 0 <nil>} {syncdir / 0 <nil>} {remove a 0 <nil>}]" {
		t.Errorf("the steps are %v", want)
	}
	for n := range want {
		s, killed := New(simdisk.New()), 0
		s.KillAt(n, func() { killed++ })
		if err := run(s); !errors.Is(err, ErrKilled) || killed != 1 || len(s.Steps()) != n {
			t.Errorf("killed at %d: %v, %d times, %d steps", n, err, killed, len(s.Steps()))
		}
		if _, err := s.Open("/t", os.O_RDONLY, 0); !errors.Is(err, ErrKilled) {
			t.Errorf("a dead process opens files: %v", err)
		}
	}
}
