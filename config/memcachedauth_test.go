// Tests of memcachedauth.go, and of the flags that lead there.

package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMemcachedAuthFlags(t *testing.T) {
	pwdb := []string{"MEMCACHED_SASL_PWDB=/x/users"}
	for _, c := range []struct {
		args string
		env  []string
		want string // settings, or the beginning of a refusal
	}{
		{"-S", pwdb, "enable-sasl=yes;sasl-password-file=/x/users;protocol=auto"},
		{"-S -B binary", pwdb, "protocol=binary"},
		{"-S -B ascii", pwdb, "ERROR: You cannot allow the ASCII protocol"},
		{"-S -B auto", pwdb, "ERROR: You cannot allow the ASCII protocol"},
		{"-S -U 11211", pwdb, "ERROR: Cannot enable UDP"},
		{"-S", nil, "command line: -S: needs sasl-password-file"},
		{"", pwdb, "enable-sasl=no;sasl-password-file="},
		{"-Y /x/auth", nil, "auth-file=/x/auth;protocol=auto"},
		{"-Y /x/auth -B ascii", nil, "protocol=ascii"},
		{"-Y /x/auth -B binary", nil, "ERROR: You cannot allow the BINARY protocol"},
		{"-Y /x/auth -U 11211", nil, "Cannot use UDP"},
		{"-Z -U 7000 -o ssl_chain_cert=c,ssl_key=k,ssl_ca_cert=a,ssl_verify_mode=2", nil, "command line: -U: excludes ssl-verify-mode=2"},
		{"-Z -U 7000 -o ssl_chain_cert=c,ssl_key=k", nil, "udp-port=7000;enable-ssl=yes"},
		{"-U 7000", []string{"MEMCACHED_PORT_FILENAME=/x/ports"}, "port-file=/x/ports"},
		{"-s /x/s", []string{"MEMCACHED_PORT_FILENAME=/x/ports"}, "port-file="},
		{"-Y /x/auth -S", pwdb, "command line: -Y: excludes enable-sasl"},
	} {
		call, err := MemcachedArgs("memcached", strings.Fields(c.args), c.env)
		var s *Settings
		if err == nil {
			s, err = call.Plan.Load()
		}
		if err != nil {
			words := strings.TrimPrefix(c.want, "command line: ")
			if i := strings.Index(words, ": "); i > 0 && words != c.want {
				words = words[i+2:]
			}
			if !strings.Contains(err.Error(), words) {
				t.Errorf("%s: %v, want %s", c.args, err, c.want)
			}
			var refused *Refusal
			if errors.As(err, &refused) && refused.Status != ExitUsage {
				t.Errorf("%s: status %d", c.args, refused.Status)
			}
			continue
		}
		for _, pair := range strings.Split(c.want, ";") {
			name, want, isSetting := strings.Cut(pair, "=")
			if !isSetting {
				t.Fatalf("%s: is taken, want %s", c.args, c.want)
			}
			if got := s.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", c.args, name, got, want)
			}
		}
	}
}

// TestOnReload: files that settings name are read again with them, also when no setting has changed, unless the
// configuration itself cannot be read.
func TestOnReload(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("engine: memcached\n")
	s, err := (&Plan{File: path}).Load()
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	s.OnReload(func() { calls++; s.Get("protocol"); s.Source("protocol") }) // no lock is held
	for i, text := range []string{"engine: memcached\n", "engine: memcached\nverbosity: 1\n", "engine: memcached\nverbosity: nonsense\n"} {
		write(text)
		if _, _, err := s.Reload(); (err == nil) != (i < 2) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if calls != 2 {
		t.Errorf("%d calls", calls)
	}
}
