// call: one command being run. Every worker has one and uses it again for every command.

package memcached

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine"
)

// call holds what a handler needs: who asks, the words of the line, and what args made of them. It belongs to one
// worker and is used by the goroutine that runs that worker.
type call struct {
	e       *Engine
	s       *session
	w       *engine.Worker
	tx      *core.Tx
	entered bool // the store's shared side is held
	quiet   bool // noreply
	full    bool // makeRoom found none; only where it was called

	cmd  *command
	args [][]byte // words of the line, at most maxTokens; alias the read buffer
	key  core.Key // of the word that the row names; set before run
	body []byte   // of a storage command; aliases the read buffer

	flags   uint32
	seconds int64  // expiry as sent
	size    int    // announced length of the body, -1 unknown
	cas     uint64 // version that the client expects
	delta   uint64
	binaryCall
	meta meta // of a meta line

	ahead []core.Wanted // keys of requests to come, hashed; alias the read buffer

	line  []byte // of the event log
	tally *tally
}

// begin lends the call to a session for one Feed and enters the store if it is free.
func (x *call) begin(s *session, w *engine.Worker) {
	x.s, x.w, x.tx = s, w, w.Tx
	x.entered = w.Tx.TryEnter()
}

// finish ends what begin began.
func (x *call) finish() {
	x.tally.publish()
	if x.entered {
		x.tx.Leave()
		x.entered = false
	}
	x.s, x.cmd, x.body, x.ahead = nil, nil, nil, nil
}

// write appends a reply line.
func (x *call) write(reply string) {
	x.w.Out = append(append(x.w.Out, reply...), "\r\n"...)
}

// last is the last word that was looked at.
func (x *call) last() []byte { return x.args[len(x.args)-1] }

// record hands a change to the journal, if anybody reads it. The form is the command's own words with the expiry as
// Unix ms; it is called with the shard locked.
func (x *call) record(args ...[]byte) { x.tx.Record(0, args) }
