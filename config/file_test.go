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

func TestKeyLine(t *testing.T) {
	lines := strings.Split("# port: 1\nx:\n  port: 2\n\"Port\": 3 # c\n", "\n")
	if n, raw := keyLine(lines, "port"); n != 4 || raw != "3 # c" {
		t.Errorf("line %d, %q", n, raw)
	}
}
