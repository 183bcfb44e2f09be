// backing: the file in which an arena keeps its pages, so that they outlive the process.

package arena

import (
	"errors"
	"fmt"
	"os"
)

// ErrNoFiles says that this system cannot keep an arena in a file.
var ErrNoFiles = errors.New("arena: memory files need Linux")

const (
	// The file grows by so many pages at once, with blocks that the file system has promised: a page that it could not give
	// when it is touched would end the process.
	growPages = 256

	// Page 0, which holds no block, begins with these bytes; the rest of it is the owner's.
	fileMark  = "cachesrv memory\n"
	markBytes = len(fileMark)
)

// backing is a nil pointer for an arena that is in no file. The page heap's mutex guards it.
type backing struct {
	f     *os.File
	pages uint64 // that the file has

	promise func(from, pages uint64) error // has the file system set pages aside; tests replace it
}

// NewIn is New for an arena that keeps its pages in a file, as they are there. The arena does not close it. Whoever else writes to the file, or cuts it,
// ends the process.
func NewIn(f *os.File, size int64) (*Arena, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	b := &backing{f: f, pages: uint64(info.Size()) >> pageBits}
	b.promise = func(from, pages uint64) error { return setAside(f, from, pages) }
	return open(size, b, func(n int) ([]byte, error) { return mapFile(f, n) })
}

// OurFile tells whether a file is empty, or one that an arena was kept in.
func OurFile(f *os.File) (bool, error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return err == nil, err
	}
	if !info.Mode().IsRegular() {
		return false, nil
	}
	var head [markBytes]byte
	if _, err := f.ReadAt(head[:min(int64(markBytes), info.Size())], 0); err != nil {
		return false, err
	}
	return string(head[:]) == fileMark, nil
}

// backed sees to it that pages can be touched. With an anonymous range they always can. h.mu is held.
func (h *pageHeap) backed(first, pages uint64) bool {
	b := h.a.file
	if b == nil {
		return true
	}
	if first+pages <= b.pages { // holes of pages that were given back
		return b.promise(first, pages) == nil
	}
	more := first + pages - b.pages
	grow := (more + growPages - 1) / growPages * growPages
	if b.promise(b.pages, grow) == nil {
		b.pages += grow
		return true
	}
	if b.promise(b.pages, more) != nil {
		return false
	}
	b.pages += more
	return true
}

// Mark is the part of page 0 that is the owner's, in a file.
func (a *Arena) Mark() []byte { return a.mapping[markBytes:pageSize] }

// begin makes page 0 of a new file.
func (h *pageHeap) begin() error {
	if b := h.a.file; b.pages == 0 {
		if err := b.promise(0, growPages); err != nil {
			return fmt.Errorf("arena: the file cannot grow: %w", err)
		}
		b.pages = growPages
	}
	copy(h.a.mapping, fileMark)
	return nil
}

// Sync writes what is in memory to the file's disk and cuts the file to what is used of it.
func (a *Arena) Sync() error {
	a.pages.mu.Lock()
	defer a.pages.mu.Unlock()
	b := a.file
	if err := b.f.Truncate(int64(a.pages.top) << pageBits); err != nil {
		return err
	}
	b.pages = a.pages.top
	return b.f.Sync()
}
