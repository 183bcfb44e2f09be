// redis-server's command line and the words of its refusals, recorded from 7.0.15.

package config

import (
	"os"
	"strings"
	"testing"
)

func TestRedisServerArgs(t *testing.T) {
	file := write(t, "r.conf", "port 7000\ntimeout 5\nmaxclients 50\n")
	cases := []struct {
		args  string
		stdin string
		want  string // settings, name=value
	}{
		{"", "", "port=6379;bind=* -::*"},
		{"--port 7001", "", "port=7001"},
		{"--port 7001 --maxmemory 1mb", "", "port=7001;maxmemory=1048576"},
		{file, "", "port=7000;timeout=5"},
		{file + " --port 7002", "", "port=7002;timeout=5"},
		{"-", "port 7003\n", "port=7003"},
		{"- --port 7004", "port 7003\ntimeout 8\n", "port=7004;timeout=8"},
		{"--save 1 1 2 2 --timeout 3", "", "save=1 1 2 2;timeout=3"},
		{"--save --timeout 4", "", "save=;timeout=4"},
		{"--timeout 4 --save", "", "save=;timeout=4"},
		{"--requirepass --abc", "", "requirepass=--abc"},
		{"--PORT 7005", "", "port=7005"},
		{"--bind 127.0.0.1 ::1 --slave-read-only no", "", "bind=127.0.0.1 ::1;replica-read-only=yes"},
	}
	for _, c := range cases {
		call, err := RedisServerArgs(strings.Fields(c.args), strings.NewReader(c.stdin), nil)
		if err != nil {
			t.Errorf("%s: %v", c.args, err)
			continue
		}
		s, err := call.Plan.Load()
		if err != nil {
			t.Errorf("%s: %v", c.args, err)
			continue
		}
		for _, pair := range strings.Split(c.want, ";") {
			name, want, _ := strings.Cut(pair, "=")
			if got := s.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", c.args, name, got, want)
			}
		}
	}
	call, err := RedisServerArgs([]string{"--port 7006", "--requirepass", "a b"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := call.Plan.Load(); err != nil || s.Int("port") != 7006 || s.Get("requirepass") != "a b" {
		t.Errorf("name and value in one argument: %v", err)
	}
}

func TestRedisServerRefusals(t *testing.T) {
	head := "\n*** FATAL CONFIG FILE ERROR (Redis " + RedisVersion + ") ***\nReading the configuration file, at line "
	cases := []struct {
		args []string
		file string
		want string
	}{
		{[]string{"--foo", "bar"}, "", "2\n>>> 'foo \"bar\"'\nBad directive or wrong number of arguments\n"},
		{[]string{"--port", "99999"}, "", "2\n>>> 'port \"99999\"'\nargument must be between 0 and 65535 inclusive\n"},
		{[]string{"--port"}, "", "2\n>>> 'port'\nwrong number of arguments\n"},
		{[]string{"--port", "1", "--maxmemory", "1mb", "extra"}, "", "3\n>>> 'maxmemory \"1mb\" \"extra\"'\nwrong number of arguments\n"},
		{[]string{"-port", "1"}, "", "2\n>>> '\"-port\" \"1\"'\nBad directive or wrong number of arguments\n"},
		{[]string{"FILE", "b.conf"}, "port 1\n# x\n", "4\n>>> '\"b.conf\"'\nBad directive or wrong number of arguments\n"},
		{[]string{"--requirepass", "hunter2", "x"}, "", "2\n>>> 'requirepass \"***\"'\nwrong number of arguments\n"},
		{[]string{"FILE"}, "port 1\nmaxmemory 1zz\n", "2\n>>> 'maxmemory 1zz'\nargument must be a memory value\n(FILE:2)\n"},
		{[]string{"FILE"}, "port 1\nmaxmemory\n", "2\n>>> 'maxmemory'\nwrong number of arguments\n(FILE:2)\n"},
		{[]string{"FILE"}, "item-size-max 2mb\n", "1\n>>> 'item-size-max 2mb'\nBad directive or wrong number of arguments\n(FILE:1)\n"},
		{[]string{"--dir", "/nonexistent"}, "", "2\n>>> 'dir \"/nonexistent\"'\nNo such file or directory\n"},
	}
	for _, c := range cases {
		file := write(t, "r.conf", c.file)
		args := make([]string, len(c.args))
		for i, a := range c.args {
			args[i] = strings.ReplaceAll(a, "FILE", file)
		}
		call, err := RedisServerArgs(args, nil, nil)
		if err == nil {
			_, err = call.Plan.Load()
		}
		if err == nil {
			t.Errorf("%v was taken", args)
			continue
		}
		if got, want := string(FatalRedis(err)), head+strings.ReplaceAll(c.want, "FILE", file); got != want {
			t.Errorf("%v:\n%s\nwant\n%s", args, got, want)
		}
	}
}

func TestRedisServerAsks(t *testing.T) {
	for arg, want := range map[string]Asked{"-v": ShowVersion, "--version": ShowVersion, "-h": ShowHelp, "--help": ShowHelp, "--test-memory": NotOffered, "--check-system": NotOffered} {
		call, err := RedisServerArgs([]string{arg, "5"}, nil, nil)
		if err != nil || call.Asked != want || (want == NotOffered) != (call.Reason != "") {
			t.Errorf("%s: %+v, %v", arg, call, err)
		}
	}
}

// The configuration that Debian installs must start a server.
func TestDebianRedisConf(t *testing.T) {
	const path = "/etc/redis/redis.conf"
	if _, err := os.ReadFile(path); err != nil {
		t.Skip("redis-server is not installed here, or its configuration not readable")
	}
	call, err := RedisServerArgs([]string{path, "--dir", t.TempDir()}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	conf, err := ReadRedisConf(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(conf.Assignments) < 50 {
		t.Errorf("only %d lines", len(conf.Assignments))
	}
	if _, err := call.Plan.Load(); err != nil && !strings.Contains(err.Error(), "dir: ") {
		t.Error(err)
	}
}
