//go:build unix && !freebsd

// Systems on which a mapping may be told not to reserve swap.

package arena

import "golang.org/x/sys/unix"

const noReserve = unix.MAP_NORESERVE
