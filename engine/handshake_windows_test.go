package engine

import "syscall"

// takesLittle makes a socket's receive buffer small.
func takesLittle(fd uintptr) {
	syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096)
}
