// Locked pages go back to the system too, and large pages change nothing but their size.

package arena

import (
	"bytes"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

func TestDiscardOfLockedPages(t *testing.T) {
	m, err := reserve(16 << pageBits)
	if err != nil {
		t.Fatal(err)
	}
	defer release(m)
	if err := unix.Mlock(m); err != nil {
		t.Skip("this process may lock nothing: ", err)
	}
	for _, give := range []func([]byte){discard, discardLocked} {
		for i := range m {
			m[i] = 0xff
		}
		give(m[:8<<pageBits])
		if bytes.Count(m, []byte{0xff}) != 8<<pageBits || m[8<<pageBits] != 0xff {
			t.Error("what was discarded is not zero, or more was")
		}
	}
}

func TestHugePages(t *testing.T) {
	a, err := New(64 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err := a.HugePages(); err != nil && err != unix.EINVAL { // a kernel without them
		t.Error(err)
	}
	var refs []Ref
	for range 5000 {
		refs = append(refs, a.Alloc(1000, Movable))
	}
	for _, r := range refs {
		a.Free(r, 1000)
	}
	if a.Used() != 0 {
		t.Errorf("%d bytes used", a.Used())
	}
}

// TestFilling takes more than some large pages and looks what the system holds: no more than was used, and nothing comes back where pages were given away.
func TestFilling(t *testing.T) {
	a, err := New(64 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	a.Alloc(1000, Movable)
	a.Filling(true)
	n := 0
	for ; n < 9<<20; n += 1000 {
		if r := a.Alloc(1000, Movable); r == 0 {
			t.Fatal("no memory")
		} else {
			a.Bytes(r, 1000)[0] = 1
		}
	}
	a.Filling(false)
	top := a.pages.top << pageBits
	resident := make([]byte, len(a.mapping)>>pageBits)
	if _, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&a.mapping[0])), uintptr(len(a.mapping)), uintptr(unsafe.Pointer(&resident[0]))); errno != 0 {
		t.Skip("mincore: ", errno)
	}
	if extra := bytes.Count(resident[top>>pageBits:], []byte{1}); extra > 0 {
		t.Errorf("%d pages are resident that nobody has had", extra)
	}
	if used := bytes.Count(resident[:top>>pageBits], []byte{1}) << pageBits; used < n {
		t.Errorf("%d bytes are resident of %d", used, n)
	}
	if r := a.Alloc(1000, Movable); r == 0 {
		t.Error("no memory afterwards")
	}
}
