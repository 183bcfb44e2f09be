// Listen: opening addresses, and what may go wrong with them in words that say what to do.

package engine

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
)

// listener is one open address.
type listener struct {
	addr  net.Addr
	path  string       // of a unix socket, "" for TCP
	mine  *fileID      // the unix socket's file as we made it
	fd    int          // -1 on the portable path
	plain net.Listener // the portable path's
	tls   TLSConfig    // nil without TLS
	held  bool         // no place for another handshake; guarded by handshakes.mu
}

// address is the listener as the server shows it.
func (l *listener) address() Address { return Address{l.addr, l.tls != nil, l.fd} }

// listenOptions is what the socket needs to know.
type listenOptions struct {
	backlog   int
	keepAlive time.Duration
	mode      fs.FileMode
}

// TLSConfig gives what the next connection is to be greeted with; nil refuses it. It may be called from any goroutine.
type TLSConfig func() *tls.Config

// Listen opens one address: "tcp" with host:port, or "unix" with a path and its mode (0: what the umask leaves). The error names the address and says
// what to do. Connections wait in the backlog until Serve.
func (s *Server) Listen(network, address string, mode fs.FileMode) error {
	return s.ListenTLS(network, address, mode, nil)
}

// ListenTLS is Listen for connections that begin with a TLS handshake; nil is Listen.
func (s *Server) ListenTLS(network, address string, mode fs.FileMode, config TLSConfig) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return errors.New("engine: the server is stopping")
	}
	switch network {
	case "tcp", "tcp4", "tcp6", "unix":
	default:
		return fmt.Errorf("cannot listen on %s %s: unknown kind of network", network, address)
	}
	l, err := s.backend.listen(network, address, listenOptions{s.opts.Backlog, s.opts.KeepAlive, mode})
	if err != nil {
		return fmt.Errorf("cannot listen on %s %s: %w", network, address, explain(err))
	}
	l.tls = config
	s.listeners = append(s.listeners, l)
	if s.serving {
		s.backend.add(l)
	}
	s.log.Debug("listening", "network", network, "address", l.addr.String(), "tls", config != nil)
	return nil
}

// Unlisten closes the addresses that f chooses; connections made there stay. It does not wait, so a session may call it.
func (s *Server) Unlisten(f func(a Address) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var left []*listener
	for _, l := range s.listeners {
		switch {
		case !f(l.address()):
			left = append(left, l)
		case s.serving:
			s.backend.remove(l)
		default:
			l.close(s.log)
		}
	}
	s.listeners = left
}

// explain adds what to do about the usual causes.
func explain(err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: another process listens there; stop it or choose another address", err)
	case errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM):
		return fmt.Errorf("%w: ports below 1024 and foreign directories need more rights", err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%w: this machine has no such address", err)
	}
	return err
}

// close ends listening; a unix socket's file goes if it is still the one we made.
func (l *listener) close(log hclog.Logger) {
	if l.plain != nil {
		l.plain.Close()
	}
	if l.fd >= 0 {
		closeSocket(l.fd)
	}
	if l.path != "" {
		removeSocketFile(l.path, l.mine, log)
	}
}
