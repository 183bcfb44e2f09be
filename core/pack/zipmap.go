// Zipmap: small hashes of Redis before 2.6. Checked and read only.

package pack

import "encoding/binary"

// Layout: a byte of count, the pairs, endOfPack. A pair is the field's length and text, the value's length, a byte that says
// how many unused bytes follow the value, the value's text and those bytes. A length is one byte, or zipmapLong and four.
const zipmapLong = 254 // as the count: the pairs must be counted

// Zipmap is a whole zipmap; the slice's length is the map's.
type Zipmap []byte

// First is the position of the first pair, End if there is none.
func (z Zipmap) First() int { return 1 }

// End is the position behind the last pair.
func (z Zipmap) End() int { return len(z) - 1 }

// Next gives the pair at p and the position behind it.
func (z Zipmap) Next(p int) (field, value []byte, next int) {
	n, p := zipmapLen(z, p)
	field = z[p : p+n : p+n]
	n, p = zipmapLen(z, p+n)
	free := int(z[p])
	p++
	return field, z[p : p+n : p+n], p + n + free
}

// Len counts the pairs unless the header has their number.
func (z Zipmap) Len() int {
	if z[0] < zipmapLong {
		return int(z[0])
	}
	n := 0
	for p := z.First(); p < z.End(); n++ {
		_, _, p = z.Next(p)
	}
	return n
}

// Valid says that the bytes are a zipmap: the frame only, or deep with every pair and the count.
func (z Zipmap) Valid(deep bool) bool {
	if len(z) < 2 || z[len(z)-1] != endOfPack {
		return false
	}
	if !deep {
		return true
	}
	n, end := 0, len(z)-1
	for p := 1; p < end; n++ {
		if p = zipmapText(z, p, 0, end); p < 0 {
			return false
		}
		if p = zipmapText(z, p, 1, end); p < 0 {
			return false
		}
	}
	return z[0] >= zipmapLong || int(z[0]) == n
}

// zipmapText is the position behind the text whose length is at p, with extra counting bytes before the text: the one that says
// how many unused bytes follow it. Negative if that is not wholly before end.
func zipmapText(z []byte, p, extra, end int) int {
	if p >= end || z[p] == endOfPack || z[p] == zipmapLong && end-p < 5 {
		return -1
	}
	n, p := zipmapLen(z, p)
	if extra > end-p {
		return -1
	}
	if extra > 0 {
		n += int(z[p]) + extra
	}
	if n > end-p {
		return -1
	}
	return p + n
}

// zipmapLen reads the length at p and gives the position behind it.
func zipmapLen(z []byte, p int) (n, next int) {
	if z[p] < zipmapLong {
		return int(z[p]), p + 1
	}
	return int(binary.LittleEndian.Uint32(z[p+1:])), p + 5
}
