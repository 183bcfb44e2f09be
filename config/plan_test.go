// Layers over each other, and one clear line for everything that is wrong.

package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write makes a file in the test's own directory and gives its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func flagOf(name, text string) Assignment {
	return Assignment{name, []string{text}, Where{Layer: FromFlag, Name: "--" + name}}
}

func TestMemoryFileExcludesTheLog(t *testing.T) {
	p := &Plan{Flags: []Assignment{flagOf("memory-file", "x"), flagOf("appendonly", "yes")}}
	s, err := p.Load()
	if there := Find("appendonly").State == Works; there && (err == nil || !strings.Contains(err.Error(), "excludes appendonly")) || !there && s.Bool("appendonly") {
		t.Errorf("both at once: %v", err)
	}
}

func TestPrecedence(t *testing.T) {
	file := write(t, "c.yaml", "port: 1001\ntimeout: 11\nmaxclients: 111\n")
	p := &Plan{File: file, Env: []string{"CACHESRV_TIMEOUT=12", "CACHESRV_MAXCLIENTS=112", "HOME=/"}, Flags: []Assignment{flagOf("maxclients", "113")}}
	s, err := p.Load()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"port": "1001 " + file + ":1", "timeout": "12 environment CACHESRV_TIMEOUT",
		"maxclients": "113 flag --maxclients", "databases": "16 default",
	} {
		if got := s.Get(name) + " " + s.Source(name).String(); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestEngineDecidesDefaults(t *testing.T) {
	for _, p := range []*Plan{
		{Engine: Memcached},
		{Env: []string{"CACHESRV_ENGINE=memcached"}},
		{Flags: []Assignment{flagOf("engine", "memcached")}},
		{File: write(t, "c.toml", "engine = \"memcached\"\n")},
	} {
		s, err := p.Load()
		if err != nil || s.Int("port") != 11211 || s.Int("maxmemory") != 64<<20 || s.Get("maxmemory-policy") != "allkeys-adaptive" {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"c.yaml", "port: 1\n\nmaxmemmory: 1\n", "c.yaml:3: maxmemmory: unknown setting; did you mean maxmemory?"},
		{"c.yaml", "# x\nport: abc\n", "c.yaml:2: port: argument couldn't be parsed into an integer"},
		{"c.yaml", "port: [1, 2]\n", "c.yaml:1: port: takes one value, not a list"},
		{"c.yaml", "port:\n  a: 1\n", "c.yaml:1: port: takes a value, not a section"},
		{"c.yaml", "port: 1\nport: 2\n", "c.yaml:2: not valid YAML"},
		{"c.yaml", "item-size-max: 2mb\n", "c.yaml:1: item-size-max: belongs to the engine memcached, and this is redis"},
		{"c.yaml", "port: 0\n", "c.yaml:1: port: nothing to listen on"},
		{"c.yaml", "include: x.conf\n", "x.conf"},
		{"c.yaml", "enable-sasl: yes\nengine: memcached\n", "c.yaml:1: enable-sasl: needs sasl-password-file"},
		{"c.yaml", "enable-sasl: yes\nengine: memcached\nsasl-password-file: x\nprotocol: ascii\n", "c.yaml:1: enable-sasl: needs the binary protocol"},
		{"c.yaml", "enable-sasl: yes\nengine: memcached\nsasl-password-file: x\nauth-file: y\n", "c.yaml:4: auth-file: excludes enable-sasl"},
		{"c.yaml", "engine: memcached\nauth-file: y\nprotocol: binary\n", "c.yaml:2: auth-file: needs the text protocol"},
		{"c.yaml", "maxmemory: 64\nengine: memcached\n", "c.yaml:1: maxmemory: 64 bytes are less than two items of item-size-max (1048576 bytes)"},
		{"c.yaml", "item-size-max: 40mb\nengine: memcached\n", "c.yaml:1: item-size-max: cannot be more than half of maxmemory"},
		{"c.toml", "port = 1\nport = 2\n", "c.toml:2: not valid TOML"},
		{"c.toml", "[port]\nx = 1\n", "port: takes a value, not a section"},
		{"c.conf", "port 1\nfoo bar\n", "c.conf:2: foo: unknown setting"},
		{"c.conf", "port 1 2\n", "c.conf:1: port: wrong number of arguments"},
		{"c.conf", "port \"1\n", "c.conf:1: Unbalanced quotes in configuration line"},
		{"c.conf", "\nuser\n", "c.conf:2: user: Bad directive or wrong number of arguments"},
		{"c.conf", "\nrename-command a\n", "c.conf:2: rename-command: Bad directive or wrong number of arguments"},
	}
	for _, c := range cases {
		_, err := (&Plan{File: write(t, c.name, c.text)}).Load()
		if c.want == "x.conf" {
			if err == nil {
				t.Errorf("include in YAML was taken")
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s %q:\n  %v\n  want %s", c.name, c.text, err, c.want)
		}
	}
	for _, c := range []struct {
		plan *Plan
		want string
	}{
		{&Plan{Env: []string{"CACHESRV_TIMEOUTT=1"}}, "environment CACHESRV_TIMEOUTT: unknown setting; did you mean timeout?"},
		{&Plan{Env: []string{"CACHESRV_TIMEOUT=x"}}, "environment CACHESRV_TIMEOUT: timeout: argument couldn't be parsed into an integer"},
		{&Plan{File: "/nonexistent/c.yaml"}, "can't open config file '/nonexistent/c.yaml': No such file or directory"},
		{&Plan{File: "/nonexistent/c.conf"}, "can't open config file '/nonexistent/c.conf': No such file or directory"},
		{&Plan{Flags: []Assignment{flagOf("unixsocket", strings.Repeat("x", 108))}}, "flag --unixsocket: unixsocket: unix socket path too long (108), must be under 108"},
	} {
		if _, err := c.plan.Load(); err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

func TestValuesOfYAMLAndTOML(t *testing.T) {
	for name, text := range map[string]string{
		"c.yaml": "protected-mode: false\nunixsocketperm: 0750\nmaxmemory: 100mb\nbind: [127.0.0.1, '-::1']\nrequirepass: \"1234\"\nclient-output-buffer-limit:\n  - normal 1mb 0 0\n  - pubsub 2mb 0 0\nlogfile:\n",
		"c.toml": "protected-mode = false\nunixsocketperm = 750\nmaxmemory = \"100mb\"\nbind = [\"127.0.0.1\", \"-::1\"]\nrequirepass = \"1234\"\nclient-output-buffer-limit = [\"normal 1mb 0 0\", \"pubsub 2mb 0 0\"]\n",
	} {
		s, err := (&Plan{File: write(t, name, text)}).Load()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for setting, want := range map[string]string{
			"protected-mode": "no", "unixsocketperm": "750", "maxmemory": "104857600", "bind": "127.0.0.1 -::1", "requirepass": "1234",
			"client-output-buffer-limit": "normal 1048576 0 0 slave 268435456 67108864 60 pubsub 2097152 0 0",
		} {
			if got := s.Get(setting); got != want {
				t.Errorf("%s: %s is %q, want %q", name, setting, got, want)
			}
		}
	}
}

func TestKubernetesVariablesAreNotOurs(t *testing.T) {
	s, err := (&Plan{Env: []string{"CACHESRV_PORT=tcp://10.0.0.1:6379", "CACHESRV_SERVICE_HOST=10.0.0.1", "CACHESRV_PORT_6379_TCP_ADDR=10.0.0.1"}}).Load()
	if err != nil || s.Int("port") != 6379 {
		t.Errorf("%v", err)
	}
}

func TestWarningsNameEachSettingOnce(t *testing.T) {
	s, err := (&Plan{File: write(t, "c.conf", "repl-diskless-sync no\nloadmodule a\nloadmodule b\nrename-command a b\nhz 50\nappendfsync everysec\n")}).Load()
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(s.Warnings(), "\n")
	if len(s.Warnings()) != 2 || !strings.Contains(all, "repl-diskless-sync ") || !strings.Contains(all, "loadmodule ") || strings.Contains(all, "rename-command ") {
		t.Errorf("warnings:\n%s", all)
	}
	if !s.Bool("repl-diskless-sync") {
		t.Error("repl-diskless-sync is shown as off, but nothing is replicated")
	}
}

// TestWarnsOfAMissingUnit: maxmemory=512 is 512 bytes, as in redis, and mostly not what was meant.
func TestWarnsOfAMissingUnit(t *testing.T) {
	for text, warned := range map[string]bool{"512": true, "512kb": true, "512mb": false, "0": false, "1048576": false} {
		s, err := (&Plan{Env: []string{"CACHESRV_MAXMEMORY=" + text}}).Load()
		if err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(s.Warnings(), "\n"); strings.Contains(all, "is a unit missing") != warned {
			t.Errorf("%s: %q", text, all)
		}
	}
}

func TestReload(t *testing.T) {
	file := write(t, "c.conf", "timeout 1\nmaxclients 100\nport 7000\n")
	s, err := (&Plan{File: file}).Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Set("maxclients", "200"); err != nil {
		t.Fatal(err)
	}
	heard := ""
	s.OnChange("timeout", func(v string) { heard = v })
	rewrite := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rewrite("timeout 2\nmaxclients 100\nport 7001\n")
	changed, restart, err := s.Reload()
	if err != nil || strings.Join(changed, " ") != "timeout" || strings.Join(restart, " ") != "port" || heard != "2" {
		t.Errorf("changed %v, restart %v, hook %q, %v", changed, restart, heard, err)
	}
	if s.Int("maxclients") != 200 || s.Int("port") != 7000 {
		t.Errorf("maxclients %d, port %d", s.Int("maxclients"), s.Int("port"))
	}
	rewrite("timeout 3\nfoo\n")
	if _, _, err := s.Reload(); err == nil || s.Int("timeout") != 2 {
		t.Errorf("a file with a mistake: %v, timeout %d", err, s.Int("timeout"))
	}
}

// What several settings are for together is refused or taken together, also when a file changes them.
func TestReloadAsksThoseWhoHaveASay(t *testing.T) {
	file := write(t, "c.conf", "timeout 1\n")
	s, err := (&Plan{File: file}).Load()
	if err != nil {
		t.Fatal(err)
	}
	committed := 0
	s.Vet([]string{"timeout"}, func(get func(string) string) (func(), error) {
		if get("maxclients") != "100" {
			return nil, errors.New("not yet")
		}
		return func() { committed++ }, nil
	})
	if err := os.WriteFile(file, []byte("tcp-keepalive 9\ntimeout 2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Reload(); err == nil || !strings.Contains(err.Error(), "not yet") || !strings.Contains(err.Error(), "timeout") || s.Int("tcp-keepalive") == 9 {
		t.Errorf("%v, tcp-keepalive %s", err, s.Get("tcp-keepalive"))
	}
	if err := os.WriteFile(file, []byte("maxclients 100\ntimeout 2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Reload(); err != nil || committed != 1 || s.Int("timeout") != 2 {
		t.Errorf("%v, committed %d, timeout %s", err, committed, s.Get("timeout"))
	}
}

// Clients of memcached open connections long before they use them; nothing of the kind may be closed unless asked for.
func TestFirstCommandTimeoutOfMemcached(t *testing.T) {
	for e, want := range map[Engines]int64{Redis: 10, Memcached: 0} {
		s, err := (&Plan{Engine: e}).Load()
		if err != nil || s.Int("first-command-timeout") != want {
			t.Errorf("%v: %v, %v", e, s.Get("first-command-timeout"), err)
		}
	}
}
