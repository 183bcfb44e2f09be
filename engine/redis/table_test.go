// Tests of the table: lookup, what building it refuses, and the documentation made from it.

package redis

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/commands-redis.md anew")

func TestTableFind(t *testing.T) {
	table := newTable(families())
	for _, row := range table.all {
		for _, name := range []string{row.name, strings.ToUpper(row.name), strings.ToUpper(row.name[:1]) + row.name[1:]} {
			if table.find([]byte(name)) != row {
				t.Errorf("%s not found", name)
			}
		}
		for _, sub := range row.subs {
			if table.findFull([]byte(sub.full)) != sub || row.sub([]byte(strings.ToUpper(sub.name))) != sub {
				t.Errorf("%s not found", sub.full)
			}
		}
	}
	for _, name := range []string{"", "ge", "gett", "g@t", "GE\x14", "config|", "config|nosuch", "nosuch|get", strings.Repeat("x", 100000)} {
		if table.findFull([]byte(name)) != nil {
			t.Errorf("%.20q found", name)
		}
	}
}

func TestTableRefuses(t *testing.T) {
	good := func() command {
		return command{name: "x", arity: 2, flags: readonly, keys: oneKey(ro), group: "g", since: "1", sum: "s", syntax: "key:key0", run: cmdGET}
	}
	for name, spoil := range map[string]func(*command){
		"upper case":    func(c *command) { c.name = "X" },
		"no arity":      func(c *command) { c.arity = 0 },
		"no function":   func(c *command) { c.run = nil },
		"two kinds":     func(c *command) { c.flags = readonly | write },
		"oom on a read": func(c *command) { c.flags = readonly | denyoom },
		"free with key": func(c *command) { c.flags = free },
		"no summary":    func(c *command) { c.sum = "" },
		"key missing":   func(c *command) { c.keys = keyAt(2, ro) },
		"bad syntax":    func(c *command) { c.syntax = "[key" },
		"same sub":      func(c *command) { s := good(); s.keys, s.syntax = nil, ""; u := s; c.subs = []*command{&s, &u} },
	} {
		row := good()
		spoil(&row)
		if !panics(func() { newTable([][]*command{{&row}}) }) {
			t.Errorf("%s: taken", name)
		}
	}
	a, b := good(), good()
	if !panics(func() { newTable([][]*command{{&a}, {&b}}) }) {
		t.Error("two rows of one name: taken")
	}
	c := good()
	if panics(func() { newTable([][]*command{{&c}}) }) {
		t.Error("a good row: refused")
	}
}

func panics(f func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	f()
	return false
}

// TestReference keeps docs/commands-redis.md current: go test ./engine/redis -run Reference -update
func TestReference(t *testing.T) {
	const path = "../../docs/commands-redis.md"
	want := newTable(families()).reference()
	if *update {
		if err := os.MkdirAll("../../docs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the table says; write it anew with -update", path)
	}
}
