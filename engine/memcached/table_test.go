// Tests of table.go and of the rows.

package memcached

import (
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	table := newTable(families)
	for _, c := range table.list {
		if got := table.find([]byte(c.name)); got != c {
			t.Errorf("find(%q) = %v", c.name, got)
		}
		for _, other := range []string{strings.ToUpper(c.name), c.name + "x", c.name[:len(c.name)-1], "x" + c.name} {
			if got := table.find([]byte(other)); got != nil && got.name != other {
				t.Errorf("find(%q) = %q", other, got.name)
			}
		}
	}
	for _, word := range []string{"", "g", "\r", "mx", "MN"} {
		if table.find([]byte(word)) != nil {
			t.Errorf("%q is a command", word)
		}
	}
}

func TestFindDoesNotAllocate(t *testing.T) {
	table, word := newTable(families), []byte("prepend")
	if n := testing.AllocsPerRun(100, func() { table.find(word) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestTableRefusesBadRows(t *testing.T) {
	run := func(*call) string { return "" }
	for name, rows := range map[string][]command{
		"twice":       {{name: "aa", min: 1, run: run, syntax: "x", about: "x"}, {name: "aa", min: 1, run: run, syntax: "x", about: "x"}},
		"no handler":  {{name: "aa", min: 1, syntax: "x", about: "x"}},
		"key missing": {{name: "aa", min: 1, key: 1, run: run, syntax: "x", about: "x"}},
		"no length":   {{name: "aa", min: 2, key: 1, flags: flagBody, run: run, syntax: "x", about: "x"}},
		"counts":      {{name: "aa", min: 3, max: 2, run: run, syntax: "x", about: "x"}},
		"no doc":      {{name: "aa", min: 1, run: run}},
		"short":       {{name: "a", min: 1, run: run, syntax: "x", about: "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("the table was built")
				}
			}()
			newTable([][]command{rows})
		})
	}
}
