// Waiting for the end of an exclusive hold without blocking a loop.

package core

import "sync"

// waiters are calls to make when nobody holds the store exclusively. mu guards it.
type waiters struct {
	mu      sync.Mutex
	holders int // of the exclusive side, or waiting for it
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
	var calls []func()
	if w.holders == 0 {
		calls, w.calls = w.calls, nil
	}
	w.mu.Unlock()
	for _, f := range calls {
		f()
	}
}

// OnFree calls f once, when the store is not held exclusively any more: at once if it is not, else from the goroutine that
// releases it. f must not block.
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
