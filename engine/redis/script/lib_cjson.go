// cjson: settings and encoding.

package script

import (
	"math"
	"strconv"

	lua "github.com/yuin/gopher-lua"
)

// jsonConfig is what the cjson.*_ functions set. It is back to the usual at every run.
type jsonConfig struct {
	sparseConvert         bool
	sparseRatio, sparseAt int
	encodeDepth           int
	decodeDepth           int
	precision             int
	encodeInvalid         byte // 0 refuse, 1 as they are, 2 null
	decodeInvalid         bool
	keepBuffer            bool
}

var usualJSON = jsonConfig{sparseRatio: 2, sparseAt: 10, encodeDepth: 1000, decodeDepth: 1000, precision: 14, decodeInvalid: true, keepBuffer: true}

// maxJSONDepth is what the depths can be set to: both directions recurse.
const maxJSONDepth = 10_000

func (s *State) jsonLib() funcs {
	return funcs{
		"encode": s.jsonEncode, "decode": s.jsonDecode, "new": s.jsonNew,
		"encode_sparse_array": s.jsonSparse,
		"encode_max_depth":    func(L *lua.LState) int { return jsonInt(L, 1, &s.json.encodeDepth, 1, math.MaxInt32) },
		"decode_max_depth":    func(L *lua.LState) int { return jsonInt(L, 1, &s.json.decodeDepth, 1, math.MaxInt32) },
		"encode_number_precision": func(L *lua.LState) int {
			return jsonInt(L, 1, &s.json.precision, 1, 14)
		},
		"encode_keep_buffer": func(L *lua.LState) int { return jsonBool(L, 1, &s.json.keepBuffer) },
		"encode_invalid_numbers": func(L *lua.LState) int {
			switch v := L.Get(1); {
			case L.GetTop() == 0:
			case v == lua.LString("null"):
				s.json.encodeInvalid = 2
			case v == lua.LString("off"):
				s.json.encodeInvalid = 0
			case v == lua.LString("on"):
				s.json.encodeInvalid = 1
			case v.Type() == lua.LTBool:
				s.json.encodeInvalid = 0
				if lua.LVAsBool(v) {
					s.json.encodeInvalid = 1
				}
			default:
				argError(L, 1, "invalid option '"+checkString(L, 1)+"'")
			}
			if s.json.encodeInvalid == 2 {
				return push(L, lua.LString("null"))
			}
			return push(L, lua.LBool(s.json.encodeInvalid == 1))
		},
		"decode_invalid_numbers": func(L *lua.LState) int { return jsonBool(L, 1, &s.json.decodeInvalid) },
	}
}

// jsonInt sets a number if there is an argument, and gives it.
func jsonInt(L *lua.LState, arg int, v *int, least, most int) int {
	if L.Get(arg) != lua.LNil {
		n := checkInt(L, arg)
		if n < least || n > most {
			argError(L, arg, "expected integer between "+strconv.Itoa(least)+" and "+strconv.Itoa(most))
		}
		*v = n
	}
	return push(L, lua.LNumber(*v))
}

func jsonBool(L *lua.LState, arg int, v *bool) int {
	switch a := L.Get(arg); {
	case L.GetTop() < arg || a == lua.LNil:
	case a == lua.LString("on"):
		*v = true
	case a == lua.LString("off"):
		*v = false
	case a.Type() == lua.LTBool:
		*v = lua.LVAsBool(a)
	default:
		argError(L, arg, "invalid option '"+checkString(L, arg)+"'")
	}
	return push(L, lua.LBool(*v))
}

func (s *State) jsonSparse(L *lua.LState) int {
	if L.GetTop() > 3 {
		argError(L, 4, "found too many arguments")
	}
	L.SetTop(3)
	jsonBool(L, 1, &s.json.sparseConvert)
	jsonInt(L, 2, &s.json.sparseRatio, 0, math.MaxInt32)
	jsonInt(L, 3, &s.json.sparseAt, 0, math.MaxInt32)
	return 3
}

// jsonNew gives the same functions again: one set of settings a run is all there is.
func (s *State) jsonNew(L *lua.LState) int {
	t, _ := s.behind(s.env.RawGetString("cjson").(*lua.LTable))
	c := L.CreateTable(0, 16)
	t.ForEach(func(k, v lua.LValue) { c.RawSet(k, v) })
	return push(L, c)
}

// jsonWriter encodes one value.
type jsonWriter struct {
	s         *State
	L         *lua.LState
	out       []byte
	announced int
	n         int
}

func (s *State) jsonEncode(L *lua.LState) int {
	if L.GetTop() != 1 {
		argError(L, 1, "expected 1 argument")
	}
	w := jsonWriter{s: s, L: L, announced: bigBlock}
	w.value(L.Get(1), 0)
	return push(L, lua.LString(w.out))
}

func (w *jsonWriter) fail(typ, why string) {
	fail(w.L, "Cannot serialise %s: %s", typ, why)
}

func (w *jsonWriter) value(v lua.LValue, depth int) {
	if len(w.out) > w.announced {
		w.announced = 2 * len(w.out)
		w.s.quota.room(w.L, w.announced)
	}
	if w.n++; w.n%256 == 0 {
		w.s.quota.worked(w.L, 256)
	}
	switch v := v.(type) {
	case lua.LString:
		w.text(string(v))
	case lua.LNumber:
		w.number(float64(v))
	case lua.LBool:
		w.out = strconv.AppendBool(w.out, bool(v))
	case *lua.LNilType:
		w.out = append(w.out, "null"...)
	case *lua.LTable:
		depth++
		if depth > min(w.s.json.encodeDepth, maxJSONDepth) {
			fail(w.L, "Cannot serialise, excessive nesting (%d)", depth)
		}
		t, _ := w.s.behind(v)
		if n := w.arrayLen(t); n > 0 {
			w.array(t, n, depth)
		} else {
			w.object(t, depth)
		}
	case *lua.LUserData:
		if v != w.s.null {
			w.fail("userdata", "type not supported")
		}
		w.out = append(w.out, "null"...)
	default:
		w.fail(v.Type().String(), "type not supported")
	}
}

// arrayLen is the highest index if all keys are whole positive numbers, else -1.
func (w *jsonWriter) arrayLen(t *lua.LTable) int {
	most, items, all := 0, 0, true
	t.ForEach(func(k, _ lua.LValue) {
		n, ok := k.(lua.LNumber)
		if !ok || n < 1 || float64(n) != math.Floor(float64(n)) || n > math.MaxInt32 {
			all = false
		} else {
			most = max(most, int(n))
		}
		items++
	})
	if !all {
		return -1
	}
	c := &w.s.json
	if c.sparseRatio > 0 && most > items*c.sparseRatio && most > c.sparseAt {
		if !c.sparseConvert {
			w.fail("table", "excessively sparse array")
		}
		return -1
	}
	return most
}

func (w *jsonWriter) array(t *lua.LTable, n, depth int) {
	w.out = append(w.out, '[')
	for i := 1; i <= n; i++ {
		if i > 1 {
			w.out = append(w.out, ',')
		}
		w.value(at(t, i), depth)
	}
	w.out = append(w.out, ']')
}

func (w *jsonWriter) object(t *lua.LTable, depth int) {
	w.out = append(w.out, '{')
	first := true
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if !first {
			w.out = append(w.out, ',')
		}
		first = false
		switch k := k.(type) {
		case lua.LNumber:
			w.out = append(w.out, '"')
			w.number(float64(k))
			w.out = append(w.out, '"')
		case lua.LString:
			w.text(string(k))
		default:
			w.fail("table", "table key must be a number or string")
		}
		w.out = append(w.out, ':')
		w.value(v, depth)
	}
	w.out = append(w.out, '}')
}

func (w *jsonWriter) number(f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		switch w.s.json.encodeInvalid {
		case 0:
			w.fail("number", "must not be NaN or Inf")
		case 2:
			w.out = append(w.out, "null"...)
			return
		}
		text := "nan"
		if math.IsInf(f, 1) {
			text = "inf"
		} else if math.IsInf(f, -1) {
			text = "-inf"
		}
		w.out = append(w.out, text...)
		return
	}
	w.out = appendG(w.out, f, w.s.json.precision)
}

func (w *jsonWriter) text(s string) {
	w.s.quota.room(w.L, len(s))
	w.out = append(w.out, '"')
	for i := 0; i < len(s); i++ {
		if len(w.out) > w.announced {
			w.announced = 2 * len(w.out)
			w.s.quota.room(w.L, w.announced)
		}
		switch c := s[i]; c {
		case '"', '\\', '/':
			w.out = append(w.out, '\\', c)
		case '\b':
			w.out = append(w.out, `\b`...)
		case '\t':
			w.out = append(w.out, `\t`...)
		case '\n':
			w.out = append(w.out, `\n`...)
		case '\f':
			w.out = append(w.out, `\f`...)
		case '\r':
			w.out = append(w.out, `\r`...)
		default:
			if c < 32 || c == 127 {
				const hex = "0123456789abcdef"
				w.out = append(w.out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			} else {
				w.out = append(w.out, c)
			}
		}
	}
	w.out = append(w.out, '"')
}
