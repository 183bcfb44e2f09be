// Users that a start cannot read, and users that outlive the server.

package lifecycle

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// TestR30BadUsersEndTheStart: users that cannot be read, or stand in two places, are no reason to start without them. The message names the place.
func TestR30BadUsersEndTheStart(t *testing.T) {
	twice, good := write(t, "twice.acl", "user a on\nuser a on\n"), write(t, "good.acl", "user alice on >x +@all ~*\n")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"twice in the file": {[]string{"--aclfile=" + twice}, "Duplicate user 'a' found on line 2"},
		"no file":           {[]string{"--aclfile=" + twice + "x"}, "No such file or directory"},
		"in two places":     {[]string{"--config", write(t, "c.conf", "aclfile "+good+"\nuser bob on\n")}, "c.conf:2: user: "},
		"unknown command":   {[]string{"--config", write(t, "c.conf", "port 1\nuser a +nosuch\n")}, "c.conf:2: user: Error in user declaration '+nosuch': Unknown command or category name in ACL"},
		"a renamed command": {[]string{"--config", write(t, "c.conf", "rename-command get set\n")}, "c.conf:1: rename-command: Target command name already exists"},
	} {
		code, out := run(t, harness.Bin(t), c.args...)
		if code != 1 || !strings.Contains(out, c.want) || strings.Contains(out, "goroutine ") {
			t.Errorf("%s: status %d\n%s", name, code, out)
		}
	}
}

// TestUsersOutliveTheServer: what ACL SAVE or CONFIG REWRITE wrote is there after a restart, also after a kill.
func TestUsersOutliveTheServer(t *testing.T) {
	file := write(t, "users.acl", "user default on nopass ~* &* +@all\n")
	conf := write(t, "c.conf", "requirepass secret\n")
	for _, c := range []struct {
		args string
		save []string
		head []string
	}{
		{"--aclfile=" + file, []string{"ACL", "SAVE"}, nil},
		{"--config=" + conf, []string{"CONFIG", "REWRITE"}, []string{"AUTH", "secret"}},
	} {
		var before string
		for round := range 2 {
			s := harness.Redis(t, c.args)
			conn := s.Dial(t)
			if c.head != nil {
				conn.Ask(harness.Command(c.head...), "+OK\r\n")
			}
			if round == 1 {
				if after := conn.Do("ACL", "LIST").Raw; after != before {
					t.Errorf("%s:\n%s\nbefore\n%s", c.args, after, before)
				}
				conn.Ask(harness.Command("AUTH", "alice", "pw")+harness.Command("SET", "a1", "x"), "+OK\r\n+OK\r\n")
				continue
			}
			conn.Ask(harness.Command("ACL", "SETUSER", "alice", "on", ">pw", "%W~a*", "+@write", "-@dangerous", "(+get ~'b\"b')")+harness.Command("ACL", "SETUSER", "default", "-debug"), "+OK\r\n+OK\r\n")
			before = conn.Do("ACL", "LIST").Raw
			conn.Ask(harness.Command(c.save...), "+OK\r\n")
			s.Signal(t, syscall.SIGKILL)
			s.Wait(t, 5*time.Second)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*.tmp*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the file's mode became %v", info.Mode())
	}
}
