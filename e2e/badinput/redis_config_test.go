// Row R35: settings that would let a client write where it likes.

package badinput

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

func TestR35DirectoriesAndBackupTargets(t *testing.T) {
	w := watchRedis(t)
	c := w.s.Dial(t)
	dir := c.Do("CONFIG", "GET", "dir").Raw
	for _, set := range [][2]string{
		{"dir", "/root/.ssh"}, {"dir", ".."}, {"dbfilename", "authorized_keys"}, {"dbfilename", "../x"},
		{"backup-target", "/root/.ssh"}, {"backup-schedule", "every 1s"}, {"backup-s3-endpoint", "http://attacker"},
	} {
		if r := c.Do("CONFIG", "SET", set[0], set[1]); r.Kind != '-' || !strings.Contains(r.Str, "can't set protected config") {
			t.Errorf("%v: %q", set, r.Raw)
		}
	}
	if now := c.Do("CONFIG", "GET", "dir").Raw; now != dir {
		t.Errorf("dir is %q and was %q", now, dir)
	}
	for _, cmd := range [][]string{{"DEBUG", "RELOAD"}, {"MODULE", "LOAD", "/tmp/x.so"}} {
		if r := c.Do(cmd...); r.Kind != '-' || !strings.Contains(r.Str, "not allowed") {
			t.Errorf("%v: %q", cmd, r.Raw)
		}
	}
	if r := c.Do("REPLICAOF", "attacker", "6379"); r.Kind != '-' {
		t.Errorf("REPLICAOF: %q", r.Raw)
	}
	w.inStep()

	open := harness.Redis(t, "--enable-protected-configs=yes").Dial(t)
	for _, name := range []string{"../x", "/etc/x", "a/b"} {
		if r := open.Do("CONFIG", "SET", "dbfilename", name); r.Kind != '-' {
			t.Errorf("dbfilename %s: %q", name, r.Raw)
		}
	}
}
