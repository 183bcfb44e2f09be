// The cmsgpack library.

package script

import (
	"encoding/binary"
	"math"

	lua "github.com/yuin/gopher-lua"
)

const (
	maxPackDepth   = 16   // tables below that are packed as nil, as the original does
	maxUnpackDepth = 2000 // of arrays and maps in what is unpacked
)

func (s *State) packLib() funcs {
	return funcs{"pack": s.msgPack, "unpack": func(L *lua.LState) int { return s.msgUnpack(L, 0, 0) }, "unpack_one": func(L *lua.LState) int {
		return s.msgUnpack(L, 1, optInt(L, 2, 0))
	}, "unpack_limit": func(L *lua.LState) int {
		return s.msgUnpack(L, checkInt(L, 2), optInt(L, 3, 0))
	}}
}

// msgWriter packs values.
type msgWriter struct {
	s         *State
	L         *lua.LState
	out       []byte
	announced int
	n         int
}

func (s *State) msgPack(L *lua.LState) int {
	if L.GetTop() == 0 {
		argError(L, 0, "MessagePack pack needs input.")
	}
	w := msgWriter{s: s, L: L, announced: bigBlock}
	for i := 1; i <= L.GetTop(); i++ {
		w.value(L.Get(i), 0)
	}
	return push(L, lua.LString(w.out))
}

func (w *msgWriter) value(v lua.LValue, depth int) {
	if w.n++; w.n%256 == 0 {
		w.s.quota.worked(w.L, 256)
	}
	if len(w.out) > w.announced {
		w.announced = 2 * len(w.out)
		w.s.quota.room(w.L, w.announced)
	}
	switch v := v.(type) {
	case lua.LString:
		w.s.quota.room(w.L, len(w.out)+len(v))
		w.head(len(v), 0xa0, 32, 0xd9, 0xda, 0xdb)
		w.out = append(w.out, v...)
	case lua.LBool:
		b := byte(0xc2)
		if v {
			b = 0xc3
		}
		w.out = append(w.out, b)
	case lua.LNumber:
		w.number(float64(v))
	case *lua.LTable:
		if depth == maxPackDepth {
			w.out = append(w.out, 0xc0)
			return
		}
		t, _ := w.s.behind(v)
		w.table(t, depth+1)
	default:
		w.out = append(w.out, 0xc0)
	}
}

// head writes a length: below few with the short kind, else with the kinds for 1 (0: none), 2 and 4 bytes.
func (w *msgWriter) head(n int, short byte, few int, one, two, four byte) {
	switch {
	case n < few:
		w.out = append(w.out, short|byte(n))
	case n < 1<<8 && one != 0:
		w.out = append(w.out, one, byte(n))
	case n < 1<<16:
		w.out = binary.BigEndian.AppendUint16(append(w.out, two), uint16(n))
	default:
		w.out = binary.BigEndian.AppendUint32(append(w.out, four), uint32(n))
	}
}

func (w *msgWriter) number(f float64) {
	n := toInt(f)
	if float64(n) != f || f >= 9223372036854775807 {
		if single := float32(f); float64(single) == f {
			w.out = binary.BigEndian.AppendUint32(append(w.out, 0xca), math.Float32bits(single))
		} else {
			w.out = binary.BigEndian.AppendUint64(append(w.out, 0xcb), math.Float64bits(f))
		}
		return
	}
	b := binary.BigEndian
	switch {
	case n >= 0 && n < 128:
		w.out = append(w.out, byte(n))
	case n >= 0 && n < 1<<8:
		w.out = append(w.out, 0xcc, byte(n))
	case n >= 0 && n < 1<<16:
		w.out = b.AppendUint16(append(w.out, 0xcd), uint16(n))
	case n >= 0 && n < 1<<32:
		w.out = b.AppendUint32(append(w.out, 0xce), uint32(n))
	case n >= 0:
		w.out = b.AppendUint64(append(w.out, 0xcf), uint64(n))
	case n >= -32:
		w.out = append(w.out, byte(n))
	case n >= -128:
		w.out = append(w.out, 0xd0, byte(n))
	case n >= -32768:
		w.out = b.AppendUint16(append(w.out, 0xd1), uint16(n))
	case n >= -2147483648:
		w.out = b.AppendUint32(append(w.out, 0xd2), uint32(n))
	default:
		w.out = b.AppendUint64(append(w.out, 0xd3), uint64(n))
	}
}

// table packs an array if the keys are 1 to n, else a map.
func (w *msgWriter) table(t *lua.LTable, depth int) {
	items, most, list := 0, 0.0, true
	t.ForEach(func(k, _ lua.LValue) {
		items++
		n, ok := k.(lua.LNumber)
		if !ok || n < 1 || float64(n) != math.Floor(float64(n)) {
			list = false
		} else {
			most = max(most, float64(n))
		}
	})
	if list && most == float64(items) {
		w.head(items, 0x90, 16, 0, 0xdc, 0xdd)
		for i := 1; i <= items; i++ {
			w.value(at(t, i), depth)
		}
		return
	}
	w.head(items, 0x80, 16, 0, 0xde, 0xdf)
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		w.value(k, depth)
		w.value(v, depth)
	}
}

// msgReader unpacks values.
type msgReader struct {
	s  *State
	L  *lua.LState
	in string
	n  int
}

func (s *State) msgUnpack(L *lua.LState, limit, offset int) int {
	in := checkString(L, 1)
	if offset < 0 || limit < 0 {
		fail(L, "Invalid request to unpack with offset of %d and limit of %d.", offset, len(in))
	}
	if offset > len(in) {
		fail(L, "Start offset %d greater than input length %d.", offset, len(in))
	}
	all := limit == 0 && offset == 0
	if all {
		limit = math.MaxInt32
	}
	r := msgReader{s: s, L: L, in: in[offset:]}
	var values []lua.LValue
	for len(r.in) > 0 && len(values) < limit {
		if len(values) >= maxUnpacked {
			fail(L, "too many results to unpack")
		}
		values = append(values, r.value(0))
	}
	n := len(values)
	if !all {
		next := len(in) - len(r.in)
		if len(r.in) == 0 {
			next = -1
		}
		L.Push(lua.LNumber(next))
		n++
	}
	for _, v := range values {
		L.Push(v)
	}
	return n
}

// take gives the next n bytes.
func (r *msgReader) take(n int) string {
	if n > len(r.in) {
		fail(r.L, "Missing bytes in input.")
	}
	b := r.in[:n]
	r.in = r.in[n:]
	return b
}

// uint reads a big-endian number of n bytes.
func (r *msgReader) uint(n int) uint64 {
	var v uint64
	for _, c := range []byte(r.take(n)) {
		v = v<<8 | uint64(c)
	}
	return v
}

func (r *msgReader) value(depth int) lua.LValue {
	if depth > maxUnpackDepth {
		fail(r.L, "Bad data format in input.")
	}
	if r.n++; r.n%256 == 0 {
		r.s.quota.worked(r.L, 256)
	}
	c := r.take(1)[0]
	switch {
	case c < 0x80:
		return lua.LNumber(c)
	case c >= 0xe0:
		return lua.LNumber(int8(c))
	case c>>4 == 0x8:
		return r.pairs(int(c&15), depth)
	case c>>4 == 0x9:
		return r.list(int(c&15), depth)
	case c>>5 == 0x5:
		return lua.LString(r.take(int(c & 31)))
	}
	switch c {
	case 0xc0:
		return lua.LNil
	case 0xc2:
		return lua.LFalse
	case 0xc3:
		return lua.LTrue
	case 0xca:
		return lua.LNumber(math.Float32frombits(uint32(r.uint(4))))
	case 0xcb:
		return lua.LNumber(math.Float64frombits(r.uint(8)))
	case 0xcc, 0xcd, 0xce, 0xcf:
		return lua.LNumber(r.uint(1 << (c - 0xcc)))
	case 0xd0:
		return lua.LNumber(int8(r.uint(1)))
	case 0xd1:
		return lua.LNumber(int16(r.uint(2)))
	case 0xd2:
		return lua.LNumber(int32(r.uint(4)))
	case 0xd3:
		return lua.LNumber(int64(r.uint(8)))
	case 0xc4, 0xd9:
		return lua.LString(r.take(int(r.uint(1))))
	case 0xc5, 0xda:
		return lua.LString(r.take(int(r.uint(2))))
	case 0xc6, 0xdb:
		return lua.LString(r.take(int(r.uint(4))))
	case 0xdc:
		return r.list(int(r.uint(2)), depth)
	case 0xdd:
		return r.list(int(r.uint(4)), depth)
	case 0xde:
		return r.pairs(int(r.uint(2)), depth)
	case 0xdf:
		return r.pairs(int(r.uint(4)), depth)
	}
	fail(r.L, "Bad data format in input.")
	return lua.LNil
}

func (r *msgReader) list(n, depth int) lua.LValue {
	t := r.L.CreateTable(min(n, 16), 0)
	for i := 1; i <= n; i++ {
		t.RawSet(lua.LNumber(i), r.value(depth+1))
	}
	return t
}

func (r *msgReader) pairs(n, depth int) lua.LValue {
	t := r.L.CreateTable(0, min(n, 16))
	for range n {
		k := r.value(depth + 1)
		r.L.RawSet(t, k, r.value(depth+1))
	}
	return t
}
