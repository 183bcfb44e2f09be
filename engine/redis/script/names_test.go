package script

import (
	"strings"
	"testing"
)

// TestNearInErrors: where the compiler knows what stands there, the text is the original's.
func TestNearInErrors(t *testing.T) {
	for text, want := range map[string]string{
		"return 3e": "user_script:1: malformed number near '3e'", "return 3e+": "user_script:1: malformed number near '3e+'",
		"local function f() return ... end": "user_script:1: cannot use '...' outside a vararg function near '...'",
	} {
		if _, err := compile(text, "user_script"); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestNamesInErrors: texts of the original (Redis 7.0.15), with the name and the type of what is wrong.
func TestNamesInErrors(t *testing.T) {
	s := NewState(ForScripts, Version{"7.2.0", 1})
	for _, c := range []struct{ text, want string }{
		{"return -{}", "attempt to perform arithmetic on a table value"},
		{"return -nil", "attempt to perform arithmetic on a nil value"},
		{"return -true", "attempt to perform arithmetic on a boolean value"},
		{"return -print", "Script attempted to access nonexistent global variable 'print'"},
		{"local f = function() end return -f", "attempt to perform arithmetic on local 'f' (a function value)"},
		{"local x return -x", "attempt to perform arithmetic on local 'x' (a nil value)"},
		{"local s = 'x' return -s", "attempt to perform arithmetic on local 's' (a string value)"},
		{"local x = {} return -x.y", "attempt to perform arithmetic on field 'y' (a nil value)"},
		{"local x = {} return x.y + 1", "attempt to perform arithmetic on field 'y' (a nil value)"},
		{"return ('a')()", "attempt to call a string value"},
		{"return (1)()", "attempt to call a number value"},
		{"return ({})()", "attempt to call a table value"},
		{"local n = 5 return n()", "attempt to call local 'n' (a number value)"},
		{"local b = true return b(1)", "attempt to call local 'b' (a boolean value)"},
		{"local t = {a = 5} return t.a()", "attempt to call field 'a' (a number value)"},
		{"local t = {a = 5} return t:a()", "attempt to call method 'a' (a number value)"},
		{"local t = {a = {}} return t.a(1, 2)", "attempt to call field 'a' (a table value)"},
		{"local up local function f()\nup()\nend\nf()", "attempt to call upvalue 'up' (a nil value)"},
		{"for k in 5 do end", "attempt to call a number value"},
		{"for k, v in {} do end", "attempt to call a table value"},
		{"assert(nil, 'msg')", "msg"},
		{"assert(false, 5)", "5"},
		{"assert(false)", "assertion failed!"},
		{"local n = 5 return n.x", "attempt to index local 'n' (a number value)"},
	} {
		got := string(s.Run(mustCompile(t, c.text), &Call{}, nil))
		_, got, _ = strings.Cut(got, ": ")
		if got, _, _ = strings.Cut(got, " script: "); got != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
	// What was given these types so that errors are told of is no use to scripts, and is nowhere to be seen.
	for _, c := range []struct{ expr, want string }{
		{"getmetatable(nil)", "nil"}, {"getmetatable(5)", "nil"}, {"getmetatable(true)", "nil"}, {"getmetatable(tostring)", "nil"}, {"getmetatable('').__call", "nil"},
		{"select(2, pcall(nil))", "attempt to call a nil value"}, {"select(2, pcall(5))", "attempt to call a number value"}, {"select(2, pcall({}))", "attempt to call a table value"},
		{"pcall(setmetatable({}, {__call = function() end}))", "true"}, {"select(2, pcall(assert, nil, 'msg'))", "msg"},
		{"-setmetatable({}, {__unm = function() return 'own' end})", "own"}, {"setmetatable({}, {__call = function(_, a) return a end})(7)", "7"},
	} {
		if got := string(s.Run(mustCompile(t, "return tostring("+c.expr+")"), &Call{}, nil)); !strings.HasSuffix(got, "\r\n"+c.want+"\r\n") {
			t.Errorf("%s: %q, want %s", c.expr, got, c.want)
		}
	}
}
