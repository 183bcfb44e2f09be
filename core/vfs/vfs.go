// The file system as persistence sees it: what it needs of files and directories, and nothing else.

// Package vfs is the one way to the disk for what has to outlive the process: snapshots, the append-only file, backups and the
// saved configuration of a data directory. OS is the real thing; simdisk is a disk that loses power, for tests; a layer that encrypts has the same shape.
//
// What is promised after a crash of the machine is what the systems underneath promise, and no more: the bytes of a file are safe once
// Sync has returned nil, its name and the outcome of Rename and Remove once SyncDir of the directory has. A Sync that failed has lost the
// bytes since the one before it: it must not be tried again on the same file in the hope of a better answer.
package vfs

import (
	"io"
	"io/fs"
)

// FS is a file system. Names are paths as the system takes them. All methods may be called from several goroutines at once; errors are
// those of package os, so errors.Is with fs.ErrNotExist or syscall.ENOSPC works.
type FS interface {
	// Open opens a file with flags of package os (os.O_RDONLY, os.O_CREATE and so on).
	Open(name string, flags int, perm fs.FileMode) (File, error)
	Rename(from, to string) error
	Remove(name string) error
	Stat(name string) (fs.FileInfo, error)
	ReadDir(name string) ([]fs.DirEntry, error)
	MkdirAll(name string, perm fs.FileMode) error
	// SyncDir makes the names in a directory as durable as Sync makes the bytes of a file.
	SyncDir(name string) error
	// Lock takes the file name, made if need be, for this process alone, until the lock is closed or the process ends.
	// ErrLocked if another has it.
	Lock(name string) (io.Closer, error)
}

// File is an open file. Write may take less than it was given only with an error; one goroutine at a time writes.
type File interface {
	io.Reader
	io.ReaderAt
	io.Writer
	io.Closer
	// Size is the length in bytes.
	Size() (int64, error)
	// Truncate cuts the file to size; writing goes on at its end.
	Truncate(size int64) error
	// Sync returns once everything written so far is on the disk.
	Sync() error
}
