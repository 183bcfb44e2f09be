// Arithmetic where an operand is a text, and what else the interpreter would read as a number in its own way: to it "010" is eight, "0b11" three and
// "1_000" a number.

package script

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

// arithmetic are the events of the operators. The metatable of texts has a function for each, which the interpreter asks before it converts anything
// itself: that metatable scripts never see, see visibleMeta.
func (s *State) arithmetic() funcs {
	return funcs{
		"__add": s.arith("add", func(a, b float64) float64 { return a + b }),
		"__sub": s.arith("sub", func(a, b float64) float64 { return a - b }),
		"__mul": s.arith("mul", func(a, b float64) float64 { return a * b }),
		"__div": s.arith("div", func(a, b float64) float64 { return a / b }),
		"__mod": s.arith("mod", modulo),
		"__pow": s.arith("pow", math.Pow),
		"__unm": s.arith("unm", func(a, _ float64) float64 { return -a }),
	}
}

// strangers gives the types that have no metatable one that raises Lua's errors: the interpreter's own do not tell of what type the value is. What is left to it
// is tables. Scripts do not see these metatables either.
func (s *State) strangers(fn func(lua.LGFunction) *lua.LFunction, texts *lua.LTable) {
	call := fn(uncallable)
	texts.RawSetString("__call", call)
	minus := fn(s.arithmetic()["__unm"])
	for _, v := range [...]lua.LValue{lua.LNil, lua.LTrue, lua.LNumber(0), minus} {
		meta := s.L.CreateTable(0, 2)
		meta.RawSetString("__call", call)
		meta.RawSetString("__unm", minus)
		s.L.SetMetatable(v, meta)
	}
}

// uncallable is called with what was called and cannot be.
func uncallable(L *lua.LState) int {
	fail(L, "%s:%s", notCallable, L.Get(1).Type())
	return 0
}

// arith makes the function of one event: numbers and texts that are numbers are computed with; else the other operand's metatable is asked, as if texts
// had none.
func (s *State) arith(event string, compute func(a, b float64) float64) lua.LGFunction {
	return func(L *lua.LState) int {
		a, b := L.Get(1), L.Get(2)
		if event == "unm" {
			b = a
		}
		x, oka := asNumber(a)
		y, okb := asNumber(b)
		if oka && okb {
			return push(L, lua.LNumber(compute(x, y)))
		}
		for _, v := range [...]lua.LValue{a, b} {
			t, ok := v.(*lua.LTable)
			if !ok {
				continue
			}
			mt, ok := t.Metatable.(*lua.LTable)
			if !ok {
				continue
			}
			if f := mt.RawGetString("__" + event); f != lua.LNil {
				s.enter(L)
				L.Push(f)
				L.Push(a)
				L.Push(b)
				L.Call(2, 1)
				s.depth--
				return 1
			}
		}
		// Said in the interpreter's words, which become Lua's with the operand's name where the error is caught.
		left := a.Type()
		if oka {
			left = lua.LTNumber // not what is wrong
		}
		fail(L, "cannot perform %s operation between %s and %s", event, left, b.Type())
		return 0
	}
}

// modulo is the interpreter's, so that texts are computed with as numbers are. Lua's own, a-floor(a/b)*b, gives other results where the quotient has
// more than 53 bits or b is infinite.
func modulo(a, b float64) float64 {
	v := math.Mod(a, b)
	if b > 0 && v < 0 || b < 0 && v > 0 {
		v += b
	}
	return v
}

// bound is what a numeric loop is given: a text that is a number is one.
func bound(L *lua.LState) int {
	v := L.Get(2)
	if text, ok := v.(lua.LString); ok {
		if f, ok := toNumber(string(text)); ok {
			v = lua.LNumber(f)
		}
	}
	return push(L, v)
}
