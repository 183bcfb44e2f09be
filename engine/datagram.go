// Datagrams: UDP sockets whose messages are answered one by one, without connections.

package engine

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// Datagrams is an Engine that answers datagrams too.
type Datagrams interface {
	// Datagram runs the requests of one datagram and appends the answer to w.Out. size says where it is cut: into parts of so many bytes, of
	// which the last may be shorter; 0 sends nothing. in and c, which stands for the sender, are the next datagram's afterwards. Every
	// socket has a goroutine of its own, so waiting for the store delays nobody else.
	Datagram(w *Worker, c *Conn, in []byte) (size int)
}

// maxDatagram is the longest that UDP carries.
const maxDatagram = 64 << 10

// datagramPause is how long a socket that cannot be read rests.
const datagramPause = 100 * time.Millisecond

// packets is one UDP socket. Its goroutine, from Serve to Shutdown, owns worker and conn.
type packets struct {
	srv    *Server
	to     Datagrams
	socket *net.UDPConn
	conn   *Conn
	worker *Worker
	done   chan struct{} // closed when the goroutine has ended
}

// ListenPacket opens a UDP address, host:port. Datagrams wait in the kernel until Serve.
func (s *Server) ListenPacket(network, address string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	to, answers := s.engine.(Datagrams)
	switch {
	case !answers:
		return fmt.Errorf("cannot listen on %s %s: the engine answers no datagrams", network, address)
	case s.stopping || s.serving:
		return errors.New("engine: UDP sockets are opened before the server runs")
	}
	at, err := net.ResolveUDPAddr(network, address)
	if err != nil {
		return fmt.Errorf("cannot listen on %s %s: %w", network, address, err)
	}
	socket, err := net.ListenUDP(network, at)
	if err != nil {
		return fmt.Errorf("cannot listen on %s %s: %w", network, address, explain(err))
	}
	from := &listener{addr: socket.LocalAddr(), fd: -1}
	// A connection that is gone for everybody but the session: nothing can be posted to it, and it is in no list.
	conn := &Conn{ID: s.lastID.Add(1), Created: time.Now(), srv: s, from: from, fd: -1, gone: true}
	s.packets = append(s.packets, &packets{srv: s, to: to, socket: socket, conn: conn, done: make(chan struct{})})
	return nil
}

// startPackets begins to answer. s.mu is held.
func (s *Server) startPackets() {
	for _, p := range s.packets {
		p.worker = s.newWorker()
		Go("datagrams", s.log, p.serve)
	}
}

// stopPackets closes the sockets and waits for answers that are being made, until stop is closed.
func stopPackets(all []*packets, serving bool, stop <-chan struct{}) {
	for _, p := range all {
		p.socket.Close()
	}
	for _, p := range all {
		if !serving {
			continue
		}
		select {
		case <-p.done:
		case <-stop:
		}
	}
}

func (p *packets) serve() {
	defer close(p.done)
	buffer := make([]byte, maxDatagram)
	for {
		n, from, err := p.socket.ReadFromUDPAddrPort(buffer)
		switch {
		case err == nil:
			p.answer(buffer[:n], from)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			p.srv.log.Warn("cannot read datagrams, pausing", "error", err, "address", p.conn.from.addr.String())
			select {
			case <-p.srv.done:
				return
			case <-time.After(datagramPause):
			}
		}
	}
}

// answer runs one datagram and sends what comes of it. A panic costs its sender the answer.
func (p *packets) answer(in []byte, from netip.AddrPort) {
	defer func() {
		if r := recover(); r != nil {
			caught(p.srv.log, "answering a datagram", r)
			p.worker.discard()
			p.worker = p.srv.newWorker()
		}
	}()
	p.srv.tally.goneIn.Add(int64(len(in)))
	if p.srv.protected.Load() && !from.Addr().Unmap().IsLoopback() && !p.srv.opts.HasPassword() {
		p.srv.tally.rejected.Add(1)
		return
	}
	p.conn.peer = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	p.conn.flags.Store(flagSettled)
	size := p.to.Datagram(p.worker, p.conn, in)
	if size > 0 {
		p.send(p.worker.Out, size, from)
	}
	p.worker.reset()
	p.worker.forget()
}

// send hands the parts of an answer to the kernel. What it does not take is lost, as any datagram may be.
func (p *packets) send(out []byte, size int, to netip.AddrPort) {
	for len(out) > 0 {
		part := out[:min(size, len(out))]
		if _, err := p.socket.WriteToUDPAddrPort(part, to); err != nil {
			p.srv.log.Debug("cannot send a datagram", "error", err)
			return
		}
		p.srv.tally.goneOut.Add(int64(len(part)))
		out = out[len(part):]
	}
}
