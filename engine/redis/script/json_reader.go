// cjson: decoding.

package script

import (
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// jsonToken is a kind of token, by the name in error texts.
type jsonToken string

const (
	jObjBegin jsonToken = "T_OBJ_BEGIN"
	jObjEnd   jsonToken = "T_OBJ_END"
	jArrBegin jsonToken = "T_ARR_BEGIN"
	jArrEnd   jsonToken = "T_ARR_END"
	jString   jsonToken = "T_STRING"
	jNumber   jsonToken = "T_NUMBER"
	jBool     jsonToken = "T_BOOLEAN"
	jNull     jsonToken = "T_NULL"
	jColon    jsonToken = "T_COLON"
	jComma    jsonToken = "T_COMMA"
	jEnd      jsonToken = "T_END"
	jError    jsonToken = "T_ERROR"
)

// jsonReader decodes one text.
type jsonReader struct {
	s     *State
	L     *lua.LState
	in    string
	at    int
	tok   jsonToken
	start int // of the token
	value lua.LValue
	wrong string // of an error token
	n     int
}

func (s *State) jsonDecode(L *lua.LState) int {
	if L.GetTop() != 1 {
		argError(L, 1, "expected 1 argument")
	}
	in := checkString(L, 1)
	if len(in) >= 2 && (in[0] == 0 || in[1] == 0) {
		fail(L, "JSON parser does not support UTF-16 or UTF-32")
	}
	r := jsonReader{s: s, L: L, in: in}
	r.next()
	v := r.read(0)
	r.next()
	if r.tok != jEnd {
		r.fail("the end")
	}
	return push(L, v)
}

func (r *jsonReader) fail(want string) {
	found := string(r.tok)
	if r.tok == jError {
		found = r.wrong
	}
	fail(r.L, "Expected %s but found %s at character %d", want, found, r.start+1)
}

func (r *jsonReader) read(depth int) lua.LValue {
	switch r.tok {
	case jString, jNumber, jBool:
		return r.value
	case jNull:
		return r.s.null
	case jObjBegin:
		return r.object(r.deeper(depth))
	case jArrBegin:
		return r.array(r.deeper(depth))
	}
	r.fail("value")
	return lua.LNil
}

func (r *jsonReader) deeper(depth int) int {
	depth++
	if depth > min(r.s.json.decodeDepth, maxJSONDepth) {
		fail(r.L, "Found too many nested data structures (%d) at character %d", depth, r.start+1)
	}
	return depth
}

func (r *jsonReader) object(depth int) lua.LValue {
	t := r.L.CreateTable(0, 4)
	if r.next(); r.tok == jObjEnd {
		return t
	}
	for {
		if r.tok != jString {
			r.fail("object key string")
		}
		key := r.value
		if r.next(); r.tok != jColon {
			r.fail("colon")
		}
		r.next()
		t.RawSet(key, r.read(depth))
		if r.next(); r.tok == jObjEnd {
			return t
		}
		if r.tok != jComma {
			r.fail("comma or object end")
		}
		r.next()
	}
}

func (r *jsonReader) array(depth int) lua.LValue {
	t := r.L.CreateTable(4, 0)
	if r.next(); r.tok == jArrEnd {
		return t
	}
	for i := 1; ; i++ {
		t.RawSet(lua.LNumber(i), r.read(depth))
		if r.next(); r.tok == jArrEnd {
			return t
		}
		if r.tok != jComma {
			r.fail("comma or array end")
		}
		r.next()
	}
}

// next reads a token.
func (r *jsonReader) next() {
	if r.n++; r.n%256 == 0 {
		r.s.quota.worked(r.L, 256)
	}
	for r.at < len(r.in) && (r.in[r.at] == ' ' || r.in[r.at] == '\t' || r.in[r.at] == '\n' || r.in[r.at] == '\r') {
		r.at++
	}
	r.start = r.at
	if r.at >= len(r.in) {
		r.tok = jEnd
		return
	}
	single := func(t jsonToken) { r.tok = t; r.at++ }
	switch c := r.in[r.at]; c {
	case '{':
		single(jObjBegin)
	case '}':
		single(jObjEnd)
	case '[':
		single(jArrBegin)
	case ']':
		single(jArrEnd)
	case ',':
		single(jComma)
	case ':':
		single(jColon)
	case '"':
		r.text()
	case 0:
		r.tok = jEnd
		if r.at < len(r.in)-1 {
			r.bad("invalid token")
		}
	default:
		switch {
		case c == '-' || c >= '0' && c <= '9':
			if !r.s.json.decodeInvalid && r.isInvalidNumber() {
				r.bad("invalid number")
				return
			}
			r.number()
		case strings.HasPrefix(r.in[r.at:], "true"):
			r.tok, r.value = jBool, lua.LTrue
			r.at += 4
		case strings.HasPrefix(r.in[r.at:], "false"):
			r.tok, r.value = jBool, lua.LFalse
			r.at += 5
		case strings.HasPrefix(r.in[r.at:], "null"):
			r.tok = jNull
			r.at += 4
		case r.s.json.decodeInvalid && r.isInvalidNumber():
			r.number()
		default:
			r.bad("invalid token")
		}
	}
}

func (r *jsonReader) bad(what string) { r.tok, r.wrong = jError, what }

// isInvalidNumber recognizes what strtod takes and JSON does not: hexadecimal, leading zeros, infinities.
func (r *jsonReader) isInvalidNumber() bool {
	p := strings.TrimPrefix(r.in[r.at:], "-")
	if strings.HasPrefix(r.in[r.at:], "+") {
		return true
	}
	if len(p) > 1 && p[0] == '0' {
		return p[1]|0x20 == 'x' || p[1] >= '0' && p[1] <= '9'
	}
	return len(p) >= 3 && (strings.EqualFold(p[:3], "inf") || strings.EqualFold(p[:3], "nan"))
}

// number takes what strtod would.
func (r *jsonReader) number() {
	p := r.in[r.at:]
	i := 0
	if p[0] == '-' || p[0] == '+' {
		i++
	}
	neg := p[0] == '-'
	for _, word := range []string{"infinity", "inf", "nan"} {
		if len(p)-i >= len(word) && strings.EqualFold(p[i:i+len(word)], word) {
			f := math.Inf(1)
			if word == "nan" {
				f = math.NaN()
			}
			if neg {
				f = -f
			}
			r.tok, r.value = jNumber, lua.LNumber(f)
			r.at += i + len(word)
			return
		}
	}
	digits := func(base int) int {
		from := i
		for i < len(p) && digit(p[i]) < base {
			i++
		}
		return i - from
	}
	if len(p) > i+2 && p[i] == '0' && p[i+1]|0x20 == 'x' && digit(p[i+2]) < 16 {
		i += 2
		digits(16)
	} else {
		n := digits(10)
		if i < len(p) && p[i] == '.' {
			i++
			n += digits(10)
		}
		if n == 0 {
			r.bad("invalid number")
			return
		}
		if i < len(p) && p[i]|0x20 == 'e' {
			mark := i
			if i++; i < len(p) && (p[i] == '-' || p[i] == '+') {
				i++
			}
			if digits(10) == 0 {
				i = mark
			}
		}
	}
	f, ok := strtod(p[:i])
	if !ok {
		r.bad("invalid number")
		return
	}
	r.tok, r.value = jNumber, lua.LNumber(f)
	r.at += i
}

// text reads a string; its value is what stands between the quotes with the escapes resolved.
func (r *jsonReader) text() {
	i := r.at + 1
	end := i
	for end < len(r.in) && r.in[end] != '"' && r.in[end] != '\\' && r.in[end] >= 0x20 {
		end++
	}
	if end < len(r.in) && r.in[end] == '"' {
		r.tok, r.value = jString, lua.LString(r.in[i:end])
		r.at = end + 1
		return
	}
	var out []byte
	announced := bigBlock
	for {
		if i >= len(r.in) {
			r.start = i
			r.bad("unexpected end of string")
			return
		}
		c := r.in[i]
		if c == '"' {
			break
		}
		if c != '\\' {
			out = append(out, c)
			i++
			continue
		}
		e := byte(0)
		if i+1 < len(r.in) {
			e = r.in[i+1]
		}
		plain := strings.IndexByte(`"\/bfnrt`, e)
		switch {
		case e == 'u':
			var ok bool
			if out, i, ok = r.unicode(out, i); !ok {
				r.start = i
				r.bad("invalid unicode escape code")
				return
			}
		case plain >= 0 && e != 0:
			out = append(out, "\"\\/\b\f\n\r\t"[plain])
			i += 2
		default:
			r.start = i
			r.bad("invalid escape code")
			return
		}
		if len(out) > announced {
			announced = 2 * len(out)
			r.s.quota.room(r.L, announced)
		}
	}
	r.tok, r.value = jString, lua.LString(out)
	r.at = i + 1
}

// unicode appends the character that the escape at i stands for.
func (r *jsonReader) unicode(out []byte, i int) ([]byte, int, bool) {
	c, ok := r.hex4(i + 2)
	if !ok {
		return out, i, false
	}
	n := i + 6
	if c&0xf800 == 0xd800 {
		if c&0x400 != 0 || !strings.HasPrefix(r.in[min(n, len(r.in)):], `\u`) {
			return out, i, false
		}
		low, ok := r.hex4(n + 2)
		if !ok || low&0xfc00 != 0xdc00 {
			return out, i, false
		}
		c = (c&0x3ff)<<10 + low&0x3ff + 0x10000
		n += 6
	}
	switch {
	case c < 0x80:
		out = append(out, byte(c))
	case c < 0x800:
		out = append(out, byte(c>>6|0xc0), byte(c&0x3f|0x80))
	case c < 0x10000:
		out = append(out, byte(c>>12|0xe0), byte(c>>6&0x3f|0x80), byte(c&0x3f|0x80))
	default:
		out = append(out, byte(c>>18|0xf0), byte(c>>12&0x3f|0x80), byte(c>>6&0x3f|0x80), byte(c&0x3f|0x80))
	}
	return out, n, true
}

func (r *jsonReader) hex4(i int) (int, bool) {
	if i+4 > len(r.in) {
		return 0, false
	}
	n := 0
	for _, c := range []byte(r.in[i : i+4]) {
		d := digit(c)
		if d >= 16 {
			return 0, false
		}
		n = n<<4 | d
	}
	return n, true
}
