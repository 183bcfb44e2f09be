// Bits of values: reading and writing fields of them, counting, searching, combining whole values. Bit 0 is the highest of the first byte.

package redis

import (
	"crypto/subtle"
	"encoding/binary"
	"math/bits"
)

// getField reads n bits, at most 64, from a place that may lie beyond the end, where everything is zero.
func getField(v []byte, at int64, n int) uint64 {
	var window [9]byte // 64 bits that begin anywhere touch so many bytes
	if i := at >> 3; i < int64(len(v)) {
		copy(window[:], v[i:])
	}
	shift := uint(at & 7)
	w := binary.BigEndian.Uint64(window[:])<<shift | uint64(window[8])>>(8-shift)
	return w >> (64 - n)
}

// setField writes the n lowest bits of x to a place that v must hold.
func setField(v []byte, at int64, n int, x uint64) {
	for n > 0 {
		inByte := int(at & 7)
		part := min(8-inByte, n)
		shift := 8 - inByte - part
		mask := byte(1<<part-1) << shift
		v[at>>3] = v[at>>3]&^mask | byte(x>>(n-part))<<shift&mask
		at, n = at+int64(part), n-part
	}
}

// countBits counts the ones from the first to the last bit, both included and inside of v.
func countBits(v []byte, first, last int64) int64 {
	v = v[first>>3 : last>>3+1]
	if len(v) == 0 {
		return 0
	}
	left, right := byte(0xff)>>(first&7), byte(0xff)<<(7-last&7)
	outside := bits.OnesCount8(v[0]&^left) + bits.OnesCount8(v[len(v)-1]&^right)
	n := 0
	for ; len(v) >= 32; v = v[32:] {
		n += bits.OnesCount64(binary.LittleEndian.Uint64(v)) + bits.OnesCount64(binary.LittleEndian.Uint64(v[8:])) +
			bits.OnesCount64(binary.LittleEndian.Uint64(v[16:])) + bits.OnesCount64(binary.LittleEndian.Uint64(v[24:]))
	}
	for _, b := range v {
		n += bits.OnesCount8(b)
	}
	return int64(n - outside)
}

// findBit gives the first one, or the first zero, from the first to the last bit, both included and inside of v; -1 if there is none.
func findBit(v []byte, one bool, first, last int64) int64 {
	flip := ^uint64(0) // makes it a search for a one
	if one {
		flip = 0
	}
	i, end := first>>3, last>>3
	b := (v[i] ^ byte(flip)) & (0xff >> (first & 7))
	for {
		if i == end {
			b &= 0xff << (7 - last&7)
		}
		if b != 0 {
			return i*8 + int64(bits.LeadingZeros8(b))
		}
		if i == end {
			return -1
		}
		i++
		for ; i+32 <= end; i += 32 { // long runs: one branch for four words
			w := v[i : i+32]
			if (binary.BigEndian.Uint64(w)^flip)|(binary.BigEndian.Uint64(w[8:])^flip)|(binary.BigEndian.Uint64(w[16:])^flip)|(binary.BigEndian.Uint64(w[24:])^flip) != 0 {
				break
			}
		}
		for ; i+8 <= end; i += 8 {
			if w := binary.BigEndian.Uint64(v[i:]) ^ flip; w != 0 {
				return i*8 + int64(bits.LeadingZeros64(w))
			}
		}
		b = v[i] ^ byte(flip)
	}
}

// bitop is an operation on whole values.
type bitop uint8

const (
	bitAnd bitop = iota
	bitOr
	bitXor
	bitNot
)

// foldBlock is how much of a result is finished before the next part: it stays in the cache while all sources pass over it.
const foldBlock = 16 << 10

// foldAll combines dst with all sources, none of which is longer; short ones go on with zeroes. A source that is not dst itself must not overlap it.
func foldAll(op bitop, dst []byte, sources [][]byte) {
	for at := 0; at < len(dst); at += foldBlock {
		block := dst[at:min(at+foldBlock, len(dst))]
		for _, s := range sources {
			s = s[min(at, len(s)):]
			fold(op, block, s[:min(len(block), len(s))])
		}
	}
}

// fold combines dst with one source that is as long or shorter.
func fold(op bitop, dst, src []byte) {
	switch op {
	case bitAnd:
		clear(dst[len(src):])
		for ; len(src) >= 32; dst, src = dst[32:], src[32:] {
			d, s := dst[:32:32], src[:32:32]
			binary.LittleEndian.PutUint64(d, binary.LittleEndian.Uint64(d)&binary.LittleEndian.Uint64(s))
			binary.LittleEndian.PutUint64(d[8:], binary.LittleEndian.Uint64(d[8:])&binary.LittleEndian.Uint64(s[8:]))
			binary.LittleEndian.PutUint64(d[16:], binary.LittleEndian.Uint64(d[16:])&binary.LittleEndian.Uint64(s[16:]))
			binary.LittleEndian.PutUint64(d[24:], binary.LittleEndian.Uint64(d[24:])&binary.LittleEndian.Uint64(s[24:]))
		}
		for i, b := range src {
			dst[i] &= b
		}
	case bitOr:
		for ; len(src) >= 32; dst, src = dst[32:], src[32:] {
			d, s := dst[:32:32], src[:32:32]
			binary.LittleEndian.PutUint64(d, binary.LittleEndian.Uint64(d)|binary.LittleEndian.Uint64(s))
			binary.LittleEndian.PutUint64(d[8:], binary.LittleEndian.Uint64(d[8:])|binary.LittleEndian.Uint64(s[8:]))
			binary.LittleEndian.PutUint64(d[16:], binary.LittleEndian.Uint64(d[16:])|binary.LittleEndian.Uint64(s[16:]))
			binary.LittleEndian.PutUint64(d[24:], binary.LittleEndian.Uint64(d[24:])|binary.LittleEndian.Uint64(s[24:]))
		}
		for i, b := range src {
			dst[i] |= b
		}
	case bitXor:
		subtle.XORBytes(dst, dst[:len(src)], src)
	}
}

// invert turns every bit over.
func invert(v []byte) {
	for ; len(v) >= 8; v = v[8:] {
		binary.LittleEndian.PutUint64(v, ^binary.LittleEndian.Uint64(v))
	}
	for i, b := range v {
		v[i] = ^b
	}
}
