// loadFile: a file that is loaded from. Whoever reads it is not held up by a disk that does not answer once the engine closes.

package redis

import (
	"errors"
	"sync"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/engine"
)

// loadFile reads in goroutines of their own, one for each read, into memory of their own. When the engine closes, a read that is under way is left
// to itself: it touches nothing else, and ends when the disk answers or with the process. Then the file is closed by it.
type loadFile struct {
	vfs.File
	e *Engine

	mu      sync.Mutex // guards what follows
	free    [][]byte   // buffers of loadPiece bytes
	pending int        // reads under way
	closed  bool
}

// loadPiece is the most that is read at once: 256 KB take 20 µs or more, the goroutine and the copy 10.
const loadPiece = 256 << 10

var errReadPanic = errors.New("a panic while reading, see above")

type readResult struct {
	n   int
	err error
}

// loading wraps a file that is loaded from.
func (e *Engine) loading(f vfs.File) *loadFile { return &loadFile{File: f, e: e} }

func (f *loadFile) Read(b []byte) (int, error) {
	return f.apart(b[:min(len(b), loadPiece)], f.File.Read)
}

func (f *loadFile) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) && err == nil {
		at, more := off+int64(n), 0
		more, err = f.apart(b[n:min(len(b), n+loadPiece)], func(own []byte) (int, error) { return f.File.ReadAt(own, at) })
		n += more
	}
	return n, err
}

// apart has read fill a buffer, and waits for that or for the end.
func (f *loadFile) apart(b []byte, read func([]byte) (int, error)) (int, error) {
	own, ok := f.begin()
	if !ok {
		return 0, errClosing
	}
	got := make(chan readResult, 1)
	engine.Go("read of what is loaded", f.e.log, func() {
		res := readResult{err: errReadPanic}
		defer func() {
			f.end()
			got <- res
		}()
		res.n, res.err = read(own[:len(b)])
	})
	select {
	case res := <-got:
		copy(b, own[:res.n])
		f.mu.Lock()
		f.free = append(f.free, own)
		f.mu.Unlock()
		return res.n, res.err
	case <-f.e.background.stop:
		return 0, errClosing
	}
}

func (f *loadFile) begin() (own []byte, ok bool) {
	if f.e.closing() {
		return nil, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pending++
	if n := len(f.free); n > 0 {
		own, f.free = f.free[n-1], f.free[:n-1]
		return own, true
	}
	return make([]byte, loadPiece), true
}

func (f *loadFile) end() {
	f.mu.Lock()
	f.pending--
	last := f.closed && f.pending == 0
	f.mu.Unlock()
	if last {
		_ = f.File.Close()
	}
}

// Close leaves the file to a read that is under way.
func (f *loadFile) Close() error {
	f.mu.Lock()
	f.closed = true
	under := f.pending > 0
	f.mu.Unlock()
	if under {
		return nil
	}
	return f.File.Close()
}
