// Listpacks: editing, against a plain slice of texts under random operations.

package pack

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// edit is a pack and the texts it should hold.
type edit struct {
	t     *testing.T
	lp    Listpack
	model []string
}

// splice does Splice in a block of exactly the announced size, SpliceTo and SpliceRun, and wants all three to give the same.
func (x *edit) splice(i, j int, texts ...string) {
	x.t.Helper()
	at, end := x.lp.Skip(headerSize, i), x.lp.Skip(headerSize, j)
	var elems []Elem
	for _, s := range texts {
		elems = append(elems, Text([]byte(s)))
	}
	size := len(x.lp) - (end - at) + Size(elems...)
	block := func() Listpack { return append(make(Listpack, 0, max(size, len(x.lp))), x.lp...) }
	got := block().Splice(at, end, elems...)
	if copied := x.lp.SpliceTo(make([]byte, size), at, end, elems...); !bytes.Equal(copied, got) || len(got) != size {
		x.t.Fatalf("SpliceTo gives %.200x\nSplice gives %.200x, announced length %d", copied, got, size)
	}
	other := buildPack(texts...)
	if run := block().SpliceRun(at, end, other.body(), len(texts)); !bytes.Equal(run, got) {
		x.t.Fatalf("SpliceRun gives %.200x\nSplice gives %.200x", run, got)
	}
	x.lp, x.model = got, slices.Replace(x.model, i, j, texts...)
	x.lp.check(x.t, x.model)
}

// step is one operation chosen by op at a place chosen by where.
func (x *edit) step(op, where int, text string) {
	x.t.Helper()
	n := len(x.model)
	i := 0
	if n > 0 {
		i = where % n
	}
	grown := slices.Grow(x.lp, 3*(len(text)+10))
	switch e := Text([]byte(text)); {
	case op == 0:
		x.lp, x.model = grown.Append(e), append(x.model, text)
	case op == 1:
		x.lp, x.model = grown.Prepend(e, Number(7)), slices.Insert(x.model, 0, text, "7")
	case op == 2:
		x.splice(i, i, text, text+"b", "12")
		return
	case n == 0:
		return
	case op == 3:
		x.lp, x.model = grown.Insert(x.lp.Seek(i), e), slices.Insert(x.model, i, text)
	case op == 4:
		x.lp, x.model[i] = grown.Replace(x.lp.Seek(i), e), text
	case op == 5:
		x.lp, x.model = x.lp.Delete(x.lp.Seek(i)), slices.Delete(x.model, i, i+1)
	case op == 6:
		j := min(n, i+1+where%3)
		x.lp, x.model = x.lp.DeleteRange(x.lp.Seek(i), j-i), slices.Delete(x.model, i, j)
	case op == 7 && where%8 == 0:
		x.lp, x.model = x.lp.Truncate(x.lp.Seek(i)), x.model[:i]
	default:
		x.splice(i, min(n, i+2), text)
		return
	}
	x.lp.check(x.t, x.model)
}

func TestEditAgainstModel(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 1))
	edges := edgeTexts()
	for range 40 {
		x := &edit{t, buildPack(), nil}
		for range 150 {
			text := randomText(r)
			if r.IntN(6) == 0 {
				text = edges[r.IntN(len(edges))]
			}
			x.step(r.IntN(9), r.IntN(1000), text)
		}
	}
}

func TestMerge(t *testing.T) {
	a, b := []string{"1", "two", strings.Repeat("3", 200)}, []string{"four", "5"}
	for _, c := range []struct{ a, b []string }{{a, b}, {nil, b}, {a, nil}, {nil, nil}} {
		left, right := buildPack(c.a...), buildPack(c.b...)
		size := left.MergeSize(right)
		block := append(make(Listpack, 0, size), left...)
		want := append(slices.Clone(c.a), c.b...)
		block.Merge(right).check(t, want)
		block = append(make(Listpack, 0, size), right...)
		got := block.MergeFront(left)
		if got.check(t, want); len(got) != size {
			t.Errorf("%d bytes, announced %d", len(got), size)
		}
	}
}

// A count of 65,535 or more does not fit in the header: it is lost until Recount, as in Redis.
func TestCountBeyondTheHeader(t *testing.T) {
	var b Builder
	for range unknownCount - 1 {
		b.Add(Number(1))
	}
	lp := slices.Grow(b.Done(), 4000)
	if lp.count() != unknownCount-1 {
		t.Fatalf("the header has %d", lp.count())
	}
	lp = lp.Append(Number(2))
	if lp.count() != unknownCount || lp.Len() != unknownCount {
		t.Fatalf("the header has %d, Len is %d", lp.count(), lp.Len())
	}
	lp = lp.Append(Number(3), Number(4))
	if lp.Len() != unknownCount+2 || !lp.Get(lp.Seek(-3)).Equal([]byte("2")) || !lp.Get(lp.Seek(unknownCount)).Equal([]byte("3")) {
		t.Fatalf("Len is %d", lp.Len())
	}
	lp = lp.DeleteRange(lp.First(), 10)
	if lp.count() != unknownCount || lp.Len() != unknownCount-8 || !lp.Valid(true) {
		t.Fatalf("the header has %d, Len is %d", lp.count(), lp.Len())
	}
	if lp.Recount(); lp.count() != unknownCount-8 || !lp.Valid(true) {
		t.Fatalf("recounted the header has %d", lp.count())
	}
	if merged := lp.Merge(buildPack(strings.Split(strings.Repeat("1,", 20), ",")...)); merged.count() != unknownCount {
		t.Fatalf("merged the header has %d", merged.count())
	}
	if merged := slices.Grow(buildPack("a"), len(lp)).MergeFront(lp.Append(Number(1)).lose()); merged.count() != unknownCount || merged.Len() != unknownCount-6 {
		t.Fatalf("merged with a pack of unknown count the header has %d, Len is %d", merged.count(), merged.Len())
	}
	if lp = lp.Truncate(lp.First()); lp.Len() != 0 || lp.count() != 0 {
		t.Fatalf("emptied the header has %d", lp.count())
	}
	if lp = lp.SpliceRun(lp.First(), lp.End(), buildPack("a", "b").body(), -1); lp.count() != unknownCount || lp.Len() != 2 {
		t.Fatalf("of a run of unknown length the header has %d", lp.count())
	}
}

// lose makes the count unknown.
func (lp Listpack) lose() Listpack {
	lp.setCount(unknownCount)
	return lp
}

func TestEditStaysInTheBlock(t *testing.T) {
	block := bytes.Repeat([]byte{0xAB}, 64)
	lp := NewListpack(block[:40:40])
	fill := Text([]byte(strings.Repeat("f", 40-emptySize-2)))
	if lp = lp.Append(fill); len(lp) != 40 {
		t.Fatalf("length %d", len(lp))
	}
	if !bytes.Equal(block[40:], bytes.Repeat([]byte{0xAB}, 24)) {
		t.Error("written behind the block")
	}
	defer func() {
		if recover() == nil || !lp.Valid(true) {
			t.Error("an edit beyond the block did not panic, or did damage")
		}
	}()
	lp.Append(Number(1))
}

func TestFits(t *testing.T) {
	lp := buildPack()
	if !lp.Fits(MaxListpack-len(lp)) || lp.Fits(MaxListpack-len(lp)+1) {
		t.Error("the limit is elsewhere")
	}
}

func TestEditDoesNotAllocate(t *testing.T) {
	block := make([]byte, 4096)
	field, value, number := []byte("field"), []byte("value"), []byte("1234567")
	if n := testing.AllocsPerRun(100, func() {
		lp := NewListpack(block)
		for range 40 {
			lp = lp.Append(Text(field), Text(value))
		}
		lp = lp.Prepend(Text(number), Text(value))
		p := lp.Find(lp.First(), number, 1)
		lp = lp.Replace(lp.Next(p), Number(5))
		lp = lp.DeleteRange(p, 2)
		lp = lp.Delete(lp.Seek(-5))
		if lp.Get(lp.Last()).IsNum() || Size(Text(field), Number(3)) != 9 {
			t.Fatal("wrong")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzListpackEdit reads operations: what, where, how long the text is, the text.
func FuzzListpackEdit(f *testing.F) {
	f.Add([]byte("\x00\x00\x03abc\x01\x00\x021\x32\x02\x01\x05hello\x05\x00\x00\x08\x00\x01x\x04\x00\x03-99\x06\x01\x00\x07\x08\x00"))
	f.Add([]byte("\x00\x00\xff" + strings.Repeat("z", 255) + "\x03\x00\x0a1234567890\x04\x01\x050000a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		x := &edit{t, buildPack(), nil}
		for ops := 0; len(b) >= 3 && ops < 60; ops++ {
			n := min(int(b[2]), len(b)-3)
			x.step(int(b[0]%9), int(b[1]), string(b[3:3+n]))
			b = b[3+n:]
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	lp, _ := benchHash(20)
	lp = slices.Grow(lp, 100)
	size := len(lp)
	value := []byte("some value")
	b.Run("text", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			lp = lp.Append(Text(value))
			lp = lp.Truncate(size - 1)
		}
	})
	b.Run("insert+delete", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			lp = lp.Insert(headerSize, Text(value))
			lp = lp.Delete(headerSize)
		}
	})
	b.Run("replace", func(b *testing.B) {
		b.ReportAllocs()
		p := lp.Seek(5)
		for b.Loop() {
			lp = lp.Replace(p, Number(1234567))
		}
	})
}
