//go:build unix

// How address space is reserved and pages go back to the system.

package arena

import "golang.org/x/sys/unix"

// reserve maps n bytes that cost nothing until they are touched. They stay out of core dumps.
func reserve(n int) ([]byte, error) {
	m, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|noReserve)
	if err == nil {
		advise(m)
	}
	return m, err
}

// commits tells whether reserved pages have to be committed before they are used. Here touching them is enough.
const commits = false

func commit([]byte) bool { return true }

func release(m []byte) { _ = unix.Munmap(m) }

// discard gives the pages back to the system; they read as zero afterwards. Of a process whose memory is locked the kernel does not take them so.
func discard(m []byte) {
	if unix.Madvise(m, unix.MADV_DONTNEED) == unix.EINVAL {
		discardLocked(m)
	}
}
