// Listpacks: reading, against the texts they were built of.

package pack

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// check compares a pack with the texts that it should hold, forwards, backwards and by index.
func (lp Listpack) check(t *testing.T, model []string) {
	t.Helper()
	if !lp.Valid(true) || lp.Len() != len(model) {
		t.Fatalf("valid %v, %d elements, want %d", lp.Valid(true), lp.Len(), len(model))
	}
	p := lp.First()
	for i, s := range model {
		e := lp.Get(p)
		if _, isNum := ParseInt([]byte(s)); string(e.Append(nil)) != s || e.IsNum() != isNum {
			t.Fatalf("element %d is %.60q, want %.60q", i, e.Append(nil), s)
		}
		p = lp.Next(p)
	}
	if p != lp.End() {
		t.Fatalf("the walk ends at %d, not %d", p, lp.End())
	}
	p = lp.Last()
	for i := len(model) - 1; i >= 0; i-- {
		if !lp.Get(p).Equal([]byte(model[i])) {
			t.Fatalf("backwards element %d is %.60q, want %.60q", i, lp.Get(p).Append(nil), model[i])
		}
		p = lp.Prev(p)
	}
	if p != NotFound {
		t.Fatalf("the walk back ends at %d", p)
	}
}

func TestSeek(t *testing.T) {
	for n := range 12 {
		var model []string
		for i := range n {
			model = append(model, fmt.Sprint("e", i))
		}
		lp := buildPack(model...)
		for range 2 {
			for i := -n - 2; i <= n+1; i++ {
				p := lp.Seek(i)
				switch {
				case i >= n || i < -n:
					if p != NotFound {
						t.Fatalf("%d of %d is at %d", i, n, p)
					}
				case p == NotFound || !lp.Get(p).Equal([]byte(model[(i+n)%n])):
					t.Fatalf("%d of %d is at %d", i, n, p)
				}
			}
			lp.setCount(unknownCount)
		}
		if lp.Skip(lp.First(), n+5) != lp.End() {
			t.Fatal("Skip passes the end")
		}
	}
}

func TestFind(t *testing.T) {
	model := append(edgeTexts(), "-", "a", "0")
	lp := buildPack(model...)
	texts := append(slices.Clone(model), "absent", "77", "-77777777", strings.Repeat("x", 61), strings.Repeat("x", 4097), strings.Repeat("y", 4096))
	for skip := range 4 {
		for from := range 5 {
			for _, s := range texts {
				want := NotFound
				for i := from; i < len(model); i += skip + 1 {
					if model[i] == s {
						want = lp.Seek(i)
						break
					}
				}
				if got := lp.Find(lp.Seek(from), []byte(s), skip); got != want {
					t.Fatalf("Find(%d, %.30q, %d) is %d, want %d", from, s, skip, got, want)
				}
			}
		}
	}
	if lp.Find(lp.End(), []byte("a"), 0) != NotFound || buildPack().Find(headerSize, nil, 1) != NotFound {
		t.Error("found where nothing is")
	}
}

// A pack from outside may hold numbers as texts and in wider encodings than needed.
func TestForeignEncodings(t *testing.T) {
	lp := Listpack("\x00\x00\x00\x00\x04\x00" + "\x8212\x03" + "\xf1\x0c\x00\x03" + "\xf4\x0c\x00\x00\x00\x00\x00\x00\x00\x09" + "\xf0\x01\x00\x00\x00z\x06" + "\xff")
	lp.setTotal()
	if !lp.Valid(true) {
		t.Fatal("not valid")
	}
	if p := lp.Find(lp.First(), []byte("12"), 0); p != lp.First() || lp.Get(p).IsNum() {
		t.Errorf("the text is at %d", p)
	}
	if p := lp.Find(lp.Seek(1), []byte("12"), 0); p != lp.Seek(1) {
		t.Errorf("the wide number is at %d", p)
	}
	if p := lp.Find(lp.Seek(2), []byte("12"), 0); p != lp.Seek(2) {
		t.Errorf("the widest number is at %d", p)
	}
	if p := lp.Find(lp.First(), []byte("z"), 0); p != lp.Seek(3) {
		t.Errorf("the text with a long header is at %d", p)
	}
}

func TestOpenListpack(t *testing.T) {
	lp := buildPack("a", "b")
	block := append(append(make([]byte, 0, 100), lp...), "the rest of the block"...)
	if got := OpenListpack(block); len(got) != len(lp) || cap(got) != 100 || !got.Valid(true) {
		t.Errorf("length %d, capacity %d", len(got), cap(got))
	}
}

// benchHash is a hash of n fields of 8 bytes with values of 14.
func benchHash(n int) (Listpack, [][]byte) {
	r := rand.New(rand.NewPCG(5, 5))
	var b Builder
	var fields [][]byte
	for i := range n {
		f := fmt.Appendf(nil, "field%03d", i)
		fields = append(fields, f)
		b.Add(Text(f))
		b.Add(Text(fmt.Appendf(nil, "value-%08x", r.Uint32())))
	}
	return b.Done(), fields
}

func BenchmarkFind(b *testing.B) {
	for _, n := range []int{10, 20, 128} {
		lp, fields := benchHash(n)
		b.Run(fmt.Sprint(n, "fields"), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if i++; i == n {
					i = 0
				}
				if lp.Find(lp.First(), fields[i], 1) == NotFound {
					b.Fatal("not found")
				}
			}
		})
	}
}

func BenchmarkGet(b *testing.B) {
	lp, _ := benchHash(20)
	b.Run("walk40", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			for p := lp.First(); p < lp.End(); p = lp.Next(p) {
				n += len(lp.Get(p).Text)
			}
		}
	})
	b.Run("seek", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			lp.Seek(-11)
		}
	})
}
