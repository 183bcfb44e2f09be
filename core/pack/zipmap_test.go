// Zipmaps built by an encoder of the tests, damaged and random ones.

package pack

import (
	"encoding/binary"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// buildZipmap encodes fields and values in turn; values have unused bytes at random.
func buildZipmap(r *rand.Rand, texts ...string) Zipmap {
	z := []byte{byte(min(len(texts)/2, zipmapLong))}
	for i, s := range texts {
		if len(s) < zipmapLong {
			z = append(z, byte(len(s)))
		} else {
			z = binary.LittleEndian.AppendUint32(append(z, zipmapLong), uint32(len(s)))
		}
		if i%2 == 0 {
			z = append(z, s...)
			continue
		}
		free := r.IntN(5)
		z = append(append(z, byte(free)), s...)
		z = append(z, "\xFF\x01\xFE\x00"[:free]...)
	}
	return append(z, endOfPack)
}

func (z Zipmap) texts() []string {
	list := []string{}
	for p := z.First(); p < z.End(); {
		var field, value []byte
		field, value, p = z.Next(p)
		list = append(list, string(field), string(value))
	}
	return list
}

func TestZipmap(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	texts := []string{}
	for _, s := range append(edgeTexts(), strings.Repeat("q", 253), strings.Repeat("q", 254), strings.Repeat("q", 255)) {
		texts = append(texts, s, "v"+s)
	}
	z := buildZipmap(r, texts...)
	if !z.Valid(true) || z.Len() != len(texts)/2 || !reflect.DeepEqual(z.texts(), texts) {
		t.Fatalf("valid %v, %d pairs: %.300q", z.Valid(true), z.Len(), z.texts())
	}
	z[0] = zipmapLong
	if !z.Valid(true) || z.Len() != len(texts)/2 {
		t.Errorf("without a count: valid %v, %d", z.Valid(true), z.Len())
	}
	if empty := buildZipmap(r); !empty.Valid(true) || empty.Len() != 0 {
		t.Error("the empty zipmap is refused")
	}
}

func TestZipmapDamage(t *testing.T) {
	z := Zipmap("\x02\x01a\x01\x02b..\x02cd\x00\x00\xFF")
	if !z.Valid(true) || !reflect.DeepEqual(z.texts(), []string{"a", "b", "cd", ""}) {
		t.Fatalf("%v %q", z.Valid(true), z.texts())
	}
	for i := range z {
		if z[:i].Valid(true) {
			t.Errorf("cut at %d it is valid", i)
		}
	}
	for at, to := range map[int]byte{0: 3, 1: 0xFF, 3: 9, 4: 200, 8: zipmapLong, 11: 1, len(z) - 1: 0} {
		bad := append(Zipmap(nil), z...)
		bad[at] = to
		if bad.Valid(true) {
			t.Errorf("with %d at %d it is valid", to, at)
		}
	}
}

func FuzzZipmap(f *testing.F) {
	f.Add([]byte("\x02\x01a\x01\x02b..\x02cd\x00\x00\xFF"))
	f.Add([]byte("\xFE\xFE\x01\x00\x00\x00a\xFE\x01\x00\x00\x00\x03b...\xFF"))
	f.Fuzz(func(t *testing.T, b []byte) {
		z := Zipmap(b)
		if !z.Valid(true) {
			return
		}
		n := 0
		for p := z.First(); p != z.End(); n++ {
			field, value, next := z.Next(p)
			if next <= p || next > z.End() || len(field)+len(value) >= next-p {
				t.Fatalf("the pair at %d ends at %d of %d", p, next, len(z))
			}
			p = next
		}
		if n != z.Len() {
			t.Fatalf("%d pairs, Len %d", n, z.Len())
		}
	})
}
