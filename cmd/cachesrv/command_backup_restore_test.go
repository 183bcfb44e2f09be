// Where a backup may be restored: what a killed server has left is in nobody's way, and what a server holds is left alone.

package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/engine/redis/backup"
)

func TestRestoreBesideLocks(t *testing.T) {
	const snapshot, logDir = "mine.rdb", "appendonlydir"
	for _, c := range []struct {
		name   string
		files  []string
		held   string
		force  bool
		locked bool
		want   bool
		left   []string
	}{
		{name: "empty", want: true, left: []string{backup.LogLock}},
		{name: "left by a server that was killed", files: []string{"mine.rdb.lock", backup.LogLock}, want: true, left: []string{backup.LogLock}},
		{name: "held by one that saves", files: []string{"mine.rdb.lock"}, held: "mine.rdb.lock", locked: true},
		{name: "held, and force", files: []string{"mine.rdb.lock", "mine.rdb"}, held: "mine.rdb.lock", force: true, locked: true},
		{name: "held by one with a log", files: []string{backup.LogLock}, held: backup.LogLock, force: true, locked: true},
		{name: "a snapshot", files: []string{"mine.rdb", "mine.rdb.lock"}},
		{name: "a snapshot, and force", files: []string{"mine.rdb", "mine.rdb.lock"}, force: true, want: true, left: []string{backup.LogLock, "mine.rdb"}},
		{name: "somebody else's lock", files: []string{"other.lock"}},
	} {
		dir := t.TempDir()
		for _, name := range c.files {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if c.held != "" {
			lock, err := vfs.OS.Lock(filepath.Join(dir, c.held))
			if err != nil {
				t.Fatal(err)
			}
			defer lock.Close()
		}
		locks, err := lockForRestore(dir, snapshot, logDir, c.force)
		if (err == nil) != c.want || errors.Is(err, vfs.ErrLocked) != c.locked {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil {
			for _, name := range c.files {
				if _, err := os.Stat(filepath.Join(dir, name)); name == c.held && err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
			}
			continue
		}
		for _, l := range locks {
			if _, err := vfs.OS.Lock(l.path); !errors.Is(err, vfs.ErrLocked) {
				t.Errorf("%s: %s is not held while the backup comes: %v", c.name, l.path, err)
			}
		}
		locks.release()
		var left []string
		list, _ := os.ReadDir(dir)
		for _, f := range list {
			left = append(left, f.Name())
		}
		if !slices.Equal(left, c.left) {
			t.Errorf("%s: left are %v", c.name, left)
		}
	}
	if locks, err := lockForRestore(filepath.Join(t.TempDir(), "new"), snapshot, logDir, false); err != nil || locks != nil {
		t.Errorf("a directory that is to be made: %v, %v", locks, err)
	}
}
