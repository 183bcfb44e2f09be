// Worker: what a thread lends to the session it is running.

package engine

import "github.com/cachesrv/cachesrv/core"

const (
	outFlush = 64 << 10  // Out is written when it has grown to this
	outFirst = 80 << 10  // capacity of a fresh Out: a flush plus one ordinary reply
	outKeep  = 512 << 10 // a larger Out is given back after use
)

// Worker is what a loop lends to the session it is running: the transaction, the reply buffer and scratch space.
// All of it belongs to the worker; a session keeps nothing of it between calls of Feed.
type Worker struct {
	Tx      *core.Tx
	Out     []byte        // replies of the connection being fed; append only
	Keys    []core.Key    // scratch for the keys of one command
	Args    [][]byte      // scratch for the arguments of one command
	Scratch []byte        // scratch for the bytes of one command
	Ahead   []core.Wanted // scratch for what the requests after the current one name
	Serial  int           // small number of the worker, for sharded counters

	trim *trimmer
}

// Full reports that Out has grown to where it should be written (about 64 KB).
func (w *Worker) Full() bool { return len(w.Out) >= outFlush }

// newWorker makes a worker of its own; Tx is nil when the server has no store.
func (s *Server) newWorker() *Worker {
	w := &Worker{Out: make([]byte, 0, outFirst), Serial: int(s.workers.Add(1) - 1), trim: &s.trim}
	if s.store != nil {
		w.Tx = s.store.NewTx()
	}
	return w
}

// reset empties the reply buffer for the next connection and gives back what one huge reply made of it.
func (w *Worker) reset() {
	if cap(w.Out) > outKeep {
		w.trim.dropped(int64(cap(w.Out)))
		w.Out = make([]byte, 0, outFirst)
		return
	}
	w.Out = w.Out[:0]
}

// forget lets go of a large request that the last commands' arguments still point into.
func (w *Worker) forget() {
	clear(w.Args[:cap(w.Args)])
	clear(w.Keys[:cap(w.Keys)])
}

// discard gives up what a panic left behind. The worker must not be used again.
func (w *Worker) discard() {
	if w.Tx != nil {
		w.Tx.Abandon()
	}
}
