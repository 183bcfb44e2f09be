// Arguments of library functions, and Lua's words for wrong ones.

package script

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// argError says that argument n is wrong, with the name by which the function was called.
func argError(L *lua.LState, n int, what string) {
	name := calledAs(L)
	if q, ok := L.Context().(*quota); ok && q.state.calledAsMethod(line(L, 1), name) {
		if n--; n == 0 {
			fail(L, "calling '%s' on bad self (%s)", name, what)
		}
	}
	fail(L, "bad argument #%d to '%s' (%s)", n, name, what)
}

// fail raises a text behind the position of the function that called the library function: none if that is no Lua function.
func fail(L *lua.LState, format string, args ...any) {
	raise(L, lua.LString(where(L, 1)+fmt.Sprintf(format, args...)))
}

// calledAs is the name in the calling expression.
func calledAs(L *lua.LState) string {
	dbg, ok := L.GetStack(0)
	if !ok {
		return "?"
	}
	L.GetInfo("n", dbg, lua.LNil)
	name := dbg.Name[strings.LastIndexByte(dbg.Name, '.')+1:]
	if name == "" || name[0] == '(' || name[0] == '<' {
		return "?"
	}
	return name
}

// line is where the function at a level of the stack is, 0 if it is not Lua.
func line(L *lua.LState, level int) int {
	dbg, ok := L.GetStack(level)
	if !ok {
		return 0
	}
	if _, err := L.GetInfo("l", dbg, lua.LNil); err != nil {
		return 0
	}
	return max(dbg.CurrentLine, 0)
}

// typeName is the type of argument n as error texts call it.
func typeName(L *lua.LState, n int) string {
	if n > L.GetTop() {
		return "no value"
	}
	return L.Get(n).Type().String()
}

func typeError(L *lua.LState, n int, want string) {
	argError(L, n, want+" expected, got "+typeName(L, n))
}

func checkString(L *lua.LState, n int) string {
	s, ok := asString(L.Get(n))
	if !ok {
		typeError(L, n, "string")
	}
	return s
}

func optString(L *lua.LState, n int, def string) string {
	if L.Get(n) == lua.LNil {
		return def
	}
	return checkString(L, n)
}

func checkNumber(L *lua.LState, n int) float64 {
	f, ok := asNumber(L.Get(n))
	if !ok {
		typeError(L, n, "number")
	}
	return f
}

func checkInt(L *lua.LState, n int) int {
	f := checkNumber(L, n)
	if f != f {
		return -1 << 63
	}
	return int(toInt(f))
}

func optInt(L *lua.LState, n, def int) int {
	if L.Get(n) == lua.LNil {
		return def
	}
	return checkInt(L, n)
}

func checkTable(L *lua.LState, n int) *lua.LTable {
	t, ok := L.Get(n).(*lua.LTable)
	if !ok {
		typeError(L, n, "table")
	}
	return t
}

func checkFunction(L *lua.LState, n int) *lua.LFunction {
	f, ok := L.Get(n).(*lua.LFunction)
	if !ok {
		typeError(L, n, "function")
	}
	return f
}

func checkAny(L *lua.LState, n int) lua.LValue {
	if n > L.GetTop() {
		argError(L, n, "value expected")
	}
	return L.Get(n)
}
