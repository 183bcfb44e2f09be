// Sealed tables: globals and libraries, which scripts see and cannot change.

package script

import lua "github.com/yuin/gopher-lua"

const readonlyText = "Attempt to modify a readonly table"

// seal makes the table that scripts get for real: empty, so that every access goes through its metatable.
func (s *State) seal(real *lua.LTable) *lua.LTable {
	front, meta := s.L.CreateTable(0, 0), s.L.CreateTable(0, 2)
	meta.RawSetString("__index", real)
	meta.RawSetString("__newindex", s.readonly)
	front.Metatable = meta
	s.sealed[front] = real
	return front
}

// behind is the table whose content t shows, and whether t is sealed.
func (s *State) behind(t *lua.LTable) (*lua.LTable, bool) {
	if t.Metatable == lua.LNil {
		return t, false
	}
	if real, ok := s.sealed[t]; ok {
		return real, true
	}
	return t, false
}

// writable is t, or an error if it is sealed. As in the original, the text has no position when a library function is what writes.
func (s *State) writable(L *lua.LState, t *lua.LTable) *lua.LTable {
	if _, ok := s.behind(t); ok {
		throw(L, readonlyText)
	}
	return t
}

// throw raises a text without a position.
func throw(L *lua.LState, text string) { raise(L, lua.LString(text)) }

// visibleMeta is the metatable that scripts may see of v: that of a seal is ours, and the one of texts is sealed itself.
func (s *State) visibleMeta(L *lua.LState, v lua.LValue) lua.LValue {
	switch v := v.(type) {
	case *lua.LTable:
		if _, ok := s.behind(v); ok {
			if v == s.globals {
				return s.globalsMeta
			}
			return lua.LNil
		}
		return v.Metatable
	case lua.LString:
		return s.stringMeta
	case *lua.LUserData:
		return v.Metatable
	}
	return lua.LNil
}
