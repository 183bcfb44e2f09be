// The redis library.

package script

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (s *State) redisLib() funcs {
	return funcs{
		"call": s.redisCall, "pcall": s.redisPcall, "log": s.redisLog, "sha1hex": s.redisSHA1, "error_reply": redisErrorReply, "status_reply": redisStatusReply,
		"setresp": s.redisSetResp, "set_repl": s.redisSetRepl, "acl_check_cmd": s.redisAllowed, "register_function": s.redisRegister,
		"replicate_commands": func(L *lua.LState) int { return push(L, lua.LTrue) },
		"breakpoint":         func(L *lua.LState) int { return push(L, lua.LFalse) },
		"debug":              func(L *lua.LState) int { return 0 },
	}
}

// throwTable raises an error as redis.call does: a table with the text, code first.
func throwTable(L *lua.LState, text string) {
	raise(L, errorTable(L, text))
}

func errorTable(L *lua.LState, text string) *lua.LTable {
	t := L.CreateTable(0, 2)
	t.RawSetString("err", lua.LString(text))
	return t
}

const (
	noCommand  = "ERR Please specify at least one argument for this redis lib call"
	badCommand = "ERR Lua redis lib command arguments must be strings or integers"
)

func (s *State) redisCall(L *lua.LState) int {
	v, failed := s.command(L)
	if failed {
		raise(L, v)
	}
	return push(L, v)
}

func (s *State) redisPcall(L *lua.LState) int {
	v, _ := s.command(L)
	return push(L, v)
}

// command runs the command in the arguments. The words are copied into scratch that the next command uses again.
func (s *State) command(L *lua.LState) (v lua.LValue, failed bool) {
	text := s.collect(L)
	if text == "" && s.host == nil {
		text = "ERR redis.call/pcall can only be called inside a script invocation"
	}
	if text != "" {
		return errorTable(L, text), true
	}
	s.quota.worked(L, 1)
	reply := s.host.Call(s.args)
	s.quota.mustGoOn(L)
	p := replyReader{s: s, L: L, in: reply}
	v = p.value(0)
	return v, len(reply) > 0 && reply[0] == '-'
}

// collect fills args, and gives an error's text if that cannot be done.
func (s *State) collect(L *lua.LState) string {
	n := L.GetTop()
	if n == 0 {
		return noCommand
	}
	s.args, s.words = s.args[:0], s.words[:0]
	need := 0
	for i := 1; i <= n; i++ {
		switch v := L.Get(i).(type) {
		case lua.LString:
			need += len(v)
		case lua.LNumber:
			need += 32
		default:
			return badCommand
		}
	}
	// One block that does not move while the words point into it.
	if cap(s.words) < need {
		s.quota.room(L, need)
		s.words = make([]byte, 0, max(need, 256))
	}
	for i := 1; i <= n; i++ {
		at := len(s.words)
		switch v := L.Get(i).(type) {
		case lua.LString:
			s.words = append(s.words, v...)
		case lua.LNumber:
			s.words = appendG(s.words, float64(v), 17)
		}
		s.args = append(s.args, s.words[at:len(s.words):len(s.words)])
	}
	return ""
}

func (s *State) redisLog(L *lua.LState) int {
	n := L.GetTop()
	if n < 2 {
		throwTable(L, "ERR redis.log() requires two arguments or more.")
	}
	level, ok := L.Get(1).(lua.LNumber)
	if !ok {
		if f, isText := asNumber(L.Get(1)); isText {
			level = lua.LNumber(f)
		} else {
			throwTable(L, "ERR First argument must be a number (log level).")
		}
	}
	if level < 0 || level > 3 {
		throwTable(L, "ERR Invalid debug level.")
	}
	var words []string
	for i := 2; i <= n; i++ {
		if text, ok := asString(L.Get(i)); ok {
			words = append(words, text)
		}
	}
	text := strings.Join(words, " ")
	if len(text) > 1024 {
		text = text[:1024] // as the original's log lines
	}
	if s.host != nil {
		s.host.Log(int(level), text)
	}
	return 0
}

func (s *State) redisSHA1(L *lua.LState) int {
	if L.GetTop() != 1 {
		throwTable(L, "ERR wrong number of arguments")
	}
	text, _ := asString(L.Get(1))
	s.quota.worked(L, len(text)/64)
	sum := sha1.Sum([]byte(text))
	return push(L, lua.LString(hex.EncodeToString(sum[:])))
}

func redisErrorReply(L *lua.LState) int {
	text, ok := L.Get(1).(lua.LString)
	if L.GetTop() != 1 || !ok {
		return push(L, errorTable(L, "ERR wrong number or type of arguments"))
	}
	t := strings.TrimPrefix(string(text), "-")
	if strings.HasPrefix(string(text), "-") {
		if !strings.Contains(t, " ") {
			t = "ERR " + t
		}
	} else if !strings.Contains(t, " ") || t == "" {
		t = "ERR " + t
	}
	return push(L, errorTable(L, t))
}

func redisStatusReply(L *lua.LState) int {
	text, ok := L.Get(1).(lua.LString)
	if L.GetTop() != 1 || !ok {
		return push(L, errorTable(L, "ERR wrong number or type of arguments"))
	}
	t := L.CreateTable(0, 1)
	t.RawSetString("ok", text)
	return push(L, t)
}

func (s *State) redisSetResp(L *lua.LState) int {
	if L.GetTop() != 1 {
		throwTable(L, "ERR redis.setresp() requires one argument.")
	}
	v, _ := asNumber(L.Get(1))
	if v != 2 && v != 3 {
		throwTable(L, "ERR RESP version must be 2 or 3.")
	}
	s.v3 = v == 3
	if s.host != nil {
		s.host.Proto(s.v3)
	}
	return 0
}

func (s *State) redisSetRepl(L *lua.LState) int {
	if L.GetTop() != 1 {
		throwTable(L, "ERR redis.set_repl() requires one argument.")
	}
	f, _ := asNumber(L.Get(1))
	mask := int(toInt(f))
	if mask&^3 != 0 {
		throwTable(L, "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.")
	}
	if s.host != nil {
		s.host.Propagate(mask)
	}
	return 0
}

func (s *State) redisAllowed(L *lua.LState) int {
	if text := s.collect(L); text != "" {
		throwTable(L, text)
	}
	if s.host == nil {
		return push(L, lua.LFalse)
	}
	allowed, known := s.host.Allowed(s.args)
	if !known {
		throwTable(L, "ERR Invalid command passed to redis.acl_check_cmd()")
	}
	return push(L, lua.LBool(allowed))
}
