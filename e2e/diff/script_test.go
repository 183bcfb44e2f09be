package diff

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// luaNames is what an error says of a name: the original knows it by the registers, we by the line.
var luaNames = regexp.MustCompile(`(?:\$\d+\\r\\n)?(?:user_script:\d+: )?attempt to (index|call|perform arithmetic on|concatenate|get length of) .*`)

// TestScripts compares the list on both protocols, byte for byte.
func TestScripts(t *testing.T) {
	list, err := scripts()
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := harness.Redis(t), harness.OracleRedis(t)
	for _, v3 := range []bool{false, true} {
		a, b := ours.Dial(t), theirs.Dial(t)
		if v3 {
			a.Do("HELLO", "3")
			b.Do("HELLO", "3")
		}
		for _, text := range list {
			a.Do("FLUSHALL")
			b.Do("FLUSHALL")
			x, y := a.Do("EVAL", text, "2", "k1", "k2", "a1"), b.Do("EVAL", text, "2", "k1", "k2", "a1")
			if exact(x) != exact(y) {
				t.Errorf("%s\n\tours:   %s\n\ttheirs: %s", text, exact(x), exact(y))
			}
		}
	}
}

// TestScriptsAtRandom compares drawn texts, and a text in a cache with itself.
func TestScriptsAtRandom(t *testing.T) {
	s := newSource(seed(t))
	ours, theirs := harness.Redis(t), harness.OracleRedis(t)
	a, b := ours.Dial(t), theirs.Dial(t)
	for range 600 {
		text := luaScript(s)
		if strings.Contains(text, "tostring({") || strings.Contains(text, "tostring(function") { // an address, whole or in parts
			continue
		}
		line := []string{"EVAL", text, "1", "k", word("x", "12", "")(s)[0]}
		x, y := exact(a.Do(line...)), exact(b.Do(line...))
		x, y = luaNames.ReplaceAllString(x, "attempt to $1"), luaNames.ReplaceAllString(y, "attempt to $1")
		if x != y && !strings.Contains(y, "nan") {
			t.Errorf("%q\n\tours:   %s\n\ttheirs: %s", line, x, y)
		}
	}
}

// exact is everything of a reply, but for addresses.
func exact(r harness.Reply) string {
	return address.ReplaceAllString(fmt.Sprintf("%+v", r), "$1: ADDRESS")
}

var address = regexp.MustCompile(`\$\d+\\r\\n(table|function|userdata|thread): (0x[0-9a-f]+|\(nil\))`)
