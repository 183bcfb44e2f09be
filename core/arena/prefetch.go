// Prefetch: asking for memory before it is needed.

package arena

import (
	"sync/atomic"
	"unsafe"
)

// Prefetch has a cache line of a block loaded while the caller goes on. It is a hint: the block may be gone by now. Unlike a load it does
// not hold up the locked instructions that follow, so the memory of several requests is waited for at once.
func (a *Arena) Prefetch(r Ref) {
	if uint64(r) < a.limit {
		prefetch(unsafe.Add(a.base, r))
	}
}

// Glimpse reads eight words of a block that may be changing or gone, for hints only: they may be anything.
func (a *Arena) Glimpse(r Ref) (w [8]uint64) {
	if uint64(r) <= a.limit-64 {
		p := (*[8]uint64)(unsafe.Add(a.base, r))
		for i := range w {
			w[i] = atomic.LoadUint64(&p[i])
		}
	}
	return w
}
