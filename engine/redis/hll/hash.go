// The hash of an element, and the register and rank that follow from it.

package hll

import (
	"encoding/binary"
	"math/bits"
)

// seed and factor are part of the format: other values would give other registers for the same elements.
const (
	seed   = 0xadc83b19
	factor = 0xc6a4a7935bd1e995
)

// murmur is MurmurHash64A over little-endian words.
func murmur(b []byte) uint64 {
	h := seed ^ uint64(len(b))*factor
	for ; len(b) >= 8; b = b[8:] {
		h = (h ^ scramble(binary.LittleEndian.Uint64(b))) * factor
	}
	if len(b) > 0 {
		var rest uint64
		for i, c := range b {
			rest |= uint64(c) << (8 * i)
		}
		h = (h ^ rest) * factor
	}
	h = (h ^ h>>47) * factor
	return h ^ h>>47
}

func scramble(w uint64) uint64 {
	w *= factor
	return (w ^ w>>47) * factor
}

// place gives an element's register, and one more than the zeroes at the end of the rest of its hash.
func place(element []byte) (index int, rank uint8) {
	h := murmur(element)
	rest := h>>indexBits | 1<<rankBits // ends the count
	return int(h & (Registers - 1)), uint8(bits.TrailingZeros64(rest)) + 1
}
