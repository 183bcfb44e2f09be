// Listening sockets for the epoll loops.

package engine

import (
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

func (f *fleet) listen(network, address string, o listenOptions) (*listener, error) {
	if network == "unix" {
		return listenUnix(address, o)
	}
	return listenTCP(network, address, o)
}

// listenTCP opens a TCP address. What accepted sockets need is set on the listener: they inherit it, so accepting costs
// one system call.
func listenTCP(network, address string, o listenOptions) (*listener, error) {
	at, err := net.ResolveTCPAddr(network, address)
	if err != nil {
		return nil, err
	}
	family, sa, both := unix.AF_INET6, unix.Sockaddr(nil), false
	switch v4 := at.IP.To4(); {
	case at.IP == nil && network != "tcp4":
		sa, both = &unix.SockaddrInet6{Port: at.Port}, network == "tcp"
	case at.IP == nil:
		family, sa = unix.AF_INET, &unix.SockaddrInet4{Port: at.Port}
	case v4 != nil:
		family, sa = unix.AF_INET, &unix.SockaddrInet4{Port: at.Port, Addr: [4]byte(v4)}
	default:
		sa = &unix.SockaddrInet6{Port: at.Port, Addr: [16]byte(at.IP.To16()), ZoneId: zoneOf(at.Zone)}
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err == unix.EAFNOSUPPORT && at.IP == nil {
		family, sa = unix.AF_INET, &unix.SockaddrInet4{Port: at.Port}
		fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	}
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if family == unix.AF_INET6 {
		only := 1
		if both {
			only = 0
		}
		unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only)
	}
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	setKeepAlive(fd, o.keepAlive)
	if err := bindAndListen(fd, sa, o.backlog); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &listener{addr: socketAddr(fd), fd: fd}, nil
}

func bindAndListen(fd int, sa unix.Sockaddr, backlog int) error {
	if err := unix.Bind(fd, sa); err != nil {
		return os.NewSyscallError("bind", err)
	}
	return os.NewSyscallError("listen", unix.Listen(fd, backlog))
}

// listenUnix opens a unix socket.
func listenUnix(path string, o listenOptions) (*listener, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	mine, err := makeSocketFile(path, o.mode, func(name string) error {
		return bindAndListen(fd, &unix.SockaddrUnix{Name: name}, o.backlog)
	})
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &listener{addr: &net.UnixAddr{Net: "unix", Name: path}, path: path, mine: mine, fd: fd}, nil
}

// keepAlive changes the setting on the listener, for those accepted from now on.
func (f *fleet) keepAlive(l *listener) {
	if l.path == "" {
		setKeepAlive(l.fd, f.srv.opts.KeepAlive)
	}
}

// setKeepAlive has the kernel probe a silent peer after d, three times a third of d apart.
func setKeepAlive(fd int, d time.Duration) {
	if d <= 0 {
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 0)
		return
	}
	seconds := max(1, int(d/time.Second))
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, seconds)
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, max(1, seconds/3))
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3)
}

// socketAddr is the socket's own address, nil if the kernel does not say.
func socketAddr(fd int) net.Addr {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return nil
	}
	if at := peerOf(sa); at.IsValid() {
		return net.TCPAddrFromAddrPort(at)
	}
	return nil
}

// zoneOf turns the zone of a link-local address into its number.
func zoneOf(zone string) uint32 {
	if zone == "" {
		return 0
	}
	if i, err := net.InterfaceByName(zone); err == nil {
		return uint32(i.Index)
	}
	var n uint32
	fmt.Sscan(zone, &n)
	return n
}
