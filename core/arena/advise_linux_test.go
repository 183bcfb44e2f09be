// Locked pages go back to the system too, and large pages change nothing but their size.

package arena

import (
	"bytes"
	"testing"

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
