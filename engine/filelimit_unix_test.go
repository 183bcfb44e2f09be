//go:build unix

// The limit of open files bounds the clients, with a warning that says so.

package engine

import (
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/sys/unix"
)

func TestFileLimit(t *testing.T) {
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	defer unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
	logs := &lockedBuffer{}
	log := hclog.New(&hclog.LoggerOptions{Output: logs})
	low := old
	low.Cur = like(low.Cur, 256)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	if n := raiseFileLimit(500, log); n != 500 || logs.String() != "" {
		t.Errorf("%d clients possible, log %q", n, logs.String())
	}
	var now unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &now); uint64(now.Cur) < 500+filesForOthers {
		t.Errorf("the limit is %d", now.Cur)
	}
	const absurd = 1 << 40 // more than any system allows
	n := raiseFileLimit(absurd, log)
	if n >= absurd || n < 256-filesForOthers || !strings.Contains(logs.String(), "ulimit") {
		t.Errorf("%d clients possible, log %q", n, logs.String())
	}
}
