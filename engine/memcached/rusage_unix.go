// CPU time of the process, where the system tells it.

//go:build unix

package memcached

import (
	"syscall"
	"time"
)

// rusage gives the CPU time that the process has used so far.
func rusage() (user, system time.Duration) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, 0
	}
	return time.Duration(u.Utime.Nano()), time.Duration(u.Stime.Nano())
}
