package script

import (
	"strings"
	"testing"
)

// TestTextsAsNumbers: what strtod takes is a number, in decimal; a table on the other side has its say; scripts see no function for it.
func TestTextsAsNumbers(t *testing.T) {
	s := NewState(ForScripts, Version{"7.2.0", 1})
	run := func(text string) string { return string(s.Run(mustCompile(t, text), &Call{}, nil)) }
	for _, c := range []struct{ expr, want string }{
		{`"00112"^1`, "112"}, {`"010"*"1"`, "10"}, {`-"010"`, "-10"}, {`-"0x10"`, "-16"}, {`"0x1p4"+0`, "16"}, {`" 10\v"+1`, "11"}, {`"10\0abc"+1`, "11"}, {`"5"%"-3"`, "-1"},
		{`"0x1ffffffffffffffff1"+0`, "5.9029581035871e+20"}, {`tonumber("10\0abc", 16)`, "16"},
		{`"10"+setmetatable({}, {__add = function(a, b) return a .. type(b) end})`, "10table"},
		{`setmetatable({}, {__add = function(a, b) return type(a) .. b end})+"x"`, "tablex"},
		{`getmetatable("").__add`, "nil"},
		{`(function() local n = 0 for i = "010", "0x10", "3" do n = n + i end return n end)()`, "39"},
	} {
		if got := run("return tostring(" + c.expr + ")"); !strings.HasSuffix(got, "\r\n"+c.want+"\r\n") {
			t.Errorf("%s: %q, want %s", c.expr, got, c.want)
		}
	}
	for _, c := range []struct{ expr, want string }{
		{`"0b11"+1`, "perform arithmetic on a string value"}, {`1+"1_000"`, "perform arithmetic on a string value"}, {`"0o17"-1`, "perform arithmetic on a string value"},
		{`""+1`, "perform arithmetic on a string value"}, {`-"a"`, "perform arithmetic on a string value"}, {`"1"+{}`, "perform arithmetic on a table value"},
		{`"x"-setmetatable({}, {__add = function() end})`, "perform arithmetic on a string value"},
		{`(function() for i = "a", 2 do end end)()`, "'for' initial value must be a number"},
	} {
		if got := run("return tostring(" + c.expr + ")"); !strings.HasPrefix(got, "-ERR user_script:1: ") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", c.expr, got)
		}
	}
}
