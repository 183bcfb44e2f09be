// Tests of the bit functions against a plain model: a slice of single bits.

package redis

import (
	"math/rand/v2"
	"testing"
)

// ones unpacks bytes.
func ones(v []byte) []bool {
	out := make([]bool, 8*len(v))
	for i := range out {
		out[i] = v[i/8]&(0x80>>(i%8)) != 0
	}
	return out
}

// bitsOf makes bytes with long runs as well as noise.
func bitsOf(rnd *rand.Rand, n int) []byte {
	b := make([]byte, n)
	fill := byte(0)
	for i := range b {
		if rnd.IntN(40) == 0 {
			fill = ^fill
		}
		if b[i] = fill; rnd.IntN(30) == 0 {
			b[i] = byte(rnd.IntN(256))
		}
	}
	return b
}

func TestBitsAgainstModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 9))
	for range 4000 {
		v := bitsOf(rnd, 1+rnd.IntN(120))
		m := ones(v)
		first := rnd.IntN(len(m))
		last := first + rnd.IntN(len(m)-first)
		if rnd.IntN(4) == 0 {
			first, last = first&^7, last|7
		}
		count, at := 0, [2]int64{-1, -1}
		for i := first; i <= last; i++ {
			bit := 0
			if m[i] {
				bit, count = 1, count+1
			}
			if at[bit] < 0 {
				at[bit] = int64(i)
			}
		}
		if got := countBits(v, int64(first), int64(last)); got != int64(count) {
			t.Fatalf("ones in %x from %d to %d: %d, want %d", v, first, last, got, count)
		}
		for bit, want := range at {
			if got := findBit(v, bit == 1, int64(first), int64(last)); got != want {
				t.Fatalf("first %d in %x from %d to %d: %d, want %d", bit, v, first, last, got, want)
			}
		}
	}
}

func TestFieldsAgainstModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 9))
	for range 20_000 {
		v := bitsOf(rnd, 9+rnd.IntN(12))
		m := ones(v)
		n := 1 + rnd.IntN(64)
		at := rnd.IntN(len(m) + 30)
		var want uint64
		for i := at; i < at+n; i++ {
			want <<= 1
			if i < len(m) && m[i] {
				want |= 1
			}
		}
		if got := getField(v, int64(at), n); got != want {
			t.Fatalf("%d bits at %d of %x: %#x, want %#x", n, at, v, got, want)
		}
		if at+n > len(m) {
			continue
		}
		x := rnd.Uint64()
		setField(v, int64(at), n, x)
		for i := range n {
			m[at+i] = x>>(n-1-i)&1 == 1
		}
		for i, bit := range ones(v) {
			if bit != m[i] {
				t.Fatalf("%d bits at %d set to %#x: bit %d is wrong in %x", n, at, x, i, v)
			}
		}
	}
	if getField(nil, 1<<40, 64) != 0 {
		t.Error("something beyond the end")
	}
}

func TestFoldAgainstModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 9))
	for range 300 {
		size := rnd.IntN(100)
		if rnd.IntN(20) == 0 {
			size = foldBlock - 40 + rnd.IntN(foldBlock+80)
		}
		dst := bitsOf(rnd, size)
		var sources [][]byte
		for range rnd.IntN(4) {
			sources = append(sources, bitsOf(rnd, rnd.IntN(size+1)))
		}
		op := bitop(rnd.IntN(3))
		want := append([]byte(nil), dst...)
		for _, s := range sources {
			for i := range want {
				var b byte
				if i < len(s) {
					b = s[i]
				}
				switch op {
				case bitAnd:
					want[i] &= b
				case bitOr:
					want[i] |= b
				case bitXor:
					want[i] ^= b
				}
			}
		}
		foldAll(op, dst, sources)
		if string(dst) != string(want) {
			t.Fatalf("operation %d on %d bytes with %d sources: wrong", op, size, len(sources))
		}
		invert(dst)
		for i, b := range dst {
			if b != ^want[i] {
				t.Fatalf("%d bytes inverted: byte %d is wrong", size, i)
			}
		}
	}
}

func BenchmarkFold(b *testing.B) {
	dst, src := make([]byte, 1<<20), make([]byte, 1<<20)
	for op, name := range []string{"and", "or", "xor"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(1 << 20)
			for range b.N {
				foldAll(bitop(op), dst, [][]byte{src})
			}
		})
	}
}

func BenchmarkCountBits(b *testing.B) {
	v := make([]byte, 1<<20)
	b.SetBytes(1 << 20)
	for range b.N {
		countBits(v, 3, 8<<20-5)
	}
}
