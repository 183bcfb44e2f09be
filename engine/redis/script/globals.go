// Globals: what scripts and functions see, exactly what the real server shows them.

package script

import (
	"sync"

	lua "github.com/yuin/gopher-lua"
)

// Version is what redis.REDIS_VERSION and REDIS_VERSION_NUM say.
type Version struct {
	Text   string
	Number int
}

type funcs map[string]lua.LGFunction

// libraryNames are the names of all library functions, "string.rep".
var libraryNames = map[string]bool{}

// setup is called before anything is compiled or run.
var setup = sync.OnceFunc(func() {
	lua.MaxArrayIndex = maxArray
	for lib, fs := range (&State{}).libraries() {
		for name := range fs {
			libraryNames[lib+"."+name] = true
		}
	}
})

// libraries are the functions by library; "" are the global ones.
func (s *State) libraries() map[string]funcs {
	return map[string]funcs{
		"string": s.stringLib(), "table": s.tableLib(), "math": s.mathLib(), "bit": bitLib(), "struct": s.structLib(),
		"cjson": s.jsonLib(), "cmsgpack": s.packLib(), "coroutine": s.coroutineLib(), "redis": s.redisLib(),
	}
}

// openGlobals fills env and _G.
func (s *State) openGlobals(v Version) {
	L := s.L
	s.env, s.globalsReal = L.CreateTable(0, 256), L.CreateTable(0, 64)
	L.Env = s.env
	put := func(name string, v lua.LValue) {
		s.env.RawSetString(name, v)
		s.globalsReal.RawSetString(name, v)
	}
	fn := func(f lua.LGFunction) *lua.LFunction {
		lf := L.NewFunction(f)
		lf.Env = s.env
		return lf
	}
	for name, f := range s.baseLib() {
		put(name, fn(f))
	}
	for lib, fs := range s.libraries() {
		real := L.CreateTable(0, len(fs))
		for name, f := range fs {
			if lib == "redis" && s.kind == ForFunctions && scriptsOnly[name] || lib == "redis" && name == "register_function" {
				continue
			}
			lf := fn(f)
			real.RawSetString(name, lf)
			s.env.RawSetString(lib+"."+name, lf)
		}
		for name, value := range s.constants(lib, v) {
			real.RawSetString(name, value)
		}
		put(lib, s.seal(real))
		if lib == "string" {
			meta, shown := L.CreateTable(0, 8), L.CreateTable(0, 1)
			meta.RawSetString("__index", real)
			for event, f := range s.arithmetic() {
				meta.RawSetString(event, fn(f))
			}
			s.strangers(fn, meta)
			L.SetMetatable(lua.LString(""), meta)
			shown.RawSetString("__index", real)
			s.stringMeta = s.seal(shown)
		}
	}
	put("_VERSION", lua.LString("Lua 5.1"))
	if s.kind == ForScripts {
		put("__redis__err__handler", fn(s.errHandler))
	}
	s.env.RawSetString(concatName, fn(s.concat))
	s.env.RawSetString(lengthName, fn(s.length))
	s.env.RawSetString(boundName, fn(bound))

	// What is not there raises, in code and through _G.
	missing := L.CreateTable(0, 2)
	missing.RawSetString("__index", fn(s.missing))
	missing.RawSetString("__newindex", s.readonly)
	s.env.Metatable, s.globalsReal.Metatable = missing, missing
	shown := L.CreateTable(0, 1)
	shown.RawSetString("__index", missing.RawGetString("__index"))
	s.globals, s.globalsMeta = s.seal(s.globalsReal), s.seal(shown)
	put("_G", s.globals)
}

// scriptsOnly are the functions of redis that scripts have and functions do not.
var scriptsOnly = map[string]bool{"breakpoint": true, "debug": true, "replicate_commands": true}

// constants of a library.
func (s *State) constants(lib string, v Version) map[string]lua.LValue {
	num := func(n float64) lua.LValue { return lua.LNumber(n) }
	switch lib {
	case "math":
		return map[string]lua.LValue{"pi": num(mathPi), "huge": num(mathHuge)}
	case "cjson":
		s.null = s.L.NewUserData()
		return map[string]lua.LValue{"_NAME": lua.LString("cjson"), "_VERSION": lua.LString("2.1.0"), "null": s.null}
	case "cmsgpack":
		return map[string]lua.LValue{
			"_NAME": lua.LString("cmsgpack"), "_VERSION": lua.LString("lua-cmsgpack 0.4.0"),
			"_COPYRIGHT": lua.LString("Copyright (C) 2012, Salvatore Sanfilippo"), "_DESCRIPTION": lua.LString("MessagePack C implementation for Lua"),
		}
	case "redis":
		return map[string]lua.LValue{
			"LOG_DEBUG": num(0), "LOG_VERBOSE": num(1), "LOG_NOTICE": num(2), "LOG_WARNING": num(3),
			"REPL_NONE": num(0), "REPL_AOF": num(1), "REPL_SLAVE": num(2), "REPL_REPLICA": num(2), "REPL_ALL": num(3),
			"REDIS_VERSION": lua.LString(v.Text), "REDIS_VERSION_NUM": num(float64(v.Number)),
		}
	}
	return nil
}

// missing is what reading a global that is not there does. A name with a point is a library function that functions do not have.
func (s *State) missing(L *lua.LState) int {
	name := L.Get(2)
	text, ok := asString(name)
	if !ok {
		if n := L.Get(2); n.Type() == lua.LTTable || n == lua.LNil {
			text = n.Type().String()
		}
	}
	if s.loading == nil {
		if lib, fn, found := cutLibrary(text); found && s.env.RawGetString(lib) != lua.LNil {
			_ = fn
			return 0
		}
	} else if _, fn, found := cutLibrary(text); found {
		return s.loading.missing(L, text, fn)
	}
	fail(L, "Script attempted to access nonexistent global variable '%s'", text)
	return 0
}

// cutLibrary takes a name of the compiler apart.
func cutLibrary(name string) (lib, fn string, ok bool) {
	if !libraryNames[name] {
		return "", "", false
	}
	for i := range name {
		if name[i] == '.' {
			return name[:i], name[i+1:], true
		}
	}
	return "", "", false
}

// errHandler stands for a function that the original leaves visible.
func (s *State) errHandler(L *lua.LState) int {
	err := L.Get(1)
	t, ok := err.(*lua.LTable)
	if !ok {
		t = L.CreateTable(0, 3)
		t.RawSetString("err", lua.LString("ERR "+s.display(err)))
	} else {
		t = s.writable(L, t)
	}
	L.Push(t)
	return 1
}
