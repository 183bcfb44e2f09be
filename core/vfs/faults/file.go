// An open file that may fail.

package faults

import "github.com/cachesrv/cachesrv/core/vfs"

type file struct {
	vfs.File
	s    *FS
	name string
}

func (f *file) Read(p []byte) (int, error) {
	if _, err := f.s.ask(Read, f.name, 0); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f *file) ReadAt(p []byte, at int64) (int, error) {
	if _, err := f.s.ask(Read, f.name, 0); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, at)
}

// Write hands down what there is room for: a disk that fills up has taken the first bytes.
func (f *file) Write(p []byte) (int, error) {
	take, failed := f.s.ask(Write, f.name, len(p))
	if failed == nil {
		return f.File.Write(p)
	}
	n := 0
	if take > 0 {
		var err error
		if n, err = f.File.Write(p[:take]); err != nil {
			return n, err
		}
	}
	return n, failed
}

func (f *file) Truncate(size int64) error {
	if _, err := f.s.ask(Truncate, f.name, 0); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

// Sync that fails has lost the bytes; a simulated disk below is told so.
func (f *file) Sync() error {
	_, err := f.s.ask(Sync, f.name, 0)
	if err == nil {
		return f.File.Sync()
	}
	if d, can := f.File.(interface{ FailSync(error) error }); can {
		_ = d.FailSync(err)
	}
	return err
}
