// How address space is reserved and pages come from and go back to Windows, which wants to be asked for both.

package arena

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// reserve takes n bytes of addresses. They may not be touched before commit.
func reserve(n int) ([]byte, error) {
	p, err := windows.VirtualAlloc(0, uintptr(n), windows.MEM_RESERVE, windows.PAGE_READWRITE)
	if err != nil {
		return nil, err
	}
	return unsafe.Slice((*byte)(pointerTo(p)), n), nil
}

// pointerTo is the pointer of an address outside of the Go heap.
func pointerTo(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

func addressOf(m []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(m))) }

// commits tells whether reserved pages have to be committed before they are used.
const commits = true

// commit makes pages usable; those that are already stay as they are. false: the system has no memory left.
func commit(m []byte) bool {
	_, err := windows.VirtualAlloc(addressOf(m), uintptr(len(m)), windows.MEM_COMMIT, windows.PAGE_READWRITE)
	return err == nil
}

func release(m []byte) { _ = windows.VirtualFree(addressOf(m), 0, windows.MEM_RELEASE) }

// discard gives the pages back to the system; they have to be committed again.
func discard(m []byte) {
	if len(m) > 0 {
		_ = windows.VirtualFree(addressOf(m), uintptr(len(m)), windows.MEM_DECOMMIT)
	}
}
