// The frame around a test package: missing peers are collected, repeated at the end, and are failures in CI.

package harness

import (
	"fmt"
	"os"
	"os/exec"
	"sort"
	"strings"
	"sync"
	"testing"
)

// missing holds the names of peers that tests asked for and did not find. Guarded by mu: tests run in parallel.
var missing = struct {
	mu    sync.Mutex
	names map[string]bool
}{names: map[string]bool{}}

// Main runs a package's tests; TestMain calls it and nothing else.
func Main(m *testing.M) {
	code := m.Run()
	removeBuild()
	missing.mu.Lock()
	names := make([]string, 0, len(missing.names))
	for n := range missing.names {
		names = append(names, n)
	}
	missing.mu.Unlock()
	if len(names) > 0 {
		sort.Strings(names)
		fmt.Println("SKIPPED: " + strings.Join(names, ", "))
		if CI() {
			fmt.Println("FAIL: CI must run every test")
			code = 1
		}
	}
	os.Exit(code)
}

// CI says whether this is a run that must not skip anything.
func CI() bool { return os.Getenv("CI") == "true" }

// Missing skips the test because name is not installed, and remembers the name for the closing lines.
func Missing(t testing.TB, name string) {
	t.Helper()
	missing.mu.Lock()
	missing.names[name] = true
	missing.mu.Unlock()
	t.Skipf("SKIPPED: %s is not installed", name)
}

// Need gives the path of an installed program, or skips the test.
func Need(t testing.TB, name string) string {
	t.Helper()
	p, err := exec.LookPath(name)
	if err != nil {
		Missing(t, name)
	}
	return p
}

// Python gives a python3 that can import module, or skips the test. Debian's packages belong to /usr/bin/python3,
// which need not be the first in PATH.
func Python(t testing.TB, module string) string {
	t.Helper()
	for _, p := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(p, "-c", "import "+module).Run() == nil {
			return p
		}
	}
	Missing(t, "python3-"+module)
	return ""
}
