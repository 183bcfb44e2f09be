// Numbers as commands read and write them: integers by strict rules, floats as C's 80-bit long double prints them.

package redis

import (
	"bytes"
	"math"
	"math/big"
	"math/bits"
	"strconv"

	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// integer reads an argument as an int64.
func integer(b []byte) (int64, error) {
	n, ok := resp.ParseInt(b)
	if !ok {
		return 0, errNotInt
	}
	return n, nil
}

// Bounds of the x87 extended format: largest and smallest binary exponents (big.Float's mantissa is in [0.5, 1)).
const (
	longPrec   = 64
	longMaxExp = 16384
	longMinExp = -16444
	longChars  = 5 * 1024
)

// parseLong reads a floating point number the way C does for a long double: decimal or hexadecimal, inf allowed
// (ok is true and the value infinite), nan not. No white space.
func parseLong(b []byte) (*big.Float, bool) {
	if len(b) == 0 || len(b) >= longChars {
		return nil, false
	}
	body := b
	if body[0] == '+' || body[0] == '-' {
		body = body[1:]
	}
	if equalFold(body, "inf") || equalFold(body, "infinity") {
		return new(big.Float).SetInf(b[0] == '-'), true
	}
	hex := len(body) > 2 && body[0] == '0' && body[1]|0x20 == 'x'
	if !plainFloat(body, hex) {
		return nil, false
	}
	text := string(b)
	if hex && !bytes.ContainsAny(body, "pP") {
		text += "p0" // C does not ask for an exponent
	}
	if exponentTooLong(body, hex) {
		return nil, false // beyond any range, and the parser below would work at it
	}
	f, _, err := big.ParseFloat(text, 0, longPrec, big.ToNearestEven)
	if err != nil || f.IsInf() {
		return nil, false
	}
	if f.Sign() == 0 {
		if hasDigit(body, hex) { // underflow to nothing is out of range as well
			return nil, false
		}
		return f, true
	}
	if e := f.MantExp(nil); e > longMaxExp || e < longMinExp {
		return nil, false
	}
	return f, true
}

// plainFloat checks the characters, so that none of Go's extras ("1_000", "0b1") get through.
func plainFloat(body []byte, hex bool) bool {
	if hex {
		body = body[2:]
	}
	digits, dot, exp := 0, false, false
	for i, c := range body {
		lc := c | 0x20
		switch {
		case c >= '0' && c <= '9', hex && !exp && lc >= 'a' && lc <= 'f':
			digits++
		case c == '.' && !dot && !exp:
			dot = true
		case (!hex && lc == 'e' || hex && lc == 'p') && !exp && digits > 0:
			exp, digits = true, 0
		case (c == '+' || c == '-') && exp && body[i-1]|0x20 != c|0x20 && (body[i-1]|0x20 == 'e' || body[i-1]|0x20 == 'p'):
		default:
			return false
		}
	}
	if digits == 0 {
		return false
	}
	// Leading zeros make Go think of octal only without a dot or exponent; base 0 is harmless behind this check.
	return true
}

// exponentTooLong reports an exponent of more than six digits.
func exponentTooLong(body []byte, hex bool) bool {
	mark := "eE"
	if hex {
		mark = "pP"
	}
	i := bytes.IndexAny(body, mark)
	if i < 0 {
		return false
	}
	return len(bytes.TrimLeft(bytes.TrimLeft(body[i+1:], "+-"), "0")) > 6
}

// hasDigit reports a digit other than zero in the mantissa.
func hasDigit(body []byte, hex bool) bool {
	if hex {
		body = body[2:]
	}
	for _, c := range body {
		switch {
		case c >= '1' && c <= '9', hex && c|0x20 >= 'a' && c|0x20 <= 'f':
			return true
		case !hex && c|0x20 == 'e', hex && c|0x20 == 'p':
			return false
		}
	}
	return false
}

// addLong adds as the x87 does. ok is false if the sum is not finite.
func addLong(a, b *big.Float) (sum *big.Float, ok bool) {
	if a.IsInf() || b.IsInf() {
		return nil, false
	}
	sum = new(big.Float).SetPrec(longPrec).SetMode(big.ToNearestEven).Add(a, b)
	return sum, sum.Sign() == 0 || sum.MantExp(nil) <= longMaxExp
}

// appendLong writes a number for people: 17 digits behind the point at most, no zeros at the end, no exponent.
func appendLong(dst []byte, f *big.Float) []byte {
	start := len(dst)
	dst = f.Append(dst, 'f', 17)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	if dst[len(dst)-1] == '.' {
		dst = dst[:len(dst)-1]
	}
	if string(dst[start:]) == "-0" {
		dst = append(dst[:start], '0')
	}
	return dst
}

// appendHuman is appendLong for a finite double. Its fraction times 10^17 fits into two words, which takes a tenth of the time of the general way.
func appendHuman(dst []byte, f float64) []byte {
	raw := math.Float64bits(f)
	exp, mant := 1075-int(raw>>52&0x7ff), raw&(1<<52-1)|1<<52 // f is mant / 2^exp
	switch {
	case exp < 1:
		return appendLong(dst, new(big.Float).SetFloat64(f))
	case exp > 127:
		return append(dst, '0')
	}
	whole, part := uint64(0), mant
	if exp < 64 {
		whole, part = mant>>exp, mant&(1<<exp-1)
	}
	const scale = 1e17
	hi, lo := bits.Mul64(part, scale)
	digits, rest, half := shifted(hi, lo, exp)
	if rest > half || rest == half && digits&1 == 1 {
		digits++
	}
	if digits == scale {
		whole, digits = whole+1, 0
	}
	if raw>>63 == 1 && whole|digits != 0 {
		dst = append(dst, '-')
	}
	dst = strconv.AppendUint(dst, whole, 10)
	if digits == 0 {
		return dst
	}
	dst = append(dst, '.')
	start := len(dst)
	dst = strconv.AppendUint(dst, digits+scale, 10) // the leading 1 keeps the zeros
	dst = append(dst[:start], dst[start+1:]...)
	return bytes.TrimRight(dst, "0")
}

// shifted divides two words by 2^n, and gives what remains with what half of the divisor is; 0 < n < 128, and the quotient fits.
func shifted(hi, lo uint64, n int) (quotient, rest, half uint64) {
	if n <= 64 {
		return hi<<(64-n) | lo>>n, lo & (1<<n - 1), 1 << (n - 1)
	}
	n -= 64
	rest = hi & (1<<n - 1) << 1
	if lo != 0 {
		rest |= 1
	}
	return hi >> n, rest, 1 << n
}

// appendFixed writes n / 10^places with all those digits.
func appendFixed(dst []byte, n int64, places int) []byte {
	u := uint64(n)
	if n < 0 {
		dst, u = append(dst, '-'), -u
	}
	unit := uint64(1)
	for range places {
		unit *= 10
	}
	dst = append(strconv.AppendUint(dst, u/unit, 10), '.')
	start := len(dst)
	dst = strconv.AppendUint(dst, u%unit+unit, 10)
	return append(dst[:start], dst[start+1:]...)
}
