//go:build !linux

// How a started server is tied to this process where the kernel cannot do it.

package bench

import "syscall"

func childAttributes() *syscall.SysProcAttr { return nil }
