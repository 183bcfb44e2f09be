// trimmer: memory of large buffers goes back to the system after they were dropped.

package engine

import (
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
)

// The heap holds next to nothing but buffers, so one huge reply or request raises the collector's goal to its size, and a server
// that has little to do then may not collect for minutes: what the reply took would stay.
const (
	trimBuffer = 64 << 10        // smaller buffers are not worth counting
	trimFrom   = 8 << 20         // so many bytes dropped are worth a collection
	trimWait   = 2 * time.Second // from then on, so that a server which drops all the time pays once in a while
)

// trimmer counts what is dropped. A nil trimmer counts nothing.
type trimmer struct {
	log     hclog.Logger
	done    <-chan struct{} // the server has ended
	wait    time.Duration
	freed   atomic.Int64 // bytes dropped since the last collection
	waiting atomic.Bool  // a collection is due
	rounds  atomic.Int64 // collections so far
}

// dropped takes note of a buffer of n bytes that nobody holds any more. Cost for a small one: a comparison.
func (t *trimmer) dropped(n int64) {
	if n < trimBuffer || t == nil {
		return
	}
	if t.freed.Add(n) >= trimFrom && t.waiting.CompareAndSwap(false, true) {
		Go("trimmer", t.log, t.trim)
	}
}

// trim collects once, later. It ends with the server.
func (t *trimmer) trim() {
	defer t.waiting.Store(false)
	timer := time.NewTimer(t.wait)
	defer timer.Stop()
	select {
	case <-t.done:
		return
	case <-timer.C:
	}
	t.freed.Store(0)
	debug.FreeOSMemory()
	t.rounds.Add(1)
}
