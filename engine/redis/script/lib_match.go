// The functions of the string library that take patterns.

package script

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (s *State) strFind(L *lua.LState) int  { return s.find(L, true) }
func (s *State) strMatch(L *lua.LState) int { return s.find(L, false) }

func (s *State) find(L *lua.LState, find bool) int {
	src, pat := checkString(L, 1), checkString(L, 2)
	at := optInt(L, 3, 1)
	if at < 0 {
		at = max(len(src)+at+1, 0)
	}
	at--
	if at < 0 {
		at = 0
	} else if at > len(src) {
		at = len(src)
	}
	if find && (lua.LVAsBool(L.Get(4)) || !strings.ContainsAny(pat, "^$*+?.([%-")) {
		s.quota.worked(L, len(src)/64)
		i := strings.Index(src[at:], pat)
		if i < 0 {
			return push(L, lua.LNil)
		}
		L.Push(lua.LNumber(at + i + 1))
		L.Push(lua.LNumber(at + i + len(pat)))
		return 2
	}
	m := matcher{L: L, q: &s.quota, src: src, pat: pat}
	p := 0
	if strings.HasPrefix(pat, "^") {
		p = 1
	}
	for ; ; at++ {
		if e := m.from(at, p); e >= 0 {
			if !find {
				return m.pushCaptures(at, e, true)
			}
			L.Push(lua.LNumber(at + 1))
			L.Push(lua.LNumber(e))
			return 2 + m.pushCaptures(at, e, false)
		}
		if p == 1 || at >= len(src) {
			return push(L, lua.LNil)
		}
	}
}

func (s *State) strGmatch(L *lua.LState) int {
	src, pat := checkString(L, 1), checkString(L, 2)
	at := 0
	return push(L, L.NewFunction(func(L *lua.LState) int {
		m := matcher{L: L, q: &s.quota, src: src, pat: pat}
		for ; at <= len(src); at++ {
			if e := m.from(at, 0); e >= 0 {
				start := at
				at = e
				if e == start {
					at++
				}
				return m.pushCaptures(start, e, true)
			}
		}
		return push(L, lua.LNil)
	}))
}

func (s *State) strGsub(L *lua.LState) int {
	src, pat := checkString(L, 1), checkString(L, 2)
	repl := L.Get(3)
	switch repl.(type) {
	case lua.LString, lua.LNumber, *lua.LTable, *lua.LFunction:
	default:
		argError(L, 3, "string/function/table expected")
	}
	most := optInt(L, 4, len(src)+1)
	p := 0
	if strings.HasPrefix(pat, "^") {
		p = 1
	}
	m := matcher{L: L, q: &s.quota, src: src, pat: pat}
	var out []byte
	at, n := 0, 0
	for n < most {
		e := m.from(at, p)
		if e >= 0 {
			n++
			out = s.replace(&m, out, repl, at, e)
		}
		if e >= 0 && e > at {
			at = e
		} else if at < len(src) {
			out = append(out, src[at])
			at++
		} else {
			break
		}
		if p == 1 {
			break
		}
	}
	m.room(len(out) + len(src) - at)
	out = append(out, src[min(at, len(src)):]...)
	L.Push(lua.LString(out))
	L.Push(lua.LNumber(n))
	return 2
}

// replace appends what stands for the match from s to e.
func (s *State) replace(m *matcher, out []byte, repl lua.LValue, from, e int) []byte {
	L := m.L
	var v lua.LValue
	switch r := repl.(type) {
	case *lua.LFunction:
		s.enter(L)
		L.Push(r)
		L.Call(m.pushCaptures(from, e, true), 1)
		s.depth--
		v = L.Get(-1)
		L.Pop(1)
	case *lua.LTable:
		v = L.GetTable(r, m.capture(0, from, e))
	default:
		text, _ := asString(repl)
		m.room(len(out) + len(text))
		m.step(len(text) / 16)
		for i := 0; i < len(text); i++ {
			if text[i] != '%' {
				out = append(out, text[i])
				continue
			}
			i++
			switch {
			case i >= len(text):
				out = append(out, 0)
			case text[i] == '0':
				m.room(len(out) + e - from)
				out = append(out, m.src[from:e]...)
			case text[i] >= '1' && text[i] <= '9':
				part, _ := asString(m.capture(int(text[i]-'1'), from, e))
				m.room(len(out) + len(part))
				out = append(out, part...)
			default:
				out = append(out, text[i])
			}
			m.step(1)
		}
		return out
	}
	if !lua.LVAsBool(v) {
		m.room(len(out) + e - from)
		return append(out, m.src[from:e]...)
	}
	text, ok := asString(v)
	if !ok {
		fail(L, "invalid replacement value (a %s)", v.Type().String())
	}
	m.room(len(out) + len(text))
	return append(out, text...)
}
