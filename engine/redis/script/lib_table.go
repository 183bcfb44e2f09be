// The table library.

package script

import (
	lua "github.com/yuin/gopher-lua"
)

func (s *State) tableLib() funcs {
	return funcs{
		"concat": s.tabConcat, "foreach": s.tabForeach, "foreachi": s.tabForeachi, "getn": s.tabGetn, "insert": s.tabInsert,
		"maxn": s.tabMaxn, "remove": s.tabRemove, "setn": func(L *lua.LState) int {
			checkTable(L, 1)
			fail(L, "'setn' is obsolete")
			return 0
		}, "sort": s.tabSort,
	}
}

// at reads an element, wherever the interpreter keeps it.
func at(t *lua.LTable, i int) lua.LValue { return t.RawGet(lua.LNumber(i)) }

// border is #t: of the array if it ends there, else what doubling and halving find, as in Lua.
func border(t *lua.LTable) int {
	i := t.Len()
	if i < maxArray-1 {
		return i
	}
	j := 2 * i
	for ; at(t, j) != lua.LNil; j *= 2 {
		i = j
	}
	for j-i > 1 {
		if m := (i + j) / 2; at(t, m) == lua.LNil {
			j = m
		} else {
			i = m
		}
	}
	return i
}

// length is the # operator: argument 1 names the operand.
func (s *State) length(L *lua.LState) int {
	switch v := L.Get(2).(type) {
	case lua.LString:
		return push(L, lua.LNumber(len(v)))
	case *lua.LTable:
		t, _ := s.behind(v)
		return push(L, lua.LNumber(border(t)))
	}
	fail(L, "attempt to get length of %s", s.named(checkString(L, 1), L.Get(2).Type().String()))
	return 0
}

func (s *State) tabGetn(L *lua.LState) int {
	t, _ := s.behind(checkTable(L, 1))
	return push(L, lua.LNumber(border(t)))
}

func (s *State) tabMaxn(L *lua.LState) int {
	t, _ := s.behind(checkTable(L, 1))
	most := 0.0
	t.ForEach(func(k, v lua.LValue) {
		if n, ok := k.(lua.LNumber); ok && float64(n) > most {
			most = float64(n)
		}
	})
	return push(L, lua.LNumber(most))
}

func (s *State) tabInsert(L *lua.LState) int {
	t := checkTable(L, 1)
	e := border(t) + 1
	switch L.GetTop() {
	case 2:
		s.writable(L, t).RawSet(lua.LNumber(e), L.Get(2))
	case 3:
		pos := checkInt(L, 2)
		s.writable(L, t)
		if pos > e {
			e = pos
		}
		if pos >= 1 && e-pos > 64 {
			s.quota.worked(L, e-pos)
		} else if pos < 1 && e-pos > 1<<20 {
			s.quota.worked(L, 1<<20)
		}
		if pos >= 1 && e == border(t)+1 && e < maxArray {
			t.Insert(pos, L.Get(3))
			return 0
		}
		for i, n := e, 0; i > pos; i, n = i-1, n+1 {
			if n%stepBatch == 0 {
				s.quota.worked(L, stepBatch)
			}
			t.RawSet(lua.LNumber(i), at(t, i-1))
		}
		t.RawSet(lua.LNumber(pos), L.Get(3))
	default:
		fail(L, "wrong number of arguments to 'insert'")
	}
	return 0
}

func (s *State) tabRemove(L *lua.LState) int {
	t := checkTable(L, 1)
	e := border(t)
	pos := optInt(L, 2, e)
	if pos < 1 || pos > e {
		return 0
	}
	s.writable(L, t)
	if e-pos > 64 {
		s.quota.worked(L, e-pos)
	}
	if e < maxArray-1 {
		return push(L, t.Remove(pos))
	}
	v := at(t, pos)
	for ; pos < e; pos++ {
		t.RawSet(lua.LNumber(pos), at(t, pos+1))
	}
	t.RawSet(lua.LNumber(e), lua.LNil)
	return push(L, v)
}

func (s *State) tabConcat(L *lua.LState) int {
	t, _ := s.behind(checkTable(L, 1))
	sep := optString(L, 2, "")
	i := optInt(L, 3, 1)
	j := optInt(L, 4, border(t))
	var out []byte
	announced, n := bigBlock, 0
	for ; i <= j; i++ {
		v := at(t, i)
		switch v.(type) {
		case lua.LString, lua.LNumber:
		default:
			fail(L, "invalid value (%s) at index %d in table for 'concat'", v.Type().String(), i)
		}
		if text, ok := v.(lua.LString); ok && len(out)+len(text)+len(sep) > announced {
			announced = 2 * (len(out) + len(text) + len(sep))
			s.quota.room(L, announced)
		}
		out = appendValue(out, v)
		if i == j {
			break
		}
		out = append(out, sep...)
		if n++; n%stepBatch == 0 {
			s.quota.worked(L, stepBatch)
		}
	}
	return push(L, lua.LString(out))
}

func (s *State) tabForeach(L *lua.LState) int {
	t, _ := s.behind(checkTable(L, 1))
	fn := checkFunction(L, 2)
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if s.called(L, fn, k, v) {
			return 1
		}
	}
	return 0
}

func (s *State) tabForeachi(L *lua.LState) int {
	t, _ := s.behind(checkTable(L, 1))
	fn := checkFunction(L, 2)
	for i, n := 1, border(t); i <= n; i++ {
		if s.called(L, fn, lua.LNumber(i), at(t, i)) {
			return 1
		}
	}
	return 0
}

// called calls fn and reports that it gave something, which is then on the stack.
func (s *State) called(L *lua.LState, fn *lua.LFunction, a, b lua.LValue) bool {
	s.enter(L)
	L.Push(fn)
	L.Push(a)
	L.Push(b)
	L.Call(2, 1)
	s.depth--
	s.quota.worked(L, 1)
	if L.Get(-1) != lua.LNil {
		return true
	}
	L.Pop(1)
	return false
}

func (s *State) tabSort(L *lua.LState) int {
	t := s.writable(L, checkTable(L, 1))
	var less *lua.LFunction
	if L.Get(2) != lua.LNil {
		less = checkFunction(L, 2)
	}
	n := border(t)
	s.quota.room(L, 16*n)
	o := sorter{s: s, L: L, less: less, v: make([]lua.LValue, n)}
	for i := range o.v {
		o.v[i] = at(t, i+1)
	}
	// What the comparison raises must not lose elements: they are written back in any case.
	defer func() {
		for i, v := range o.v {
			t.RawSet(lua.LNumber(i+1), v)
		}
	}()
	o.sort(0, n-1)
	return 0
}

// sorter is Lua's quicksort, step by step, so that elements that compare equal end where they do there. The smaller part is what it recurses
// into, which bounds the depth; contradicting comparisons only cost time, and that is counted.
type sorter struct {
	s    *State
	L    *lua.LState
	less *lua.LFunction
	v    []lua.LValue
	n    int
}

func (o *sorter) swapIf(i, j int) bool {
	if !o.before(o.v[i], o.v[j]) {
		return false
	}
	o.v[i], o.v[j] = o.v[j], o.v[i]
	return true
}

func (o *sorter) sort(lo, hi int) {
	for lo < hi {
		o.swapIf(hi, lo)
		if hi-lo == 1 {
			return
		}
		mid := (lo+1+hi+1)/2 - 1 // Lua counts from 1
		if !o.swapIf(mid, lo) {
			o.swapIf(hi, mid)
		}
		if hi-lo == 2 {
			return
		}
		at := o.part(lo, hi, mid)
		if at-lo < hi-at {
			o.sort(lo, at-1)
			lo = at + 1
		} else {
			o.sort(at+1, hi)
			hi = at - 1
		}
	}
}

// part moves what is less than the element at mid before it, and gives its new place.
func (o *sorter) part(lo, hi, mid int) int {
	pivot := o.v[mid]
	o.v[mid], o.v[hi-1] = o.v[hi-1], o.v[mid]
	i, j := lo, hi-1
	for {
		for i++; i <= hi && o.before(o.v[i], pivot); i++ {
		}
		for j--; j >= lo && o.before(pivot, o.v[j]); j-- {
		}
		if i > hi || j < lo {
			fail(o.L, "invalid order function for sorting")
		}
		if j < i {
			o.v[hi-1], o.v[i] = o.v[i], o.v[hi-1]
			return i
		}
		o.v[i], o.v[j] = o.v[j], o.v[i]
	}
}

func (o *sorter) before(a, b lua.LValue) bool {
	if o.n++; o.n%256 == 0 {
		o.s.quota.worked(o.L, 256)
	}
	L := o.L
	if o.less != nil {
		o.s.enter(L)
		L.Push(o.less)
		L.Push(a)
		L.Push(b)
		L.Call(2, 1)
		o.s.depth--
		r := lua.LVAsBool(L.Get(-1))
		L.Pop(1)
		return r
	}
	switch x := a.(type) {
	case lua.LNumber:
		if y, ok := b.(lua.LNumber); ok {
			return x < y
		}
	case lua.LString:
		if y, ok := b.(lua.LString); ok {
			return x < y
		}
	case *lua.LTable:
		if b.Type() == lua.LTTable {
			if mt, ok := x.Metatable.(*lua.LTable); ok && mt.RawGetString("__lt") != lua.LNil {
				return L.LessThan(a, b)
			}
		}
	}
	ta, tb := a.Type().String(), b.Type().String()
	if ta == tb {
		throw(L, "attempt to compare two "+ta+" values")
	}
	throw(L, "attempt to compare "+ta+" with "+tb)
	return false
}
