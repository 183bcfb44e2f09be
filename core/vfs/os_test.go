package vfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestWritingGoesOnWhereAFileWasCut(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	f, err := OS.Open(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, step := range []func() error{
		func() error { _, err := io.WriteString(f, "0123456789"); return err },
		func() error { return f.Truncate(4) },
		func() error { _, err := io.WriteString(f, "ab"); return err },
		f.Sync,
		func() error { return OS.SyncDir(filepath.Dir(name)) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := os.ReadFile(name)
	if size, _ := f.Size(); string(got) != "0123ab" || size != 6 {
		t.Errorf("the file holds %q, %d bytes", got, size)
	}
	if _, err := OS.Open(name+"x", os.O_RDONLY, 0); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
}

func TestALockIsHeldByOne(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	first, err := OS.Lock(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OS.Lock(name); !errors.Is(err, ErrLocked) {
		t.Fatalf("a second lock gives %v", err)
	}
	first.Close()
	again, err := OS.Lock(name)
	if err != nil {
		t.Fatalf("after the first was closed: %v", err)
	}
	again.Close()
}
