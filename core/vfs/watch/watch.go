// A layer that knows what the disk has been asked and has not answered.

// Package watch tells for how long a file system has not answered. A call into a disk that hangs (a dead network mount, a frozen device) cannot be ended and has no error: all that can be
// done is to say so, and not to wait for it where nothing depends on it. It costs two stores and two looks at the clock for each call.
package watch

import (
	"io"
	"io/fs"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// places is how many calls are known at a time. Of more, which only as many goroutines could have begun, some are not seen.
const places = 64

// FS is the layer.
type FS struct {
	below vfs.FS
	calls [places]call
	turn  atomic.Uint32
}

// call is a place for one that is under way.
type call struct {
	began atomic.Int64 // Unix ns; 0: the place is free
	what  atomic.Pointer[step]
}

// step is a call without its moment.
type step struct{ op, name string }

// Over puts the layer over a file system.
func Over(below vfs.FS) *FS { return &FS{below: below} }

// Unanswered is for how long the oldest call has been waiting, and which it is: the operation and the last name of its file. 0 and "": none is.
func (s *FS) Unanswered() (time.Duration, string) {
	var oldest int64
	what := ""
	for i := range s.calls {
		c := &s.calls[i]
		began := c.began.Load()
		if began == 0 || oldest != 0 && began >= oldest {
			continue
		}
		if of := c.what.Load(); of != nil {
			oldest, what = began, of.op+" "+filepath.Base(of.name)
		}
	}
	if oldest == 0 {
		return 0, ""
	}
	return max(time.Duration(time.Now().UnixNano()-oldest), 0), what
}

// begin takes note of a call, end of its return; nil: there was no place.
func (s *FS) begin(of *step) *call {
	now := time.Now().UnixNano()
	for range places {
		c := &s.calls[s.turn.Add(1)%places]
		if c.began.Load() == 0 && c.began.CompareAndSwap(0, now) {
			c.what.Store(of)
			return c
		}
	}
	return nil
}

func (c *call) end() {
	if c != nil {
		c.what.Store(nil)
		c.began.Store(0)
	}
}

// Open and the others are those of vfs.FS.
func (s *FS) Open(name string, flags int, perm fs.FileMode) (vfs.File, error) {
	defer s.begin(&step{"open", name}).end()
	f, err := s.below.Open(name, flags, perm)
	if err != nil {
		return nil, err
	}
	return &file{File: f, fs: s, read: step{"read", name}, write: step{"write", name}, sync: step{"sync", name}, cut: step{"truncate", name}, close: step{"close", name}}, nil
}

func (s *FS) Rename(from, to string) error {
	defer s.begin(&step{"rename", to}).end()
	return s.below.Rename(from, to)
}

func (s *FS) Remove(name string) error {
	defer s.begin(&step{"remove", name}).end()
	return s.below.Remove(name)
}

func (s *FS) Stat(name string) (fs.FileInfo, error) {
	defer s.begin(&step{"stat", name}).end()
	return s.below.Stat(name)
}

func (s *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	defer s.begin(&step{"read", name}).end()
	return s.below.ReadDir(name)
}

func (s *FS) MkdirAll(name string, perm fs.FileMode) error {
	defer s.begin(&step{"mkdir", name}).end()
	return s.below.MkdirAll(name, perm)
}

func (s *FS) SyncDir(name string) error {
	defer s.begin(&step{"sync", name}).end()
	return s.below.SyncDir(name)
}

func (s *FS) Lock(name string) (io.Closer, error) {
	defer s.begin(&step{"lock", name}).end()
	return s.below.Lock(name)
}

// file is one of its files. The steps are made once: writing to a log allocates nothing.
type file struct {
	vfs.File
	fs                            *FS
	read, write, sync, cut, close step
}

func (f *file) Read(b []byte) (int, error) {
	defer f.fs.begin(&f.read).end()
	return f.File.Read(b)
}

func (f *file) ReadAt(b []byte, off int64) (int, error) {
	defer f.fs.begin(&f.read).end()
	return f.File.ReadAt(b, off)
}

func (f *file) Write(b []byte) (int, error) {
	defer f.fs.begin(&f.write).end()
	return f.File.Write(b)
}

func (f *file) Truncate(size int64) error {
	defer f.fs.begin(&f.cut).end()
	return f.File.Truncate(size)
}

func (f *file) Sync() error {
	defer f.fs.begin(&f.sync).end()
	return f.File.Sync()
}

func (f *file) Close() error {
	defer f.fs.begin(&f.close).end()
	return f.File.Close()
}
