//go:build unix

// CPU time of the process, where the system tells it.

package engine

import (
	"time"

	"golang.org/x/sys/unix"
)

// CPUTime is what the process has used of the processors so far.
func CPUTime() (user, system time.Duration) {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0, 0
	}
	return time.Duration(u.Utime.Nano()), time.Duration(u.Stime.Nano())
}
