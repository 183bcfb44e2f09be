//go:build unix

package engine

import "golang.org/x/sys/unix"

// takesLittle makes a socket's receive buffer small.
func takesLittle(fd uintptr) { unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 4096) }
