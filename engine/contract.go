// The contract of Worker, Conn and Server while they are being written; every declaration here moves to its own file.

package engine

import (
	"context"
	"io/fs"
	"net"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/core"
)

// Worker is what a loop lends to the session it is running: the transaction, the reply buffer and scratch space.
// All of it belongs to the worker; a session keeps nothing of it between calls of Feed.
type Worker struct {
	Tx      *core.Tx
	Out     []byte     // replies of the connection being fed; append only
	Keys    []core.Key // scratch for the keys of one command
	Args    [][]byte   // scratch for the arguments of one command
	Scratch []byte     // scratch for the bytes of one command
	Serial  int        // small number of the worker, for sharded counters
}

// Full reports that Out has grown to where it should be written (about 64 KB).
func (w *Worker) Full() bool { panic("todo") }

// Conn is one client connection. Methods marked "owner" may only be called from its own session's methods; all others
// from any goroutine.
type Conn struct {
	ID      uint64    // never used twice, ascending, from 1
	Created time.Time // when it was accepted
}

func (c *Conn) Remote() net.Addr { panic("todo") } // as the kernel gave it
func (c *Conn) Local() net.Addr  { panic("todo") }
func (c *Conn) Unix() bool       { panic("todo") } // a unix socket
func (c *Conn) FD() int          { panic("todo") } // -1 on the portable path
func (c *Conn) Server() *Server  { panic("todo") }
func (c *Conn) Session() Session { panic("todo") } // for Post and listings; its fields are the engine's to guard

// Close (owner) sends what Out holds, then closes; why goes to the log at debug level.
func (c *Conn) Close(why string) { panic("todo") }

// Kill closes the connection from any goroutine, without sending what is pending.
func (c *Conn) Kill(why string) { panic("todo") }

// Post runs f on the loop that owns the connection, in order with other posts and between two Feeds. false: the connection is gone.
// What f appends to w.Out goes to the connection.
func (c *Conn) Post(f func(w *Worker)) bool { panic("todo") }

// Suspend (owner) stops feeding the connection after the current request; Resume (any) goes on. Replies still go out.
func (c *Conn) Suspend() { panic("todo") }
func (c *Conn) Resume()  { panic("todo") }

// AwaitStore (owner) suspends until the store is no longer held exclusively.
func (c *Conn) AwaitStore() { panic("todo") }

// Settled (owner) tells the loop that the first valid command (or authentication) is done: the first-command deadline ends, and
// the small limits on pending replies and request size before it.
func (c *Conn) Settled() { panic("todo") }

// Limits bounds what the server keeps for one connection, in bytes; 0 is none.
type Limits struct {
	OutHard    int64 // pending replies above this close the connection
	OutSoft    int64 // pending replies above this for longer than OutSoftFor close it
	OutSoftFor time.Duration
	QueryMax   int64 // an unfinished request longer than this closes the connection
	PauseAt    int64 // stop reading while more than this is pending (backpressure); 0 never
}

// SetLimits (owner) replaces the limits that Options.Limits gave. SetIdleExempt (owner): the idle timeout does not apply.
func (c *Conn) SetLimits(l Limits)    { panic("todo") }
func (c *Conn) SetIdleExempt(on bool) { panic("todo") }

// ConnStats is a snapshot of one connection's counters.
type ConnStats struct {
	BytesIn, BytesOut  int64
	LastActive         time.Time
	QueryLen, QueryCap int // bytes of unfinished request kept, and the buffer's size
	OutPending         int // bytes of replies not yet sent
	Loop               int // number of the loop
}

func (c *Conn) Stats() ConnStats { panic("todo") }

// Options configures a Server.
type Options struct {
	Threads       int           // upper bound of loops; 0: max(1, CPUs-1)
	MaxClients    int           // 0: 10000
	Backlog       int           // 0: 511
	KeepAlive     time.Duration // TCP keepalive, 0 off
	IdleTimeout   time.Duration // 0 none
	FirstDeadline time.Duration // for the first valid command, 0 none
	Protected     bool          // refuse remote peers while !Open() …
	HasPassword   func() bool   // … unless a password is set
	Limits        Limits        // of a settled connection
	Unsettled     Limits        // before Settled
	Portable      bool          // use net.Conn and a goroutine per connection
	HandOver      time.Duration // a command running longer than this loses its loop to a spare thread; 0: 20 ms
	Log           hclog.Logger
}

// Server listens, accepts and runs the loops of one engine over one store.
type Server struct{}

func NewServer(store *core.Store, e Engine, o Options) (*Server, error) { panic("todo") }

// Listen opens one address: "tcp" with host:port, or "unix" with a path and its mode. The error names the address and says
// what to do. Connections wait in the backlog until Serve.
func (s *Server) Listen(network, address string, mode fs.FileMode) error { panic("todo") }
func (s *Server) Addrs() []net.Addr                                      { panic("todo") }

// Serve accepts and serves until Shutdown. Shutdown stops accepting, lets running commands end and replies drain until ctx is done,
// then closes everything.
func (s *Server) Serve() error                       { panic("todo") }
func (s *Server) Shutdown(ctx context.Context) error { panic("todo") }

// StopRequested is how an engine's command asks the process to stop (SHUTDOWN); the owner of the server reads StopAsked.
func (s *Server) AskStop(why string)         { panic("todo") }
func (s *Server) StopAsked() <-chan struct{} { panic("todo") }

// Conns visits the connections in ascending ID until f says false; Conn finds one, nil if gone.
func (s *Server) Conns(f func(*Conn) bool) { panic("todo") }
func (s *Server) Conn(id uint64) *Conn     { panic("todo") }
func (s *Server) Count() int               { panic("todo") }

// Stats are the server's counters since start or ResetStats.
type Stats struct {
	Accepted, Rejected, Closed int64
	BytesIn, BytesOut          int64
	Reads, Writes, Wakes       int64 // system calls of the loops
	LimitClosed, IdleClosed    int64 // closed for pending output or query; for being idle
	HandOvers, Moved           int64 // loops handed over; connections moved between loops
	Loops, LoopsBusy           int   // running now; that had work in the last second
	Buffers                    int64 // bytes of connection buffers held now
}

func (s *Server) Stats() Stats { panic("todo") }
func (s *Server) ResetStats()  { panic("todo") }

// Settings that may change while the server runs.
func (s *Server) SetMaxClients(n int)              { panic("todo") }
func (s *Server) SetIdleTimeout(d time.Duration)   { panic("todo") }
func (s *Server) SetKeepAlive(d time.Duration)     { panic("todo") }
func (s *Server) SetProtected(on bool)             { panic("todo") }
func (s *Server) SetLimits(settled, before Limits) { panic("todo") }
func (s *Server) MaxClients() int                  { panic("todo") }

// Go starts a goroutine that cannot take the process with it: a panic is logged with its stack and, where it must not go on, counted.
// It is the only go statement outside tests.
func Go(name string, log hclog.Logger, f func()) { panic("todo") }
