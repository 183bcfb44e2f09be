// Scripts under comparison: a list of texts, and a generator of more.

package diff

import (
	"fmt"
	"os"
	"strings"
)

// scripts is the list: each text ends at a line of three equal signs. Left out is what both do on purpose in their own way: chance, the
// interpreter's memory and bytecode, its words for some syntax errors, and settings of cjson, which the original keeps from one script to the next.
func scripts() ([]string, error) {
	b, err := os.ReadFile("testdata/scripts.txt")
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n===\n"), nil
}

// luaValue draws an expression.
func luaValue(s *source, depth int) string {
	if depth == 0 {
		return [...]string{"1", "-7", "2.5", "1e15", "0x1f", "'a'", "'12'", "'0x10'", "'00112'", "'0b11'", "'1_0'", "''", "'a\\0b'", "true", "false", "nil", "KEYS[1]", "ARGV[1]", "#ARGV", "#KEYS[1]", "{}"}[s.IntN(21)]
	}
	v := func() string { return luaValue(s, depth-1) }
	switch s.IntN(16) {
	case 0:
		return fmt.Sprintf("(%s %s %s)", v(), [...]string{"+", "-", "*", "/", "%", "^"}[s.IntN(6)], v())
	case 1:
		return fmt.Sprintf("(%s .. %s)", v(), v())
	case 2:
		return fmt.Sprintf("(%s %s %s)", v(), [...]string{"==", "~=", "<", "<=", ">", ">="}[s.IntN(6)], v())
	case 3:
		return fmt.Sprintf("(%s %s %s)", v(), [...]string{"and", "or"}[s.IntN(2)], v())
	case 4:
		return fmt.Sprintf("{%s,%s,%s}", v(), v(), v())
	case 5:
		return fmt.Sprintf("tostring(%s)", v())
	case 6:
		return fmt.Sprintf("tonumber(%s)", v())
	case 7:
		return fmt.Sprintf("string.%s(%s)", [...]string{"upper", "len", "reverse", "byte"}[s.IntN(4)], v())
	case 8:
		return fmt.Sprintf("string.%s(%s,%s)", [...]string{"find", "match", "gsub"}[s.IntN(2)], v(), [...]string{"'a'", "'%w+'", "'(.)(.)'", "'^.-$'", "'[^0-9]*'", "'%d-$'", "''"}[s.IntN(7)])
	case 9:
		return fmt.Sprintf("string.format('%s',%s)", [...]string{"%d", "%5.1f", "%s", "%q", "%x", "%g", "%-6s|", "%05d", "%e"}[s.IntN(9)], v())
	case 10:
		return fmt.Sprintf("string.sub(%s,%d,%d)", v(), s.IntN(7)-3, s.IntN(7)-3)
	case 11:
		return fmt.Sprintf("type(%s)", v())
	case 12:
		return fmt.Sprintf("cjson.encode(%s)", v())
	case 13:
		return fmt.Sprintf("cmsgpack.unpack(cmsgpack.pack(%s))", v())
	case 14:
		return fmt.Sprintf("math.%s(%s)", [...]string{"floor", "abs", "ceil"}[s.IntN(3)], v())
	}
	return fmt.Sprintf("bit.%s(%s,3)", [...]string{"band", "bor", "bxor", "lshift", "rshift", "arshift", "rol", "tohex"}[s.IntN(8)], v())
}

// luaScript draws a text of some statements. An error ends in a text: what it says of names is compared in the list.
func luaScript(s *source) string {
	var b strings.Builder
	b.WriteString("local r = {} ")
	for i := range 1 + s.IntN(3) {
		switch s.IntN(4) {
		case 0:
			fmt.Fprintf(&b, "r[%d] = redis.pcall('set',KEYS[1],%s) ", i+1, luaValue(s, 1))
		case 1:
			fmt.Fprintf(&b, "r[%d] = redis.pcall('%s',KEYS[1]) ", i+1, [...]string{"get", "incr", "type", "strlen", "lpop", "ttl"}[s.IntN(6)])
		default:
			fmt.Fprintf(&b, "r[%d] = select(2,pcall(function() return %s end)) ", i+1, luaValue(s, 1+s.IntN(3)))
		}
	}
	b.WriteString("return r")
	return b.String()
}
