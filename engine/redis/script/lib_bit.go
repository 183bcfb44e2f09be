// The bit library: operations on 32 bits.

package script

import (
	"math/bits"

	lua "github.com/yuin/gopher-lua"
)

// toBits takes a number modulo 2^32.
func toBits(L *lua.LState, n int) uint32 {
	return lowBits(checkNumber(L, n))
}

func bitLib() funcs {
	give := func(L *lua.LState, b uint32) int { return push(L, lua.LNumber(int32(b))) }
	fold := func(f func(a, b uint32) uint32) lua.LGFunction {
		return func(L *lua.LState) int {
			r := toBits(L, 1)
			for i := 2; i <= L.GetTop(); i++ {
				r = f(r, toBits(L, i))
			}
			return give(L, r)
		}
	}
	shift := func(f func(a uint32, n int) uint32) lua.LGFunction {
		return func(L *lua.LState) int { return give(L, f(toBits(L, 1), int(toBits(L, 2)&31))) }
	}
	return funcs{
		"tobit": func(L *lua.LState) int { return give(L, toBits(L, 1)) },
		"bnot":  func(L *lua.LState) int { return give(L, ^toBits(L, 1)) },
		"band":  fold(func(a, b uint32) uint32 { return a & b }),
		"bor":   fold(func(a, b uint32) uint32 { return a | b }),
		"bxor":  fold(func(a, b uint32) uint32 { return a ^ b }),
		"bswap": func(L *lua.LState) int { return give(L, bits.ReverseBytes32(toBits(L, 1))) },

		"lshift":  shift(func(a uint32, n int) uint32 { return a << n }),
		"rshift":  shift(func(a uint32, n int) uint32 { return a >> n }),
		"arshift": shift(func(a uint32, n int) uint32 { return uint32(int32(a) >> n) }),
		"rol":     shift(func(a uint32, n int) uint32 { return bits.RotateLeft32(a, n) }),
		"ror":     shift(func(a uint32, n int) uint32 { return bits.RotateLeft32(a, -n) }),
		"tohex":   bitToHex,
	}
}

// bitToHex writes the last n digits; a negative n means capitals.
func bitToHex(L *lua.LState) int {
	b, n := toBits(L, 1), int32(8)
	if L.GetTop() >= 2 {
		n = int32(toBits(L, 2))
	}
	digits := "0123456789abcdef"
	if n < 0 {
		n, digits = -n, "0123456789ABCDEF"
	}
	if n < 0 || n > 8 {
		n = 8
	}
	var out [8]byte
	for i := n - 1; i >= 0; i-- {
		out[i] = digits[b&15]
		b >>= 4
	}
	return push(L, lua.LString(out[:n]))
}
