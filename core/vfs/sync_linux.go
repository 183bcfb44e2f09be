// Making the bytes of a file safe, on Linux.

package vfs

import (
	"os"
	"syscall"
)

// Sync leaves out what fdatasync leaves out, the file's times: the length is made safe. A fifth less than fsync takes on ext4.
func (f file) Sync() error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	failed := raw.Control(func(fd uintptr) {
		for err = syscall.EINTR; err == syscall.EINTR; {
			err = syscall.Fdatasync(int(fd))
		}
	})
	if failed != nil {
		return failed
	}
	return os.NewSyscallError("fdatasync", err)
}
