// The table against the real server's CONFIG GET, and against its own rules.

package config

import (
	"os"
	"strings"
	"testing"
)

// differs lists defaults that are not redis-server 7.0.15's, and why.
var differs = map[string]string{
	"bind":                       "loopback only; called as redis-server it is the original's",
	"client-output-buffer-limit": "a limit for normal clients",
	"dir":                        "the directory of the start, filled in by the server",
	"port":                       "the recorded server had another port",
	"always-show-logo":           "as the original",
	"replica-announced":          "as the original",
	"save":                       "the original's; the recorded server was told not to save",
}

func TestDefaultsAreRedisDefaults(t *testing.T) {
	recorded, err := os.ReadFile("testdata/redis-7.0.15-config-get.txt")
	if err != nil {
		t.Fatal(err)
	}
	ours := map[string]string{}
	Defaults(Redis).Each(func(name string, v *Value) bool { ours[name] = v.Text(); return true })
	lines := strings.Split(strings.TrimSpace(string(recorded)), "\n")
	if len(lines) < 180 {
		t.Fatalf("only %d parameters were recorded", len(lines))
	}
	for _, line := range lines {
		name, want, _ := strings.Cut(line, "|")
		got, found := ours[name]
		switch {
		case !found:
			t.Errorf("%s is not in the table", name)
		case got != want && differs[name] == "":
			t.Errorf("%s is %q, redis-server says %q", name, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	if r := Find("Slave-Read-Only"); r == nil || r.Name != "replica-read-only" {
		t.Errorf("an alias in other case finds %v", r)
	}
	if r := Find("nosuch"); r != nil {
		t.Errorf("nosuch finds %v", r.Name)
	}
	for unknown, want := range map[string]string{"maxmemmory": "maxmemory", "prot": "port", "MAX_CLIENTS": "maxclients", "qqqqqqq": ""} {
		if got := Nearest(unknown); got != want {
			t.Errorf("nearest to %s is %q, want %q", unknown, got, want)
		}
	}
}

func TestBuildTableRefusesMistakes(t *testing.T) {
	good := Row{Name: "a", Kind: Bool(), Default: "no", Engines: Both, Doc: "x"}
	bad := good
	bad.Default = "maybe"
	for name, rows := range map[string][]Row{"twice": {good, good}, "default": {bad}, "empty": {{Name: "b"}}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: the table was built", name)
				}
			}()
			buildTable(rows)
		}()
	}
}

func TestSecretsAreMasked(t *testing.T) {
	r := Find("requirepass")
	if got := r.Show("abc"); strings.Contains(got, "abc") {
		t.Errorf("shown as %q", got)
	}
	if got := r.Show(""); got != "" {
		t.Errorf("no password is shown as %q", got)
	}
}
