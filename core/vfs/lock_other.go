//go:build !unix

// Locks on files where there is no flock: a file that must not be there yet.

package vfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

type lockFile struct{ *os.File }

func (l lockFile) Close() error { return errors.Join(l.File.Close(), os.Remove(l.Name())) }

func lock(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, err
	}
	return lockFile{f}, nil
}
