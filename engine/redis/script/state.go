// State: an interpreter with Redis's globals. It runs one script at a time.

package script

import (
	"math/rand/v2"

	lua "github.com/yuin/gopher-lua"
)

// Host is what a script can do to the server. All slices belong to the caller again when the call returns.
type Host interface {
	// Call runs a command and returns its whole reply, an error reply included, valid until the next call.
	Call(args [][]byte) (reply []byte)
	// Proto chooses the protocol of the replies of Call.
	Proto(v3 bool)
	// Log writes a line to the server's log; level is 0 (debug) to 3 (warning).
	Log(level int, text string)
	// Allowed tells whether the user of the script may run a command; known: there is such a command.
	Allowed(args [][]byte) (allowed, known bool)
	// Propagate chooses who gets the script's changes, see redis.set_repl.
	Propagate(mask int)
}

const (
	maxCalls     = 8_000 // calls within calls: 80 bytes each, always there
	maxGoCalls   = 190   // library functions that call back, as Lua's LUAI_MAXCCALLS: each is some Go frames
	maxRegisters = 512 << 10
	maxArray     = 128 << 10 // elements of a table's array: setting a high index of an empty table makes them all. Further ones are kept by key
)

// State is not safe for concurrent use, but for Kill.
type State struct {
	L     *lua.LState
	quota quota
	host  Host
	kind  Kind

	env         *lua.LTable // what compiled code sees: globals, and names that only the compiler writes
	globals     *lua.LTable // _G, sealed
	globalsReal *lua.LTable
	globalsMeta *lua.LTable
	stringMeta  *lua.LTable
	sealed      map[*lua.LTable]*lua.LTable
	readonly    *lua.LFunction
	failed      failed

	depth   int // library functions that called back
	threads map[*lua.LState]*coroutine
	broken  bool // not to be used again
	v3      bool // redis.setresp
	rand    rand48
	json    jsonConfig
	null    *lua.LUserData // cjson.null
	args    [][]byte       // scratch of redis.call
	words   []byte         // bytes of args that were numbers
	out     []byte
	libs    map[*Library]*loaded
	loading *loading // set while FUNCTION LOAD runs a library's text
	traceOf *Script
}

// Kind is what a State is for: scripts and functions see different globals.
type Kind uint8

// The kinds.
const (
	ForScripts Kind = iota
	ForFunctions
)

// NewState makes an interpreter, some 100 KB and 100 µs.
func NewState(k Kind, version Version) *State {
	setup()
	L := lua.NewState(lua.Options{
		SkipOpenLibs: true, CallStackSize: maxCalls,
		RegistrySize: 2048, RegistryMaxSize: maxRegisters, RegistryGrowStep: 8192,
	})
	s := &State{L: L, kind: k, sealed: map[*lua.LTable]*lua.LTable{}, libs: map[*Library]*loaded{}}
	s.quota.state = s
	L.SetContext(&s.quota)
	s.readonly = L.NewFunction(func(L *lua.LState) int { fail(L, readonlyText); return 0 })
	s.openGlobals(version)
	s.fresh()
	return s
}

// fresh forgets what a script can have left behind.
func (s *State) fresh() {
	s.rand = rand48(rand.Uint64() & (1<<48 - 1))
	s.json = usualJSON
	s.depth, s.v3, s.traceOf = 0, false, nil
	s.quota.why = 0
}

// Kill ends the running script at its next instruction. It may be called from any goroutine.
func (s *State) Kill() { s.quota.killed.Store(true) }

// Reusable reports that the last script left the interpreter as it was.
func (s *State) Reusable() bool {
	return !s.broken && s.threads == nil && cap(s.out) <= 1<<20 && len(s.args) <= 4096
}

// Call is one run of a script or function.
type Call struct {
	Keys, Args [][]byte
	V3         bool // the protocol of the client that gets the reply
	Limits     Limits
	Host       Host
}

// Run runs a script and appends its reply, which may be an error, to out.
func (s *State) Run(sc *Script, c *Call, out []byte) []byte {
	s.begin(c)
	s.traceOf = sc
	fn := s.L.NewFunctionFromProto(sc.proto)
	fn.Env = s.env
	s.global("KEYS", s.list(c.Keys), sc.usesG)
	s.global("ARGV", s.list(c.Args), sc.usesG)
	out = s.run(fn, sc.SHA, c, out)
	if sc.usesG || len(c.Keys)+len(c.Args) > 64 {
		s.global("KEYS", lua.LNil, sc.usesG)
		s.global("ARGV", lua.LNil, sc.usesG)
	}
	s.end()
	return out
}

// global sets a global. The next script finds another value there before it begins, so small ones need not be taken away. Only who
// looks at _G sees the second place.
func (s *State) global(name string, v lua.LValue, everywhere bool) {
	s.env.RawSetString(name, v)
	if everywhere {
		s.globalsReal.RawSetString(name, v)
	}
}

func (s *State) begin(c *Call) {
	s.host = c.Host
	s.quota.start(c.Limits)
}

func (s *State) end() {
	s.L.SetTop(0)
	s.host = nil
	s.fresh()
}

// run calls fn with what lies above it on the stack and converts its result.
func (s *State) run(fn *lua.LFunction, name string, c *Call, out []byte, args ...lua.LValue) []byte {
	L, mark := s.L, len(out)
	L.Push(fn)
	for _, a := range args {
		L.Push(a)
	}
	if err := s.protect(len(args)); err != nil {
		return s.appendFailure(out[:mark], err, name)
	}
	r := replier{s: s, v3: c.V3}
	out = r.append(out, L.Get(-1), 0)
	if r.err != nil {
		return s.appendFailure(out[:mark], r.err, name)
	}
	if s.quota.why != 0 {
		return s.appendFailure(out[:mark], &failure{text: "ERR " + stopTexts[s.quota.why]}, name)
	}
	return out
}

// list makes a table of texts.
func (s *State) list(words [][]byte) *lua.LTable {
	t := s.L.CreateTable(len(words), 0)
	for i, w := range words {
		t.RawSetInt(i+1, lua.LString(w))
	}
	return t
}
