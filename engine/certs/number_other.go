//go:build !unix

// Where files have no numbers, size and time must do.

package certs

import "io/fs"

func fileNumber(fs.FileInfo) uint64 { return 0 }
