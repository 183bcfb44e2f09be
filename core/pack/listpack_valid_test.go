// Listpacks from outside: cut, damaged and random.

package pack

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

func TestListpackDamage(t *testing.T) {
	for _, s := range edgeTexts() {
		lp := buildPack(s, "x")
		if !lp.Valid(true) {
			t.Fatalf("with %.20q it is not valid", s)
		}
		for i := range lp {
			if i > 100 && i < len(lp)-20 {
				continue
			}
			cut := slices.Clone(lp[:i])
			if cut.Valid(true) || cut.Valid(false) {
				t.Fatalf("%.20q cut at %d is valid", s, i)
			}
			// The same with a header and an end that fit the shorter length.
			if i < emptySize {
				continue
			}
			cut[i-1] = endOfPack
			if cut.setTotal(); cut.Valid(true) || !cut.Valid(false) {
				t.Fatalf("%.20q cut at %d and closed: deep %v, shallow %v", s, i, cut.Valid(true), cut.Valid(false))
			}
		}
	}
	lp := buildPack("a", "3")
	for what, bad := range map[string]string{
		"a count too high":           "\x00\x00\x00\x00\x03\x00\x81a\x02\x03\x01\xff",
		"a count too low":            "\x00\x00\x00\x00\x01\x00\x81a\x02\x03\x01\xff",
		"an end inside":              "\x00\x00\x00\x00\x02\x00\x81a\x02\xff\x01\xff",
		"no encoding":                "\x00\x00\x00\x00\x02\x00\x81a\x02\xf5\x01\xff",
		"a back length too long":     "\x00\x00\x00\x00\x02\x00\x81a\x03\x03\x01\xff",
		"a back length of 0":         "\x00\x00\x00\x00\x02\x00\x81a\x02\x03\x00\xff",
		"a back length that runs":    "\x00\x00\x00\x00\x02\x00\x81a\x82\x03\x01\xff",
		"a text of 4 GB":             "\x00\x00\x00\x00\x01\x00\xf0\xff\xff\xff\xff\xff",
		"a text over the end":        "\x00\x00\x00\x00\x01\x00\xbfa\x02\x03\x01\xff",
		"bytes between the packs":    "\x00\x00\x00\x00\x02\x00\x81a\x02\x03\x01\x00\xff",
		"a number over the end":      "\x00\x00\x00\x00\x01\x00\xf4\x00\x00\x00\xff",
		"a header over the end":      "\x00\x00\x00\x00\x01\x00\xe1\xff",
		"a long header over its end": "\x00\x00\x00\x00\x01\x00\xf0\x01\x00\xff",
	} {
		b := Listpack(bad)
		if b.setTotal(); b.Valid(true) {
			t.Errorf("with %s it is valid", what)
		}
	}
	lp.setCount(unknownCount)
	if !lp.Valid(true) {
		t.Error("without a count it is not valid")
	}
	binary.LittleEndian.PutUint32(lp, uint32(len(lp)+1))
	if lp.Valid(false) {
		t.Error("with a wrong total it is valid")
	}
}

// repair is b with header, end and back lengths made right as far as its elements go: else the fuzzer gets nothing past Valid.
func repair(b []byte) Listpack {
	lp := Listpack(slices.Concat(buildPack()[:headerSize], b))
	lp.setCount(unknownCount)
	p := headerSize
	for p < len(lp) {
		size := sizeWithin(lp[p:])
		if size == 0 || p+size+backLen(size) > len(lp) {
			break
		}
		p += size + putBackLen(lp[p+size:], size)
	}
	lp = append(lp[:p], endOfPack)
	lp.setTotal()
	return lp
}

// FuzzListpackValid wants every method to work on what Valid has let pass, and the pack built anew to hold the same.
func FuzzListpackValid(f *testing.F) {
	f.Add([]byte(buildPack()))
	f.Add([]byte(buildPack("a", "1", "-4000", "70000", strings.Repeat("x", 70), "12345678901")))
	f.Add([]byte("\x11\x00\x00\x00\xff\xff\x8212\x03\xf1\x0c\x00\x03\xf5\x01\xff"))
	f.Add([]byte("\x8212\x03\xf1\x0c\x00\x03\xf3aaaa\x05\xf0\x01\x00\x00\x00z\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if lp := Listpack(b); lp.Valid(true) {
			lp.useAll(t)
		}
		lp := repair(b)
		if !lp.Valid(true) {
			t.Fatalf("repaired it is not valid: %x", lp)
		}
		lp.useAll(t)
	})
}

// useAll walks a pack in every way and builds it anew.
func (lp Listpack) useAll(t *testing.T) {
	t.Helper()
	if !lp.Valid(false) {
		t.Fatal("valid deep but not shallow")
	}
	var places []int
	var again Builder
	for p := lp.First(); p != lp.End(); p = lp.Next(p) {
		if p >= lp.End() {
			t.Fatalf("the walk passes the end: %d of %d", p, lp.End())
		}
		e := lp.Get(p)
		places = append(places, p)
		again.Add(e)
		if at := lp.Find(p, e.Append(nil), 0); at != p {
			t.Fatalf("the element at %d is found at %d", p, at)
		}
	}
	if lp.Len() != len(places) {
		t.Fatalf("%d elements, Len %d", len(places), lp.Len())
	}
	p := lp.End()
	for i := len(places) - 1; i >= 0; i-- {
		if p = lp.Prev(p); p != places[i] {
			t.Fatalf("backwards element %d is at %d, want %d", i, p, places[i])
		}
		if i%16 == 0 && (lp.Seek(i) != p || lp.Seek(i-len(places)) != p) {
			t.Fatalf("by index element %d is at %d and %d, want %d", i, lp.Seek(i), lp.Seek(i-len(places)), p)
		}
	}
	rebuilt := again.Done()
	if !rebuilt.Valid(true) || rebuilt.Len() != len(places) || len(rebuilt) > len(lp) {
		t.Fatalf("built anew: %d elements in %d bytes, before %d in %d", rebuilt.Len(), len(rebuilt), len(places), len(lp))
	}
}
