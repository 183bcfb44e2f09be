// What /proc says about a server process: resident memory, threads, open files, CPU time.

package harness

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// RSS is the resident memory of the process in bytes.
func (s *Server) RSS(t testing.TB) int64 { return status(t, s.Pid(), "VmRSS") << 10 }

// Threads is the number of threads of the process.
func (s *Server) Threads(t testing.TB) int64 { return status(t, s.Pid(), "Threads") }

// FDs is the number of files and sockets that the process holds open.
func (s *Server) FDs(t testing.TB) int {
	t.Helper()
	d, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.Pid()))
	if err != nil {
		t.Fatal(err)
	}
	return len(d)
}

// CPU is the time the process has spent in user and system mode.
func (s *Server) CPU(t testing.TB) time.Duration {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.Pid()))
	if err != nil {
		t.Fatal(err)
	}
	// The name in parentheses may hold blanks; what follows is regular. Fields 14 and 15 are in ticks of 10 ms.
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	user, _ := strconv.ParseInt(f[11], 10, 64)
	system, _ := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

func status(t testing.TB, pid int, field string) int64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no %s in /proc/%d/status", field, pid)
	return 0
}

// Eventually waits until ok holds and fails the test after limit, with what the last look saw.
func Eventually(t testing.TB, limit time.Duration, what string, ok func() (bool, string)) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		done, seen := ok()
		if done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s (last seen: %s)", limit, what, seen)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// BackNear fails unless the server's memory comes back to within allow bytes of base.
func (s *Server) BackNear(t testing.TB, base, allow int64) {
	t.Helper()
	Eventually(t, 20*time.Second, fmt.Sprintf("%s back near %d KB", s.Name, base>>10), func() (bool, string) {
		now := s.RSS(t)
		return now <= base+allow, fmt.Sprintf("%d KB", now>>10)
	})
}
