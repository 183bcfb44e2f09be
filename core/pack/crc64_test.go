// The sum's published check value, and the eight-byte step against single bytes.

package pack

import (
	"math/rand/v2"
	"testing"
)

func TestCRC64(t *testing.T) {
	if got := CRC64(0, []byte("123456789")); got != 0xe9c6d914c4b8d9ca {
		t.Errorf("the check value is %x", got)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		b := []byte(lzfSample(r, r.IntN(100)))
		var slow uint64
		for _, c := range b {
			slow ^= uint64(c)
			for range 8 {
				slow = slow>>1 ^ slow&1*jones
			}
		}
		cut := r.IntN(len(b) + 1)
		if got := CRC64(CRC64(0, b[:cut]), b[cut:]); got != slow {
			t.Fatalf("%x, bit by bit %x", got, slow)
		}
	}
}

func BenchmarkCRC64(b *testing.B) {
	data := make([]byte, 4096)
	b.SetBytes(4096)
	b.ReportAllocs()
	for b.Loop() {
		CRC64(0, data)
	}
}
