//go:build arenadebug

// The arenadebug build: every live block is known, its end guarded, freed blocks are poisoned. Slow and loud.

package arena

import (
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/cachesrv/cachesrv/core/ledger"
)

// Debug tells whether the checks of the arenadebug build are on.
const Debug = true

const (
	poisonByte = 0xDB
	guardByte  = 0xA5
)

// debugState knows every live block's length. mu guards it.
type debugState struct {
	mu   sync.RWMutex
	live map[Ref]int

	grants atomic.Int64 // so many more blocks and 1, 0 without end
	peak   atomic.Int64 // the most bytes in use
	steps  atomic.Int64 // blocks looked at, given out and taken back
}

// Steps is how often blocks have been looked at, given out and taken back: what an operation costs, whatever the machine is busy with.
func (a *Arena) Steps() int64 { return a.debug.steps.Load() }

// Peak is the most that Used has been since it was asked last.
func (a *Arena) Peak() int64 { return max(a.debug.peak.Swap(0), a.Used()) }

// RefuseAfter makes the arena give out n more blocks and then none, as if its range were used up; a negative n ends that. For tests of what is left
// behind where memory ends.
func (a *Arena) RefuseAfter(n int64) { a.debug.grants.Store(n + 1) }

// Refuses tells whether a block has been, or would be, refused.
func (a *Arena) Refuses() bool { return a.debug.grants.Load() == 1 }

func (a *Arena) debugRefuses() bool {
	for {
		switch n := a.debug.grants.Load(); {
		case n == 0:
			return false
		case n == 1:
			return true
		case a.debug.grants.CompareAndSwap(n, n-1):
			return false
		}
	}
}

func (a *Arena) raw(r Ref, n int) []byte { return unsafe.Slice((*byte)(unsafe.Add(a.base, r)), n) }

func (a *Arena) debugAlloc(r Ref, n int) {
	a.debug.steps.Add(1)
	a.debug.mu.Lock()
	defer a.debug.mu.Unlock()
	if a.debug.live == nil {
		a.debug.live = map[Ref]int{}
	}
	if old, ok := a.debug.live[r]; ok {
		panic(fmt.Sprintf("arena: block %#x of %d bytes given out while live", r, old))
	}
	a.debug.live[r] = n
	a.debug.peak.Store(max(a.debug.peak.Load(), a.Used()))
	b := a.raw(r, SizeOf(n))
	for i := range b[:n] {
		b[i] = poisonByte ^ 0xff // nobody may rely on zeroes
	}
	for i := n; i < len(b); i++ {
		b[i] = guardByte
	}
}

// debugReuse checks that nobody wrote into a free block (but for its link).
func (a *Arena) debugReuse(r Ref, size int) {
	for i, b := range a.raw(r, size)[8:] {
		if b != poisonByte {
			panic(fmt.Sprintf("arena: free block %#x was written to at byte %d", r, i+8))
		}
	}
}

func (a *Arena) debugFree(r Ref, n int) {
	a.debug.steps.Add(1)
	a.debug.mu.Lock()
	defer a.debug.mu.Unlock()
	old, ok := a.debug.live[r]
	if !ok {
		panic(fmt.Sprintf("arena: free of %#x, which is no live block", r))
	}
	if old != n {
		panic(fmt.Sprintf("arena: free of block %#x with %d bytes, it has %d", r, n, old))
	}
	a.checkGuard(r, n)
	delete(a.debug.live, r)
	b := a.raw(r, SizeOf(n))
	for i := range b {
		b[i] = poisonByte
	}
}

func (a *Arena) checkGuard(r Ref, n int) {
	for i, b := range a.raw(r, SizeOf(n))[n:] {
		if b != guardByte {
			panic(fmt.Sprintf("arena: block %#x of %d bytes was written to at byte %d", r, n, n+i))
		}
	}
}

func (a *Arena) debugResized(r Ref, old, n int) {
	a.debug.mu.Lock()
	defer a.debug.mu.Unlock()
	if have, ok := a.debug.live[r]; !ok || have != old || SizeOf(old) != SizeOf(n) {
		panic(fmt.Sprintf("arena: block %#x resized from %d to %d, it has %d (live %v)", r, old, n, have, ok))
	}
	a.debug.live[r] = n
	b := a.raw(r, SizeOf(n))
	for i := n; i < len(b); i++ {
		b[i] = guardByte
	}
}

// debugAccess accepts the block's own bytes, or a stretch inside one (buckets of a table segment).
func (a *Arena) debugAccess(r Ref, n int) {
	a.debug.steps.Add(1)
	a.debug.mu.RLock()
	defer a.debug.mu.RUnlock()
	if have, ok := a.debug.live[r]; ok {
		if n > have {
			panic(fmt.Sprintf("arena: %d bytes of block %#x, which has %d", n, r, have))
		}
		return
	}
	sp := a.pages.span(a.pages.spanOf(r))
	start, size := Ref(sp.first<<pageBits), Ref(sp.pages<<pageBits)
	if sp.class != classLarge {
		size = Ref(sizes[sp.class])
		start += (r - start) / size * size
	}
	if have, ok := a.debug.live[start]; !ok || r+Ref(n) > start+Ref(have) {
		panic(fmt.Sprintf("arena: access to %#x+%d, which is in no live block", r, n))
	}
}

// debugLayout tells files of the two builds apart.
const debugLayout = 1

// debugSave writes the live blocks down, debugLoad reads them.
func (a *Arena) debugSave(w *ledger.Writer) {
	a.debug.mu.RLock()
	defer a.debug.mu.RUnlock()
	w.Uint(uint64(len(a.debug.live)))
	for r, n := range a.debug.live {
		w.Uint(uint64(r))
		w.Uint(uint64(n))
	}
}

func (a *Arena) debugLoad(r *ledger.Reader) error {
	a.debug.mu.Lock()
	defer a.debug.mu.Unlock()
	a.debug.live = map[Ref]int{}
	for n := r.Uint(1 << RefBits); n > 0 && r.Err() == nil; n-- {
		ref, size := Ref(r.Uint(1<<RefBits)), r.Uint(1<<RefBits)
		if !a.Holds(ref, size) {
			return a.words(r, "a live block outside of the arena")
		}
		a.debug.live[ref] = int(size)
	}
	return r.Err()
}
