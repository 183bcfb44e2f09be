// Listpack: checking bytes from outside.

package pack

import "encoding/binary"

// Valid says that the bytes are a listpack: the header only, or deep with every element. After a deep check every method may be
// called. It is a little stricter than Redis, which lets a back length pass whose bytes only decode to the right number. What
// elements mean (pairs, duplicates, order) is the caller's to check by walking them.
func (lp Listpack) Valid(deep bool) bool {
	if len(lp) < emptySize || uint64(binary.LittleEndian.Uint32(lp)) != uint64(len(lp)) || lp[len(lp)-1] != endOfPack {
		return false
	}
	if !deep {
		return true
	}
	n, end := 0, len(lp)-1
	for p := headerSize; p < end; n++ {
		step := stepWithin(lp[p:end])
		if step == 0 {
			return false
		}
		p += step
	}
	count := lp.count()
	return count == unknownCount || count == n
}

// stepWithin is the length of the element that b starts with, 0 if it is not wholly in b or not one.
func stepWithin(b []byte) int {
	size := sizeWithin(b)
	if size == 0 || size > len(b) {
		return 0
	}
	var want [5]byte
	n := putBackLen(want[:], size)
	if size+n > len(b) || string(b[size:size+n]) != string(want[:n]) {
		return 0
	}
	return size + n
}

// sizeWithin is the length of the encoding that b starts with, as its header announces it: it may pass the end of b.
// 0 if the header is cut or none. b is not empty.
func sizeWithin(b []byte) int {
	c := b[0]
	switch {
	case c < encStr12 || c > encStr32:
		// The step of these has one byte of back length; 0 where there is no such encoding.
		return max(int(steps[c])-1, 0)
	case c < encStr32:
		if len(b) < 2 {
			return 0
		}
		return 2 + int(c&0x0F)<<8 + int(b[1])
	}
	if len(b) < 5 {
		return 0
	}
	return 5 + int(binary.LittleEndian.Uint32(b[1:]))
}
