// Library: what FUNCTION LOAD makes of a text.

package script

import (
	"errors"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Library is a checked text and the functions that it registers. It is never changed; every State that runs one of its functions
// runs its text first.
type Library struct {
	Name      string
	Source    string
	Functions []*Function // in the order in which they were registered

	// Safe: every command of all functions is written out, and its keys are elements of the first parameter.
	Safe bool

	proto *lua.FunctionProto
}

// Function is one function of a library.
type Function struct {
	Name, Description string
	HasDescription    bool
	Flags             Flags
	Library           *Library
}

// loaded is a library inside a State.
type loaded struct{ fns map[string]*lua.LFunction }

// loading is what registers functions while a library's text runs.
type loading struct {
	lib   *Library
	into  *loaded
	redis *lua.LTable
}

// loadSteps bound the run of a library's text.
const loadSteps = 5_000_000

// badName is the error for names of libraries and functions.
const badName = "ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long"

func goodName(name string) bool {
	for _, c := range []byte(name) {
		if !isWord(c) {
			return false
		}
	}
	return name != ""
}

// ParseLibrary reads the first line of a library's text and compiles the rest.
func ParseLibrary(src string) (*Library, error) {
	setup()
	if !strings.HasPrefix(src, "#!") {
		return nil, errors.New("ERR Missing library metadata")
	}
	line, _, ok := strings.Cut(src, "\n")
	if !ok {
		return nil, errors.New("ERR Invalid library metadata")
	}
	words := strings.Fields(line[2:])
	if len(words) == 0 {
		return nil, errors.New("ERR Invalid library metadata")
	}
	lib := &Library{Source: src}
	for _, w := range words[1:] {
		name, ok := strings.CutPrefix(w, "name=")
		switch {
		case !ok:
			return nil, fmt.Errorf("ERR Invalid metadata value given: %s", w)
		case lib.Name != "":
			return nil, errors.New("ERR Invalid metadata value, name argument was given multiple times")
		}
		lib.Name = name
	}
	switch {
	case lib.Name == "" && len(words) == 1:
		return nil, errors.New("ERR Library name was not given")
	case !goodName(lib.Name):
		return nil, errors.New(badName)
	case !strings.EqualFold(words[0], "lua"):
		return nil, fmt.Errorf("ERR Engine '%s' not found", words[0])
	}
	u, err := compile(src[len(line):], "user_function")
	if err != nil {
		return nil, fmt.Errorf("ERR Error compiling function: %w", err)
	}
	lib.proto = u.proto
	return lib, nil
}

// Load parses a library and finds out what it registers. keys may be nil: then it is not Safe.
func (s *State) Load(src string, keys KeyPositions, host Host, limits Limits) (*Library, error) {
	lib, err := ParseLibrary(src)
	if err != nil {
		return nil, err
	}
	if limits.Steps == 0 {
		limits.Steps = loadSteps
	}
	s.begin(&Call{Host: host, Limits: limits})
	_, err = s.open(lib, true)
	s.end()
	if err != nil {
		return nil, err
	}
	if len(lib.Functions) == 0 {
		return nil, errors.New("ERR No functions registered")
	}
	if keys != nil {
		lib.Safe = librarySafe(src[strings.IndexByte(src, '\n'):], keys)
	}
	return lib, nil
}

// open runs a library's text in this State. The text sees nothing but redis.register_function, redis.log and some constants.
func (s *State) open(lib *Library, register bool) (*loaded, error) {
	in := &loaded{fns: map[string]*lua.LFunction{}}
	s.loading = &loading{into: in}
	if register {
		s.loading.lib = lib
	}
	usual := map[string]lua.LValue{}
	s.env.ForEach(func(k, v lua.LValue) {
		if name := k.String(); name != concatName && name != lengthName {
			usual[name] = v
		}
	})
	for name := range usual {
		s.env.RawSetString(name, lua.LNil)
	}
	s.openLoading(usual)
	s.traceOf = &Script{Source: lib.Source, Flags: hasHeader}
	fn := s.L.NewFunctionFromProto(lib.proto)
	fn.Env = s.env
	s.L.Push(fn)
	err := s.protect(0)
	s.env.RawSetString("redis", lua.LNil)
	for name := range loadingNames {
		s.env.RawSetString(name, lua.LNil)
	}
	for name, v := range usual {
		s.env.RawSetString(name, v)
	}
	s.loading = nil
	s.L.SetTop(0)
	s.depth = 0
	if err != nil {
		return nil, fmt.Errorf("ERR Error registering functions: %s", err.Error())
	}
	s.libs[lib] = in
	return in, nil
}

// loadingNames are what the environment has while a library is loaded.
var loadingNames = map[string]bool{"redis.register_function": true, "redis.log": true}

// openLoading fills the environment for loading.
func (s *State) openLoading(usual map[string]lua.LValue) {
	L := s.L
	real := L.CreateTable(0, 16)
	redis, _ := s.behind(usual["redis"].(*lua.LTable))
	for _, name := range []string{"LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING", "REDIS_VERSION", "REDIS_VERSION_NUM", "log"} {
		real.RawSetString(name, redis.RawGetString(name))
	}
	reg := L.NewFunction(s.redisRegister)
	real.RawSetString("register_function", reg)
	real.Metatable = s.env.Metatable
	s.env.RawSetString("redis", s.seal(real))
	s.env.RawSetString("redis.log", redis.RawGetString("log"))
	s.env.RawSetString("redis.register_function", reg)
}

// missing is reading a library function while a library is loaded: of redis itself only the field is missing.
func (l *loading) missing(L *lua.LState, name, fn string) int {
	if !strings.HasPrefix(name, "redis.") {
		fn = name[:len(name)-len(fn)-1]
	}
	fail(L, "Script attempted to access nonexistent global variable '%s'", fn)
	return 0
}

// redisRegister is redis.register_function.
func (s *State) redisRegister(L *lua.LState) int {
	if s.loading == nil {
		throwTable(L, "ERR redis.register_function can only be called on FUNCTION LOAD command")
	}
	var f Function
	var callback *lua.LFunction
	switch L.GetTop() {
	case 1:
		t, ok := L.Get(1).(*lua.LTable)
		if !ok {
			throwTable(L, "ERR calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).")
		}
		callback = s.namedArguments(L, t, &f)
	case 2:
		name, ok := L.Get(1).(lua.LString)
		if !ok {
			throwTable(L, "ERR first argument to redis.register_function must be a string")
		}
		f.Name = string(name)
		if callback, ok = L.Get(2).(*lua.LFunction); !ok {
			throwTable(L, "ERR second argument to redis.register_function must be a function")
		}
	default:
		throwTable(L, "ERR wrong number of arguments to redis.register_function")
	}
	if !goodName(f.Name) {
		throwTable(L, badName)
	}
	if s.loading.into.fns[f.Name] != nil {
		throwTable(L, "ERR Function already exists in the library")
	}
	s.loading.into.fns[f.Name] = callback
	if lib := s.loading.lib; lib != nil {
		f.Library = lib
		lib.Functions = append(lib.Functions, &f)
	}
	return 0
}

// namedArguments reads the named arguments.
func (s *State) namedArguments(L *lua.LState, t *lua.LTable, f *Function) (callback *lua.LFunction) {
	hasName := false
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		key, ok := k.(lua.LString)
		if !ok {
			throwTable(L, "ERR named argument key given to redis.register_function is not a string")
		}
		switch key {
		case "function_name":
			name, ok := v.(lua.LString)
			if !ok {
				throwTable(L, "ERR function_name argument given to redis.register_function must be a string")
			}
			f.Name, hasName = string(name), true
		case "description":
			text, ok := v.(lua.LString)
			if !ok {
				throwTable(L, "ERR description argument given to redis.register_function must be a string")
			}
			f.Description, f.HasDescription = string(text), true
		case "callback":
			if callback, ok = v.(*lua.LFunction); !ok {
				throwTable(L, "ERR callback argument given to redis.register_function must be a function")
			}
		case "flags":
			list, ok := v.(*lua.LTable)
			if !ok {
				throwTable(L, "ERR flags argument to redis.register_function must be a table representing function flags")
			}
			for i := 1; ; i++ {
				name, ok := at(list, i).(lua.LString)
				if at(list, i) == lua.LNil {
					break
				}
				flag := flagNamed(string(name))
				if !ok || flag == 0 {
					throwTable(L, "ERR unknown flag given")
				}
				f.Flags |= flag
			}
		default:
			throwTable(L, "ERR unknown argument given to redis.register_function")
		}
	}
	if !hasName {
		throwTable(L, "ERR redis.register_function must get a function name argument")
	}
	if callback == nil {
		throwTable(L, "ERR redis.register_function must get a callback argument")
	}
	return callback
}

// RunFunction runs a function and appends its reply to out.
func (s *State) RunFunction(f *Function, c *Call, out []byte) []byte {
	s.begin(c)
	in := s.libs[f.Library]
	if in == nil {
		var err error
		if in, err = s.open(f.Library, false); err != nil {
			s.end()
			return appendErrorLine(out, err.Error())
		}
	}
	s.traceOf = &Script{Source: f.Library.Source, Flags: hasHeader}
	out = s.run(in.fns[f.Name], f.Name, c, out, s.list(c.Keys), s.list(c.Args))
	s.end()
	return out
}

// Forget drops the libraries for which keep is false.
func (s *State) Forget(keep func(*Library) bool) {
	for lib := range s.libs {
		if !keep(lib) {
			delete(s.libs, lib)
		}
	}
}
