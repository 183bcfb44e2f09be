// The hash against the reference's own figures.

package core

import "testing"

// TestSip checks values of the SipHash-1-3 reference: key 00 01 … 0f, message 00 01 … of growing length.
func TestSipIsKeyedAndSpreads(t *testing.T) {
	key := [2]uint64{0x0706050403020100, 0x0f0e0d0c0b0a0908}
	want := map[int]uint64{0: 0xabac0158050fc4dc, 1: 0xc9f49bf37d57ca93, 8: 0x369095118d299a8e, 15: 0xd320d86d2a519956}
	var msg []byte
	for n := range 16 {
		if w, ok := want[n]; ok {
			if got := sip(key, msg); got != w {
				t.Errorf("%d bytes: %#x, want %#x", n, got, w)
			}
		}
		msg = append(msg, byte(n))
	}
	if sip(key, msg) == sip([2]uint64{1, 2}, msg) {
		t.Error("the key does not matter")
	}
}

func BenchmarkSip16(b *testing.B) {
	name := []byte("memtier-12345678")
	for b.Loop() {
		sip([2]uint64{1, 2}, name)
	}
}
