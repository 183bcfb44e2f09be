// Doubles as text: the shortest digits that mean the number, and reading them the way C does.

package resp

import (
	"bytes"
	"math"
	"strconv"
)

// longDouble is the longest text that AppendFloat makes.
const longDouble = 32

// Whole is the integer that a double is, if it is one well within the range of an int64: such numbers are written as integers.
func Whole(f float64) (int64, bool) {
	if f < -(1<<62) || f > 1<<62 || f != f {
		return 0, false
	}
	n := int64(f)
	return n, float64(n) == f
}

// AppendFloat appends the shortest text that reads back as f: an integer where it is one, an exponent where the number is very small or large.
func AppendFloat(b []byte, f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return append(b, "inf"...)
	case math.IsInf(f, -1):
		return append(b, "-inf"...)
	case math.IsNaN(f):
		return append(b, "nan"...)
	case f == 0:
		if math.Signbit(f) {
			b = append(b, '-')
		}
		return append(b, '0')
	}
	if n, ok := Whole(f); ok {
		return strconv.AppendInt(b, n, 10)
	}
	return appendDigits(b, f)
}

// appendDigits writes what is no integer, or a large one. Redis 7.2 decides so where the point stands and when there is an exponent.
func appendDigits(b []byte, f float64) []byte {
	var buf [longDouble]byte
	s := strconv.AppendFloat(buf[:0], f, 'e', -1, 64) // [-]d[.ddd]e±dd
	if s[0] == '-' {
		b = append(b, '-')
		s = s[1:]
	}
	e := bytes.IndexByte(s, 'e')
	exp := 0
	for _, c := range s[e+2:] {
		exp = exp*10 + int(c-'0')
	}
	large := exp // without its sign
	if s[e+1] == '-' {
		exp = -exp
	}
	n := 1 // digits, brought together at the start of s
	if e > 1 {
		n += copy(s[1:], s[2:e])
	}
	digits, last := s[:n], exp-n+1 // last is the power of ten of the last digit
	switch {
	case last >= 0 && large < n+7:
		b = append(b, digits...)
		return appendZeros(b, last)
	case last < 0 && (last > -7 || large < 4):
		if exp < 0 {
			b = appendZeros(append(b, '0', '.'), -exp-1)
			return append(b, digits...)
		}
		b = append(b, digits[:exp+1]...)
		return append(append(b, '.'), digits[exp+1:]...)
	}
	b = append(b, digits[0])
	if n > 1 {
		b = append(append(b, '.'), digits[1:]...)
	}
	if exp < 0 {
		b = append(b, 'e', '-')
	} else {
		b = append(b, 'e', '+')
	}
	return strconv.AppendInt(b, int64(large), 10)
}

func appendZeros(b []byte, n int) []byte {
	for ; n > 0; n-- {
		b = append(b, '0')
	}
	return b
}

// ParseFloat reads the whole of b as a double: decimal or hexadecimal, infinities allowed; no blanks, not nan, and nothing that
// is too large for a double or so small that it would become zero.
func ParseFloat(b []byte) (f float64, ok bool) {
	if n, ok := smallInt(b); ok {
		return n, true
	}
	n, kind := floatPrefix(b)
	if n != len(b) || n == 0 || kind == notNumber {
		return 0, false
	}
	f = toFloat(b, kind)
	if kind != infinite && math.IsInf(f, 0) || f == 0 && hasDigits(b, kind) {
		return 0, false
	}
	return f, true
}

// ParseBound reads the end of a range of doubles: as ParseFloat, but blanks may come first, what is too large is infinite, and no text at
// all is 0. As for C, b ends at its first NUL.
func ParseBound(b []byte) (f float64, ok bool) {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	if len(b) == 0 {
		return 0, true
	}
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	n, kind := floatPrefix(b)
	if n != len(b) || n == 0 || kind == notNumber {
		return 0, false
	}
	return toFloat(b, kind), true
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// smallInt is the short way for the numbers that most scores are.
func smallInt(b []byte) (float64, bool) {
	if len(b) == 0 || len(b) > 15 {
		return 0, false
	}
	n := int64(0)
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	return float64(n), true
}

type floatKind uint8

const (
	decimal floatKind = iota
	hexadecimal
	infinite
	notNumber
)

// floatPrefix is how much of b C's strtod would read, and what that is; 0 if there is no number.
func floatPrefix(b []byte) (n int, kind floatKind) {
	if n < len(b) && (b[n] == '-' || b[n] == '+') {
		n++
	}
	rest := b[n:]
	switch {
	case hasWord(rest, "infinity"):
		return n + 8, infinite
	case hasWord(rest, "inf"):
		return n + 3, infinite
	case hasWord(rest, "nan"):
		return n + 3, notNumber
	case len(rest) > 1 && rest[0] == '0' && rest[1]|0x20 == 'x':
		if m := mantissa(rest[2:], true); m > 0 {
			n += 2 + m
			return n + exponent(b[n:], 'p'), hexadecimal
		}
		return n + 1, decimal
	}
	m := mantissa(rest, false)
	if m == 0 {
		return 0, decimal
	}
	n += m
	return n + exponent(b[n:], 'e'), decimal
}

// hasWord tells whether b begins with a word in any case.
func hasWord(b []byte, word string) bool {
	if len(b) < len(word) {
		return false
	}
	for i := range len(word) {
		if b[i]|0x20 != word[i] {
			return false
		}
	}
	return true
}

// mantissa is the length of the digits, with a point among them, that b begins with; 0 if there is no digit.
func mantissa(b []byte, hex bool) (n int) {
	digits, point := 0, false
	for ; n < len(b); n++ {
		switch c := b[n]; {
		case c >= '0' && c <= '9', hex && c|0x20 >= 'a' && c|0x20 <= 'f':
			digits++
		case c == '.' && !point:
			point = true
		default:
			if digits == 0 {
				return 0
			}
			return n
		}
	}
	if digits == 0 {
		return 0
	}
	return n
}

// exponent is the length of the exponent that b begins with; 0 if there is none.
func exponent(b []byte, mark byte) int {
	if len(b) < 2 || b[0]|0x20 != mark {
		return 0
	}
	n := 1
	if b[n] == '-' || b[n] == '+' {
		n++
	}
	first := n
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	if n == first {
		return 0
	}
	return n
}

// toFloat is the value of a text that floatPrefix knows all of. What is too large is infinite.
func toFloat(b []byte, kind floatKind) float64 {
	if kind == hexadecimal && bytes.IndexByte(b, 'p') < 0 && bytes.IndexByte(b, 'P') < 0 {
		f, _ := strconv.ParseFloat(string(b)+"p0", 64) // C does not ask for an exponent
		return f
	}
	f, _ := strconv.ParseFloat(string(b), 64)
	return f
}

// hasDigits reports a digit other than zero in the mantissa.
func hasDigits(b []byte, kind floatKind) bool {
	mark := byte('e')
	if kind == hexadecimal {
		mark = 'p'
		b = b[bytes.IndexByte(b, '0')+2:]
	}
	for _, c := range b {
		if c|0x20 == mark {
			return false
		}
		if c >= '1' && c <= '9' || kind == hexadecimal && c|0x20 >= 'a' && c|0x20 <= 'f' {
			return true
		}
	}
	return false
}
