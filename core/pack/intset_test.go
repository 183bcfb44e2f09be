// Intsets against a sorted slice under random operations, damaged and random bytes.

package pack

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// buildIntset is the set of members, which are added one after the other.
func buildIntset(members ...int64) Intset {
	s := NewIntset(make([]byte, EmptyIntset))
	for _, v := range members {
		s, _ = slices.Grow(s, s.SizeWith(v)-len(s)).Add(v)
	}
	return s
}

// step adds or removes v in the set and its model and compares what both say.
func (s Intset) step(t *testing.T, model []int64, v int64, remove bool) (Intset, []int64) {
	t.Helper()
	i, found := slices.BinarySearch(model, v)
	if at, has := s.Search(v); at != i || has != found || s.Has(v) != found {
		t.Fatalf("Search(%d) is %d, %v; want %d, %v", v, at, has, i, found)
	}
	switch {
	case remove:
		var was bool
		if s, was = s.Remove(v); was != found {
			t.Fatalf("Remove(%d) is %v", v, was)
		}
		if found {
			model = slices.Delete(model, i, i+1)
		}
	default:
		size := s.SizeWith(v)
		tight := append(make(Intset, 0, size), s...) // exactly the room that was announced
		added, did := tight.Add(v)
		if did == found || did && len(added) != size {
			t.Fatalf("Add(%d) is %v, length %d, announced %d", v, did, len(added), size)
		}
		if s = added; did {
			model = slices.Insert(model, i, v)
		}
	}
	if s.Len() != len(model) || len(model) > 0 && !s.Valid(true) {
		t.Fatalf("%d members, want %d; valid %v", s.Len(), len(model), s.Valid(true))
	}
	for i, v := range model {
		if s.At(i) != v {
			t.Fatalf("member %d is %d, want %d", i, s.At(i), v)
		}
	}
	return s, model
}

func TestIntsetAgainstModel(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 1))
	for round := range 60 {
		s, model := buildIntset(), []int64(nil)
		bits := 3 + round
		for range 150 {
			v := int64(r.Uint64()) >> (64 - bits)
			s, model = s.step(t, model, v, r.IntN(3) == 0)
		}
		block := append(append(make([]byte, 0, len(s)+9), s...), "the rest."...)
		if len(OpenIntset(block)) != len(s) {
			t.Fatal("OpenIntset finds another length")
		}
	}
}

func TestIntsetWidens(t *testing.T) {
	for _, c := range []struct {
		first, then int64
		width       int
	}{
		{1, 1<<15 - 1, 2}, {1, 1 << 15, 4}, {1, -1 << 15, 2}, {1, -1<<15 - 1, 4}, {1, 1<<31 - 1, 4}, {1, 1 << 31, 8},
		{1, -1 << 31, 4}, {1, -1<<31 - 1, 8}, {1 << 20, -1 << 63, 8}, {1 << 20, 1<<63 - 1, 8},
	} {
		s := buildIntset(c.first, c.then)
		want := []int64{c.first, c.then}
		slices.Sort(want)
		if s.width() != c.width || s.At(0) != want[0] || s.At(1) != want[1] || len(s) != 8+2*c.width {
			t.Errorf("%d and %d: width %d, %d and %d", c.first, c.then, s.width(), s.At(0), s.At(1))
		}
		if s, _ = s.Remove(c.then); s.width() != c.width {
			t.Errorf("without %d the width is %d", c.then, s.width())
		}
	}
}

func TestIntsetDamage(t *testing.T) {
	good := buildIntset(-1, 5, 7)
	for i := range good {
		if good[:i].Valid(true) {
			t.Errorf("cut at %d it is valid", i)
		}
	}
	for at, to := range map[int]byte{0: 3, 1: 2, 4: 2, 5: 1, 7: 0x80, 9: 0x10, 12: 5} {
		bad := slices.Clone(good)
		bad[at] = to
		if bad.Valid(true) {
			t.Errorf("with %d at %d it is valid", to, at)
		}
	}
	if buildIntset().Valid(true) {
		t.Error("a set without members is valid")
	}
}

func TestIntsetStaysInTheBlock(t *testing.T) {
	s := NewIntset(make([]byte, intsetHeader+4))
	for v := range int64(2) {
		s, _ = s.Add(v)
	}
	for _, v := range []int64{2, 1 << 20} {
		func() {
			defer func() {
				if recover() == nil || !s.Valid(true) || s.Len() != 2 {
					t.Errorf("adding %d beyond the block did not panic, or did damage", v)
				}
			}()
			s.Add(v)
		}()
	}
}

func TestIntsetDoesNotAllocate(t *testing.T) {
	block := make([]byte, 1<<12)
	if n := testing.AllocsPerRun(50, func() {
		s := NewIntset(block)
		for v := range int64(200) {
			s, _ = s.Add(v * v * v)
		}
		for v := range int64(200) {
			s, _ = s.Remove(v * v * v)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzIntset takes nine bytes an operation: what to do and with which number. The bytes are also read as a set.
func FuzzIntset(f *testing.F) {
	f.Add([]byte("\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x32\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Add([]byte(buildIntset(1, 2, 1<<40)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if raw := Intset(b); raw.Valid(true) {
			for i := range raw.Len() {
				if at, found := raw.Search(raw.At(i)); !found || at != i {
					t.Fatalf("member %d is found at %d, %v", i, at, found)
				}
			}
		}
		s, model := buildIntset(), []int64(nil)
		for ; len(b) >= 9 && len(model) < 100; b = b[9:] {
			v := int64(binary.LittleEndian.Uint64(b[1:])) >> (b[0] & 0x3F)
			s, model = s.step(t, model, v, b[0]&0x40 != 0)
		}
	})
}

func BenchmarkIntset(b *testing.B) {
	s := NewIntset(make([]byte, 1<<16))
	for v := range int64(512) {
		s, _ = s.Add(v * 3)
	}
	v := int64(0)
	b.Run("has", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v = (v + 701) & 0x5FF
			s.Has(v)
		}
	})
	b.Run("add+remove", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s, _ = s.Add(100)
			s, _ = s.Remove(100)
		}
	})
}
