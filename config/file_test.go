// YAML and TOML of any shape: settings, or one line that names the file.

package config

import (
	"strings"
	"testing"
)

func FuzzTree(f *testing.F) {
	f.Add("port: 7000\nbind: [a, b]\n", true)
	f.Add("port = 7000\n[x]\ny = 1\n", false)
	f.Add("a: &a [*a]\n", true)
	f.Add("? [x]\n: y\n", true)
	f.Add("unixsocketperm: 0o700\nlogfile: ~\nmaxmemory: 1e3\n", true)
	f.Add("dir = 1979-05-27\nport = inf\n", false)
	f.Fuzz(func(t *testing.T, text string, yaml bool) {
		syntax := map[bool]string{true: "yaml", false: "toml"}[yaml]
		found, err := parseTree("f."+syntax, syntax, text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\r\n\x00") || !strings.HasPrefix(err.Error(), "f."+syntax) {
				t.Fatalf("%q: %q", text, err)
			}
			return
		}
		for _, a := range found {
			if Find(a.Name) == nil || len(a.Words) != 1 {
				t.Fatalf("%q gave %v", text, a)
			}
		}
	})
}

// A refused file is one line of words, with the line of the file where it can be told.
func TestRefusedFiles(t *testing.T) {
	cases := []struct{ syntax, text, want string }{
		{"yaml", "engine: redis\n  port: 1\n", "f.yaml:2: not valid YAML: line 2: mapping values are not allowed in this context"},
		{"yaml", "port: 1\nport: 2\n", "f.yaml:2: not valid YAML: line 2: mapping key \"port\" already defined at line 1"},
		{"toml", "port = 1\nport = 2\n", "f.toml:2: not valid TOML: key port is already defined"},
		{"toml", "engine = \"redis\"\nport = 99999999999999999999\n", "f.toml:2: not valid TOML: "},
		{"toml", "# c\n\n[redis]\nport = 1\n", "f.toml:3: redis: unknown setting"},
		{"yaml", "# c\nredis:\n  port: 1\n", "f.yaml:2: redis: unknown setting"},
	}
	for _, c := range cases {
		_, err := parseTree("f."+c.syntax, c.syntax, c.text)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}

func TestKeyLine(t *testing.T) {
	lines := strings.Split("# port: 1\nx:\n  port: 2\n\"Port\": 3 # c\n", "\n")
	if n, raw := keyLine(lines, "port"); n != 4 || raw != "3 # c" {
		t.Errorf("line %d, %q", n, raw)
	}
}
