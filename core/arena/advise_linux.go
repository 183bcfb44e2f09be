// Advice to Linux about the arena's pages.

package arena

import (
	"sync/atomic"

	"golang.org/x/sys/unix"
)

func advise(m []byte) { _ = unix.Madvise(m, unix.MADV_DONTDUMP) }

// cannotPopulate is set when the kernel does not know the advice: it is younger than Linux 5.14.
var cannotPopulate atomic.Bool

// populate makes pages resident in one call, where each would fault by itself otherwise: 16 KB at a time cost 11 µs a page instead of 16 on
// a virtual machine with nested page tables.
func populate(m []byte) {
	if !cannotPopulate.Load() && unix.Madvise(m, unix.MADV_POPULATE_WRITE) == unix.EINVAL {
		cannotPopulate.Store(true)
	}
}

// discardLocked is discard for locked pages, which kernels before 5.18 keep: there they are only cleared.
func discardLocked(m []byte) {
	if unix.Madvise(m, unix.MADV_DONTNEED_LOCKED) != nil {
		clear(m)
	}
}

// HugePages asks for pages of 2 MB under the range, which spare the processor looking addresses up. What is mapped then grows in such steps.
func (a *Arena) HugePages() error { return unix.Madvise(a.mapping, unix.MADV_HUGEPAGE) }
