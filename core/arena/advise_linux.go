// Advice to Linux about the arena's pages.

package arena

import (
	"sync/atomic"
	"unsafe"

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
func (a *Arena) HugePages() error {
	a.pages.mu.Lock()
	defer a.pages.mu.Unlock()
	a.huge = true
	return unix.Madvise(a.mapping, unix.MADV_HUGEPAGE)
}

const hugePage = 2 << 20

// Filling (true) says that much is going to be taken which nobody has had yet: that comes in pages of 2 MB then. Filling (false) is the end of it. The large pages that
// there are stay, but no hole in them is filled again, and what the last one has to spare goes back. A page of 4 KB costs about 15 µs for its two faults on a virtual
// machine with nested or shadowed tables, a third of all that loading a file of small collections takes.
func (a *Arena) Filling(on bool) {
	if a.file != nil {
		return
	}
	h := &a.pages
	h.mu.Lock()
	defer h.mu.Unlock()
	switch top := h.top << pageBits; {
	case a.huge:
	case on:
		a.filled = top
		_ = unix.Madvise(a.mapping[top:], unix.MADV_HUGEPAGE)
	case a.filled > 0:
		_ = unix.Madvise(a.mapping[a.filled:], unix.MADV_NOHUGEPAGE)
		base := uint64(uintptr(unsafe.Pointer(&a.mapping[0])))
		end := (base+top+hugePage-1)/hugePage*hugePage - base
		_ = unix.Madvise(a.mapping[top:min(end, uint64(len(a.mapping)))], unix.MADV_DONTNEED)
		a.filled = 0
	}
}
