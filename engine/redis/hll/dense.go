// Dense registers: six bits each, from the low end of the bytes up, so that eight of them are 48 bits of a little-endian word.

package hll

import "encoding/binary"

// window is the 16 bits that hold register i, and where it begins in them. The byte behind the last register is taken for zero.
func window(regs []byte, i int) (at int, w uint16, shift uint) {
	at, shift = i*6/8, uint(i*6%8)
	w = uint16(regs[at])
	if at+1 < len(regs) {
		w |= uint16(regs[at+1]) << 8
	}
	return at, w, shift
}

func getDense(regs []byte, i int) uint8 {
	_, w, shift := window(regs, i)
	return uint8(w>>shift) & 63
}

// Register gives the value of register i of a dense string.
func Register(b []byte, i int) uint8 { return getDense(b[headBytes:], i) }

// setDense raises register i to rank; false if it is as high already.
func setDense(regs []byte, i int, rank uint8) bool {
	at, w, shift := window(regs, i)
	if uint8(w>>shift)&63 >= rank {
		return false
	}
	w = w&^(63<<shift) | uint16(rank&63)<<shift
	regs[at] = byte(w)
	if at+1 < len(regs) {
		regs[at+1] = byte(w >> 8)
	}
	return true
}

// eight loads eight registers, 6 bytes, from a place that is a multiple of 6.
func eight(regs []byte, at int) uint64 {
	if at+8 <= len(regs) {
		return binary.LittleEndian.Uint64(regs[at:])
	}
	var last [8]byte
	copy(last[:], regs[at:])
	return binary.LittleEndian.Uint64(last[:])
}
