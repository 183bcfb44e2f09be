// string.format.

package script

import (
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// verb is one conversion: %-08.3f.
type verb struct {
	minus, plus, space, alt, zero bool
	width, prec                   int // prec -1: none
	c                             byte
}

func (s *State) strFormat(L *lua.LState) int {
	f := checkString(L, 1)
	var out []byte
	arg, announced := 1, bigBlock
	for i := 0; i < len(f); i++ {
		if f[i] != '%' {
			out = append(out, f[i])
			continue
		}
		if i++; i < len(f) && f[i] == '%' {
			out = append(out, '%')
			continue
		}
		v, end := parseVerb(L, f, i)
		arg++
		if arg > L.GetTop() {
			argError(L, arg, "no value")
		}
		out = s.appendVerb(L, out, v, arg, f[i-1:end])
		if len(out) > announced {
			announced = 2 * len(out)
			s.quota.room(L, announced)
		}
		i = end - 1
	}
	return push(L, lua.LString(out))
}

// parseVerb reads the conversion that starts behind the percent sign at i.
func parseVerb(L *lua.LState, f string, i int) (v verb, end int) {
	v.prec = -1
	start := i
	for ; i < len(f) && strings.IndexByte("-+ #0", f[i]) >= 0; i++ {
		switch f[i] {
		case '-':
			v.minus = true
		case '+':
			v.plus = true
		case ' ':
			v.space = true
		case '#':
			v.alt = true
		case '0':
			v.zero = true
		}
	}
	if i-start > 5 {
		fail(L, "invalid format (repeated flags)")
	}
	two := func() int {
		n := 0
		for k := 0; k < 2 && i < len(f) && f[i] >= '0' && f[i] <= '9'; k++ {
			n = n*10 + int(f[i]-'0')
			i++
		}
		return n
	}
	v.width = two()
	if i < len(f) && f[i] == '.' {
		i++
		v.prec = two()
	}
	if i < len(f) && f[i] >= '0' && f[i] <= '9' {
		fail(L, "invalid format (width or precision too long)")
	}
	if i < len(f) {
		v.c = f[i]
		i++
	}
	return v, i
}

func (s *State) appendVerb(L *lua.LState, out []byte, v verb, arg int, spec string) []byte {
	switch v.c {
	case 'c':
		return v.pad(out, string([]byte{byte(checkInt(L, arg))}), false)
	case 'd', 'i':
		n := toInt(checkNumber(L, arg))
		digits := strconv.FormatUint(uint64(max(n, -n)), 10)
		if n == math.MinInt64 {
			digits = "9223372036854775808"
		}
		return v.integer(out, digits, "", n < 0, true)
	case 'u':
		return v.integer(out, strconv.FormatUint(unsigned(checkNumber(L, arg)), 10), "", false, false)
	case 'o':
		prefix := ""
		if v.alt {
			prefix = "0"
		}
		return v.integer(out, strconv.FormatUint(unsigned(checkNumber(L, arg)), 8), prefix, false, false)
	case 'x', 'X':
		n := unsigned(checkNumber(L, arg))
		digits, prefix := strconv.FormatUint(n, 16), ""
		if v.alt && n != 0 {
			prefix = "0x"
		}
		if v.c == 'X' {
			digits, prefix = strings.ToUpper(digits), strings.ToUpper(prefix)
		}
		return v.integer(out, digits, prefix, false, false)
	case 'e', 'E', 'f', 'g', 'G':
		return v.float(out, checkNumber(L, arg))
	case 'q':
		return appendQuoted(s, L, out, checkString(L, arg))
	case 's':
		text := checkString(L, arg)
		if v.prec < 0 && len(text) >= 100 {
			s.quota.room(L, len(text))
			return append(out, text...) // as in Lua, the width does not matter for a long one
		}
		if i := strings.IndexByte(text, 0); i >= 0 {
			text = text[:i]
		}
		if v.prec >= 0 && v.prec < len(text) {
			text = text[:v.prec]
		}
		return v.pad(out, text, false)
	}
	fail(L, "invalid option '%s' to 'format'", spec)
	return out
}

// unsigned is the cast from double that C makes on amd64.
func unsigned(f float64) uint64 {
	if f >= 9223372036854775808 {
		if f >= 18446744073709551616 {
			return 0
		}
		return uint64(f-9223372036854775808) + 1<<63
	}
	return uint64(toInt(f))
}

// pad brings a text to the width.
func (v *verb) pad(out []byte, text string, zeros bool) []byte {
	fill := v.width - len(text)
	switch {
	case fill <= 0:
		return append(out, text...)
	case v.minus:
		return append(append(out, text...), strings.Repeat(" ", fill)...)
	case zeros:
		sign := 0
		for sign < len(text) && strings.IndexByte("+- ", text[sign]) >= 0 {
			sign++
		}
		if strings.HasPrefix(text[sign:], "0x") || strings.HasPrefix(text[sign:], "0X") {
			sign += 2
		}
		out = append(out, text[:sign]...)
		out = append(out, strings.Repeat("0", fill)...)
		return append(out, text[sign:]...)
	}
	return append(append(out, strings.Repeat(" ", fill)...), text...)
}

func (v *verb) sign(neg bool) string {
	switch {
	case neg:
		return "-"
	case v.plus:
		return "+"
	case v.space:
		return " "
	}
	return ""
}

func (v *verb) integer(out []byte, digits, prefix string, neg, signed bool) []byte {
	if v.prec == 0 && digits == "0" {
		digits = ""
	}
	if n := v.prec - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	if prefix == "0" && strings.HasPrefix(digits, "0") {
		prefix = ""
	}
	sign := ""
	if signed {
		sign = v.sign(neg)
	}
	return v.pad(out, sign+prefix+digits, v.zero && v.prec < 0)
}

func (v *verb) float(out []byte, f float64) []byte {
	neg := math.Signbit(f)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		text := "inf"
		if math.IsNaN(f) {
			text = "nan"
		}
		if v.c < 'a' {
			text = strings.ToUpper(text)
		}
		return v.pad(out, v.sign(neg)+text, false)
	}
	prec := v.prec
	if prec < 0 {
		prec = 6
	}
	var body string
	switch a := math.Abs(f); v.c {
	case 'f':
		body = strconv.FormatFloat(a, 'f', prec, 64)
		if v.alt && prec == 0 {
			body += "."
		}
	case 'e', 'E':
		body = strconv.FormatFloat(a, v.c, prec, 64)
	default:
		body = string(appendG(nil, a, prec))
		if v.alt {
			body = string(appendAltG(nil, a, prec))
		}
		if v.c == 'G' {
			body = strings.ToUpper(body)
		}
	}
	return v.pad(out, v.sign(neg)+body, v.zero)
}

// appendAltG is %#g: zeros at the end stay.
func appendAltG(b []byte, f float64, prec int) []byte {
	prec = max(prec, 1)
	e := strconv.FormatFloat(f, 'e', prec-1, 64)
	exp, _ := strconv.Atoi(e[strings.IndexByte(e, 'e')+1:])
	if exp < -4 || exp >= prec {
		return append(b, e...)
	}
	s := strconv.FormatFloat(f, 'f', prec-1-exp, 64)
	if strings.IndexByte(s, '.') < 0 {
		s += "."
	}
	return append(b, s...)
}

func appendQuoted(s *State, L *lua.LState, out []byte, text string) []byte {
	s.quota.room(L, 2*len(text))
	out = append(out, '"')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"', '\\', '\n':
			out = append(out, '\\', c)
		case '\r':
			out = append(out, `\r`...)
		case 0:
			out = append(out, `\000`...)
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
