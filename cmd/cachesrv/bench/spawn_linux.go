// How a started server is tied to this process on Linux.

package bench

import "syscall"

// childAttributes puts a server in a process group of its own, so that Ctrl-C reaches it only through stop, and
// lets the kernel end it should this process be killed.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
