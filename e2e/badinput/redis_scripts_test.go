// Scripts that mean harm, against the real binary: rows R23 to R27.

package badinput

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// TestR23EndlessScript: others are told BUSY once it is overdue, what needs no data goes on, and SCRIPT KILL ends it.
func TestR23EndlessScript(t *testing.T) {
	s := harness.Redis(t, "--busy-reply-threshold=100")
	a, b := s.Dial(t), s.Dial(t)
	for _, script := range []string{"while true do end", "redis.call('get',KEYS[1]) while true do end", "local s = string.rep('a', 1000) while true do s:find('(a*)*b') end"} {
		a.SendAny(harness.Command("EVAL", script, "1", "k"))
		harness.Eventually(t, 10*time.Second, "others are told", func() (bool, string) {
			r := b.Do("GET", "k")
			return strings.HasPrefix(r.Raw, "-BUSY "), r.Raw
		})
		b.Ask(harness.Command("PING"), "+PONG\r\n")
		b.Ask(harness.Command("SCRIPT", "KILL"), "+OK\r\n")
		if r, err := a.TryReply(10 * time.Second); err != nil || !strings.Contains(r.Str, "Script killed by user with SCRIPT KILL") {
			t.Errorf("%s: %v %q", script, err, r.Raw)
		}
		harness.Eventually(t, 10*time.Second, "others go on", func() (bool, string) {
			r := b.Do("GET", "k")
			return r.Raw == "$-1\r\n", r.Raw
		})
	}
	b.Ask(harness.Command("SCRIPT", "KILL"), "-NOTBUSY No scripts in execution right now.\r\n")
}

// TestR23ScriptThatHasWritten cannot be killed; SHUTDOWN NOSAVE ends the server all the same.
func TestR23ScriptThatHasWritten(t *testing.T) {
	s := harness.Redis(t, "--busy-reply-threshold=100")
	a, b := s.Dial(t), s.Dial(t)
	a.SendAny(harness.Command("EVAL", "redis.call('set',KEYS[1],1) while true do end", "1", "k"))
	harness.Eventually(t, 10*time.Second, "others are told", func() (bool, string) {
		r := b.Do("GET", "k")
		return strings.HasPrefix(r.Raw, "-BUSY "), r.Raw
	})
	if r := b.Do("SCRIPT", "KILL"); !strings.HasPrefix(r.Raw, "-UNKILLABLE ") {
		t.Errorf("SCRIPT KILL: %q", r.Raw)
	}
	b.SendAny(harness.Command("SHUTDOWN", "NOSAVE"))
	s.Wait(t, 20*time.Second)
}

// TestR24Sandbox: ways out, and traces for the next user. Each gives an error, and the server is as before.
func TestR24Sandbox(t *testing.T) {
	s := harness.Redis(t)
	c, other := s.Dial(t), s.Dial(t)
	for _, script := range []string{
		"return io.open('/etc/passwd')", "return os.execute('id')", "return package.loaded", "return require('os')", "return debug.getinfo(1)", "return dofile('/etc/passwd')",
		"return loadstring(string.dump(function() end))()", "getmetatable('').__index = nil", "_G.trace = 1", "trace = 1", "redis.call = nil", "rawset(redis, 'call', nil)",
		"setmetatable(_G, nil)", "string.rep = nil", "getmetatable(_G).__newindex = nil", "setfenv(0, {})", "table.insert(_G, 1)", "redis.register_function('f', function() end)",
	} {
		if r := c.Do("EVAL", script, "0"); !r.IsError() {
			t.Errorf("%s: %q", script, r.Raw)
		}
		if r := other.Do("EVAL", "return {tostring(rawget(_G, 'trace')), string.rep('a', 2), ('x'):upper(), redis.call('ping')['ok']}", "0"); fmt.Sprint(r.Strings()) != "[nil aa X PONG]" {
			t.Fatalf("after %s others see %q", script, r.Raw)
		}
	}
	s.Alive(t)
}

// TestR25Bombs: every builtin that can make much of little, deep of flat, or long of short. Each ends within its quota of memory and 6 s.
func TestR25Bombs(t *testing.T) {
	s := harness.Redis(t, "--busy-reply-threshold=300")
	c, killer := s.Dial(t), s.Dial(t)
	c.Do("EVAL", "return 1", "0")
	for _, script := range []string{
		"return #string.rep('x', 1e10)", "local s = 'x' while true do s = s .. s end", "return unpack({}, 1, 1e8)", "return {unpack({}, 0, 2^31)}", "local function f() return 1 + f() end return f()",
		"local t = {} for i = 1, 1e9 do t[i] = 'x' .. i end", "return string.format('%' .. string.rep('9', 20) .. 'd', 1)", "return (('a'):rep(30) .. 'b'):find(('a?'):rep(30) .. ('a'):rep(30) .. 'c')",
		"return string.rep('a', 1e5):gsub('', string.rep('b', 1e5))", "return table.concat({}, 'x', 1, 1e9)", "local t = {} t[1] = t return cjson.encode(t)", "return cjson.decode(string.rep('[', 1e6))",
		"local t = {} t[1] = t return cmsgpack.pack(t)", "return cmsgpack.unpack(string.rep('\\221\\255\\255\\255\\255', 100))", "return struct.pack('I' .. string.rep('9', 10), 1)", "return struct.unpack('c2147483647', 'x')",
		"return bit.tohex(1, -2147483648) .. {}", "local t = {} for i = 1, 1e5 do t = {t} end return cjson.encode(t)", "return redis.sha1hex(string.rep('x', 1e10))", "return setmetatable({}, {__index = function(t, k) return t[k] end}).x",
		"local c = coroutine.wrap(function() while true do coroutine.yield() end end) while true do c() end", "return tostring(setmetatable({}, {__tostring = function(t) return tostring(t) end}))",
	} {
		began := time.Now()
		c.SendAny(harness.Command("EVAL", script, "0"))
		r, err := c.TryReply(time.Second)
		if err != nil { // it needs to be told
			killer.Do("SCRIPT", "KILL")
			r, err = c.TryReply(3 * time.Second)
		}
		if err != nil {
			t.Fatalf("%s: no end after %v: %v", script, time.Since(began), err)
		}
		if !r.IsError() && len(r.Raw) > 1<<20 {
			t.Errorf("%s: a reply of %d bytes", script, len(r.Raw))
		}
	}
	if rss := s.RSS(t); rss > 1<<30 {
		t.Errorf("%d MB resident afterwards", rss>>20)
	}
	s.Alive(t)
}

// TestR26OneReply: line ends in errors and statuses of a script are no way to a second reply.
func TestR26OneReply(t *testing.T) {
	c := harness.Redis(t).Dial(t)
	for _, script := range []string{
		"return redis.error_reply('x\\r\\n+OK')", "return redis.status_reply('x\\r\\n$5\\r\\nhello')", "return {err = 'a\\r\\n:1'}", "return {ok = 'a\\n+b\\0c'}", "error('x\\r\\n+OK')", "error({err = 'y\\r\\n*1'})",
		"return redis.pcall('nosuch\\r\\n+OK')", "return redis.call('set', 'k\\r\\n', 'v', 'bad\\r\\n+OK')",
	} {
		c.SendAny(harness.Command("EVAL", script, "0") + harness.Command("ECHO", "in step"))
		first, err := c.TryReply(10 * time.Second)
		second, err2 := c.TryReply(10 * time.Second)
		if err != nil || err2 != nil || second.Str != "in step" || strings.Contains(first.Str, "\n") {
			t.Errorf("%s: %q, then %q (%v %v)", script, first.Raw, second.Raw, err, err2)
		}
	}
}

// TestR27NotFromScripts: what scripts may not do.
func TestR27NotFromScripts(t *testing.T) {
	c := harness.Redis(t).Dial(t)
	for script, want := range map[string]string{
		"return redis.call('subscribe', 'x')": "This Redis command is not allowed from script", "return redis.call('blpop', 'x', 0)": "", "return redis.call('eval', 'return 1', 0)": "not allowed from script",
		"return redis.call('multi')": "not allowed from script", "return redis.call('shutdown')": "not allowed from script", "return redis.call('client', 'kill', 'x')": "not allowed from script",
		"return redis.call('config', 'set', 'maxmemory', 1)": "not allowed from script", "return redis.call('nosuch')": "Unknown Redis command called from script", "return redis.call()": "at least one argument",
		"return redis.call('get')": "Wrong number of args calling Redis command from script",
	} {
		r := c.Do("EVAL", script, "0")
		if want == "" && (r.IsError() || !r.Null) || want != "" && (!r.IsError() || !strings.Contains(r.Str, want)) {
			t.Errorf("%s: %q, want %q", script, r.Raw, want)
		}
	}
	if r := c.Do("EVAL_RO", "return redis.call('set', KEYS[1], 1)", "1", "k"); !strings.Contains(r.Str, "Write commands are not allowed from read-only scripts") {
		t.Errorf("EVAL_RO: %q", r.Raw)
	}
	if r := c.Do("EVALSHA", "", "0"); !strings.HasPrefix(r.Raw, "-NOSCRIPT") {
		t.Errorf("EVALSHA of nothing: %q", r.Raw)
	}
	for _, numkeys := range []string{"-1", "2", "9223372036854775807", "x"} {
		if r := c.Do("EVAL", "return 1", numkeys, "k"); !r.IsError() {
			t.Errorf("EVAL with %s keys of one: %q", numkeys, r.Raw)
		}
	}
}
