// Members of every length, and a score that is none.

package rank

import (
	"bytes"
	"math"
	"testing"

	"github.com/cachesrv/cachesrv/core/arena"
)

func TestMembers(t *testing.T) {
	a := newArena(t)
	for _, n := range []int{0, 1, 14, 15, 16, 254, 255, 256, 70_000} {
		name := bytes.Repeat([]byte{0xfe}, n)
		m := NewMember(a, -1.5, name)
		if Score(a, m) != -1.5 || !bytes.Equal(Name(a, m), name) {
			t.Errorf("a member of %d bytes came back with %d and score %v", n, len(Name(a, m)), Score(a, m))
		}
		if a.Used() != int64(arena.SizeOf(MemberBytes(n))) {
			t.Errorf("a member of %d bytes takes %d", n, a.Used())
		}
		to := MoveMember(a, m)
		if Score(a, to) != -1.5 || !bytes.Equal(Name(a, to), name) {
			t.Errorf("a member of %d bytes was moved badly", n)
		}
		FreeMember(a, to)
		if a.Used() != 0 {
			t.Fatalf("%d bytes left", a.Used())
		}
	}
	if arena.SizeOf(MemberBytes(15)) != 24 {
		t.Error("15 bytes do not fit into 24")
	}
}

// TestExtra: bytes behind the name are the owner's, and no tree minds them.
func TestExtra(t *testing.T) {
	a := newArena(t)
	tree := Open(a, Root{})
	for _, n := range []int{0, 16, 254, 255, 300} {
		name := bytes.Repeat([]byte{'x'}, n)
		m := NewMemberWith(a, float64(n), name, 24, arena.Fixed)
		copy(Extra(a, m, 24), "twenty-four bytes behind")
		tree.Insert(m)
		if !bytes.Equal(Name(a, m), name) || string(Extra(a, m, 24)) != "twenty-four bytes behind" || Score(a, m) != float64(n) {
			t.Errorf("a member of %d bytes came back wrong", n)
		}
	}
	if err := tree.Verify(); err != nil {
		t.Error(err)
	}
	for tree.Len() > 0 {
		c := tree.Seek(0)
		m, _, _ := tree.Ascend(&c)
		n := MemberBytes(len(Name(a, m))) + 24
		tree.Delete(m)
		a.Free(m, n)
	}
	if a.Used() != 0 {
		t.Errorf("%d bytes left", a.Used())
	}
}

func TestNaNStaysOut(t *testing.T) {
	a := newArena(t)
	tree := Open(a, Root{})
	m := NewMember(a, 1, []byte("x"))
	tree.Insert(m)
	for what, f := range map[string]func(){
		"NewMember": func() { NewMember(a, math.NaN(), nil) },
		"Update":    func() { tree.Update(m, math.NaN()) },
		"Below":     func() { tree.Below(math.NaN(), true) },
		"RankOf":    func() { tree.RankOf(math.NaN(), nil) },
	} {
		if !panics(f) {
			t.Errorf("%s took a score that is not a number", what)
		}
	}
	if err := tree.Verify(); err != nil {
		t.Error(err)
	}
}

func panics(f func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	f()
	return false
}
