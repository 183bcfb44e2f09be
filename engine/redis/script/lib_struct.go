// The struct library: packing values as C lays them out.

package script

import (
	"encoding/binary"
	"math"

	lua "github.com/yuin/gopher-lua"
)

func (s *State) structLib() funcs {
	return funcs{"pack": s.structPack, "unpack": s.structUnpack, "size": s.structSize}
}

const (
	maxIntSize = 32
	maxAlign   = 8
)

// layout walks a format.
type layout struct {
	L      *lua.LState
	f      string
	at     int
	little bool
	align  int
}

func newLayout(L *lua.LState) *layout {
	return &layout{L: L, f: checkString(L, 1), little: true, align: 1}
}

// number reads a count, def if there is none.
func (l *layout) number(def int) int {
	if l.at >= len(l.f) || l.f[l.at] < '0' || l.f[l.at] > '9' {
		return def
	}
	n := 0
	for ; l.at < len(l.f) && l.f[l.at] >= '0' && l.f[l.at] <= '9'; l.at++ {
		d := int(l.f[l.at] - '0')
		if n > (math.MaxInt32-d)/10 {
			fail(l.L, "integral size overflow")
		}
		n = n*10 + d
	}
	return n
}

// next gives the next option and the size of its value; 0 at the end.
func (l *layout) next() (opt byte, size int) {
	if l.at >= len(l.f) {
		return 0, 0
	}
	opt = l.f[l.at]
	l.at++
	switch opt {
	case 'B', 'b':
		return opt, 1
	case 'H', 'h':
		return opt, 2
	case 'L', 'l', 'T':
		return opt, 8
	case 'f':
		return opt, 4
	case 'd':
		return opt, 8
	case 'x':
		return opt, 1
	case 'c':
		return opt, l.number(1)
	case 'I', 'i':
		n := l.number(4)
		if n > maxIntSize {
			fail(l.L, "integral size %d is larger than limit of %d", n, maxIntSize)
		}
		return opt, n
	}
	return opt, 0
}

// padding is what aligns a value of size bytes at position n.
func (l *layout) padding(n int, opt byte, size int) int {
	if size == 0 || opt == 'c' {
		return 0
	}
	a := min(size, l.align)
	if a > 1 {
		return (a - n&(a-1)) & (a - 1)
	}
	return 0
}

// control deals with options that are no values.
func (l *layout) control(opt byte) {
	switch opt {
	case ' ':
	case '>':
		l.little = false
	case '<':
		l.little = true
	case '!':
		n := l.number(maxAlign)
		if n <= 0 || n&(n-1) != 0 {
			fail(l.L, "alignment is not a power of 2")
		}
		l.align = n
	default:
		argError(l.L, 1, "invalid format option '"+string([]byte{opt})+"'")
	}
}

func (s *State) structPack(L *lua.LState) int {
	l := newLayout(L)
	var out []byte
	arg := 1
	for {
		opt, size := l.next()
		if opt == 0 {
			return push(L, lua.LString(out))
		}
		s.quota.room(L, len(out)+size)
		if opt != 's' {
			out = append(out, make([]byte, l.padding(len(out), opt, size))...)
		}
		switch opt {
		case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I':
			arg++
			out = l.appendInt(out, structInt(checkNumber(L, arg)), size)
		case 'x':
			out = append(out, 0)
		case 'f':
			arg++
			out = l.appendInt(out, uint64(math.Float32bits(float32(checkNumber(L, arg)))), 4)
		case 'd':
			arg++
			out = l.appendInt(out, math.Float64bits(checkNumber(L, arg)), 8)
		case 'c', 's':
			arg++
			text := checkString(L, arg)
			if opt == 's' || size == 0 {
				size = len(text)
			}
			if len(text) < size {
				argError(L, arg+1, "string too short") // counted on by then
			}
			s.quota.room(L, len(out)+size)
			out = append(out, text[:size]...)
			if opt == 's' {
				out = append(out, 0)
			}
		default:
			l.control(opt)
		}
	}
}

// structInt is the cast of the original: negative numbers by way of the signed type.
func structInt(f float64) uint64 {
	if f < 0 {
		return uint64(toInt(f))
	}
	return unsigned(f)
}

func (l *layout) appendInt(out []byte, v uint64, size int) []byte {
	at := len(out)
	out = append(out, make([]byte, size)...)
	for i := range size {
		b := byte(0)
		if i < 8 {
			b = byte(v >> (8 * i))
		}
		if l.little {
			out[at+i] = b
		} else {
			out[at+size-1-i] = b
		}
	}
	return out
}

func (s *State) structUnpack(L *lua.LState) int {
	l := newLayout(L)
	data := checkString(L, 2)
	pos := optInt(L, 3, 1) - 1
	if pos < 0 {
		argError(L, 3, "offset must be 1 or greater")
	}
	n := 0
	for {
		opt, size := l.next()
		if opt == 0 {
			L.Push(lua.LNumber(pos + 1))
			return n + 1
		}
		if opt != 's' {
			pos += l.padding(pos, opt, size)
		}
		if pos > len(data) || size > len(data)-pos {
			argError(L, 2, "data string too short")
		}
		if n > maxUnpacked {
			fail(L, "too many results to unpack")
		}
		switch opt {
		case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I':
			L.Push(lua.LNumber(l.readInt(data[pos:pos+size], opt >= 'a')))
			n++
		case 'x':
		case 'f':
			L.Push(lua.LNumber(math.Float32frombits(uint32(l.bits(data[pos : pos+4])))))
			n++
		case 'd':
			L.Push(lua.LNumber(math.Float64frombits(l.bits(data[pos : pos+8]))))
			n++
		case 'c':
			if size == 0 {
				length, ok := L.Get(-1).(lua.LNumber)
				if n == 0 || !ok {
					fail(L, "format 'c0' needs a previous size")
				}
				L.Pop(1)
				n--
				size = int(toInt(float64(length)))
				if size < 0 || size > len(data)-pos {
					argError(L, 2, "data string too short")
				}
			}
			L.Push(lua.LString(data[pos : pos+size]))
			n++
		case 's':
			for size < len(data)-pos && data[pos+size] != 0 {
				size++
			}
			if pos+size >= len(data) {
				fail(L, "unfinished string in data")
			}
			L.Push(lua.LString(data[pos : pos+size]))
			size++
			n++
		default:
			l.control(opt)
		}
		pos += size
	}
}

func (l *layout) bits(b string) uint64 {
	var room [8]byte
	copy(room[:], b)
	if l.little {
		return binary.LittleEndian.Uint64(room[:])
	}
	var v uint64
	for i := range len(b) {
		v = v<<8 | uint64(b[i])
	}
	return v
}

func (l *layout) readInt(b string, signed bool) float64 {
	size := len(b)
	var v uint64
	for i := range size {
		c := b[i]
		if l.little {
			c = b[size-1-i]
		}
		v = v<<8 | uint64(c)
	}
	if !signed {
		return float64(v)
	}
	if size < 8 && size > 0 && v>>(8*size-1)&1 == 1 {
		v |= ^uint64(0) << (8 * size)
	}
	return float64(int64(v))
}

func (s *State) structSize(L *lua.LState) int {
	l := newLayout(L)
	pos := 0
	for {
		opt, size := l.next()
		if opt == 0 {
			return push(L, lua.LNumber(pos))
		}
		pos += l.padding(pos, opt, size)
		if opt == 's' {
			argError(L, 1, "option 's' has no fixed size")
		}
		if opt == 'c' && size == 0 {
			argError(L, 1, "option 'c0' has no fixed size")
		}
		if size > 0 {
			pos += size
			if pos > 1<<40 {
				fail(L, "integral size overflow")
			}
			continue
		}
		l.control(opt)
	}
}
