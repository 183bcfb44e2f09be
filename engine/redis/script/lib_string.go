// The string library.

package script

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (s *State) stringLib() funcs {
	return funcs{
		"byte": s.strByte, "char": s.strChar, "dump": s.strDump, "find": s.strFind, "format": s.strFormat, "gfind": s.strGmatch, "gmatch": s.strGmatch,
		"gsub": s.strGsub, "len": func(L *lua.LState) int { return push(L, lua.LNumber(len(checkString(L, 1)))) },
		"lower": s.strLower, "match": s.strMatch, "rep": s.strRep, "reverse": s.strReverse, "sub": strSub, "upper": s.strUpper,
	}
}

// span turns Lua's i and j into a half-open range of a text of n bytes.
func span(n, i, j int) (from, to int) {
	if i < 0 {
		i = max(n+i+1, 0)
	}
	if j < 0 {
		j = n + j + 1
	}
	i, j = max(i, 1), min(j, n)
	if i > j {
		return 0, 0
	}
	return i - 1, j
}

func strSub(L *lua.LState) int {
	text := checkString(L, 1)
	from, to := span(len(text), checkInt(L, 2), optInt(L, 3, -1))
	return push(L, lua.LString(text[from:to]))
}

func (s *State) strByte(L *lua.LState) int {
	text := checkString(L, 1)
	i := optInt(L, 2, 1)
	from, to := span(len(text), i, optInt(L, 3, i))
	if to-from >= maxUnpacked {
		fail(L, "string slice too long")
	}
	for _, c := range []byte(text[from:to]) {
		L.Push(lua.LNumber(c))
	}
	return to - from
}

func (s *State) strChar(L *lua.LState) int {
	b := make([]byte, L.GetTop())
	for i := range b {
		n := checkInt(L, i+1)
		if n < 0 || n > 255 {
			argError(L, i+1, "invalid value")
		}
		b[i] = byte(n)
	}
	return push(L, lua.LString(b))
}

// strDump gives what no interpreter can load: bytecode from clients is never run.
func (s *State) strDump(L *lua.LState) int {
	checkFunction(L, 1)
	fail(L, "unable to dump given function")
	return 0
}

func (s *State) strLower(L *lua.LState) int { return s.mapped(L, 'A', 'Z', 0x20) }
func (s *State) strUpper(L *lua.LState) int { return s.mapped(L, 'a', 'z', 0x20) }

// mapped flips a bit of the bytes in a range.
func (s *State) mapped(L *lua.LState, from, to, flip byte) int {
	text := checkString(L, 1)
	s.quota.room(L, len(text))
	b := []byte(text)
	for i, c := range b {
		if c >= from && c <= to {
			b[i] = c ^ flip
		}
	}
	return push(L, lua.LString(b))
}

func (s *State) strReverse(L *lua.LState) int {
	text := checkString(L, 1)
	s.quota.room(L, len(text))
	b := make([]byte, len(text))
	for i := range b {
		b[i] = text[len(text)-1-i]
	}
	return push(L, lua.LString(b))
}

func (s *State) strRep(L *lua.LState) int {
	text, n := checkString(L, 1), checkInt(L, 2)
	if n <= 0 || text == "" {
		return push(L, lua.LString(""))
	}
	if n > 1<<40/len(text) {
		n = 1 << 40 / len(text)
	}
	s.quota.room(L, n*len(text))
	if n*len(text) > 1<<30 {
		throw(L, stopTexts[stopMemory])
	}
	return push(L, lua.LString(strings.Repeat(text, n)))
}

// concat is the .. operator: argument 1 names the operands, the others are joined from the right as Lua does.
func (s *State) concat(L *lua.LState) int {
	n := L.GetTop()
	total := 0
	plain := true
	for i := 2; i <= n; i++ {
		switch v := L.Get(i).(type) {
		case lua.LString:
			total += len(v)
		case lua.LNumber:
			total += 24
		default:
			plain = false
		}
	}
	if plain {
		s.quota.room(L, total)
		if n == 3 {
			if a, ok := L.Get(2).(lua.LString); ok {
				if b, ok := L.Get(3).(lua.LString); ok {
					return push(L, a+b)
				}
			}
		}
		b := make([]byte, 0, total)
		for i := 2; i <= n; i++ {
			b = appendValue(b, L.Get(i))
		}
		return push(L, lua.LString(b))
	}
	right := L.Get(n)
	for i := n - 1; i >= 2; i-- {
		right = s.concat2(L, L.Get(i), right, i)
	}
	return push(L, right)
}

func appendValue(b []byte, v lua.LValue) []byte {
	switch v := v.(type) {
	case lua.LString:
		return append(b, v...)
	case lua.LNumber:
		return appendNumber(b, float64(v))
	}
	return b
}

// concat2 joins operand i and what is right of it.
func (s *State) concat2(L *lua.LState, a, b lua.LValue, i int) lua.LValue {
	ta, oka := asString(a)
	tb, okb := asString(b)
	if oka && okb {
		s.quota.room(L, len(ta)+len(tb))
		return lua.LString(ta + tb)
	}
	for _, v := range []lua.LValue{a, b} {
		t, ok := v.(*lua.LTable)
		if !ok {
			continue
		}
		if mt, ok := t.Metatable.(*lua.LTable); ok {
			if f := mt.RawGetString("__concat"); f != lua.LNil {
				s.enter(L)
				L.Push(f)
				L.Push(a)
				L.Push(b)
				L.Call(2, 1)
				s.depth--
				r := L.Get(-1)
				L.Pop(1)
				return r
			}
		}
	}
	bad, at := a, i
	if oka {
		bad, at = b, i+1
	}
	name := ""
	if names := strings.Split(checkString(L, 1), "\x00"); at-2 < len(names) {
		name = names[at-2]
	}
	fail(L, "attempt to concatenate %s", s.named(name, bad.Type().String()))
	return lua.LNil
}
