// Accepting connections on the first loop, and what happens when files run out.

package engine

import (
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// acceptsPerRound bounds what a storm of connections costs those that are there, to some 3 ms a round. With 64, clients that hang up as soon as they are connected
	// kept the queue of 511 two thirds full on a busy machine, and 6 % of the time without a place.
	acceptsPerRound = 256

	acceptPause = 100 * time.Millisecond // after the system has run out of files or memory
)

// accept takes waiting connections of a listener. Listeners are level-triggered: what is left is reported again.
func (l *loop) accept(index int) {
	if index >= len(l.listeners) || l.listeners[index] == nil || l.acceptAt != 0 {
		return
	}
	from := l.listeners[index]
	for range acceptsPerRound {
		if from.tls != nil && l.fleet.srv.shakes.full(from) {
			l.watch(unix.EPOLL_CTL_MOD, from, index, 0) // openedUp ends this
			return
		}
		fd, sa, err := unix.Accept4(from.fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch err {
		case nil:
			l.welcome(from, fd, peerOf(sa))
		case unix.EAGAIN:
			return
		case unix.EINTR, unix.ECONNABORTED, unix.EPROTO, unix.EPERM, unix.ENETDOWN, unix.EHOSTUNREACH, unix.ENETUNREACH:
			// trouble of that one connection
		default:
			l.outOfFiles(from, err)
			return
		}
	}
}

// heed accepts in the middle of a round that has lasted for a tick of the monitor. A round has no bound of its own (128 events, each with several turns, and
// what is left of earlier ones), and who waits for its end fills the listener's queue: beyond that the system lets connections knock in vain, a second apart and more.
// So a turn and a tick, some 30 ms, bound the time to the next acceptsPerRound connections. Cost: a load before each turn.
func (l *loop) heed() {
	if l.knock.Load() {
		l.answer()
	}
}

func (l *loop) answer() {
	l.knock.Store(false)
	l.now = l.fleet.srv.now()
	for i := range l.listeners {
		l.accept(i)
	}
}

// welcome admits a socket, or says why not and closes it.
func (l *loop) welcome(from *listener, fd int, peer netip.AddrPort) {
	srv := l.fleet.srv
	reason, ok := srv.admit(from, peer)
	if !ok {
		if from.tls == nil {
			l.refuse(fd, reason)
		} else {
			closeSocket(fd) // what is said before the handshake cannot be understood
		}
		return
	}
	home := l.fleet.homeFor(l)
	if from.tls != nil {
		srv.shakes.take()
		Go("handshake", srv.log, func() { l.fleet.shake(from, fd, peer, home) })
		return
	}
	c := srv.newConn(from, peer, fd, home, l.now)
	if !l.fleet.table.set(fd, c) {
		srv.log.Error("a socket's number is beyond what the server can hold", "fd", fd)
		c.reason("too many open files")
		c.flags.Or(flagKilled)
	}
	c.mu.Lock()
	c.mail() // its loop opens it: this one right after the batch
	c.mu.Unlock()
}

// refuse sends the reason in the protocol's words; the kernel takes so few bytes at once.
func (l *loop) refuse(fd int, reason Refusal) {
	if text := l.fleet.srv.engine.Refusal(reason); len(text) > 0 {
		send(fd, text)
		unix.Shutdown(fd, unix.SHUT_WR)
		var sink [512]byte
		recv(fd, sink[:]) // unread input would make the close a reset and could cost the text
	}
	closeSocket(fd)
}

// outOfFiles gives up the reserved descriptor to tell a few waiting clients that there is no place, then pauses accepting. Without
// this the listener would be reported as ready for ever and the loop would spin.
func (l *loop) outOfFiles(from *listener, err error) {
	f := l.fleet
	if err == unix.EMFILE && f.reserve >= 0 {
		for range acceptsPerRound {
			closeSocket(f.reserve)
			fd, _, e := unix.Accept4(from.fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
			switch {
			case e == nil && from.tls == nil:
				f.srv.tally.rejected.Add(1)
				l.refuse(fd, TooManyClients)
			case e == nil:
				f.srv.tally.rejected.Add(1)
				closeSocket(fd)
			}
			f.reserve = openReserve()
			if e != nil || f.reserve < 0 {
				break
			}
		}
	}
	if f.reserve < 0 {
		f.reserve = openReserve()
	}
	if last := f.complained; last == 0 || l.now-last > int64(time.Second) {
		f.complained = max(l.now, 1)
		f.srv.log.Warn("cannot accept, pausing", "error", err, "address", from.addr.String())
	}
	l.acceptAt = l.now + int64(acceptPause)
	for i, from := range l.listeners {
		l.watch(unix.EPOLL_CTL_MOD, from, i, 0)
	}
}

// listenAgain ends a pause.
func (l *loop) listenAgain() {
	if l.acceptAt != 0 {
		return
	}
	for i, from := range l.listeners {
		l.watch(unix.EPOLL_CTL_MOD, from, i, unix.EPOLLIN)
	}
}

// openedUp has the loop accept TLS connections again, after a time without a place for their handshakes.
func (f *fleet) openedUp() { f.first.tell(func(*thread) { f.first.listenAgain() }) }

// watch tells the epoll set about a listener.
func (l *loop) watch(op int, from *listener, index int, mask uint32) {
	if from == nil { // dropped
		return
	}
	ev := unix.EpollEvent{Events: mask, Fd: int32(-index - 2)}
	if err := unix.EpollCtl(l.epfd, op, from.fd, &ev); err != nil {
		l.fleet.srv.log.Error("cannot watch a listener", "address", from.addr.String(), "error", err)
	}
}

// addListener has the loop accept from one more address.
func (l *loop) addListener(from *listener) {
	l.listeners = append(l.listeners, from)
	l.watch(unix.EPOLL_CTL_ADD, from, len(l.listeners)-1, unix.EPOLLIN)
}

// dropListener ends accepting from one address; its place stays empty, because events name listeners by their places.
func (l *loop) dropListener(from *listener) {
	for i := range l.listeners {
		if l.listeners[i] == from {
			l.watch(unix.EPOLL_CTL_DEL, from, i, 0)
			l.listeners[i] = nil
		}
	}
}

// dropListeners ends accepting; the caller closes the sockets afterwards.
func (l *loop) dropListeners() {
	for i, from := range l.listeners {
		l.watch(unix.EPOLL_CTL_DEL, from, i, 0)
	}
	l.listeners, l.acceptAt = nil, 0
}

// openReserve opens the descriptor that is kept for the day on which there is none left.
func openReserve() int {
	fd, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return fd
}

// peerOf is the peer's address, invalid for a unix socket.
func peerOf(sa unix.Sockaddr) netip.AddrPort {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).Unmap(), uint16(sa.Port))
	}
	return netip.AddrPort{}
}
