// The portable backend: net.Conn with goroutines, for systems without epoll and for what needs a net.Conn (TLS).

package engine

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	acceptBackOff    = 5 * time.Millisecond // first pause after an error of accept; it doubles
	acceptBackOffMax = time.Second
)

// streams is the backend. Its goroutines are one accepter per listener, one reader per connection, and for as long as they have
// work one writer and one visitor per connection.
type streams struct {
	srv       *Server
	keepalive atomic.Int64
	moved     chan struct{} // closed when the gate has moved, and made anew; guarded by mu
	room      chan struct{} // a place for a handshake has become free

	reads, writes atomic.Int64

	mu      sync.Mutex // guards what follows
	live    int        // goroutines that have not ended
	final   bool
	over    bool
	gone    chan struct{}
	workers []*Worker // free ones
}

func newPortable(s *Server) *streams {
	b := &streams{srv: s, gone: make(chan struct{}), room: make(chan struct{}, 1), moved: make(chan struct{})}
	b.keepalive.Store(int64(s.opts.KeepAlive))
	return b
}

func (b *streams) number() int { return 0 }

func (b *streams) listen(network, address string, o listenOptions) (*listener, error) {
	if network != "unix" {
		ln, err := net.Listen(network, address)
		if err != nil {
			return nil, err
		}
		return &listener{addr: ln.Addr(), fd: -1, plain: ln}, nil
	}
	var ln *net.UnixListener
	mine, err := makeSocketFile(address, o.mode, func(name string) (err error) {
		if ln, err = net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: name}); err == nil {
			ln.SetUnlinkOnClose(false) // its name changes; the listener removes it
		}
		return err
	})
	if err != nil {
		if ln != nil {
			ln.Close()
		}
		return nil, err
	}
	return &listener{addr: &net.UnixAddr{Net: "unix", Name: address}, path: address, mine: mine, fd: -1, plain: ln}, nil
}

func (b *streams) start(listeners []*listener) error {
	for _, l := range listeners {
		b.add(l)
	}
	return nil
}

func (b *streams) add(l *listener) { b.spawn("accepter", func() { b.accept(l) }) }

func (b *streams) remove(l *listener) { l.close(b.srv.log) }

func (b *streams) keepAlive(*listener) { b.keepalive.Store(int64(b.srv.opts.KeepAlive)) }

// gateMoved wakes everybody who holds replies back.
func (b *streams) gateMoved() {
	b.mu.Lock()
	close(b.moved)
	b.moved = make(chan struct{})
	b.mu.Unlock()
}

func (b *streams) nextMove() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.moved
}

func (b *streams) stopAccepting() {} // closing the listeners is enough

// spawn starts a goroutine that ended waits for.
func (b *streams) spawn(name string, f func()) {
	b.mu.Lock()
	b.live++
	b.mu.Unlock()
	Go(name, b.srv.log, func() {
		defer b.done()
		f()
	})
}

func (b *streams) done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.live--
	b.conclude()
}

// conclude says that all is over, once. b.mu is held.
func (b *streams) conclude() {
	if b.final && b.live == 0 && !b.over {
		b.over = true
		close(b.gone)
	}
}

func (b *streams) drain() {
	b.srv.eachConn(func(c *Conn) {
		c.flags.Or(flagStopping)
		c.mail()
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	b.final = true
	b.conclude()
}

func (b *streams) finish() {
	b.srv.Conns(func(c *Conn) bool {
		c.Kill("the server stops")
		return true
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	b.final = true
	b.conclude()
}

func (b *streams) ended() <-chan struct{} { return b.gone }

func (b *streams) stats(s *Stats) {
	s.Reads += b.reads.Load()
	s.Writes += b.writes.Load()
}

// worker lends a worker; back takes it again. There are as many as connections were ever served at the same moment.
func (b *streams) worker() *Worker {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.workers); n > 0 {
		w := b.workers[n-1]
		b.workers = b.workers[:n-1]
		return w
	}
	return b.srv.newWorker()
}

func (b *streams) back(w *Worker) {
	w.reset()
	b.mu.Lock()
	b.workers = append(b.workers, w)
	b.mu.Unlock()
}

// visit is the driver's part: a goroutine looks after c. c.mu is held.
func (b *streams) visit(c *Conn) { b.spawn("visitor", c.stream.visited) }

// accept runs until the listener is closed. Errors slow it down and never end it.
func (b *streams) accept(l *listener) {
	pause := acceptBackOff
	for {
		if l.tls != nil && !b.awaitPlace(l) {
			return
		}
		conn, err := l.plain.Accept()
		switch {
		case err == nil:
			pause = acceptBackOff
			b.welcome(l, conn)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			b.srv.log.Warn("cannot accept, pausing", "error", err, "address", l.addr.String())
			select {
			case <-b.srv.done:
				return
			case <-time.After(pause):
			}
			pause = min(2*pause, acceptBackOffMax)
		}
	}
}

// awaitPlace waits until there is a place for another handshake; false when the server ends.
func (b *streams) awaitPlace(l *listener) bool {
	for waited := false; ; waited = true {
		if !b.srv.shakes.full(l) {
			if waited {
				b.openedUp() // another accepter may wait too
			}
			return true
		}
		select {
		case <-b.srv.done:
			return false
		case <-b.room:
		}
	}
}

func (b *streams) openedUp() {
	select {
	case b.room <- struct{}{}:
	default:
	}
}

// welcome admits a connection, or says why not and closes it.
func (b *streams) welcome(l *listener, conn net.Conn) {
	var peer netip.AddrPort
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		at := a.AddrPort()
		peer = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	}
	reason, ok := b.srv.admit(l, peer)
	if !ok && l.tls != nil {
		conn.Close() // what is said before the handshake cannot be understood
		return
	}
	if !ok {
		if text := b.srv.engine.Refusal(reason); len(text) > 0 {
			conn.SetWriteDeadline(time.Now().Add(time.Second))
			conn.Write(text)
		}
		conn.Close()
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		d := time.Duration(b.keepalive.Load())
		tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: d > 0, Idle: d, Interval: d / 3, Count: 3})
	}
	if l.tls != nil {
		b.srv.shakes.take()
		b.spawn("handshake", func() { b.shake(l, conn, peer) })
		return
	}
	b.spawn("reader", b.connected(l, conn, peer).serve)
}

// connected makes the stream of an admitted connection.
func (b *streams) connected(l *listener, conn net.Conn, peer netip.AddrPort) *stream {
	c := b.srv.newConn(l, peer, -1, b, b.srv.now())
	st := &stream{backend: b, c: c, conn: conn, raw: conn}
	st.wake.L = &st.run
	c.stream = st
	return st
}

// shake does the handshake of a TLS connection and goes on as its reader.
func (b *streams) shake(l *listener, conn net.Conn, peer netip.AddrPort) {
	s, err := b.srv.shakes.run(conn, l.tls)
	b.srv.shakes.leave()
	if err != nil {
		conn.Close()
		b.srv.count.Add(-1)
		b.srv.shakes.failed(conn.RemoteAddr(), err)
		return
	}
	b.srv.tally.handshakes.Add(1)
	conn.SetDeadline(time.Time{})
	st := b.connected(l, conn, peer)
	st.conn = s.Conn()
	st.c.tls = &secure{name: nameOf(s.Conn().ConnectionState())}
	b.srv.addBuffers(secureCost)
	st.serve()
}
