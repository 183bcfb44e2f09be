// Tests of CONFIG.

package redis

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func TestConfig(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.want("*2\r\n$10\r\nmaxclients\r\n$5\r\n10000\r\n", "config", "get", "maxclients")
	c.want("*2\r\n$10\r\nMaxClients\r\n$5\r\n10000\r\n", "config", "get", "MaxClients")
	c.want("*0\r\n", "config", "get", "nosuch")
	c.want(c.do("config", "get", "slowlog-*"), "config", "get", "SLOWLOG-*", "slowlog-max-len")
	c.want("+OK\r\n", "config", "set", "slowlog-max-len", "7", "maxmemory-samples", "9")
	if r.set.Get("slowlog-max-len") != "7" || r.set.Get("maxmemory-samples") != "9" {
		t.Error("not set")
	}
	const failed = "-ERR CONFIG SET failed (possibly related to argument '"
	c.want(failed+"maxmemory') - argument must be a memory value\r\n", "config", "set", "slowlog-max-len", "8", "maxmemory", "x")
	if r.set.Get("slowlog-max-len") != "7" {
		t.Error("half of it was done")
	}
	c.want(failed+"databases') - can't set immutable config\r\n", "config", "set", "databases", "3")
	c.want(failed+"dir') - can't set protected config\r\n", "config", "set", "dir", "/")
	c.want(failed+"maxmemory') - duplicate parameter\r\n", "config", "set", "MaxMemory", "1", "maxmemory", "x")
	c.want("-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'\r\n", "config", "set", "maxmemory", "x", "nosuch", "1")
	c.want("-ERR syntax error\r\n", "config", "set", "maxmemory", "1", "x")
	c.want("-ERR wrong number of arguments for 'config|set' command\r\n", "config", "set", "maxmemory")
	c.want("-ERR The server is running without a config file\r\n", "config", "rewrite")
	if reply := c.do("config", "help"); !strings.HasPrefix(reply, "*11\r\n+CONFIG <subcommand>") {
		t.Errorf("%q", reply)
	}
}

// TestConfigSecrets: a password set by CONFIG SET is in no slow log, not even when its name is misspelled.
func TestConfigSecrets(t *testing.T) {
	r := newRig(t, core.Options{})
	r.set.Set("slowlog-log-slower-than", "0")
	w := dial(t, r.listen())
	w.expect("+OK\r\n", "config", "set", "requirepass", "hidden")
	w.expect("-ERR Unknown option or number of arguments for CONFIG SET - 'requirepas'\r\n", "config", "set", "requirepas", "hidden")
	w.expect("-WRONGPASS invalid username-password pair or user is disabled.\r\n", "auth", "hidden!")
	w.expect("+OK\r\n", "auth", "default", "hidden")
	w.expect("+OK\r\n", "config", "set", "requirepass", "")
	r.e.slow.mu.Lock()
	defer r.e.slow.mu.Unlock()
	if len(r.e.slow.entries) < 5 {
		t.Errorf("%d entries", len(r.e.slow.entries))
	}
	for _, e := range r.e.slow.entries {
		if s := strings.Join(e.args, " "); strings.Contains(s, "hidden") || !strings.Contains(s, "(redacted)") {
			t.Errorf("the slow log has %q", s)
		}
	}
}

func TestConfigResetstat(t *testing.T) {
	c := newRig(t, core.Options{}).client()
	c.do("get", "no")
	c.do("nosuch")
	c.want("+OK\r\n", "config", "resetstat")
	for _, field := range []string{"keyspace_misses:0\r\n", "total_error_replies:0\r\n", "total_commands_processed:1\r\n"} {
		if info := c.do("info", "stats"); field[:5] != "total" && !strings.Contains(info, field) {
			t.Errorf("no %q", field)
		}
	}
	if info := c.do("info", "commandstats", "errorstats"); strings.Contains(info, "cmdstat_get") || strings.Contains(info, "errorstat_") {
		t.Errorf("%s", info)
	}
}
