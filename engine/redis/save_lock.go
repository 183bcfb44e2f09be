// saveLock: what a server holds while it saves, so that a second one that saves to the same file is told of.

package redis

import (
	"errors"
	"io"
	"io/fs"
	"sync"
	"syscall"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/engine/redis/backup"
)

// saveLock is a lock beside the snapshot. Two servers that save to one file are a mistake, since the last to save decides what is found there, but no
// damage: so the second one warns and goes on, as the original does without a word. Only the append-only file is refused to a second one.
type saveLock struct {
	mu   sync.Mutex // guards what follows
	path string     // of the snapshot that was looked at last
	held io.Closer  // nil: another has it, or it could not be taken

	swept string // beside which snapshot the start has swept under the lock of the append-only file; "" once this lock was taken
}

// lockSuffix follows the name of the snapshot.
const lockSuffix = backup.SnapshotLock

// lockSnapshot takes the lock for the file that the settings name, and lets go of another one. Nobody who does not save needs one.
func (e *Engine) lockSnapshot() {
	k := &e.saves.lock
	path := ""
	if e.saves.rules.Text() != "" {
		path = e.dataFile(e.settings.Get("dbfilename"))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if path == k.path && (k.held != nil || path == "") {
		return
	}
	told := path == k.path
	k.release(e.fs)
	if path == "" || e.closing() {
		return
	}
	held, err := e.fs.Lock(path + lockSuffix)
	k.path, k.held = path, held
	if err == nil {
		if k.swept != path {
			e.sweepSnapshots()
		}
		k.swept = ""
		return
	}
	k.held = nil
	switch {
	case told:
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS):
		e.log.Warn("Snapshots cannot be saved here, and a stop that saves will fail: name a dir that may be written, or turn saving off with save \"\".", "error", err)
	case errors.Is(err, vfs.ErrLocked):
		e.log.Warn("Another server saves to the same file: whichever saves last decides what the next start finds. "+
			"Give this one a dir or a dbfilename of its own, or turn its saving off with save \"\".", "file", path)
	}
}

// sweepFirst is sweepSnapshots for who holds the lock of the append-only file. The lock of the snapshot, which is taken when all is loaded, has nothing left to sweep then.
func (e *Engine) sweepFirst() {
	k := &e.saves.lock
	k.mu.Lock()
	defer k.mu.Unlock()
	k.swept = e.dataFile(e.settings.Get("dbfilename"))
	e.sweepSnapshots()
}

// release lets go of the lock and takes its file away.
func (k *saveLock) release(files vfs.FS) {
	if k.held != nil {
		_ = files.Remove(k.path + lockSuffix) // first: behind the close it may be another's
		_ = k.held.Close()
	}
	k.path, k.held = "", nil
}

// unlockSnapshot is the end of the server.
func (e *Engine) unlockSnapshot() {
	k := &e.saves.lock
	k.mu.Lock()
	defer k.mu.Unlock()
	k.release(e.fs)
}
