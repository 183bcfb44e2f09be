package redis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/script"
)

func BenchmarkFeedEVAL(b *testing.B) {
	benchmarkFeed(b, "EVAL", "return redis.call('get',KEYS[1])", "1", "key:000000000001")
}

func BenchmarkFeedEVALExclusive(b *testing.B) {
	benchmarkFeed(b, "EVAL", "local c = redis.call return c('get',KEYS[1])", "1", "key:000000000001")
}

func TestEVAL(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.want("+OK\r\n", "SET", "k", "v")
	c.want("$1\r\nv\r\n", "EVAL", "return redis.call('get',KEYS[1])", "1", "k")
	digest := script.Digest([]byte("return redis.call('get',KEYS[1])"))
	c.want("$1\r\nv\r\n", "EVALSHA", digest, "1", "k")
	c.want("$1\r\nv\r\n", "EVALSHA", strings.ToUpper(digest), "1", "k")
	c.want("$1\r\nv\r\n", "EVALSHA_RO", digest, "1", "k")
	c.want("-NOSCRIPT No matching script. Please use EVAL.\r\n", "EVALSHA", strings.Repeat("0", 40), "0")
	c.want("-NOSCRIPT No matching script. Please use EVAL.\r\n", "EVALSHA", "", "x")
	c.want("-ERR Number of keys can't be negative\r\n", "EVAL", "return 1", "-1")
	c.want("-ERR Number of keys can't be greater than number of args\r\n", "EVAL", "return 1", "2", "a")
	c.want("-ERR value is not an integer or out of range\r\n", "EVAL", "return 1", "x")
	c.want("*2\r\n$1\r\na\r\n$1\r\nb\r\n", "EVAL", "return {KEYS[1],ARGV[1]}", "1", "a", "b")

	// A database chosen by a script is the script's alone.
	c.want("$-1\r\n", "EVAL", "redis.call('select',1) return redis.call('get',KEYS[1])", "1", "k")
	c.want("$1\r\nv\r\n", "GET", "k")

	// RESP3 clients get what the script makes for them; commands answer in RESP2 until setresp.
	c.want("$-1\r\n", "EVAL", "return false", "0")
	c.v3 = true
	c.want("_\r\n", "EVAL", "return false", "0")
	c.want("#f\r\n", "EVAL", "redis.setresp(3) return false", "0")
	c.want(",1.5\r\n", "EVAL", "return {double=1.5}", "0")
	c.want("%1\r\n$1\r\na\r\n:1\r\n", "EVAL", "return {map={a=1}}", "0")
}

// TestR27ScriptRefusals: what scripts may not do.
func TestR27ScriptRefusals(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	for _, x := range []struct{ text, reply string }{
		{"redis.call('eval','return 1',0)", "ERR This Redis command is not allowed from script"},
		{"redis.call('multi')", "ERR This Redis command is not allowed from script"},
		{"redis.call('config','set','maxmemory','1')", "ERR This Redis command is not allowed from script"},
		{"redis.call('client','kill','id','1')", "ERR This Redis command is not allowed from script"},
		{"redis.call('nope')", "ERR Unknown Redis command called from script"},
		{"redis.call('post')", "ERR Unknown Redis command called from script"},
		{"redis.call('object','nope','k')", "ERR Unknown Redis command called from script"},
		{"redis.call('get')", "ERR Wrong number of args calling Redis command from script"},
		{"redis.call('xread','block','0','streams','s','0')", "ERR xread command is not allowed with BLOCK option from scripts"},
		{"#!lua flags=no-writes\nredis.call('set','k','v')", "ERR Write commands are not allowed from read-only scripts."},
	} {
		got := c.do("EVAL", x.text, "0")
		if !strings.HasPrefix(got, "-"+x.reply+" script: ") {
			t.Errorf("%s: got %q", x.text, got)
		}
	}
	if got := c.do("EVAL_RO", "redis.call('set',KEYS[1],'v')", "1", "k"); !strings.HasPrefix(got, "-ERR Write commands are not allowed from read-only scripts. script: ") {
		t.Errorf("write in EVAL_RO: %q", got)
	}
	c.want("-ERR Can not execute a script with write flag using *_ro command.\r\n", "EVAL_RO", "#!lua\nreturn 1", "0")
	c.want(":0\r\n", "EXISTS", "k")

	// Out of memory: undeclared scripts fail at the first write, declared ones before they begin.
	r.store.SetMaxMemory(1)
	if got := c.do("EVAL", "return redis.call('set',KEYS[1],'v')", "1", "k"); !strings.HasPrefix(got, "-OOM command not allowed when used memory > 'maxmemory'. script: ") {
		t.Errorf("write without memory: %q", got)
	}
	c.want("-OOM command not allowed when used memory > 'maxmemory'.\r\n", "EVAL", "#!lua\nreturn 1", "0")
	c.want("+OK\r\n", "EVAL", "#!lua flags=allow-oom\nreturn redis.call('set',KEYS[1],'v')", "1", "k")
	c.want("$1\r\nv\r\n", "EVAL", "#!lua flags=no-writes\nreturn redis.call('get',KEYS[1])", "1", "k")
}

// TestScriptKeys: which scripts run beside others. What is called safe must not be able to touch a key that it was not given.
func TestScriptKeys(t *testing.T) {
	r := newRig(t, core.Options{})
	for _, x := range []struct {
		text string
		safe bool
	}{
		{"return 1", true},
		{"return redis.call('get',KEYS[1])", true},
		{"return redis.call('GET',KEYS[1])", true},
		{"local k = KEYS[1] return redis.call('set',k,ARGV[1])", true},
		{"local a, b = KEYS[1], KEYS[2] if redis.call('exists',a) == 1 then redis.call('rename',a,b) end", true},
		{"for i = 1, #KEYS do redis.call('del',KEYS[i]) end", true},
		{"for _, k in ipairs(KEYS) do redis.call('incr',k) end", true},
		{"return redis.pcall('sinterstore',KEYS[1],KEYS[2],KEYS[3])", true},
		{"return redis.call('hmget',KEYS[1],unpack(ARGV))", true},
		{"return redis.call('zadd',KEYS[1],unpack(ARGV))", true},
		{"return redis.call('ping')", true},
		{"return redis.call('nope',ARGV[1])", true},
		{"return redis.call('sintercard',2,KEYS[1],KEYS[2])", true},
		{"return cjson.encode({redis.call('get',KEYS[1]),#KEYS,redis.sha1hex('x')})", true},

		{"return redis.call('get','x')", false},
		{"return redis.call('get',ARGV[1])", false},
		{"return redis.call('get',KEYS[1]..'x')", false},
		{"return redis.call(ARGV[1],KEYS[1])", false},
		{"local r = redis return r.call('get','x')", false},
		{"local c = redis.call return c('get','x')", false},
		{"return redis['call']('get','x')", false},
		{"return redis['ca'..'ll']('get','x')", false},
		{"local redis = {call = redis.call} return redis.call('get',KEYS[1])", false},
		{"local KEYS = {'x'} return redis.call('get',KEYS[1])", false},
		{"KEYS[1] = 'x' return redis.call('get',KEYS[1])", false},
		{"local t = KEYS t[1] = 'x' return redis.call('get',KEYS[1])", false},
		{"table.insert(KEYS,1,'x') return redis.call('get',KEYS[1])", false},
		{"KEYS.x = 1 return redis.call('get',KEYS.x)", false},
		{"local k = KEYS[1] k = 'x' return redis.call('get',k)", false},
		{"local k = KEYS[1] do local k = 'x' redis.call('get',k) end", false},
		{"local function f(k) return redis.call('get',k) end return f(KEYS[1])", false},
		{"return redis.call('del',unpack(KEYS))", false},
		{"return redis.call('mset',KEYS[1],unpack(ARGV))", false},
		{"return redis.call('del',KEYS[1],unpack(ARGV))", false},
		{"return redis.call('sintercard',ARGV[1],KEYS[1])", false},
		{"return redis.call('sort',KEYS[1],'by','x_*')", false},
		{"return redis.call('keys','*')", false},
		{"return redis.call('flushall')", false},
		{"return redis.call('xread','streams',KEYS[1],0)", false},
		{"return loadstring(ARGV[1])()", false},
		{"return _G.redis.call('get','x')", false},
		{"return pcall(redis.call,'get','x')", false},
		{"setmetatable(KEYS,{__index=function() return 'x' end}) return redis.call('get',KEYS[9])", false},
		{"return redis.call(unpack({'get','x'}))", false},
		{"for k in pairs({redis}) do end", false},
		{"return (function(...) return ... end)(KEYS)", false},
		{"for i, k in ipairs(ARGV) do redis.call('get',k) end", false},
		{"ipairs = 1 for i, k in ipairs(KEYS) do redis.call('get',k) end", false},
	} {
		sc, err := r.e.scripts.cache.text([]byte(x.text), false)
		if err != nil {
			t.Errorf("%s: %v", x.text, err)
		} else if sc.Safe != x.safe {
			t.Errorf("%s: safe is %v", x.text, sc.Safe)
		}
	}
}

// TestScriptJournal: one record alone, several between MULTI and EXEC, none for what changed nothing or must not be told.
func TestScriptJournal(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	var j recorded
	r.store.SetJournal(&j)
	for _, x := range []struct{ text, want string }{
		{"redis.call('set',KEYS[1],'1')", "set k 1"},
		{"redis.call('set',KEYS[1],'1') redis.call('incr',KEYS[1])", "MULTI|set k 1|incr k|EXEC"},
		{"local c = redis.call c('set','k','1') c('incr','k') c('get','k')", "MULTI|set k 1|incr k|EXEC"},
		{"redis.call('get',KEYS[1]) redis.call('del','nokey')", ""},
		{"redis.set_repl(redis.REPL_NONE) redis.call('set',KEYS[1],'2')", ""},
		{"redis.call('set',KEYS[1],'1') error('x')", "set k 1"},
		{"redis.call('select',3) redis.call('set',KEYS[1],'1')", "set k 1"},
	} {
		j.lines = nil
		c.do("EVAL", x.text, "1", "k")
		if got := strings.Join(j.lines, "|"); got != x.want {
			t.Errorf("%s: recorded %q, want %q", x.text, got, x.want)
		}
	}
	j.lines = nil
	c.do("MULTI")
	c.do("SET", "a", "1")
	c.do("EVAL", "redis.call('set',KEYS[1],'1') redis.call('incr',KEYS[1])", "1", "k")
	c.do("EXEC")
	if got := strings.Join(j.lines, "|"); got != "MULTI|SET a 1|set k 1|incr k|EXEC" {
		t.Errorf("in a transaction: recorded %q", got)
	}
}

// recorded is a journal as lines.
type recorded struct{ lines []string }

func (j *recorded) Command(_ int, args [][]byte) {
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = string(a)
	}
	j.lines = append(j.lines, strings.Join(words, " "))
}
func (j *recorded) Removed(int, []byte, core.RemoveReason) {}

// TestScriptWatch: what a script changes breaks a transaction that watches it.
func TestScriptWatch(t *testing.T) {
	r := newRig(t, core.Options{})
	a, b := r.client(), r.client()
	a.want("+OK\r\n", "WATCH", "k")
	b.want("+OK\r\n", "EVAL", "return redis.call('set',KEYS[1],'v')", "1", "k")
	a.want("+OK\r\n", "MULTI")
	a.want("+QUEUED\r\n", "GET", "k")
	a.want("*-1\r\n", "EXEC")
}

// TestR24StateOfOthers: a script leaves nothing that another user's script could see.
func TestR24StateOfOthers(t *testing.T) {
	r := newRig(t, core.Options{})
	a, b := r.client(), r.client()
	for i, text := range []string{
		"KEYS.secret = 'x' ARGV.secret = 'x'",
		"pcall(function() secret = 'x' end)",
		"pcall(rawset, _G, 'secret', 'x')",
		"pcall(function() string.secret = 'x' end)",
		"pcall(function() getmetatable('').__index = function() return 'x' end end)",
		"pcall(function() getmetatable('').__add = function() return 'x' end end)",
		"pcall(setmetatable, _G, {__index = function() return 'x' end})",
		"pcall(function() getmetatable(_G).__index = function() return 'x' end end)",
		"pcall(function() redis.call = function() return 'x' end end)",
		"pcall(table.insert, redis, 'x') pcall(table.sort, string) pcall(table.remove, math)",
		"for k, v in pairs(_G) do if type(v) == 'table' then pcall(function() v.secret = 'x' end) pcall(rawset, v, 'secret', 'x') end end",
		"cjson.encode_max_depth(1) cjson.encode_sparse_array(true) cjson.decode_max_depth(1) redis.setresp(3) math.randomseed(1)",
		"local t = cjson.new() t.secret = 'x' for k in pairs(t) do t[k] = nil end",
		"error(setmetatable({}, {__index = function() return 'x' end}))",
		"local c = coroutine.create(function() coroutine.yield() end) coroutine.resume(c)",
	} {
		a.do("EVAL", text, "1", "key", "arg")
		const probe = `local function has(t) for k, v in pairs(t) do if k == 'secret' or v == 'x' then return 1 end end return 0 end
			local n = has(_G) + has(KEYS) + has(ARGV)
			for k, v in pairs(_G) do if type(v) == 'table' and v ~= _G then n = n + has(v) end end
			local ok = pcall(function() return secret end)
			return {n, tostring(ok), tostring(('').secret), cjson.encode({{{1}}}), tostring(pcall(function() return '' + {} end)),
				type(redis.call), tostring(getmetatable('').__add), tostring(rawget(_G, 'secret'))}`
		got := b.do("EVAL", probe, "0")
		want := "*8\r\n:0\r\n$5\r\nfalse\r\n$3\r\nnil\r\n$7\r\n[[[1]]]\r\n$5\r\nfalse\r\n$8\r\nfunction\r\n$3\r\nnil\r\n$3\r\nnil\r\n"
		if got != want {
			t.Errorf("after script %d: %q", i, got)
		}
	}
}

// TestEvalInTransaction: EVAL among the queued requests sees what those before it did.
func TestEvalInTransaction(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.want("+OK\r\n", "MULTI")
	c.want("+QUEUED\r\n", "SET", "a", "1")
	c.want("+QUEUED\r\n", "EVAL", "return redis.call('incr',KEYS[1])", "1", "a")
	c.want("+QUEUED\r\n", "EVAL", "local c = redis.call return c('incr','a')", "0")
	c.want("+QUEUED\r\n", "FCALL", "nope", "0")
	c.want("*4\r\n+OK\r\n:2\r\n:3\r\n-ERR Function not found\r\n", "EXEC")
	c.want("$1\r\n3\r\n", "GET", "a")
}

// TestScriptCacheBound: EVAL scripts are evicted, those of SCRIPT LOAD are not.
func TestScriptCacheBound(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	kept := script.Digest([]byte("return 'kept'"))
	c.want(bulk(kept), "SCRIPT", "LOAD", "return 'kept'")
	for i := range 3 * maxEvalScripts {
		c.want(fmt.Sprintf(":%d\r\n", i), "EVAL", fmt.Sprintf("return %d", i), "0")
	}
	if n, _ := r.e.scripts.cache.sums(); n != maxEvalScripts+1 {
		t.Errorf("%d scripts are cached", n)
	}
	c.want("*2\r\n:1\r\n:0\r\n", "SCRIPT", "EXISTS", kept, script.Digest([]byte("return 0")))
	c.want("+OK\r\n", "SCRIPT", "FLUSH")
	c.want("*1\r\n:0\r\n", "SCRIPT", "EXISTS", kept)
	if n, bytes := r.e.scripts.cache.sums(); n != 0 || bytes != 0 {
		t.Errorf("%d scripts, %d bytes are left", n, bytes)
	}
}

// BenchmarkFeedFCALL is a function of one GET.
func BenchmarkFeedFCALL(b *testing.B) {
	c := newRig(b, core.Options{}).client()
	c.do("function", "load", "#!lua name=bench\nredis.register_function('get', function(k) return redis.call('GET', k[1]) end)")
	feedAgain(b, c, "FCALL", "get", "1", "key:000000000001")
}
