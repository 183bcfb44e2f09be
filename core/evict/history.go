// history: which second it was when a clock that counts events stood where.
package evict

import (
	"sort"
	"sync"
	"sync/atomic"

	"github.com/cachesrv/cachesrv/core/ledger"
)

// historyMax is how many marks there are at most. When they are used up every second one of the older goes, so
// that what is long ago is known less exactly.
const (
	historyMax   = 1024
	historyExact = 128 // the youngest, which stay

	historyBytes = 8 * historyMax
)

// history holds marks: from that tick on it was that second. A mark is made by whoever first uses the clock in a second.
type history struct {
	second atomic.Uint32 // of the last look at the time

	mu     sync.RWMutex // guards what is below; taken below a shard's mutex, and nothing is taken below it
	marks  []mark
	forced uint32 // ticks that were added for a mark
}

type mark struct{ tick, second uint32 }

// note makes a mark for a second that began, with a tick of its own. Such ticks are no more than a sixteenth of all, since a quiet store must
// not use its clock up; beyond that a mark takes the last tick, if that has none yet.
func (h *history) note(clock *atomic.Uint32, second uint32) {
	old := h.second.Load()
	if old == second || !h.second.CompareAndSwap(old, second) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	tick := clock.Load()
	if 16*uint64(h.forced) <= uint64(tick)+historyMax {
		h.forced++
		tick = clock.Add(1)
	} else if n := len(h.marks); n > 0 && h.marks[n-1].tick == tick {
		return
	}
	if h.marks == nil {
		h.marks = make([]mark, 0, historyMax)
	}
	if len(h.marks) == historyMax {
		older := h.marks[:historyMax-historyExact]
		for i := range len(older) / 2 {
			older[i] = older[2*i]
		}
		h.marks = append(older[:len(older)/2], h.marks[len(older):]...)
	}
	h.marks = append(h.marks, mark{tick, second})
}

// at is the second of a tick, that of the oldest mark if it is older; false: nothing is known.
func (h *history) at(tick uint32) (second uint32, ok bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if len(h.marks) == 0 {
		return 0, false
	}
	after := sort.Search(len(h.marks), func(i int) bool { return int32(h.marks[i].tick-tick) > 0 })
	return h.marks[max(after-1, 0)].second, true
}

func (h *history) save(w *ledger.Writer) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	w.Uint(uint64(len(h.marks)))
	for _, m := range h.marks {
		w.Uint(uint64(m.tick))
		w.Uint(uint64(m.second))
	}
}

func (h *history) load(r *ledger.Reader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := r.Uint(historyMax)
	h.marks = make([]mark, 0, historyMax)
	for range n {
		if r.Err() != nil {
			return
		}
		h.marks = append(h.marks, mark{uint32(r.Uint(1<<32 - 1)), uint32(r.Uint(1<<32 - 1))})
	}
}
