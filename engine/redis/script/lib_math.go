// The math library, with Redis's own generator of pseudo-random numbers.

package script

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

const mathPi = math.Pi

var mathHuge = math.Inf(1)

func (s *State) mathLib() funcs {
	one := func(f func(float64) float64) lua.LGFunction {
		return func(L *lua.LState) int { return push(L, lua.LNumber(f(checkNumber(L, 1)))) }
	}
	two := func(f func(a, b float64) float64) lua.LGFunction {
		return func(L *lua.LState) int { return push(L, lua.LNumber(f(checkNumber(L, 1), checkNumber(L, 2)))) }
	}
	return funcs{
		"abs": one(math.Abs), "acos": one(math.Acos), "asin": one(math.Asin), "atan": one(math.Atan), "atan2": two(math.Atan2), "ceil": one(math.Ceil),
		"cos": one(math.Cos), "cosh": one(math.Cosh), "deg": one(func(f float64) float64 { return f / (math.Pi / 180) }), "exp": one(math.Exp),
		"floor": one(math.Floor), "fmod": two(math.Mod), "mod": two(math.Mod), "frexp": func(L *lua.LState) int {
			f, e := math.Frexp(checkNumber(L, 1))
			L.Push(lua.LNumber(f))
			L.Push(lua.LNumber(e))
			return 2
		},
		"ldexp": func(L *lua.LState) int {
			f, e := checkNumber(L, 1), checkInt(L, 2)
			return push(L, lua.LNumber(math.Ldexp(f, max(min(e, 1<<20), -1<<20))))
		},
		"log": one(math.Log), "log10": one(math.Log10), "max": extreme(false), "min": extreme(true),
		"modf": func(L *lua.LState) int {
			f := checkNumber(L, 1)
			whole, part := math.Trunc(f), 0.0
			if !math.IsInf(f, 0) {
				part = f - whole
			}
			L.Push(lua.LNumber(whole))
			L.Push(lua.LNumber(part))
			return 2
		},
		"pow": two(math.Pow), "rad": one(func(f float64) float64 { return f * (math.Pi / 180) }), "random": s.mathRandom,
		"randomseed": func(L *lua.LState) int { s.rand.seed(int32(checkInt(L, 1))); return 0 },
		"sin":        one(math.Sin), "sinh": one(math.Sinh), "sqrt": one(math.Sqrt), "tan": one(math.Tan), "tanh": one(math.Tanh),
	}
}

// extreme compares as C does: a NaN behind the first argument is passed over.
func extreme(least bool) lua.LGFunction {
	return func(L *lua.LState) int {
		best := checkNumber(L, 1)
		for i := 2; i <= L.GetTop(); i++ {
			if f := checkNumber(L, i); least && f < best || !least && f > best {
				best = f
			}
		}
		return push(L, lua.LNumber(best))
	}
}

func (s *State) mathRandom(L *lua.LState) int {
	const top = math.MaxInt32
	r := float64(s.rand.next()%top) / top
	switch L.GetTop() {
	case 0:
		return push(L, lua.LNumber(r))
	case 1:
		u := int32(checkInt(L, 1))
		if u < 1 {
			argError(L, 1, "interval is empty")
		}
		return push(L, lua.LNumber(math.Floor(r*float64(u))+1))
	case 2:
		l, u := int32(checkInt(L, 1)), int32(checkInt(L, 2))
		if l > u {
			argError(L, 2, "interval is empty")
		}
		return push(L, lua.LNumber(math.Floor(r*float64(u-l+1))+float64(l)))
	}
	fail(L, "wrong number of arguments")
	return 0
}

// rand48 is the linear congruential generator of POSIX's lrand48.
type rand48 uint64

func (r *rand48) seed(n int32) { *r = rand48(uint64(uint32(n))<<16 | 0x330e) }

func (r *rand48) next() int32 {
	*r = (*r*0x5deece66d + 0xb) & (1<<48 - 1)
	return int32(*r >> 17)
}
