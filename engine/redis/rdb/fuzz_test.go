// Fuzz targets: any bytes as a value of each type. What the check takes must hold all promises.

package rdb

import "testing"

// fuzz opens bytes as values of a type; the first byte chooses among its kinds.
func fuzz(f *testing.F, typ Type) {
	var of []Kind
	for k := range Kind(len(kinds)) {
		if k.Type() == typ {
			of = append(of, k)
		}
	}
	add := func(value []byte) {
		for i, k := range of {
			if k == Kind(value[0]) {
				f.Add(byte(i), value[1:])
			}
		}
	}
	for _, s := range samples() {
		add(s.value)
	}
	for _, c := range refusals() {
		add(c.value)
	}
	f.Fuzz(func(t *testing.T, which byte, b []byte) {
		var d Decoder
		kind := of[int(which)%len(of)]
		n, err := d.Open(kind, b)
		if err != nil {
			return
		}
		if n > len(b) {
			t.Fatalf("%d of %d bytes", n, len(b))
		}
		holds(t, &d)
		if unpacked := Unpacked(kind, b); unpacked > 100*len(b) {
			t.Fatalf("%d bytes said to unpack to %d", len(b), unpacked)
		}
	})
}

func FuzzString(f *testing.F)    { fuzz(f, String) }
func FuzzList(f *testing.F)      { fuzz(f, List) }
func FuzzSet(f *testing.F)       { fuzz(f, Set) }
func FuzzSortedSet(f *testing.F) { fuzz(f, SortedSet) }
func FuzzHash(f *testing.F)      { fuzz(f, Hash) }
func FuzzStream(f *testing.F)    { fuzz(f, Stream) }

// FuzzPayload takes whole payloads; with a good frame only those that were framed get through.
func FuzzPayload(f *testing.F) {
	for _, s := range samples() {
		f.Add(AppendFoot(append([]byte(nil), s.value...), 0))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, value, err := Unframe(b)
		if err != nil {
			return
		}
		var d Decoder
		if _, err := d.Open(kind, value); err == nil {
			holds(t, &d)
		}
	})
}
