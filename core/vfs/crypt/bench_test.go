package crypt

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// BenchmarkSnapshot writes and reads a whole file in pieces of 1 MB; BenchmarkGroups appends groups of 4 KB to a log.
func BenchmarkSnapshot(b *testing.B) {
	dir := b.TempDir()
	s, err := New(vfs.OS, dir, keyOf(b, 1))
	must(b, err)
	piece := make([]byte, 1<<20)
	name := filepath.Join(dir, "f")
	b.Run("write", func(b *testing.B) {
		b.SetBytes(64 << 20)
		for b.Loop() {
			f := open(b, s, name, fresh)
			for range 64 {
				f.Write(piece)
			}
			f.Close()
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(64 << 20)
		for b.Loop() {
			f := open(b, s, name, os.O_RDONLY)
			if n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{f}, piece); n != 64<<20 || err != nil {
				b.Fatal(n, err)
			}
			f.Close()
		}
	})
}

func BenchmarkGroups(b *testing.B) {
	dir := b.TempDir()
	s, err := New(vfs.OS, dir, keyOf(b, 1))
	must(b, err)
	f := open(b, s, filepath.Join(dir, "f"), appending)
	group := make([]byte, 4<<10)
	b.SetBytes(int64(len(group)))
	for b.Loop() {
		f.Write(group)
	}
	f.Close()
}
