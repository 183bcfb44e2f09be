package script

import (
	"strings"
	"testing"
)

// TestLibrariesCannotBeAssigned: whatever form the assignment has, it fails, and every library function is there for the next script.
func TestLibrariesCannotBeAssigned(t *testing.T) {
	s := NewState(ForScripts, Version{"7.2.0", 1})
	var all []string
	for name := range libraryNames {
		all = append(all, name)
	}
	if len(all) < 40 {
		t.Fatalf("only %d names", len(all))
	}
	probe := func(name string) string {
		return string(s.Run(mustCompile(t, "return type("+name+")"), &Call{}, nil))
	}
	for _, name := range all {
		before := probe(name)
		lib, field, _ := strings.Cut(name, ".")
		for _, text := range []string{
			name + " = nil", name + ", x = 1, 2", "local a a, " + name + " = 1, 2", "function " + name + "() end", "function " + lib + ":" + field + "() end",
			lib + "['" + field + "'] = nil", "local l = " + lib + " l." + field + " = nil", "(" + lib + ")." + field + " = nil",
		} {
			sc, err := Compile(text, nil)
			if err != nil {
				continue
			}
			if out := string(s.Run(sc, &Call{}, nil)); !strings.HasPrefix(out, "-") {
				t.Errorf("%s: %q", text, out)
			}
			if after := probe(name); after != before {
				t.Fatalf("after %s it is %q, before %q", text, after, before)
			}
		}
	}
}
