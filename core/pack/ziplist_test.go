// Ziplists built by an encoder of the tests, damaged and random ones.

package pack

import (
	"encoding/binary"
	"reflect"
	"strings"
	"testing"
)

// buildZiplist encodes texts as Redis before 7.0 did.
func buildZiplist(texts ...string) Ziplist {
	z, before, last := make([]byte, zipHeader), 0, zipHeader
	for _, s := range texts {
		last = len(z)
		if before < zipLong {
			z = append(z, byte(before))
		} else {
			z = binary.LittleEndian.AppendUint32(append(z, zipLong), uint32(before))
		}
		z = appendZipValue(z, s)
		before = len(z) - last
	}
	z = append(z, endOfPack)
	binary.LittleEndian.PutUint32(z, uint32(len(z)))
	binary.LittleEndian.PutUint32(z[4:], uint32(last))
	binary.LittleEndian.PutUint16(z[8:], uint16(min(len(texts), zipUnknown)))
	return z
}

func appendZipValue(z []byte, s string) []byte {
	n, isNum := ParseInt([]byte(s))
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	switch {
	case isNum && n >= 0 && n <= 12:
		return append(z, zipSmall+byte(n))
	case isNum && n == int64(int8(n)):
		return append(z, zipInt8, b[0])
	case isNum && n == int64(int16(n)):
		return append(append(z, zipInt16), b[:2]...)
	case isNum && n == n<<40>>40:
		return append(append(z, zipInt24), b[:3]...)
	case isNum && n == int64(int32(n)):
		return append(append(z, zipInt32), b[:4]...)
	case isNum:
		return append(append(z, zipInt64), b[:]...)
	case len(s) < 64:
		z = append(z, byte(len(s)))
	case len(s) < 1<<14:
		z = append(z, zipStr14|byte(len(s)>>8), byte(len(s)))
	default:
		z = binary.BigEndian.AppendUint32(append(z, zipStr32), uint32(len(s)))
	}
	return append(z, s...)
}

func (z Ziplist) texts() []string {
	list := []string{}
	for p := z.First(); p < z.End(); {
		var e Elem
		e, p = z.Next(p)
		list = append(list, string(e.Append(nil)))
	}
	return list
}

func TestZiplist(t *testing.T) {
	texts := append(edgeTexts(), "12", "13", "-128", "-129", strings.Repeat("z", 300), "after", "-8388608", "8388607")
	z := buildZiplist(texts...)
	if !z.Valid(true) || z.Len() != len(texts) || !reflect.DeepEqual(z.texts(), texts) {
		t.Fatalf("valid %v, %d entries: %.300q", z.Valid(true), z.Len(), z.texts())
	}
	binary.LittleEndian.PutUint16(z[8:], zipUnknown)
	if !z.Valid(true) || z.Len() != len(texts) {
		t.Errorf("without a count: valid %v, %d", z.Valid(true), z.Len())
	}
	empty := buildZiplist()
	if !empty.Valid(true) || empty.Len() != 0 || len(empty.texts()) != 0 {
		t.Errorf("the empty ziplist: %v, %d", empty.Valid(true), empty.Len())
	}
}

func TestZiplistDamage(t *testing.T) {
	z := buildZiplist("one", "2", "300", strings.Repeat("x", 80), strings.Repeat("y", 300), "-70000", "last")
	for i := range z {
		if z[:i].Valid(true) {
			t.Errorf("cut at %d it is valid", i)
		}
	}
	for _, c := range []struct {
		what string
		at   int
		to   byte
	}{
		{"the total", 0, z[0] + 1}, {"the tail", 4, z[4] - 1}, {"the tail beyond the end", 7, 1}, {"the count", 8, 6}, {"the end", len(z) - 1, 0},
		{"the length before", 10, 1}, {"an end inside", 10, endOfPack}, {"a length", 11, 0x3F}, {"no encoding", 11, 0xC1}, {"a long length", 11, zipStr32},
	} {
		bad := append(Ziplist(nil), z...)
		bad[c.at] = c.to
		if bad.Valid(true) {
			t.Errorf("with %s damaged it is valid", c.what)
		}
	}
}

// repairZip is b with header, end and lengths before made right as far as its entries go.
func repairZip(b []byte) Ziplist {
	z := append(make(Ziplist, zipHeader), b...)
	p, size, last := zipHeader, 0, zipHeader
	for p < len(z) {
		// A clone with the right length before: what follows may turn out not to be an entry.
		try := append(Ziplist(nil), z...)
		if z[p] == zipLong && len(z)-p > 5 {
			binary.LittleEndian.PutUint32(try[p+1:], uint32(size))
		} else if size < zipLong {
			try[p] = byte(size)
		}
		before, next := zipEntryWithin(try, p, len(try))
		if next == 0 || before != uint64(size) {
			break
		}
		z, p, size, last = try, next, next-p, p
	}
	z = append(z[:p], endOfPack)
	binary.LittleEndian.PutUint32(z, uint32(len(z)))
	binary.LittleEndian.PutUint32(z[4:], uint32(last))
	binary.LittleEndian.PutUint16(z[8:], zipUnknown)
	return z
}

func FuzzZiplist(f *testing.F) {
	f.Add([]byte(buildZiplist()))
	z := buildZiplist("a", "1", "-70000", strings.Repeat("x", 300), "b", "5000000000")
	f.Add([]byte(z))
	f.Add([]byte(z[zipHeader:]))
	f.Fuzz(func(t *testing.T, b []byte) {
		if z := Ziplist(b); z.Valid(true) {
			z.useAll(t)
		}
		z := repairZip(b[:min(len(b), 2000)])
		if !z.Valid(true) {
			t.Fatalf("repaired it is not valid: %x", []byte(z))
		}
		z.useAll(t)
	})
}

// useAll walks a ziplist and adds up what it holds.
func (z Ziplist) useAll(t *testing.T) {
	t.Helper()
	if !z.Valid(false) {
		t.Fatal("valid deep but not shallow")
	}
	n, total := 0, 0
	for p := z.First(); p != z.End(); n++ {
		e, next := z.Next(p)
		if next <= p || next > z.End() {
			t.Fatalf("the entry at %d ends at %d of %d", p, next, len(z))
		}
		total += e.Len()
		p = next
	}
	if n != z.Len() || total > 20*len(z) {
		t.Fatalf("%d entries, Len %d, %d bytes of text", n, z.Len(), total)
	}
}
