// Options of a Server and their defaults.

package engine

import (
	"runtime"
	"time"

	"github.com/hashicorp/go-hclog"
)

// Options configures a Server.
type Options struct {
	Threads       int           // upper bound of loops; 0: max(1, CPUs-1)
	MaxClients    int           // 0: 10000
	Backlog       int           // 0: 511
	KeepAlive     time.Duration // TCP keepalive, 0 off
	IdleTimeout   time.Duration // 0 none
	FirstDeadline time.Duration // for the first valid command, 0 none
	Handshake     time.Duration // for a TLS handshake; 0: 10 s
	Handshakes    int           // TLS connections in their handshake at most; 0: 1024
	Protected     bool          // refuse remote peers while !Open() …
	HasPassword   func() bool   // … unless a password is set
	Limits        Limits        // of a settled connection
	Unsettled     Limits        // before Settled
	Portable      bool          // use net.Conn and a goroutine per connection
	HandOver      time.Duration // a command running longer than this loses its loop to a spare thread; 0: 20 ms
	Log           hclog.Logger
}

// withDefaults fills in what was left zero.
func (o Options) withDefaults() Options {
	if o.Threads <= 0 {
		o.Threads = max(1, runtime.NumCPU()-1)
	}
	if o.MaxClients <= 0 {
		o.MaxClients = 10000
	}
	if o.Backlog <= 0 {
		o.Backlog = 511
	}
	if o.Handshake <= 0 {
		o.Handshake = 10 * time.Second
	}
	if o.Handshakes <= 0 {
		o.Handshakes = 1024
	}
	if o.HandOver <= 0 {
		o.HandOver = 20 * time.Millisecond
	}
	if o.HasPassword == nil {
		o.HasPassword = func() bool { return false }
	}
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	return o
}
