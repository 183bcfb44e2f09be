// Ziplist: what stood in the place of the listpack before Redis 7.0. Checked and read only.

package pack

import "encoding/binary"

// Layout: 4 bytes of total length, 4 of the last entry's position, 2 of count, the entries, endOfPack. An entry is the length
// of the entry before it (one byte, or zipLong and four), then the encoding of its value.
const (
	zipHeader  = 10
	zipLong    = 0xFE
	zipUnknown = 0xFFFF // the count field when the entries must be counted
)

// First bytes of an entry's value.
const (
	zipStr14  = 0x40 // 01llllll + 1, big endian; below it 00llllll
	zipStr32  = 0x80 // + 4 bytes of length, big endian
	zipInt16  = 0xC0
	zipInt32  = 0xD0
	zipInt64  = 0xE0
	zipInt24  = 0xF0
	zipSmall  = 0xF1 // to zipSmallM: 0..12 in the byte itself
	zipSmallM = 0xFD
	zipInt8   = 0xFE
)

// Ziplist is a whole ziplist; the slice's length is the list's.
type Ziplist []byte

// First is the position of the first entry, End if there is none.
func (z Ziplist) First() int { return zipHeader }

// End is the position behind the last entry.
func (z Ziplist) End() int { return len(z) - 1 }

// Next gives the element at p and the position behind it.
func (z Ziplist) Next(p int) (e Elem, next int) {
	if z[p] == zipLong {
		p += 4
	}
	p++
	head, body := zipValue(z[p:])
	next = p + head + body
	if z[p] < zipInt16 {
		return Elem{Text: z[p+head : next : next]}, next
	}
	return Elem{Num: zipNumber(z[p], z[p+head:next])}, next
}

// Len counts the entries unless the header has their number.
func (z Ziplist) Len() int {
	n := int(binary.LittleEndian.Uint16(z[8:]))
	if n != zipUnknown {
		return n
	}
	n = 0
	for p := z.First(); p < z.End(); n++ {
		_, p = z.Next(p)
	}
	return n
}

// Valid says that the bytes are a ziplist: the header only, or deep with every entry, the lengths that entries give of those before
// them, the position of the last one and the count.
func (z Ziplist) Valid(deep bool) bool {
	if len(z) < zipHeader+1 || uint64(binary.LittleEndian.Uint32(z)) != uint64(len(z)) || z[len(z)-1] != endOfPack {
		return false
	}
	end := len(z) - 1
	tail := uint64(binary.LittleEndian.Uint32(z[4:]))
	if tail > uint64(end) {
		return false
	}
	if !deep {
		return true
	}
	n, size, last := 0, 0, -1
	for p := zipHeader; p < end; n++ {
		before, next := zipEntryWithin(z, p, end)
		if next == 0 || before != uint64(size) {
			return false
		}
		p, size, last = next, next-p, p
	}
	if last >= 0 && uint64(last) != tail {
		return false
	}
	count := int(binary.LittleEndian.Uint16(z[8:]))
	return count == zipUnknown || count == n
}

// zipEntryWithin gives the length that the entry at p announces for the one before it and the position behind it, 0 if the entry
// is not wholly before end or not one.
func zipEntryWithin(z []byte, p, end int) (before uint64, next int) {
	before = uint64(z[p])
	if z[p] == zipLong {
		if end-p < 6 {
			return 0, 0
		}
		before = uint64(binary.LittleEndian.Uint32(z[p+1:]))
		p += 4
	} else if z[p] == endOfPack {
		return 0, 0
	}
	p++
	if end-p < 1 || zipHead(z[p]) > end-p {
		return 0, 0
	}
	head, body := zipValue(z[p:end])
	if head == 0 || body > end-p-head {
		return 0, 0
	}
	return before, p + head + body
}

// zipHead is how many bytes the header of a value takes whose first byte is c.
func zipHead(c byte) int {
	switch {
	case c < zipStr14:
		return 1
	case c < zipStr32:
		return 2
	case c < zipInt16:
		return 5
	default:
		return 1
	}
}

// zipValue is how many bytes header and body take of the value that b starts with; 0, 0 if its first byte says nothing. b has
// the header.
func zipValue(b []byte) (head, body int) {
	c := b[0]
	head = zipHead(c)
	switch {
	case c < zipStr14:
		return head, int(c)
	case c < zipStr32:
		return head, int(c&0x3F)<<8 | int(b[1])
	case c < zipInt16:
		return head, int(binary.BigEndian.Uint32(b[1:]))
	case c >= zipSmall && c <= zipSmallM:
		return head, 0
	}
	switch c {
	case zipInt8:
		return head, 1
	case zipInt16:
		return head, 2
	case zipInt24:
		return head, 3
	case zipInt32:
		return head, 4
	case zipInt64:
		return head, 8
	}
	return 0, 0
}

// zipNumber is the number with this first byte and body.
func zipNumber(c byte, body []byte) int64 {
	switch c {
	case zipInt8:
		return int64(int8(body[0]))
	case zipInt16:
		return int64(int16(binary.LittleEndian.Uint16(body)))
	case zipInt24:
		return int64(int24(body))
	case zipInt32:
		return int64(int32(binary.LittleEndian.Uint32(body)))
	case zipInt64:
		return int64(binary.LittleEndian.Uint64(body))
	default:
		return int64(c - zipSmall)
	}
}
