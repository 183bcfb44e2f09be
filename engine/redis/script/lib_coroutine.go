// Coroutines.

package script

import lua "github.com/yuin/gopher-lua"

func (s *State) coroutineLib() funcs {
	return funcs{"create": s.coCreate, "resume": s.coResume, "running": s.coRunning, "status": s.coStatus, "wrap": s.coWrap, "yield": s.coYield}
}

// coroutine is what the interpreter's thread does not tell.
type coroutine struct {
	fn    *lua.LFunction
	depth int // of callbacks when it was resumed: it can only yield there
}

const (
	threadCalls = 500      // calls within calls in a coroutine
	threadBytes = 64 << 10 // of a new thread's stacks, for the quota
)

// thread makes a coroutine with small stacks, under the same quota.
func (s *State) thread(L *lua.LState) *lua.LState {
	fn, ok := L.Get(1).(*lua.LFunction)
	if !ok || fn.IsG {
		argError(L, 1, "Lua function expected")
	}
	s.quota.room(L, threadBytes)
	usual := L.Options
	L.Options.RegistrySize, L.Options.RegistryGrowStep, L.Options.CallStackSize = 256, 2048, threadCalls
	th, _ := L.NewThread()
	th.Options, L.Options = usual, usual
	th.SetContext(&s.quota)
	if s.threads == nil {
		s.threads = map[*lua.LState]*coroutine{}
	}
	s.threads[th] = &coroutine{fn: fn}
	return th
}

func (s *State) coCreate(L *lua.LState) int { return push(L, s.thread(L)) }

// resume runs th until it yields, ends or fails.
func (s *State) resume(L, th *lua.LState, args []lua.LValue) ([]lua.LValue, lua.LValue) {
	co := s.threads[th]
	switch {
	case th.Dead || co == nil && th != s.L:
		return nil, lua.LString("cannot resume dead coroutine")
	case co == nil || L.Status(th) != "suspended":
		return nil, lua.LString("cannot resume non-suspended coroutine")
	}
	s.enter(L)
	depth := s.depth
	co.depth = depth
	_, err, values := L.Resume(th, co.fn, args...)
	s.depth = depth - 1
	if th.Dead {
		delete(s.threads, th)
	}
	if err != nil {
		return nil, s.raised(L, err)
	}
	return values, nil
}

func rest(L *lua.LState, from int) []lua.LValue {
	var vs []lua.LValue
	for i := from; i <= L.GetTop(); i++ {
		vs = append(vs, L.Get(i))
	}
	return vs
}

func (s *State) coResume(L *lua.LState) int {
	th, ok := L.Get(1).(*lua.LState)
	if !ok {
		argError(L, 1, "coroutine expected")
	}
	values, failed := s.resume(L, th, rest(L, 2))
	if failed != nil {
		L.Push(lua.LFalse)
		L.Push(failed)
		return 2
	}
	L.Push(lua.LTrue)
	for _, v := range values {
		L.Push(v)
	}
	return 1 + len(values)
}

func (s *State) coWrap(L *lua.LState) int {
	th := s.thread(L)
	return push(L, L.NewFunction(func(L *lua.LState) int {
		values, failed := s.resume(L, th, rest(L, 1))
		if failed != nil {
			if text, ok := failed.(lua.LString); ok {
				failed = lua.LString(where(L, 1)) + text
			}
			raise(L, failed)
		}
		for _, v := range values {
			L.Push(v)
		}
		return len(values)
	}))
}

func (s *State) coYield(L *lua.LState) int {
	co := s.threads[L]
	if co == nil || co.depth != s.depth {
		throw(L, "attempt to yield across metamethod/C-call boundary")
	}
	return -1
}

func (s *State) coRunning(L *lua.LState) int {
	if L == s.L {
		return push(L, lua.LNil)
	}
	return push(L, L)
}

func (s *State) coStatus(L *lua.LState) int {
	th, ok := L.Get(1).(*lua.LState)
	if !ok {
		argError(L, 1, "coroutine expected")
	}
	if th == L {
		return push(L, lua.LString("running"))
	}
	return push(L, lua.LString(L.Status(th)))
}
