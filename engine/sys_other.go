//go:build !linux

// Sockets by number do not exist on the portable path.

package engine

import "net"

func closeSocket(int)         {}
func shutSocket(int)          {}
func socketAddr(int) net.Addr { return nil }
