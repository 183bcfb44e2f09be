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
