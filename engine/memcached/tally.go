// tally: a worker's counters, and their sums.

package memcached

import "sync/atomic"

// counter names one figure of the general statistics.
type counter uint8

const (
	cmdGet counter = iota
	cmdSet
	cmdFlush
	cmdTouch
	cmdMeta
	getHits
	getMisses
	getExpired
	getFlushed
	deleteMisses
	deleteHits
	incrMisses
	incrHits
	decrMisses
	decrHits
	casMisses
	casHits
	casBadval
	touchHits
	touchMisses
	storeTooLarge
	storeNoMemory
	authCmds
	authErrors
	totalItems
	connYields
	counters // how many there are
)

// counterNames are the words of stats, in the original's order, for the counters before totalItems.
var counterNames = [counters]string{
	cmdGet: "cmd_get", cmdSet: "cmd_set", cmdFlush: "cmd_flush", cmdTouch: "cmd_touch", cmdMeta: "cmd_meta",
	getHits: "get_hits", getMisses: "get_misses", getExpired: "get_expired", getFlushed: "get_flushed",
	deleteMisses: "delete_misses", deleteHits: "delete_hits", incrMisses: "incr_misses", incrHits: "incr_hits",
	decrMisses: "decr_misses", decrHits: "decr_hits", casMisses: "cas_misses", casHits: "cas_hits", casBadval: "cas_badval",
	touchHits: "touch_hits", touchMisses: "touch_misses", storeTooLarge: "store_too_large", storeNoMemory: "store_no_memory",
	authCmds: "auth_cmds", authErrors: "auth_errors", totalItems: "total_items", connYields: "conn_yields",
}

// tally counts for one worker. fresh and dirty belong to the worker's goroutine; publish moves them to sums once
// per batch, so that a command costs plain additions and only the batch pays for atomic ones.
type tally struct {
	fresh    [counters]uint64
	dirty    uint32
	sums     [counters]atomic.Uint64
	classes  classTally
	segments atomic.Pointer[segmentTally] // nil until needed
	_        [64]byte                     // no two workers' sums share a cache line
}

func (t *tally) add(c counter, n uint64) {
	t.fresh[c] += n
	t.dirty |= 1 << c
}

func (t *tally) inc(c counter) { t.add(c, 1) }

// of counts what happened to an item of size bytes, for its class as well.
func (t *tally) of(c counter, size int) {
	t.inc(c)
	t.classes.inc(size, classOf[c])
}

// publish makes what was counted visible to others.
func (t *tally) publish() {
	if t.dirty == 0 && t.classes.n == 0 {
		return
	}
	for c := range t.fresh {
		if t.fresh[c] != 0 {
			t.sums[c].Add(t.fresh[c])
			t.fresh[c] = 0
		}
	}
	t.dirty = 0
	t.classes.publish()
}

// reset sets the sums to zero; counts that are not published yet stay.
func (t *tally) reset() {
	for c := range t.sums {
		t.sums[c].Store(0)
	}
	t.classes.reset()
	if s := t.segments.Load(); s != nil {
		s.reset()
	}
}
