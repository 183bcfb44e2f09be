// Numbers as Lua writes and reads them.

package script

import (
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// appendNumber writes f as C's %.14g does.
func appendNumber(b []byte, f float64) []byte {
	if n := int64(f); float64(n) == f && n > -1e14 && n < 1e14 && (n != 0 || !math.Signbit(f)) {
		return strconv.AppendInt(b, n, 10)
	}
	return appendG(b, f, 14)
}

// appendG is C's %.<prec>g without flags.
func appendG(b []byte, f float64, prec int) []byte {
	switch {
	case math.IsNaN(f):
		if math.Signbit(f) {
			return append(b, "-nan"...)
		}
		return append(b, "nan"...)
	case math.IsInf(f, 1):
		return append(b, "inf"...)
	case math.IsInf(f, -1):
		return append(b, "-inf"...)
	}
	if prec == 0 {
		prec = 1
	}
	start := len(b)
	b = strconv.AppendFloat(b, f, 'e', prec-1, 64)
	e := len(b) - 1
	for b[e] != 'e' {
		e--
	}
	exp, _ := strconv.Atoi(string(b[e+1:]))
	if exp < -4 || exp >= prec {
		// Zeros at the end of the mantissa go.
		tail := string(b[e:])
		return append(trimZeros(b[:e], start), tail...)
	}
	return trimZeros(strconv.AppendFloat(b[:start], f, 'f', prec-1-exp, 64), start)
}

// trimZeros cuts zeros behind the point of the number that starts at start.
func trimZeros(b []byte, start int) []byte {
	dot := false
	for _, c := range b[start:] {
		dot = dot || c == '.'
	}
	if !dot {
		return b
	}
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	if b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	return b
}

func numberString(f float64) string {
	var room [32]byte
	return string(appendNumber(room[:0], f))
}

// isCSpace is C's isspace.
func isCSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// toNumber reads a text as Lua 5.1 does: strtod, or a hexadecimal integer, with spaces around it, up to the first NUL.
func toNumber(s string) (float64, bool) {
	if i := strings.IndexByte(s, 0); i >= 0 {
		s = s[:i]
	}
	for len(s) > 0 && isCSpace(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isCSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	if s == "" {
		return 0, false
	}
	if len(s) < 16 {
		n, i := 0, 0
		for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
			n = n*10 + int(s[i]-'0')
		}
		if i == len(s) {
			return float64(n), true
		}
	}
	return strtod(s)
}

func strtod(s string) (float64, bool) {
	if strings.IndexByte(s, '_') >= 0 {
		return 0, false
	}
	body := s
	if body[0] == '-' || body[0] == '+' {
		body = body[1:]
	}
	if len(body) > 2 && body[0] == '0' && body[1]|0x20 == 'x' && !strings.ContainsAny(body, "pP") {
		s += "p0" // hexadecimal floats end without an exponent in C
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil || isRange(err)
}

func isRange(err error) bool {
	e, ok := err.(*strconv.NumError)
	return ok && e.Err == strconv.ErrRange
}

// digit is the value of a letter or digit in bases up to 36, 99 if it is neither.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return int(c|0x20-'a') + 10
	}
	return 99
}

// asNumber is a value as a number, texts included.
func asNumber(v lua.LValue) (float64, bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return float64(v), true
	case lua.LString:
		return toNumber(string(v))
	}
	return 0, false
}

// asString is a value as a text, numbers included.
func asString(v lua.LValue) (string, bool) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return numberString(float64(v)), true
	}
	return "", false
}

// toInt is what a cast from double to a 64-bit integer gives on amd64: the lowest one for what does not fit.
func toInt(f float64) int64 {
	if f >= -9223372036854775808 && f < 9223372036854775808 {
		return int64(f)
	}
	return math.MinInt64
}

// lowBits is a number modulo 2^32: what adding 2^52+2^51 leaves in the low word, rounded to even.
func lowBits(f float64) uint32 { return uint32(math.Float64bits(f + 6755399441055744)) }
