// Waiting for the end of a long hold without blocking a loop.

package core

import "sync"

// waiters are calls to make when somebody lets go who held the store, or something in it, for long. Who is called may find it held again. mu guards it.
type waiters struct {
	mu      sync.Mutex
	holders int // of the exclusive side, or waiting for it; of shards that are marked; of buckets that a snapshot reads
	calls   []func()
}

func (w *waiters) begin() {
	w.mu.Lock()
	w.holders++
	w.mu.Unlock()
}

func (w *waiters) end() {
	w.mu.Lock()
	w.holders--
	calls := w.calls
	w.calls = nil
	w.mu.Unlock()
	for _, f := range calls {
		f()
	}
}

// OnFree calls f once, when something of the store is free that was held for long: at once if nothing is held, else from the goroutine that lets go. It may
// be another thing than the caller wants. f must not block.
func (s *Store) OnFree(f func()) {
	w := &s.waiters
	w.mu.Lock()
	if w.holders > 0 {
		w.calls = append(w.calls, f)
		f = nil
	}
	w.mu.Unlock()
	if f != nil {
		f()
	}
}

// WaitingForFree is how many wait for OnFree to call.
func (s *Store) WaitingForFree() int {
	s.waiters.mu.Lock()
	defer s.waiters.mu.Unlock()
	return len(s.waiters.calls)
}
