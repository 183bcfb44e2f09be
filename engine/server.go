// Server: listeners, connections and the loops or goroutines that run them; start and stop.

package engine

import (
	"context"
	"errors"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/puzpuzpuz/xsync/v3"

	"github.com/cachesrv/cachesrv/core"
)

// Server listens, accepts and runs the loops of one engine over one store.
type Server struct {
	store  *core.Store
	engine Engine
	opts   Options
	log    hclog.Logger
	began  time.Time // all times of the loops are ns since then, of the monotonic clock

	limits      atomic.Pointer[limitSet]
	maxClients  atomic.Int64
	idleTimeout atomic.Int64 // ns
	protected   atomic.Bool

	conns   *xsync.MapOf[uint64, *Conn]
	count   atomic.Int64 // connections that hold a place; maxClients bounds it
	lastID  atomic.Uint64
	workers atomic.Int64
	tally   tally
	boxes   sync.Pool // of *postbox
	trim    trimmer
	shakes  handshakes
	gate    atomic.Pointer[Gate] // nil: no reply waits for anything

	draining atomic.Bool // Shutdown has begun

	stopAsk  chan struct{}
	stopOnce sync.Once

	mu        sync.Mutex // guards what follows
	listeners []*listener
	packets   []*packets
	serving   bool
	stopping  bool
	backend   backend
	done      chan struct{} // closed when everything has ended
}

// backend is how connections are run: epoll loops, or goroutines over net.Conn.
type backend interface {
	listen(network, address string, o listenOptions) (*listener, error)
	start(listeners []*listener) error
	add(l *listener)       // a listener opened while serving
	remove(l *listener)    // one closed while serving
	keepAlive(l *listener) // the setting changed
	openedUp()             // there is a place for a handshake again
	stopAccepting()
	gateMoved() // what is held back asks again
	drain()     // close every connection as soon as nothing is pending
	finish()    // close all connections now and end
	ended() <-chan struct{}
	stats(s *Stats)
}

// NewServer makes a server; store may be nil for an engine that needs none.
func NewServer(store *core.Store, e Engine, o Options) (*Server, error) {
	if e == nil {
		return nil, errors.New("engine: a server needs a protocol engine")
	}
	o = o.withDefaults()
	s := &Server{
		store:   store,
		engine:  e,
		opts:    o,
		log:     o.Log.Named("net"),
		began:   time.Now(),
		conns:   xsync.NewMapOf[uint64, *Conn](),
		stopAsk: make(chan struct{}),
		done:    make(chan struct{}),
	}
	s.boxes.New = func() any { return new(postbox) }
	s.trim.log, s.trim.done, s.trim.wait, s.trim.collect = s.log, s.done, trimWait, debug.FreeOSMemory
	s.shakes.init(s)
	s.limits.Store(&limitSet{settled: ForAll(o.Limits), before: o.Unsettled})
	s.idleTimeout.Store(int64(o.IdleTimeout))
	s.protected.Store(o.Protected)
	s.maxClients.Store(int64(raiseFileLimit(o.MaxClients, s.log)))
	b, err := s.newBackend()
	if err != nil {
		return nil, err
	}
	s.backend = b
	return s, nil
}

// now is the loops' clock.
func (s *Server) now() int64 { return int64(time.Since(s.began)) }

// Serve accepts and serves until Shutdown. Shutdown stops accepting, lets running commands end and replies drain until ctx is done,
// then closes everything.
func (s *Server) Serve() error {
	s.mu.Lock()
	if s.stopping { // Shutdown came first
		s.mu.Unlock()
		return nil
	}
	if s.serving {
		s.mu.Unlock()
		return errors.New("engine: the server is serving already")
	}
	s.serving = true
	err := s.backend.start(s.listeners)
	if err == nil {
		s.startPackets()
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	<-s.done
	return nil
}

// Shutdown ends the server; see Serve. It returns ctx's error if connections had to be cut off.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if s.stopping {
		s.mu.Unlock()
		<-s.done
		return nil
	}
	s.stopping = true
	serving, listeners, packets := s.serving, s.listeners, s.packets
	s.listeners, s.packets = nil, nil
	s.mu.Unlock()

	defer close(s.done)
	if serving {
		s.backend.stopAccepting()
	}
	for _, l := range listeners {
		l.close(s.log)
	}
	stopPackets(packets, serving, ctx.Done())
	if !serving {
		s.backend.finish()
		return nil
	}
	s.draining.Store(true)
	s.shakes.stop()
	s.backend.drain()
	var err error
	select {
	case <-s.backend.ended():
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.backend.finish()
	if err == nil {
		<-s.backend.ended()
		return nil
	}
	// A command that never ends cannot be cut off; its thread ends when the command does.
	select {
	case <-s.backend.ended():
	case <-time.After(2 * s.opts.HandOver):
	}
	return err
}

// AskStop is how an engine's command asks the process to stop (SHUTDOWN); the owner of the server reads StopAsked.
func (s *Server) AskStop(why string) {
	s.stopOnce.Do(func() {
		s.log.Info("asked to stop", "why", why)
		close(s.stopAsk)
	})
}

// StopAsked is closed by the first AskStop.
func (s *Server) StopAsked() <-chan struct{} { return s.stopAsk }

// Address is one that is listened on.
type Address struct {
	net.Addr
	TLS bool
	FD  int // of the socket; -1 where the system keeps it to itself
}

// Kind is tcp, tls, unix or udp.
func (a Address) Kind() string {
	if a.TLS {
		return "tls"
	}
	return a.Network()
}

// Addresses are those listened on, in the order of Listen, and behind them those of ListenPacket.
func (s *Server) Addresses() []Address {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Address
	for _, l := range s.listeners {
		list = append(list, l.address())
	}
	for _, p := range s.packets {
		list = append(list, Address{p.conn.from.addr, false, -1})
	}
	return list
}

// Addrs are the addresses listened on, in the order of Listen.
func (s *Server) Addrs() []net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	var addrs []net.Addr
	for _, l := range s.listeners {
		addrs = append(addrs, l.addr)
	}
	return addrs
}
