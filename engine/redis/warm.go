// Warm restart: what the engine needs besides the data that stayed in the memory file, and when that data may be used.

package redis

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// A memo is the length and the time of the snapshot that lay on the disk at the end (16 bytes), and the libraries as FUNCTION DUMP gives
// them. Who puts another snapshot there while the server is down wants that one to be loaded.
const (
	memoHead    = 16
	noDump      = -1
	unknownDump = -2
)

var (
	errMemo     = errors.New("its notes are not those of a Redis server")
	errExchange = errors.New("the snapshot on the disk is not the one that was there when the server stopped")
)

// Memo is what the next start wants to know; false: the data should not stay. Call it after Close.
func (e *Engine) Memo() (memo []byte, keep bool) {
	if e.progress.on.Load() || e.stopping.discard.Load() {
		return nil, false
	}
	return append(e.dumpMark(), e.dumpLibraries()...), true
}

// dumpMark tells snapshots apart.
func (e *Engine) dumpMark() []byte {
	size, at := int64(noDump), int64(0)
	if info, err := e.fs.Stat(e.dataFile(e.settings.Get("dbfilename"))); err == nil {
		size, at = info.Size(), info.ModTime().UnixNano()
	} else if !errors.Is(err, fs.ErrNotExist) {
		size = unknownDump
	}
	mark := binary.LittleEndian.AppendUint64(nil, uint64(size))
	return binary.LittleEndian.AppendUint64(mark, uint64(at))
}

func (e *Engine) dumpLibraries() []byte {
	var w rdb.Writer
	for _, lib := range e.scripts.functions.load().libs {
		w.Library(lib.Source)
	}
	w.LibrariesFoot()
	return w.Out
}

// resume tells whether the store holds what it held when the server stopped, and nothing has to be loaded. If that must not be used, it
// is emptied.
func (e *Engine) resume() bool {
	warm := e.store.Warm()
	if !warm.Restored {
		return false
	}
	err := e.recall(warm.Memo)
	if err == nil {
		return true
	}
	e.log.Warn(fmt.Sprintf("The data in the memory file is not used: %v. The snapshot is loaded instead.", err))
	tx := e.store.NewTx()
	tx.Enter()
	defer tx.Leave()
	tx.Exclusive(func() { tx.Flush(-1, true) })
	return false
}

func (e *Engine) recall(memo []byte) error {
	if len(memo) < memoHead {
		return errMemo
	}
	if now := e.dumpMark(); string(memo[:memoHead]) != string(now) && int64(binary.LittleEndian.Uint64(now)) != noDump {
		return errExchange
	}
	sources, ok, err := rdb.Libraries(memo[memoHead:])
	if err != nil || !ok {
		return errMemo
	}
	set := noLibraries
	for _, source := range sources {
		lib, err := e.scripts.compile(source)
		if err != nil {
			return err
		}
		if set, err = set.with(lib, false); err != nil {
			return err
		}
	}
	return e.scripts.functions.change(func(*librarySet) (*librarySet, error) { return set, nil })
}
