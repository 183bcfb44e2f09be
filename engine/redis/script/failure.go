// Failures: what a script's error becomes in the reply.

package script

import (
	"fmt"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// failure is an error with the place where it was raised.
type failure struct {
	text   string // with its code, "ERR x"
	source string
	line   int
}

func (f *failure) Error() string { return f.text }

// protect calls the function below n arguments. What it raises comes back as a failure.
func (s *State) protect(n int) error {
	s.failed = failed{}
	err := s.L.PCall(n, 1, nil)
	if err == nil {
		return nil
	}
	f := &failure{}
	api, ok := err.(*lua.ApiError)
	if !ok {
		s.broken = true
		f.text = "ERR " + err.Error()
		return f
	}
	s.broken = s.broken || api.Type == lua.ApiErrorPanic
	v := api.Object
	if v == nil {
		v = lua.LNil
	}
	f.source, f.line = s.placeOf(v)
	switch v := v.(type) {
	case *lua.LTable:
		if text, ok := asString(v.RawGetString("err")); ok {
			f.text = text
		} else {
			f.text = "ERR unknown error"
		}
	default:
		f.text = "ERR " + s.luaText(s.display(v), f.line)
	}
	if s.quota.why != 0 {
		f.text = "ERR " + stopTexts[s.quota.why]
	}
	return f
}

// failed is the newest error that a library function raised, and where: the stack is gone when it arrives.
type failed struct {
	value  lua.LValue
	source string
	line   int
}

// raise raises v as it is.
func raise(L *lua.LState, v lua.LValue) {
	if q, ok := L.Context().(*quota); ok {
		f := &q.state.failed
		f.value = v
		f.source, f.line = place(L)
	}
	L.Error(v, 0)
}

// placeOf is where an error was raised: noted when it was, or said by the text itself.
func (s *State) placeOf(v lua.LValue) (source string, line int) {
	if s.failed.value == v {
		return s.failed.source, s.failed.line
	}
	if text, ok := v.(lua.LString); ok && lineOf(string(text)) > 0 {
		name, _, _ := strings.Cut(string(text), ":")
		return "@" + name, lineOf(string(text))
	}
	return "", 0
}

// display is tostring without metamethods.
func (s *State) display(v lua.LValue) string {
	if text, ok := asString(v); ok {
		return text
	}
	return v.String()
}

// place is where the innermost Lua function on the stack is: the source with Lua's mark for a file, and the line.
func place(L *lua.LState) (source string, line int) {
	for level := 0; level < 4; level++ {
		dbg, ok := L.GetStack(level)
		if !ok {
			return "", 0
		}
		if _, err := L.GetInfo("Sl", dbg, lua.LNil); err != nil {
			return "", 0
		}
		if dbg.What != "G" {
			return "@" + dbg.Source, dbg.CurrentLine
		}
	}
	return "", 0
}

// appendFailure is the error reply: the text, which script it was, and where.
func (s *State) appendFailure(out []byte, err error, name string) []byte {
	f, ok := err.(*failure)
	if !ok {
		return appendErrorLine(out, err.Error())
	}
	text := f.text + " script: " + name
	if f.source != "" {
		text += ", on " + f.source + ":" + strconv.Itoa(f.line) + "."
	}
	return appendErrorLine(out, text)
}

// appendErrorLine is an error reply of one line, whatever is in the text.
func appendErrorLine(out []byte, text string) []byte { return appendLine(append(out, '-'), text) }

// appendLine ends a status or error; line breaks in it become spaces.
func appendLine(out []byte, text string) []byte {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\r' || c == '\n' {
			c = ' '
		}
		out = append(out, c)
	}
	return append(out, '\r', '\n')
}

// luaText says in Lua's words what the interpreter said in its own. line is where it was raised.
func (s *State) luaText(text string, line int) string {
	prefix := ""
	if i := strings.Index(text, ": "); i > 0 && i < 64 && strings.IndexByte(text[:i], ':') > 0 {
		prefix, text = text[:i+2], text[i+2:]
	}
	for _, t := range ownTexts {
		rest, ok := strings.CutPrefix(text, t.theirs)
		if !ok {
			continue
		}
		switch t.lua {
		case indexText:
			typ, key, _ := strings.Cut(rest, ") with key '")
			return prefix + "attempt to index " + s.named(s.objectOf(line, strings.TrimSuffix(key, "'")), typ)
		case arithText, concatText:
			_, types, _ := strings.Cut(rest, "between ")
			a, b, _ := strings.Cut(types, " and ")
			first := a
			if a == "number" || t.lua == concatText && a == "string" {
				a = b
			}
			name := ""
			if strings.HasPrefix(rest, "unm ") {
				name = s.negatedOf(line)
			} else {
				name = s.operandOf(line, a == first)
			}
			return prefix + t.lua + s.named(name, a)
		case compareText:
			a, b, ok := strings.Cut(rest, " with ")
			if !ok {
				return prefix + text // it is Lua's already
			}
			if a == b {
				return prefix + "attempt to compare two " + a + " values"
			}
			return prefix + t.lua + a + " with " + b
		case callText:
			typ := strings.TrimPrefix(rest, ":")
			if typ == "" {
				typ = "table" // all others have told
			}
			return prefix + "attempt to call " + s.named(s.calleeOf(line), typ)
		case minusText:
			return prefix + arithText + s.named(s.negatedOf(line), "table")
		default:
			return prefix + t.lua
		}
	}
	return prefix + text
}

const (
	indexText   = "attempt to index "
	arithText   = "attempt to perform arithmetic on "
	concatText  = "attempt to concatenate "
	compareText = "attempt to compare "
	callText    = "attempt to call "
	minusText   = "attempt to negate" // not Lua's: it is arithmetic there
	notCallable = "attempt to call a non-function object"
)

// ownTexts are the interpreter's messages and the start of Lua's.
var ownTexts = []struct{ theirs, lua string }{
	{"attempt to index a non-table object(", indexText},
	{"cannot perform concat operation ", concatText},
	{"cannot perform ", arithText},
	{"attempt to compare ", compareText},
	{notCallable, callText},
	{"__unm undefined", minusText},
	{"for statement init must be a number", "'for' initial value must be a number"},
	{"for statement limit must be a number", "'for' limit must be a number"},
	{"for statement step must be a number", "'for' step must be a number"},
	{"registry overflow", "stack overflow"},
	{"can not yield from outside of a coroutine", "attempt to yield across metamethod/C-call boundary"},
}

// named is "local 'x' (a nil value)", or "a nil value" for what has no name.
func (s *State) named(name, typ string) string {
	if name == "" {
		return fmt.Sprintf("a %s value", typ)
	}
	return fmt.Sprintf("%s (a %s value)", name, typ)
}
