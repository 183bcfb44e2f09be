// TLS handshakes: how many at a time, how much of the processors, for how long, and what is said of those that fail.

package engine

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cachesrv/cachesrv/engine/sealed"
)

// secureCost is about what a TLS session keeps on the heap for as long as its connection lives: keys, a record's buffer, the peer's
// certificates. It counts as connection buffers.
const secureCost = 8 << 10

// secure is a connection's TLS session and, on an epoll loop, the records that the kernel did not take.
type secure struct {
	*sealed.Session        // nil on the portable path, where the stream's connection is the session
	rest            []byte // records still to be sent
	claimed         int    // bytes of pending replies that are in rest
	name            string // the verified certificate's
}

// handshakes are the TLS connections that have no session of the protocol yet. They count as clients, and each has a goroutine.
type handshakes struct {
	srv  *Server
	gate chan struct{} // who computes; waiting for the peer is done outside

	complained atomic.Int64 // when the last failure was logged
	silent     atomic.Int64 // failures since then

	mu      sync.Mutex // guards what follows
	places  int        // taken
	open    map[io.Closer]struct{}
	held    []*listener // those that were told to wait
	stopped bool
}

// init leaves half of the processors to those who are connected already.
func (h *handshakes) init(s *Server) {
	h.srv = s
	h.gate = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))
	h.open = map[io.Closer]struct{}{}
}

// full tells whether there is no place for another handshake. Then from is remembered, and backend.openedUp follows.
func (h *handshakes) full(from *listener) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.places < h.srv.opts.Handshakes {
		return false
	}
	if !from.held {
		from.held = true
		h.held = append(h.held, from)
	}
	return true
}

// take takes a place, which leave gives back.
func (h *handshakes) take() {
	h.mu.Lock()
	h.places++
	h.mu.Unlock()
}

func (h *handshakes) leave() {
	h.mu.Lock()
	h.places--
	held := h.held
	h.held = nil
	for _, l := range held {
		l.held = false
	}
	h.mu.Unlock()
	if len(held) > 0 {
		h.srv.backend.openedUp()
	}
}

// watch has stop close c; false if the server has stopped. forget ends that.
func (h *handshakes) watch(c io.Closer) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.stopped {
		h.open[c] = struct{}{}
	}
	return !h.stopped
}

func (h *handshakes) forget(c io.Closer) {
	h.mu.Lock()
	delete(h.open, c)
	h.mu.Unlock()
}

// stop ends all handshakes and lets none begin.
func (h *handshakes) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = true
	for c := range h.open {
		c.Close()
	}
}

// run does one handshake over conn.
func (h *handshakes) run(conn net.Conn, config TLSConfig) (*sealed.Session, error) {
	if !h.watch(conn) {
		return nil, net.ErrClosed
	}
	defer h.forget(conn)
	current := config()
	if current == nil {
		return nil, errors.New("there is no certificate")
	}
	if err := conn.SetDeadline(time.Now().Add(h.srv.opts.Handshake)); err != nil {
		return nil, err
	}
	h.gate <- struct{}{}
	defer func() { <-h.gate }()
	between := &shaking{conn, h.gate}
	s := sealed.Server(between, current)
	err := s.Conn().Handshake()
	between.gate = nil
	return s, err
}

// failed counts, and logs at most one failure a second.
func (h *handshakes) failed(peer net.Addr, err error) {
	h.srv.tally.handshakesBad.Add(1)
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrClosed) {
		h.srv.log.Debug("hung up before the TLS handshake was done", "remote", peer.String())
		return
	}
	now, last := max(h.srv.now(), 1), h.complained.Load()
	if last != 0 && now-last < int64(time.Second) || !h.complained.CompareAndSwap(last, now) {
		h.silent.Add(1)
		return
	}
	h.srv.log.Warn("TLS handshake failed", "remote", peer.String(), "error", inWords(err), "more since the last message", h.silent.Swap(0))
}

// inWords says what the usual failures mean.
func inWords(err error) string {
	var header tls.RecordHeaderError
	switch {
	case errors.As(err, &header) && header.Conn != nil:
		return "the client does not speak TLS"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "the client took too long"
	}
	return err.Error()
}

// shaking is a connection in its handshake: while it waits, others may compute.
type shaking struct {
	net.Conn
	gate chan struct{} // nil when the handshake is over
}

func (s *shaking) Read(p []byte) (int, error) {
	if s.gate != nil {
		<-s.gate
		defer func() { s.gate <- struct{}{} }()
	}
	return s.Conn.Read(p)
}

func (s *shaking) Write(p []byte) (int, error) {
	if s.gate != nil {
		<-s.gate
		defer func() { s.gate <- struct{}{} }()
	}
	return s.Conn.Write(p)
}

// TLS tells whether the connection is encrypted.
func (c *Conn) TLS() bool { return c.tls != nil }

// PeerName is the common name in the client's certificate, "" without a certificate that was verified. A name that could be taken for
// another one (several, control characters, a zero byte) is none.
func (c *Conn) PeerName() string {
	if c.tls == nil {
		return ""
	}
	return c.tls.name
}

// nameOf finds the name in a verified certificate.
func nameOf(state tls.ConnectionState) string {
	if len(state.VerifiedChains) == 0 || len(state.PeerCertificates) == 0 {
		return ""
	}
	return commonName(state.PeerCertificates[0])
}

// commonName is the subject's one common name, whole: what stands behind a zero byte is part of it, and makes it no name.
func commonName(cert *x509.Certificate) string {
	name, found := "", 0
	for _, part := range cert.Subject.Names {
		if !part.Type.Equal(oidCommonName) {
			continue
		}
		found++
		name, _ = part.Value.(string)
	}
	if found != 1 {
		return ""
	}
	for _, r := range name {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return ""
		}
	}
	return name
}

var oidCommonName = []int{2, 5, 4, 3}
