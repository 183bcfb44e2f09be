// The server over a real store: waiting for it, locks held by a session that panics, its memory accounting.

package engine

import (
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core"
)

func storeRig(t *testing.T, o Options) (*rig, *core.Store) {
	store, err := core.Open(core.Options{Shards: 4, Reserve: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	r := startOver(t, store, o)
	r.engine.on("visit", func(s *lineSession, w *Worker, arg string) {
		if !w.Tx.TryEnter() {
			s.again = true
			s.conn.AwaitStore()
			return
		}
		defer w.Tx.Leave()
		w.Tx.Lock1(store.Key([]byte(arg)))
		if strings.HasPrefix(arg, "bad") {
			panic("under the lock")
		}
		w.Tx.Unlock()
		w.Out = append(w.Out, "visited\n"...)
	})
	return r, store
}

// While somebody holds the store, those who need it wait in their connections and all others are served.
func TestAwaitStore(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r, store := storeRig(t, o)
		var waiting []*client
		for range 20 {
			c := r.dial()
			c.expect("visit x", "visited")
			waiting = append(waiting, c)
		}
		other := r.dial()
		for range 5 {
			held, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
			go func() {
				defer close(done)
				tx := store.NewTx()
				tx.Enter()
				tx.Exclusive(func() {
					close(held)
					<-release
				})
				tx.Leave()
			}()
			<-held
			for _, c := range waiting {
				c.send("visit x\necho behind\n")
			}
			for _, c := range waiting {
				conn := r.byAddr(c.LocalAddr().String())
				r.eventually("it waits", func() bool { return conn.has(flagAwait) })
			}
			other.expect("echo fine", "fine")
			close(release)
			for _, c := range waiting {
				if a, b := c.line(), c.line(); a != "visited" || b != "behind" {
					t.Fatalf("%q, %q", a, b)
				}
			}
			<-done
		}
	})
}

// byAddr finds the connection of a client.
func (r *rig) byAddr(addr string) (found *Conn) {
	r.srv.Conns(func(c *Conn) bool {
		if c.Remote().String() == addr {
			found = c
		}
		return found == nil
	})
	return found
}

// A panic under a shard's lock releases the lock and the store.
func TestPanicReleasesLocks(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r, store := storeRig(t, o)
		c := r.dial()
		c.send("visit bad\n")
		c.expectEnd()
		d := r.dial()
		for _, key := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} { // all four shards
			d.expect("visit "+key, "visited")
		}
		tx := store.NewTx()
		tx.Enter()
		tx.Exclusive(func() {}) // would wait for ever for a side not given back
		tx.Leave()
	})
}

// Connection buffers count as the store's memory as long as they are there.
func TestBuffersCountForTheStore(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		r, store := storeRig(t, o)
		c := r.dial()
		c.expect("echo x", "x")
		r.eventually("no buffer is left", func() bool { return r.srv.Stats().Buffers == 0 })
		before := store.Memory().Foreign
		c.send("blob 1000000\n" + strings.Repeat("y", 500000))
		r.eventually("the buffer is counted", func() bool { return store.Memory().Foreign >= before+500000 })
		c.Close()
		r.eventually("and taken off", func() bool { return store.Memory().Foreign == before })
	})
}
