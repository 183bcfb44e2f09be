// Package sealed carries a TLS session over a socket that somebody else reads and writes without ever waiting: an event loop hands
// over the records that arrived and gets plain bytes, or hands over plain bytes and gets records to send.
//
// crypto/tls wants a net.Conn that blocks. During the handshake it has one. Afterwards the session stands on a wire that holds what
// arrived and answers "nothing there now" with a temporary error at its end: the one kind of error that crypto/tls does not
// remember, so that half a record is kept and the next call goes on with it. A test holds this.
package sealed

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"
)

// Overhead is more than what sealing adds to one record: its header, nonce, padding and tag.
const Overhead = 128

// unaskedMax bounds what the peer can make the session send without having been sent anything: answers to key updates.
const unaskedMax = 4 << 10

var (
	errUnasked = errors.New("too many key updates while nothing is sent")
	errNoWait  = errors.New("a detached session has no deadlines")
)

// Session is one TLS session. It has one owner at a time; nothing in it is locked.
type Session struct {
	tls  *tls.Conn
	wire wire
	more bool // Open may have something to give, though nothing arrives
}

// Server begins a session on the server's side, Client one on the client's.
func Server(conn net.Conn, config *tls.Config) *Session {
	s := &Session{wire: wire{Conn: conn}}
	s.tls = tls.Server(&s.wire, config)
	return s
}

func Client(conn net.Conn, config *tls.Config) *Session {
	s := &Session{wire: wire{Conn: conn}}
	s.tls = tls.Client(&s.wire, config)
	return s
}

// Conn is the session as a connection that waits: for the handshake, and for all there is to do before Detach.
func (s *Session) Conn() *tls.Conn { return s.tls }

// Detach ends the time of waiting: from now on Open and Seal move the bytes, and the connection given at the beginning is forgotten.
// Open is to be called at once: what the peer has sent behind its part of the handshake may be here already.
func (s *Session) Detach() { s.wire.Conn, s.more = nil, true }

// Open decrypts: arrived is what came in behind all that was given before, and room is filled with plain bytes. What is not used up of
// arrived is copied; Holds tells of it. An error comes alone, after all that was opened before it; io.EOF means that the peer has
// said its last word.
func (s *Session) Open(room, arrived []byte) (n int, err error) {
	w := &s.wire
	if len(w.kept) > 0 {
		w.kept = append(w.kept, arrived...)
		arrived = w.kept
	}
	w.arrived = arrived
	for n < len(room) {
		var k int
		k, err = s.tls.Read(room[n:])
		n += k
		if err != nil {
			break
		}
	}
	s.more = err != error(dry)
	w.keep()
	if n > 0 || !s.more {
		return n, nil
	}
	return 0, err
}

// Holds tells that Open is to be called again before anything else arrives: room was too small, or an error is still to be told.
func (s *Session) Holds() bool { return s.more }

// Ended tells the session that nothing more arrives: what is half there is an error from now on.
func (s *Session) Ended() { s.wire.ended = true }

// Seal appends the records that carry plain to dst, behind those that the session owes its peer.
func (s *Session) Seal(dst, plain []byte) ([]byte, error) {
	w := &s.wire
	w.sealed, w.sealing = append(dst, w.unasked...), true
	w.unasked = nil
	_, err := s.tls.Write(plain)
	dst = w.sealed
	w.sealed, w.sealing = nil, false
	return dst, err
}

// Farewell appends the last record, which tells the peer that the end is meant, behind those that are owed, an alert among them.
func (s *Session) Farewell(dst []byte) []byte {
	w := &s.wire
	w.sealed, w.sealing = append(dst, w.unasked...), true
	w.unasked = nil
	_ = s.tls.CloseWrite() // fails after an alert, which says more
	dst = w.sealed
	w.sealed, w.sealing = nil, false
	return dst
}

// wire is what crypto/tls takes for its connection.
type wire struct {
	net.Conn // nil once detached

	arrived []byte // the caller's, or kept; only while Open runs
	kept    []byte // of earlier calls
	ended   bool
	sealing bool
	sealed  []byte // records that are being made
	unasked []byte // records that reading has made: alerts, answers to key updates
}

// keep copies what Open could not use.
func (w *wire) keep() {
	if len(w.arrived) == 0 {
		w.kept, w.arrived = nil, nil
		return
	}
	w.kept = append(w.kept[:0], w.arrived...) // may overlap: append moves
	w.arrived = nil
}

func (w *wire) Read(p []byte) (int, error) {
	if w.Conn != nil {
		return w.Conn.Read(p)
	}
	if len(w.arrived) == 0 {
		if w.ended {
			return 0, io.EOF
		}
		return 0, dry
	}
	n := copy(p, w.arrived)
	w.arrived = w.arrived[n:]
	return n, nil
}

func (w *wire) Write(p []byte) (int, error) {
	switch {
	case w.Conn != nil:
		return w.Conn.Write(p)
	case w.sealing:
		w.sealed = append(w.sealed, p...)
	case len(w.unasked)+len(p) > unaskedMax:
		return 0, errUnasked
	default:
		w.unasked = append(w.unasked, p...)
	}
	return len(p), nil
}

func (w *wire) Close() error {
	if w.Conn != nil {
		return w.Conn.Close()
	}
	return nil
}

// The addresses and deadlines that crypto/tls asks a connection for. CloseWrite sets a deadline, which means nothing here.
func (w *wire) SetDeadline(t time.Time) error {
	if w.Conn == nil {
		return errNoWait
	}
	return w.Conn.SetDeadline(t)
}

func (w *wire) SetReadDeadline(t time.Time) error {
	if w.Conn == nil {
		return errNoWait
	}
	return w.Conn.SetReadDeadline(t)
}

func (w *wire) SetWriteDeadline(t time.Time) error {
	if w.Conn == nil {
		return errNoWait
	}
	return w.Conn.SetWriteDeadline(t)
}

// dryError says that no record is there now. It is one value, so that it costs nothing.
type dryError struct{}

var dry net.Error = dryError{}

func (dryError) Error() string   { return "no record has arrived" }
func (dryError) Timeout() bool   { return true }
func (dryError) Temporary() bool { return true }
