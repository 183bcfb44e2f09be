// Files under an arena, on Linux: shared mappings, blocks set aside, holes.

package arena

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps n bytes of a file that may be much shorter. They stay out of core dumps.
func mapFile(f *os.File, n int) ([]byte, error) {
	m, err := unix.Mmap(int(f.Fd()), 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_NORESERVE)
	if err == nil {
		advise(m)
	}
	return m, err
}

// setAside has the file system promise blocks for pages; the file grows where it ends before them.
func setAside(f *os.File, from, pages uint64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, int64(from)<<pageBits, int64(pages)<<pageBits)
		if err != unix.EINTR {
			return err
		}
	}
}

// punch gives the file's blocks of some pages back; they read as zero afterwards.
func punch(m []byte) { _ = unix.Madvise(m, unix.MADV_REMOVE) }
