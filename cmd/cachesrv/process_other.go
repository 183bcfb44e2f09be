// Systems without Unix's users, limits and sessions: what asks for them is refused.

//go:build !unix

package main

import (
	"errors"
	"syscall"

	"github.com/hashicorp/go-hclog"
)

func becomeUser(string) error { return errors.New("this system knows no users to run as") }

func raiseCoreLimit(log hclog.Logger) { log.Warn("core-dumps has no effect on this system") }

// isRunning is not known here.
func isRunning(int) bool { return false }

const canDetach = false

func detached() *syscall.SysProcAttr { return nil }

func keepFromChildren(int) {}

// sigUser never comes here.
const sigUser = syscall.Signal(-1)

func ignoreFileLimit() {}
