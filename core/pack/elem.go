// Elem: one element of a packed sequence, and how a listpack encodes it.

package pack

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
)

// First bytes of an element's encoding; the bits not named carry a length or a value.
const (
	encInt7   = 0x00 // 0vvvvvvv: 0..127
	encStr6   = 0x80 // 10llllll: text up to 63 bytes
	encInt13  = 0xC0 // 110vvvvv + 1: -4096..4095
	encStr12  = 0xE0 // 1110llll + 1: text up to 4095 bytes
	encStr32  = 0xF0 // + 4 bytes of length
	encInt16  = 0xF1
	encInt24  = 0xF2
	encInt32  = 0xF3
	encInt64  = 0xF4
	endOfPack = 0xFF
)

// longestInt is the length of the longest decimal that fits in an int64, "-9223372036854775808".
const longestInt = 20

// Elem is one element: a text, or where Text is nil the number Num. Which of the two a text is stored as is decided once, by Text.
type Elem struct {
	Text []byte
	Num  int64
}

var noText = []byte{}

// Text is the element for a string: a number if the string is the canonical form of one, as Redis decides it.
func Text(s []byte) Elem {
	if n, ok := ParseInt(s); ok {
		return Elem{Num: n}
	}
	if s == nil {
		s = noText
	}
	return Elem{Text: s}
}

// Number is the element for an integer.
func Number(n int64) Elem { return Elem{Num: n} }

// IsNum says that the element is a number.
func (e Elem) IsNum() bool { return e.Text == nil }

// Append appends the element's text to dst, numbers in decimal.
func (e Elem) Append(dst []byte) []byte {
	if e.Text != nil {
		return append(dst, e.Text...)
	}
	return strconv.AppendInt(dst, e.Num, 10)
}

// Len is the length of the element's text.
func (e Elem) Len() int {
	if e.Text != nil {
		return len(e.Text)
	}
	n, rest := 1, uint64(e.Num)
	if e.Num < 0 {
		n, rest = 2, -rest
	}
	for ; rest >= 10; rest /= 10 {
		n++
	}
	return n
}

// Equal says whether the element's text is s.
func (e Elem) Equal(s []byte) bool {
	if e.Text != nil {
		return bytes.Equal(e.Text, s)
	}
	n, ok := ParseInt(s)
	return ok && n == e.Num
}

// ParseInt reads s as an int64 if it is exactly what printing that number gives: no plus sign, no leading zeros, no "-0".
func ParseInt(s []byte) (int64, bool) {
	if len(s) == 0 || len(s) > longestInt {
		return 0, false
	}
	digits, negative := s, s[0] == '-'
	if negative {
		digits = s[1:]
	}
	if len(digits) == 0 || digits[0]-'1' > 8 {
		return 0, len(s) == 1 && s[0] == '0'
	}
	var n uint64
	// 19 digits cannot overflow a uint64; a 20th is beyond an int64 anyway.
	if len(digits) > longestInt-1 {
		return 0, false
	}
	for _, c := range digits {
		c -= '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + uint64(c)
	}
	if negative {
		return -int64(n), n <= 1<<63
	}
	return int64(n), n <= math.MaxInt64
}

// Size is how many bytes the elements take in a listpack.
func Size(elems ...Elem) int {
	total := 0
	for _, e := range elems {
		n := e.size()
		total += n + backLen(n)
	}
	return total
}

// size is the length of the element's encoding, the back length not counted.
func (e Elem) size() int {
	if e.Text != nil {
		switch n := len(e.Text); {
		case n < 1<<6:
			return 1 + n
		case n < 1<<12:
			return 2 + n
		default:
			return 5 + n
		}
	}
	switch n := e.Num; {
	case n >= 0 && n <= 127:
		return 1
	case n >= -1<<12 && n < 1<<12:
		return 2
	case n >= math.MinInt16 && n <= math.MaxInt16:
		return 3
	case n >= -1<<23 && n < 1<<23:
		return 4
	case n >= math.MinInt32 && n <= math.MaxInt32:
		return 5
	default:
		return 9
	}
}

// put writes the element with its back length at the start of b, which has room, and returns how many bytes that took.
func (e Elem) put(b []byte) int {
	n := e.size()
	if e.Text != nil {
		e.putText(b, n)
	} else {
		e.putNum(b, n)
	}
	return n + putBackLen(b[n:], n)
}

func (e Elem) putText(b []byte, size int) {
	switch n := len(e.Text); size - n {
	case 1:
		b[0] = encStr6 | byte(n)
	case 2:
		b[0], b[1] = encStr12|byte(n>>8), byte(n)
	default:
		b[0] = encStr32
		binary.LittleEndian.PutUint32(b[1:], uint32(n))
	}
	copy(b[size-len(e.Text):size], e.Text)
}

func (e Elem) putNum(b []byte, size int) {
	n := e.Num
	switch size {
	case 1:
		b[0] = encInt7 | byte(n)
	case 2:
		b[0], b[1] = encInt13|byte(n>>8)&0x1F, byte(n)
	case 3:
		b[0] = encInt16
		binary.LittleEndian.PutUint16(b[1:], uint16(n))
	case 4:
		b[0], b[1], b[2], b[3] = encInt24, byte(n), byte(n>>8), byte(n>>16)
	case 5:
		b[0] = encInt32
		binary.LittleEndian.PutUint32(b[1:], uint32(n))
	default:
		b[0] = encInt64
		binary.LittleEndian.PutUint64(b[1:], uint64(n))
	}
}

// backLen is how many bytes the back length of an n-byte encoding takes. The bounds above the first are one lower than
// seven bits a byte would allow: that is how Redis writes them.
func backLen(n int) int {
	switch {
	case n <= 127:
		return 1
	case n < 1<<14-1:
		return 2
	case n < 1<<21-1:
		return 3
	case n < 1<<28-1:
		return 4
	default:
		return 5
	}
}

// putBackLen writes n so that it can be read from its last byte backwards: low bits last, the top bit says that more stand before.
func putBackLen(b []byte, n int) int {
	size := backLen(n)
	for i := size - 1; i > 0; i-- {
		b[i] = byte(n) | 0x80
		n >>= 7
	}
	b[0] = byte(n)
	return size
}

// backLenAt reads the back length whose last byte is at p and returns the length of the whole element with it.
func backLenAt(b []byte, p int) int {
	n, shift := 0, 0
	for ; shift < 35; shift += 7 {
		n |= int(b[p]&0x7F) << shift
		if b[p] < 0x80 {
			break
		}
		p--
	}
	return n + backLen(n)
}
