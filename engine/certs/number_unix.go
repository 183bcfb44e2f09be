//go:build unix

// The number of a file, which changes when another takes its place.

package certs

import (
	"io/fs"
	"syscall"
)

func fileNumber(info fs.FileInfo) uint64 {
	if s, is := info.Sys().(*syscall.Stat_t); is {
		return uint64(s.Ino)
	}
	return 0
}
