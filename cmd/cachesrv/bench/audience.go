// Audience: connections that are subscribed to a channel and read what comes.

package bench

import (
	"io"
	"net"
	"sync"
)

// audience is the listeners of one workload on one target.
type audience struct {
	conns []net.Conn
	wait  sync.WaitGroup // for those who read
}

// openAudience subscribes as many connections as the workload wants.
func openAudience(t *target, w *workload) (*audience, error) {
	a := &audience{}
	for range w.listeners {
		k, err := openControl(t)
		if err != nil {
			a.close()
			return nil, err
		}
		a.conns = append(a.conns, k.conn)
		if _, err := k.do("SUBSCRIBE", w.channel()); err != nil {
			a.close()
			return nil, err
		}
	}
	for _, c := range a.conns {
		a.wait.Go(func() { io.Copy(io.Discard, c) }) // ends when the connection is closed
	}
	return a, nil
}

// close ends all of them; nil is an empty audience.
func (a *audience) close() {
	if a == nil {
		return
	}
	for _, c := range a.conns {
		c.Close()
	}
	a.wait.Wait()
}
