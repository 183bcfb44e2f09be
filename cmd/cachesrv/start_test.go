// Tests of start.go.

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
)

// TestPidfileOfARunningProcess: whoever has a server's pid file overwritten is told so.
func TestPidfileOfARunningProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pid")
	for content, warned := range map[string]bool{"": false, "nonsense": false, "-1": false, fmt.Sprint(os.Getpid()): false, fmt.Sprintln(os.Getppid()): true} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		plan := config.Plan{Engine: config.Memcached, Env: []string{"CACHESRV_PIDFILE=" + path}}
		s, err := plan.Load()
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if got := writePidfile(s, hclog.New(&hclog.LoggerOptions{Output: &out})); got != path {
			t.Fatalf("written to %q", got)
		}
		if strings.Contains(out.String(), "names a running process") != warned {
			t.Errorf("a file with %q: log %q", content, out.String())
		}
		if pid := pidIn(path); pid != os.Getpid() {
			t.Errorf("the file then names %d", pid)
		}
	}
}
