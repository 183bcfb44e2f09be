// Backups and going back to a moment, as a user does it: fill, back up, destroy, restore.

package faults

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// cachesrv runs a sub-command to its end; it must succeed if good.
func cachesrv(t *testing.T, good bool, args ...string) string {
	t.Helper()
	cmd := exec.Command(harness.Bin(t), args...)
	cmd.Env = harness.CleanEnv()
	timer := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.CombinedOutput()
	if (err == nil) != good {
		t.Fatalf("cachesrv %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func TestBackedUpDestroyedRestored(t *testing.T) {
	spool, target := "--spool="+t.TempDir(), "--target="+filepath.Join(t.TempDir(), "backups")
	for _, s := range []*harness.Server{harness.Redis(t, "--enable-debug-command=yes"), harness.OracleRedis(t, "--enable-debug-command", "yes")} {
		c := s.Dial(t)
		fill(c, 1, 300)
		want := digest(t, c)
		cachesrv(t, true, "backup", "create", "--addr="+s.Addr, target, spool, "--part-size=16kb")
		c.Do("FLUSHALL")
		if out := cachesrv(t, true, "backup", "verify", "latest", target, spool); !strings.Contains(out, "is whole") {
			t.Errorf("verify: %s", out)
		}
		dir := t.TempDir()
		cachesrv(t, true, "backup", "restore", "latest", target, "--out="+dir)
		cachesrv(t, false, "backup", "restore", "latest", target, "--out="+dir)
		for _, again := range []*harness.Server{harness.Redis(t, "--enable-debug-command=yes", "--dir="+dir, "--save="), harness.OracleRedis(t, "--enable-debug-command", "yes", "--dir", dir)} {
			c := again.Dial(t)
			loaded(t, c)
			if got := digest(t, c); got != want {
				t.Errorf("backed up from %s, restored to %s: digest %s, not %s", s.Name, again.Name, got, want)
			}
		}
		for _, id := range strings.Fields(cachesrv(t, true, "backup", "list", target)) {
			if strings.Contains(id, "T") && strings.Contains(id, "Z-") {
				cachesrv(t, true, "backup", "delete", id, target)
			}
		}
	}
}

func TestBackToBeforeFlushall(t *testing.T) {
	for _, ours := range []bool{true, false} {
		data := t.TempDir()
		var s *harness.Server
		if ours {
			s = harness.Redis(t, "--enable-debug-command=yes", "--dir="+data, "--appendonly=yes", "--aof-timestamp-enabled=yes", "--save=")
		} else {
			s = harness.OracleRedis(t, "--enable-debug-command", "yes", "--dir", data, "--appendonly", "yes", "--aof-timestamp-enabled", "yes")
		}
		c := s.Dial(t)
		loaded(t, c)
		fill(c, 1, 300)
		want := digest(t, c)
		c.Do("FLUSHALL")
		c.Do("SET", "after", "1")
		s.Signal(t, syscall.SIGTERM)
		s.Wait(t, 15*time.Second)
		out := filepath.Join(t.TempDir(), "before")
		cachesrv(t, false, "restore", "--dir="+data, "--out="+out, "--to=2001-01-01T00:00:00Z")
		cachesrv(t, true, "restore", "--dir="+data, "--out="+out, "--before-command=FLUSHALL")
		for _, peer := range []bool{true, false} {
			var again *harness.Server
			if peer {
				again = harness.OracleRedis(t, "--enable-debug-command", "yes", "--dir", out, "--appendonly", "yes")
			} else {
				again = harness.Redis(t, "--enable-debug-command=yes", "--dir="+out, "--appendonly=yes", "--save=")
			}
			c := again.Dial(t)
			loaded(t, c)
			if got := digest(t, c); got != want {
				t.Errorf("ours %v, restored to %s: digest %s, not %s", ours, again.Name, got, want)
			}
			again.Signal(t, syscall.SIGTERM)
			again.Wait(t, 15*time.Second)
		}
	}
}
