// An open file.

package simdisk

import (
	"io"
	"io/fs"
	"os"
	"syscall"
)

// file is an open file; the disk's mutex guards it.
type file struct {
	d      *Disk
	n      *node
	name   string
	flags  int
	pos    int64
	closed bool
}

func (f *file) alive() error {
	if f.closed {
		return fs.ErrClosed
	}
	return nil
}

func (f *file) writable() error {
	if f.flags&(os.O_WRONLY|os.O_RDWR) == 0 {
		return syscall.EBADF
	}
	return f.alive()
}

func (f *file) Read(p []byte) (n int, err error) {
	err = f.d.look("read", f.name, func() error {
		n, err = f.read(p, f.pos)
		f.pos += int64(n)
		if n > 0 {
			return nil
		}
		return err
	})
	return n, err
}

func (f *file) ReadAt(p []byte, at int64) (n int, err error) {
	err = f.d.look("read", f.name, func() error {
		n, err = f.read(p, at)
		return err
	})
	return n, err
}

// read gives io.EOF with less than p, as io.ReaderAt wants it.
func (f *file) read(p []byte, at int64) (n int, err error) {
	switch {
	case f.alive() != nil:
		return 0, f.alive()
	case f.n.dir:
		return 0, syscall.EISDIR
	case at < 0:
		return 0, syscall.EINVAL
	case at < int64(len(f.n.data)):
		n = copy(p, f.n.data[at:])
	}
	if n < len(p) {
		err = io.EOF
	}
	return n, err
}

func (f *file) Write(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, f.d.look("write", f.name, f.writable)
	}
	err = f.d.step("write", f.name, func() error {
		if err := f.writable(); err != nil {
			return err
		}
		if f.flags&os.O_APPEND != 0 {
			f.pos = int64(len(f.n.data))
		}
		f.n.write(f.pos, p)
		f.n.mod = f.d.now()
		f.pos += int64(len(p))
		n = len(p)
		return nil
	})
	return n, err
}

func (f *file) Truncate(size int64) error {
	return f.d.step("truncate", f.name, func() error {
		if err := f.writable(); err != nil {
			return err
		}
		if size < 0 {
			return syscall.EINVAL
		}
		f.n.truncate(size)
		f.n.mod = f.d.now()
		f.pos = size
		return nil
	})
}

func (f *file) Size() (size int64, err error) {
	err = f.d.look("stat", f.name, func() error {
		size = int64(len(f.n.data))
		return f.alive()
	})
	return size, err
}

func (f *file) Sync() error {
	return f.d.step("sync", f.name, func() error {
		if err := f.alive(); err != nil {
			return err
		}
		f.n.sync()
		return nil
	})
}

// FailSync is a Sync that fails: what it should have made safe is lost. Layers that make faults call it in the place of Sync.
func (f *file) FailSync(with error) error {
	return f.d.look("sync", f.name, func() error {
		f.n.failSync()
		return with
	})
}

func (f *file) Close() error {
	return f.d.look("close", f.name, func() error {
		err := f.alive()
		f.closed = true
		return err
	})
}
