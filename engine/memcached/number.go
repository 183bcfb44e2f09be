// Numbers as the original reads them: with the C library's strtol and strtoull, of which clients see the edges.

package memcached

import (
	"math"
	"strconv"
)

// isSpace is the C locale's isspace.
func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// readNumber reads an optional sign and digits after optional white space. What follows the digits must be
// nothing, white space or a zero byte; anything may come behind that ("12\tx" is 12). ok is false without a digit, with another
// character behind, or when the magnitude does not fit in 64 bits.
func readNumber(s []byte) (magnitude uint64, negative, ok bool) {
	i := 0
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		negative = s[i] == '-'
		i++
	}
	start := i
	for ; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			break
		}
		if magnitude > math.MaxUint64/10 {
			return 0, false, false
		}
		next := magnitude*10 + uint64(d)
		if next < magnitude*10 {
			return 0, false, false
		}
		magnitude = next
	}
	if i == start || i < len(s) && s[i] != 0 && !isSpace(s[i]) {
		return 0, false, false
	}
	return magnitude, negative, true
}

// parseU64 reads an unsigned 64-bit number. A minus sign negates modulo 2^64, and is refused only when the result has
// the top bit set: "-1" is an error and "-18446744073709551615" is 1, as in the original.
func parseU64(s []byte) (uint64, bool) {
	n, negative, ok := readNumber(s)
	if negative {
		n = -n
		if n>>63 != 0 {
			return 0, false
		}
	}
	return n, ok
}

// parseU32 reads an unsigned number and keeps its low 32 bits, as the original does on 64-bit systems.
func parseU32(s []byte) (uint32, bool) {
	n, ok := parseU64(s)
	return uint32(n), ok
}

// parseI64 reads a signed number.
func parseI64(s []byte) (int64, bool) {
	n, negative, ok := readNumber(s)
	switch {
	case !ok:
		return 0, false
	case negative && n <= 1<<63:
		return -int64(n), true
	case !negative && n < 1<<63:
		return int64(n), true
	}
	return 0, false
}

// parseDecimal reads a floating-point number, as the lru commands need it. They are rare: it may allocate.
func parseDecimal(s []byte) (float64, bool) {
	f, err := strconv.ParseFloat(string(s), 64)
	return f, err == nil
}

// digits2 holds "00" to "99": two digits are written at a time.
const digits2 = "00010203040506070809" + "10111213141516171819" + "20212223242526272829" + "30313233343536373839" +
	"40414243444546474849" + "50515253545556575859" + "60616263646566676869" + "70717273747576777879" +
	"80818283848586878889" + "90919293949596979899"

// appendUint appends n in decimal. One digit, the usual case of a value's flags, is one store.
func appendUint(dst []byte, n uint64) []byte {
	if n < 10 {
		return append(dst, byte('0'+n))
	}
	if n < 100 {
		return append(dst, digits2[2*n], digits2[2*n+1])
	}
	var buf [20]byte
	i := len(buf)
	for n >= 100 {
		r := n % 100
		n /= 100
		i -= 2
		buf[i], buf[i+1] = digits2[2*r], digits2[2*r+1]
	}
	if n >= 10 {
		i -= 2
		buf[i], buf[i+1] = digits2[2*n], digits2[2*n+1]
	} else {
		i--
		buf[i] = byte('0' + n)
	}
	return append(dst, buf[i:]...)
}
