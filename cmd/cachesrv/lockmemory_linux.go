// Keeping memory out of swap space.

package main

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lockMemory has the kernel keep every page of the process in memory from the moment it is first used: locking what is only reserved would
// make all of it resident. Root may lock what it likes; of others, and of the user that root is about to become, the limit must not bound it.
func lockMemory(user string) error {
	_ = unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY})
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil {
		return err
	}
	if staysRoot := os.Geteuid() == 0 && (user == "" || user == "root"); !staysRoot && limit.Cur != unix.RLIM_INFINITY {
		return errors.New("the limit of locked memory (ulimit -l) must be unlimited: nothing could grow beyond it")
	}
	return unix.Mlockall(unix.MCL_CURRENT | unix.MCL_FUTURE | unix.MCL_ONFAULT)
}
