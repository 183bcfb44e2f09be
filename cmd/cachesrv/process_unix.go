// What only Unix systems have: users, limits and sessions.

//go:build unix

package main

import (
	"errors"
	"os"
	"os/signal"
	"os/user"
	"strconv"
	"syscall"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
)

// becomeUser gives root's rights away for good. Other users stay who they are.
func becomeUser(name string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return &config.Refusal{Text: "can't find the user " + name + " to switch to", Status: config.ExitNoUser}
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if uid == 0 {
		return nil
	}
	if err := errors.Join(syscall.Setgroups([]int{gid}), syscall.Setgid(gid), syscall.Setuid(uid)); err != nil {
		return &config.Refusal{Text: "failed to assume identity of user " + name, Status: config.ExitOS}
	}
	return nil
}

// raiseCoreLimit lets the system write core files as large as it may.
func raiseCoreLimit(log hclog.Logger) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &limit); err != nil {
		log.Warn("the limit of core files cannot be read", "error", err)
		return
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &limit); err != nil {
		log.Warn("the limit of core files cannot be raised", "error", err)
	}
}

// isRunning tells whether a process of that number is there; not whether it is a server.
func isRunning(pid int) bool { return pid > 0 && syscall.Kill(pid, 0) == nil }

// canDetach tells whether a child can leave the terminal's session; detached is how.
const canDetach = true

func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// keepFromChildren closes a descriptor in the programs that this one starts.
func keepFromChildren(fd int) { syscall.CloseOnExec(fd) }

// sigUser is the signal at which the original memcached keeps its memory file.
const sigUser = syscall.SIGUSR1

// ignoreFileLimit has a write beyond the limit of a file's length fail like any other, where it would end the process by a signal.
func ignoreFileLimit() { signal.Ignore(syscall.SIGXFSZ) }
