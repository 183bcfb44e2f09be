// The global functions.

package script

import (
	"fmt"
	"runtime"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (s *State) baseLib() funcs {
	return funcs{
		"assert": s.baseAssert, "collectgarbage": baseCollect, "error": baseError, "gcinfo": func(L *lua.LState) int { return push(L, lua.LNumber(heapKB())) },
		"getmetatable": s.baseGetMeta, "setmetatable": s.baseSetMeta, "ipairs": s.baseIpairs, "pairs": s.basePairs, "next": s.baseNext,
		"load": s.baseLoad, "loadstring": s.baseLoadString, "pcall": s.basePcall, "xpcall": s.baseXpcall,
		"rawequal": func(L *lua.LState) int { return push(L, lua.LBool(L.RawEqual(checkAny(L, 1), checkAny(L, 2)))) },
		"rawget":   s.baseRawGet, "rawset": s.baseRawSet, "select": baseSelect, "tonumber": baseToNumber, "tostring": s.baseToString,
		"type": func(L *lua.LState) int { return push(L, lua.LString(checkAny(L, 1).Type().String())) }, "unpack": s.baseUnpack,
	}
}

func push(L *lua.LState, v lua.LValue) int { L.Push(v); return 1 }

func (s *State) baseAssert(L *lua.LState) int {
	if v := checkAny(L, 1); !lua.LVAsBool(v) {
		if msg := L.Get(2); msg != lua.LNil {
			text, ok := asString(msg)
			if !ok {
				typeError(L, 2, "string")
			}
			fail(L, "%s", text)
		}
		fail(L, "assertion failed!")
	}
	return L.GetTop()
}

func baseCollect(L *lua.LState) int {
	switch opt := optString(L, 1, "collect"); opt {
	case "collect", "stop", "restart":
		return push(L, lua.LNumber(0))
	case "count":
		return push(L, lua.LNumber(heapKB()))
	case "step":
		return push(L, lua.LTrue)
	case "setpause", "setstepmul":
		return push(L, lua.LNumber(200))
	default:
		argError(L, 1, "invalid option '"+opt+"'")
	}
	return 0
}

// heapKB is a figure that looks like an interpreter's memory. The true one is nobody's business and takes long to find.
func heapKB() int { return 64 + runtime.NumCPU() }

func baseError(L *lua.LState) int {
	v, level := L.Get(1), optInt(L, 2, 1)
	if text, ok := asString(v); ok && level > 0 {
		v = lua.LString(where(L, level) + text)
	}
	raise(L, v)
	return 0
}

// where is "user_script:1: " for the function at a level of the stack, "" if it is not Lua.
func where(L *lua.LState, level int) string {
	dbg, ok := L.GetStack(level)
	if !ok {
		return ""
	}
	if _, err := L.GetInfo("Sl", dbg, lua.LNil); err != nil || dbg.Source == "" || dbg.CurrentLine <= 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", dbg.Source, dbg.CurrentLine)
}

func (s *State) baseGetMeta(L *lua.LState) int {
	m := s.visibleMeta(L, checkAny(L, 1))
	if t, ok := m.(*lua.LTable); ok {
		if hidden := t.RawGetString("__metatable"); hidden != lua.LNil {
			return push(L, hidden)
		}
	}
	return push(L, m)
}

func (s *State) baseSetMeta(L *lua.LState) int {
	t := checkTable(L, 1)
	m := L.Get(2)
	if mt, ok := m.(*lua.LTable); ok {
		m, _ = s.behind(mt)
	} else if m != lua.LNil || L.GetTop() < 2 {
		argError(L, 2, "nil or table expected")
	}
	s.writable(L, t)
	if old, ok := t.Metatable.(*lua.LTable); ok && old.RawGetString("__metatable") != lua.LNil {
		fail(L, "cannot change a protected metatable")
	}
	t.Metatable = m
	L.SetTop(1)
	return 1
}

func (s *State) baseIpairs(L *lua.LState) int {
	t := checkTable(L, 1)
	L.Push(s.env.RawGetString("\x00inext"))
	if L.Get(-1) == lua.LNil {
		L.Pop(1)
		f := L.NewFunction(s.ipairsNext)
		s.env.RawSetString("\x00inext", f)
		L.Push(f)
	}
	L.Push(t)
	L.Push(lua.LNumber(0))
	return 3
}

func (s *State) ipairsNext(L *lua.LState) int {
	t, _ := s.behind(checkTable(L, 1))
	i := checkInt(L, 2) + 1
	v := t.RawGet(lua.LNumber(i))
	if v == lua.LNil {
		return push(L, lua.LNil)
	}
	L.Push(lua.LNumber(i))
	L.Push(v)
	return 2
}

func (s *State) basePairs(L *lua.LState) int {
	t := checkTable(L, 1)
	L.Push(s.env.RawGetString("next"))
	L.Push(t)
	L.Push(lua.LNil)
	return 3
}

func (s *State) baseNext(L *lua.LState) int {
	t, _ := s.behind(checkTable(L, 1))
	key := L.Get(2)
	if key != lua.LNil && t.RawGet(key) == lua.LNil && !known(t, key) {
		throw(L, "invalid key to 'next'")
	}
	k, v := t.Next(key)
	if k == lua.LNil {
		return push(L, lua.LNil)
	}
	L.Push(k)
	L.Push(v)
	return 2
}

// known reports a key that may have been removed during the walk: removed keys of a table that has others are let through.
func known(t *lua.LTable, key lua.LValue) bool {
	k, _ := t.Next(lua.LNil)
	return k != lua.LNil
}

// source of code given to loadstring and load.
func (s *State) load(L *lua.LState, src, chunk string) int {
	u, err := compile(src, chunk)
	if err != nil {
		L.Push(lua.LNil)
		L.Push(lua.LString(err.Error()))
		return 2
	}
	s.quota.worked(L, len(src))
	fn := L.NewFunctionFromProto(u.proto)
	fn.Env = s.env
	return push(L, fn)
}

func (s *State) baseLoadString(L *lua.LState) int {
	src := checkString(L, 1)
	return s.load(L, src, chunkName(optString(L, 2, src)))
}

// chunkName is how Lua shows a text that has no file: [string "its first line..."].
func chunkName(src string) string {
	if src != "" && (src[0] == '=' || src[0] == '@') {
		return src[1:]
	}
	line := src
	for i := 0; i < len(line); i++ {
		if line[i] == '\n' || line[i] == '\r' {
			line = line[:i]
			break
		}
	}
	const room = 60 - len(`[string "..."]`) - 1
	if len(line) < len(src) || len(line) > room {
		if len(line) > room {
			line = line[:room]
		}
		return `[string "` + line + `..."]`
	}
	return `[string "` + line + `"]`
}

func (s *State) baseLoad(L *lua.LState) int {
	fn := checkFunction(L, 1)
	name := optString(L, 2, "=(load)")
	var src []byte
	for {
		s.enter(L)
		L.Push(fn)
		L.Call(0, 1)
		s.depth--
		v := L.Get(-1)
		L.Pop(1)
		if v == lua.LNil {
			break
		}
		part, ok := v.(lua.LString)
		if !ok {
			throw(L, "reader function must return a string")
		}
		if part == "" {
			break
		}
		s.quota.room(L, len(src)+len(part))
		src = append(src, part...)
	}
	return s.load(L, string(src), chunkName(name))
}

// enter counts a library function that calls back: every one is some frames of the Go stack, which must not overflow.
func (s *State) enter(L *lua.LState) {
	if s.depth >= maxGoCalls {
		fail(L, "C stack overflow")
	}
	s.depth++
}

func (s *State) basePcall(L *lua.LState) int {
	if t, ok := checkAny(L, 1).(*lua.LTable); ok && L.GetMetaField(t, "__call") == lua.LNil {
		return s.pushFailed(L, lua.LString("attempt to call a table value")) // without a place: nobody of the script's called it
	}
	s.enter(L)
	depth := s.depth
	err := L.PCall(L.GetTop()-1, lua.MultRet, nil)
	s.depth = depth - 1
	if err != nil {
		return s.pushFailed(L, s.raised(L, err))
	}
	L.Insert(lua.LTrue, 1)
	return L.GetTop()
}

func (s *State) pushFailed(L *lua.LState, v lua.LValue) int {
	L.SetTop(0)
	L.Push(lua.LFalse)
	// Errors of redis.call are tables; pcall has always given their text.
	if t, ok := v.(*lua.LTable); ok {
		if text, ok := asString(t.RawGetString("err")); ok {
			v = lua.LString(text)
		}
	}
	L.Push(v)
	return 2
}

// raised is the value of an error, texts in Lua's words.
func (s *State) raised(L *lua.LState, err error) lua.LValue {
	api, ok := err.(*lua.ApiError)
	if !ok {
		s.broken = true
		return lua.LString(err.Error())
	}
	if api.Type == lua.ApiErrorPanic {
		s.broken = true
	}
	if text, ok := api.Object.(lua.LString); ok {
		return lua.LString(s.luaText(string(text), lineOf(string(text))))
	}
	if api.Object == nil {
		return lua.LNil
	}
	return api.Object
}

// lineOf is the line at the start of a text "user_script:12: x", 0 if there is none.
func lineOf(text string) int {
	i := 0
	for i < len(text) && text[i] != ':' {
		i++
	}
	n := 0
	for i++; i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
		n = n*10 + int(text[i]-'0')
	}
	return n
}

// baseXpcall calls the handler when the stack is unwound already: nothing that scripts have could tell the difference.
func (s *State) baseXpcall(L *lua.LState) int {
	if L.GetTop() < 2 {
		argError(L, 2, "value expected")
	}
	handler := L.Get(2)
	s.enter(L)
	depth := s.depth
	L.SetTop(1)
	err := L.PCall(0, lua.MultRet, nil)
	s.depth = depth
	if err == nil {
		s.depth--
		L.Insert(lua.LTrue, 1)
		return L.GetTop()
	}
	L.SetTop(0)
	L.Push(handler)
	L.Push(s.raised(L, err))
	err = L.PCall(1, 1, nil)
	s.depth = depth - 1
	v := L.Get(-1)
	if err != nil {
		v = lua.LString("error in error handling")
	}
	L.SetTop(0)
	L.Push(lua.LFalse)
	L.Push(v)
	return 2
}

func (s *State) baseRawGet(L *lua.LState) int {
	t, _ := s.behind(checkTable(L, 1))
	return push(L, t.RawGet(checkAny(L, 2)))
}

func (s *State) baseRawSet(L *lua.LState) int {
	t := checkTable(L, 1)
	checkAny(L, 2)
	checkAny(L, 3)
	if f, ok := L.Get(2).(lua.LNumber); ok && f != f {
		throw(L, "table index is NaN")
	} else if L.Get(2) == lua.LNil {
		throw(L, "table index is nil")
	}
	s.writable(L, t).RawSet(L.Get(2), L.Get(3))
	L.SetTop(1)
	return 1
}

func baseSelect(L *lua.LState) int {
	n := L.GetTop()
	if L.Get(1) == lua.LString("#") {
		return push(L, lua.LNumber(n-1))
	}
	i := checkInt(L, 1)
	if i < 0 {
		i = n + i
	} else if i > n {
		i = n
	}
	if i < 1 {
		argError(L, 1, "index out of range")
	}
	return n - i
}

func baseToNumber(L *lua.LState) int {
	base := optInt(L, 2, 10)
	if base == 10 {
		if f, ok := asNumber(checkAny(L, 1)); ok {
			return push(L, lua.LNumber(f))
		}
		return push(L, lua.LNil)
	}
	text := checkString(L, 1)
	if base < 2 || base > 36 {
		argError(L, 2, "base out of range")
	}
	i, end := 0, len(text)
	if nul := strings.IndexByte(text, 0); nul >= 0 {
		end = nul
	}
	for i < end && isCSpace(text[i]) {
		i++
	}
	for end > i && isCSpace(text[end-1]) {
		end--
	}
	neg := i < end && text[i] == '-'
	if neg || i < end && text[i] == '+' {
		i++
	}
	if base == 16 && end-i > 2 && text[i] == '0' && text[i+1]|0x20 == 'x' {
		i += 2
	}
	var n uint64
	for start := i; ; i++ {
		if i == end {
			if i == start {
				return push(L, lua.LNil)
			}
			break
		}
		d := digit(text[i])
		if d >= base {
			return push(L, lua.LNil)
		}
		if n > (1<<64-1-uint64(d))/uint64(base) {
			n = 1<<64 - 1
			continue
		}
		n = n*uint64(base) + uint64(d)
	}
	if neg {
		n = -n
	}
	return push(L, lua.LNumber(float64(n)))
}

func (s *State) baseToString(L *lua.LState) int { return push(L, s.toString(L, checkAny(L, 1))) }

// toString is tostring, __tostring included.
func (s *State) toString(L *lua.LState, v lua.LValue) lua.LValue {
	switch v := v.(type) {
	case lua.LString:
		return v
	case lua.LNumber:
		return lua.LString(numberString(float64(v)))
	case *lua.LTable:
		if mt, ok := v.Metatable.(*lua.LTable); ok {
			if f, ok := mt.RawGetString("__tostring").(*lua.LFunction); ok {
				s.enter(L)
				L.Push(f)
				L.Push(v)
				L.Call(1, 1)
				s.depth--
				r := L.Get(-1)
				L.Pop(1)
				return r
			}
		}
	case *lua.LUserData:
		if v == s.null {
			return lua.LString("userdata: (nil)")
		}
	case *lua.LFunction:
		if v.IsG {
			return lua.LString(fmt.Sprintf("function: %p", v))
		}
	}
	return lua.LString(v.String())
}

// maxUnpacked is the number of values that fit on Lua's stack.
const maxUnpacked = 8000

func (s *State) baseUnpack(L *lua.LState) int {
	t, _ := s.behind(checkTable(L, 1))
	from := optInt(L, 2, 1)
	to := optInt(L, 3, border(t))
	if from > to {
		return 0
	}
	n := to - from + 1
	if n <= 0 || n >= maxUnpacked {
		fail(L, "too many results to unpack")
	}
	s.quota.worked(L, n)
	for i := from; ; i++ {
		L.Push(t.RawGet(lua.LNumber(i)))
		if i == to {
			return n
		}
	}
}
