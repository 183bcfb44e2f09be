// What happened to items, by their size class.

package memcached

import (
	"sync/atomic"

	"github.com/cachesrv/cachesrv/core"
)

// classCount names one figure of a size class that workers count.
type classCount uint8

const (
	classGetHits classCount = iota
	classSets
	classDeleteHits
	classIncrHits
	classDecrHits
	classCasHits
	classCasBadval
	classTouchHits
	classNoMemory
	classCounts // how many there are
)

// removalCount names one figure of a size class about items that the store removed by itself.
type removalCount uint8

const (
	evicted       removalCount = iota // to make room
	evictedTimed                      // of those, with an expiry
	evictedUnread                     // of those, never read
	expired                           // because they were due
	expiredUnread                     // of those, never read
	removalCounts                     // how many there are
)

// slabCounts are the words of stats slabs, in the original's order, which is that of the constants.
var slabCounts = [...]string{"get_hits", "cmd_set", "delete_hits", "incr_hits", "decr_hits", "cas_hits", "cas_badval", "touch_hits"}

// classOf gives the figure of a class for those counters that have one.
var classOf = [counters]classCount{
	getHits: classGetHits, cmdSet: classSets, deleteHits: classDeleteHits, incrHits: classIncrHits, decrHits: classDecrHits,
	casHits: classCasHits, casBadval: classCasBadval, touchHits: classTouchHits, storeNoMemory: classNoMemory,
}

// classRow is what a worker has counted of one class since it last published.
type classRow struct {
	n     [classCounts]uint32
	dirty bool
}

// classTally counts by class as tally does over all: plain additions for a command, atomic ones for a batch and only for the classes it met.
type classTally struct {
	fresh [classLimit]classRow
	dirty [classLimit]uint8 // the classes of dirty rows
	n     int               // how many there are
	sums  [classLimit][classCounts]atomic.Uint64
}

func (t *classTally) inc(size int, c classCount) {
	class := classID(size) & (classLimit - 1)
	row := &t.fresh[class]
	if !row.dirty {
		row.dirty = true
		t.dirty[t.n] = uint8(class)
		t.n++
	}
	row.n[c]++
}

func (t *classTally) publish() {
	for _, class := range t.dirty[:t.n] {
		row := &t.fresh[class]
		for c, n := range row.n {
			if n != 0 {
				t.sums[class][c].Add(uint64(n))
			}
		}
		*row = classRow{}
	}
	t.n = 0
}

func (t *classTally) reset() {
	for class := range t.sums {
		for c := range t.sums[class] {
			t.sums[class][c].Store(0)
		}
	}
}

// removals counts by class what the store removed by itself, on whatever goroutine.
type removals [classLimit][removalCounts]atomic.Uint64

func (r *removals) add(it core.Item, why core.RemoveReason) {
	row, read := &r[classID(it.Size())&(classLimit-1)], it.Type()&markRead != 0
	all, unread := evicted, evictedUnread
	if why == core.Expired {
		all, unread = expired, expiredUnread
	} else if it.ExpireAt() != 0 {
		row[evictedTimed].Add(1)
	}
	row[all].Add(1)
	if !read {
		row[unread].Add(1)
	}
}

func (r *removals) reset() {
	for class := range r {
		for c := range r[class] {
			r[class][c].Store(0)
		}
	}
}

// sum is a figure over all classes.
func (r *removals) sum(c removalCount) (n int64) {
	for class := range r {
		n += int64(r[class][c].Load())
	}
	return n
}

// ofClass is a figure of one class over all workers.
func (e *Engine) ofClass(class int, c classCount) (n int64) {
	for _, x := range *e.calls.Load() {
		if x != nil {
			n += int64(x.tally.classes.sums[class][c].Load())
		}
	}
	return n
}
