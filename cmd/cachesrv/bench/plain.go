// The portable transport: one goroutine per connection over the net package.

package bench

import (
	"errors"
	"net"
	"os"
	"time"
)

// plain is the transport of a group with one lane.
type plain struct{ conn net.Conn }

// openPlain opens the transport of a group of one lane; openGenerator asks for no more.
func openPlain(t *target, _ int) (transport, error) {
	c, err := t.dial()
	if err != nil {
		return nil, err
	}
	return &plain{conn: c}, nil
}

func (w *plain) close() { w.conn.Close() }

func (w *plain) run(g *laneGroup) error {
	l := &g.lanes[0]
	for now := clock(); !g.ended(now); now = clock() {
		if g.gap > 0 {
			if until := g.wait(now); until > 0 {
				time.Sleep(min(until, 100*time.Millisecond))
				continue
			}
		}
		g.fill(l, now)
		if err := w.batch(g, l); err != nil {
			return plainError(err)
		}
		g.starved = true
		g.live.Store(g.tally.done)
	}
	return nil
}

// batch sends what is in l and reads until all of it is answered. Batches that do not fit the socket buffers cannot
// be written whole before their replies are read, so a long one is written by the side.
func (w *plain) batch(g *laneGroup, l *lane) error {
	w.conn.SetDeadline(time.Now().Add(g.phase.timeout()))
	written := make(chan error, 1)
	if len(l.out) <= inlineWrite {
		if _, err := w.conn.Write(l.out); err != nil {
			return err
		}
		written <- nil
	} else {
		guarded(func(err error) { written <- err }, func() {
			_, err := w.conn.Write(l.out)
			written <- err
		})
	}
	for {
		n, err := w.conn.Read(g.scratch)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = g.phase.stalled()
		}
		if err != nil {
			return err
		}
		idle, err := g.receive(l, g.scratch[:n], clock())
		if err != nil {
			return err
		}
		if idle {
			return <-written
		}
	}
}

// inlineWrite is what every system's socket buffers take without a reader.
const inlineWrite = 16 << 10
