// trimmer: memory of large buffers goes back to the system after they were dropped.

package engine

import (
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
)

// The heap holds next to nothing but buffers, so one huge reply or request raises the collector's goal to its size, and a server
// that has little to do then may not collect for minutes: what the reply took would stay.
const (
	trimBuffer = 64 << 10        // smaller buffers are not worth counting
	trimFrom   = 4 << 20         // so many bytes dropped are worth a collection
	trimWait   = 2 * time.Second // from then on, so that a server which drops all the time pays once in a while
)

// trimmer counts what is dropped. A nil trimmer counts nothing.
type trimmer struct {
	log     hclog.Logger
	done    <-chan struct{} // the server has ended
	wait    time.Duration
	collect func()
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

// trim collects until little was dropped since the last time. It ends with the server.
func (t *trimmer) trim() {
	timer := time.NewTimer(t.wait)
	defer timer.Stop()
	for {
		select {
		case <-t.done:
			t.waiting.Store(false)
			return
		case <-timer.C:
		}
		counted := t.freed.Load()
		t.collect()
		t.rounds.Add(1)
		left := t.freed.Add(-counted)
		if left < trimFrom {
			t.waiting.Store(false)
			// What came between the two lines above found a collection under way and ordered none.
			if left = t.freed.Load(); left < trimFrom || !t.waiting.CompareAndSwap(false, true) {
				return
			}
		}
		timer.Reset(t.wait)
	}
}
