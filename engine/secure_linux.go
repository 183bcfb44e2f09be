// TLS on an epoll loop: the handshake in a goroutine of its own, everything behind it by the loop, as for other connections.

package engine

import (
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"github.com/cachesrv/cachesrv/engine/sealed"
)

// sealPiece is how many bytes of replies are sealed at once, in four full records. What the kernel does not take of them is the only
// thing that is kept twice.
const sealPiece = 64 << 10

// shaker is a socket in its handshake, when the runtime's poller has it.
type shaker struct {
	*os.File
	local, remote net.Addr
}

func (s shaker) LocalAddr() net.Addr  { return s.local }
func (s shaker) RemoteAddr() net.Addr { return s.remote }

// shake does the handshake and hands the connection to the loop that has a place for it.
func (f *fleet) shake(from *listener, fd int, peer netip.AddrPort, home *loop) {
	srv := f.srv
	conn := shaker{os.NewFile(uintptr(fd), "connection"), from.addr, net.TCPAddrFromAddrPort(peer)}
	given := false
	defer func() {
		conn.Close()
		srv.shakes.leave()
		if given {
			return
		}
		srv.count.Add(-1)
		home.conns.Add(-1)
		home.tell(func(*thread) {}) // it may be waiting for its last connection
	}()
	s, err := srv.shakes.run(conn, from.tls)
	if err == nil {
		fd, err = detached(conn.File)
	}
	if err != nil {
		srv.shakes.failed(conn.remote, err)
		return
	}
	srv.tally.handshakes.Add(1)
	name := nameOf(s.Conn().ConnectionState())
	s.Detach()
	c := srv.newConn(from, peer, fd, home, srv.now())
	c.tls = &secure{Session: s, name: name}
	srv.addBuffers(secureCost)
	if given = f.table.set(fd, c); !given {
		// newConn was counted as accepted: it leaves at once.
		closeSocket(fd)
		srv.addBuffers(-secureCost)
		srv.tally.closed.Add(1)
		srv.log.Error("a socket's number is beyond what the server can hold", "fd", fd)
		return
	}
	c.mu.Lock()
	c.mail()
	c.mu.Unlock()
}

// detached takes the socket away from the runtime's poller: a second number stays when the file is closed.
func detached(file *os.File) (fd int, err error) {
	raw, err := file.SyscallConn()
	if err != nil {
		return -1, err
	}
	if ctl := raw.Control(func(s uintptr) { fd, err = unix.FcntlInt(s, unix.F_DUPFD_CLOEXEC, 0) }); ctl != nil {
		return -1, ctl
	}
	return fd, os.NewSyscallError("fcntl", err)
}

// unseal reads records and decrypts them into room. more: the kernel or the session may hold more. n may be 0 without an error.
func (t *thread) unseal(l *loop, c *Conn, room []byte) (n int, more bool, err error) {
	s := c.tls
	if s.Holds() {
		n, err = s.Open(room, nil)
		return n, true, err
	}
	if t.records == nil {
		t.records = make([]byte, readBuffer)
	}
	k, e := recv(c.fd, t.records)
	l.reads++
	switch {
	case again(e):
		return 0, false, nil
	case e != 0:
		return 0, false, e
	case k == 0:
		s.Ended()
	}
	n, err = s.Open(room, t.records[:k])
	return n, k == len(t.records) || k == 0 || c.eof || s.Holds(), err
}

// sendSealed is sendAll for TLS. Bytes count as sent when all records up to theirs are: so c.out is there as long as any are left.
func (l *loop) sendSealed(c *Conn, out []byte) (sent int, err error) {
	s := c.tls
	if len(s.rest) > 0 {
		k, e := l.push(c, s.rest)
		if s.rest = s.rest[k:]; len(s.rest) > 0 || e != nil {
			return 0, e
		}
		sent, s.rest, s.claimed = s.claimed, nil, 0
	}
	for sent < len(out) {
		piece := out[sent:min(sent+sealPiece, len(out))]
		if l.sealed == nil {
			l.sealed = make([]byte, 0, sealPiece+8*sealed.Overhead)
		}
		records, err := s.Seal(l.sealed[:0], piece)
		if err != nil {
			return sent, err
		}
		l.sealed = records[:0]
		k, err := l.push(c, records)
		if err != nil {
			return sent, err
		}
		if k < len(records) {
			s.rest, s.claimed = append([]byte(nil), records[k:]...), len(piece)
			break
		}
		sent += len(piece)
	}
	c.bytesOut.Store(c.bytesOut.Load() + int64(sent))
	return sent, nil
}

// push sends as much of p as the kernel takes.
func (l *loop) push(c *Conn, p []byte) (sent int, err error) {
	for sent < len(p) {
		n, e := send(c.fd, p[sent:])
		l.writes++
		if e != 0 {
			if !again(e) {
				err = e
			}
			break
		}
		sent += n
	}
	return sent, err
}

// farewell tells the peer that the end is meant, or why it comes, if the kernel takes it.
func (l *loop) farewell(c *Conn) {
	if len(c.tls.rest) == 0 {
		if last := c.tls.Farewell(nil); len(last) > 0 {
			send(c.fd, last)
		}
	}
}
