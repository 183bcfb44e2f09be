// The binary under test: built once per test process, or named by CACHESRV_BIN.

package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// build is the result of the one build; dir is removed by Main.
var build struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// Bin gives the path of the server binary.
func Bin(t testing.TB) string {
	t.Helper()
	build.once.Do(func() {
		if p := os.Getenv("CACHESRV_BIN"); p != "" {
			build.path, build.err = filepath.Abs(p)
			if build.err == nil {
				_, build.err = os.Stat(build.path)
			}
			return
		}
		if build.dir, build.err = os.MkdirTemp("", "cachesrv-e2e-"); build.err != nil {
			return
		}
		build.path = filepath.Join(build.dir, "cachesrv")
		cmd := exec.Command("go", "build", "-pgo=off", "-o", build.path, "./cmd/cachesrv")
		cmd.Dir = Root()
		if out, err := cmd.CombinedOutput(); err != nil {
			build.err = fmt.Errorf("go build: %v\n%s", err, out)
		}
	})
	if build.err != nil {
		t.Fatalf("no binary to test: %v", build.err)
	}
	return build.path
}

func removeBuild() {
	if build.dir != "" {
		os.RemoveAll(build.dir)
	}
}

// Root is the folder of go.mod.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}
