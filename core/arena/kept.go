// Keeping: what the allocator knows of its blocks, written down so that another process can go on with the same file.

package arena

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/cachesrv/cachesrv/core/ledger"
)

// The reasons why an arena cannot go on with a file.
var (
	ErrSize   = errors.New("the memory file has another length than it had")
	ErrLayout = errors.New("it was written by a build with another layout of memory")
	ErrPages  = errors.New("the memory file is damaged: pages have another checksum than they had")
)

// Each calls f with the numbers below n, on several processors if it can, and returns when all are done.
type Each func(n int, f func(i int))

// How a span is written.
const (
	keptRun   = iota // pages without an owner
	keptSmall        // blocks of a class
	keptLarge        // one block
	keptKinds
)

// Save writes down where all blocks are, and the checksums of what they hold. Nobody may change the arena meanwhile, or Load will refuse it.
func (a *Arena) Save(w *ledger.Writer, each Each) {
	h := &a.pages
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*span
	for p := uint64(1); p < h.top; {
		sp := h.span(*h.slot(p))
		all = append(all, sp)
		p += uint64(sp.pages)
	}
	sums := make([]uint32, len(all))
	each(len(all), func(i int) { sums[i] = a.sum(all[i]) })
	w.Section("arena")
	for _, n := range layout() {
		w.Uint(n)
	}
	w.Uint(h.top)
	for i, sp := range all {
		switch {
		case sp.run:
			writeRun(w, sp.pages, sp.dirty, sp.lo, sp.hi)
		case sp.class == classLarge:
			w.Uint(keptLarge)
			w.Uint(uint64(sp.pages))
			w.Uint(uint64(sp.kind))
			w.Uint(uint64(sums[i]))
		case sp.used == 0:
			writeRun(w, sp.pages, sp.pages, 0, sp.pages)
		default:
			w.Uint(keptSmall)
			w.Uint(uint64(sp.pages))
			w.Uint(uint64(sp.kind))
			w.Uint(uint64(sums[i]))
			w.Uint(uint64(sp.class))
			w.Uint(uint64(sp.free))
			w.Uint(uint64(sp.fresh))
			w.Uint(uint64(sp.used))
		}
	}
	a.debugSave(w)
}

func writeRun(w *ledger.Writer, pages, dirty, lo, hi uint32) {
	w.Uint(keptRun)
	for _, n := range []uint32{pages, dirty, lo, hi} {
		w.Uint(uint64(n))
	}
}

// layout is what the place of every block follows from: it must be the same in who wrote and who reads.
func layout() []uint64 {
	figures := uint64(0)
	for c := range sizes {
		figures = figures*31 + uint64(sizes[c])*33 + uint64(spanPages[c])
	}
	order := binary.NativeEndian.Uint16([]byte{1, 2})
	return []uint64{pageSize, classes, uint64(kinds), figures, debugLayout, uint64(order)}
}

// sum is the checksum of what a span holds. Free blocks have their links in it; what was never given out is left out.
func (a *Arena) sum(sp *span) uint32 {
	if sp.run {
		return 0
	}
	n := uint64(sp.fresh)
	if sp.class == classLarge {
		n = uint64(sp.pages) << pageBits
	}
	at := sp.first << pageBits
	return ledger.Sum(0, a.mapping[at:at+n])
}

// Load goes on where Save ended. The arena must be new, made by NewIn of the same file. After an error it can only be closed.
func (a *Arena) Load(r *ledger.Reader, each Each) error {
	h := &a.pages
	h.mu.Lock()
	defer h.mu.Unlock()
	r.Section("arena")
	for _, n := range layout() {
		if got := r.Uint(math.MaxUint64); r.Err() == nil && got != n {
			return ErrLayout
		}
	}
	top := r.Uint(1 << RefBits)
	switch {
	case r.Err() != nil:
		return r.Err()
	case top != a.file.pages || top > h.end || top == 0:
		return ErrSize
	}
	var sums []uint32 // by the order of spans
	var all []spanID
	run := spanID(0) // that ends where the next span begins
	for h.top < top {
		kind := r.Uint(keptKinds - 1)
		pages := uint32(r.Uint(min(top-h.top, math.MaxUint32)))
		if r.Err() != nil || pages == 0 {
			return a.words(r, "a span of no page")
		}
		if kind == keptRun {
			run = h.loadRun(r, run, pages)
			if run == 0 {
				return a.words(r, "a run of pages that cannot be")
			}
			continue
		}
		if run != 0 {
			h.insert(run)
			run = 0
		}
		id := h.newSpan()
		if id == 0 {
			return ErrSize
		}
		sp := h.span(id)
		*sp = span{first: h.top, pages: pages}
		sp.kind = Kind(r.Uint(uint64(kinds - 1)))
		sums = append(sums, uint32(r.Uint(math.MaxUint32)))
		all = append(all, id)
		if kind == keptLarge {
			sp.class, sp.state = classLarge, spanLarge
			a.used.Add(int64(pages) << pageBits)
		} else if !a.loadSmall(r, id, sp) {
			return a.words(r, "a span that cannot be")
		}
		for p := sp.first; p < sp.first+uint64(pages); p++ {
			*h.slot(p) = id
		}
		h.top += uint64(pages)
		h.inUse += int64(pages)
	}
	if run != 0 {
		h.insert(run)
	}
	if err := a.debugLoad(r); err != nil {
		return err
	}
	var bad atomic.Bool
	each(len(all), func(i int) {
		if !bad.Load() && a.sum(h.span(all[i])) != sums[i] {
			bad.Store(true)
		}
	})
	if bad.Load() {
		return ErrPages
	}
	return r.Err()
}

func (a *Arena) words(r *ledger.Reader, what string) error {
	r.Fail(fmt.Errorf("%w: %s", ledger.ErrWords, what))
	return r.Err()
}

// loadRun reads a free run, and joins it with the one before it if there is one; 0: it cannot be.
func (h *pageHeap) loadRun(r *ledger.Reader, before spanID, pages uint32) spanID {
	x := span{first: h.top, pages: pages, dirty: uint32(r.Uint(uint64(pages))), lo: uint32(r.Uint(uint64(pages))), hi: uint32(r.Uint(uint64(pages)))}
	if r.Err() != nil || x.lo > x.hi || x.dirty > 0 && x.lo == x.hi {
		return 0
	}
	h.dirty += int64(x.dirty)
	h.top += uint64(pages)
	if before != 0 {
		sp := h.span(before)
		if uint64(sp.pages)+uint64(pages) > math.MaxUint32 {
			return 0
		}
		first := *sp
		sp.join(&first, &x)
		return before
	}
	id := h.newSpan()
	if id != 0 {
		*h.span(id) = x
	}
	return id
}

// loadSmall reads what a span of a class has besides; false: it cannot be.
func (a *Arena) loadSmall(r *ledger.Reader, id spanID, sp *span) bool {
	class := r.Uint(classes - 1)
	bytes, size := uint64(sp.pages)<<pageBits, uint64(sizes[class])
	free, fresh, used := r.Uint(bytes>>RefAlign), r.Uint(min(bytes, math.MaxUint32)), r.Uint(bytes/size)
	if r.Err() != nil || sp.pages < spanPages[class] || fresh%size != 0 || used == 0 || used > fresh/size {
		return false
	}
	if (free == 0) != (used == fresh/size) || free != 0 && ((free-1)<<RefAlign >= fresh || (free-1)<<RefAlign%size != 0) {
		return false
	}
	sp.class, sp.free, sp.fresh, sp.used = uint8(class), uint32(free), uint32(fresh), uint32(used)
	a.used.Add(int64(used * size))
	cs := &a.sets[sp.kind][class]
	cs.spans++
	cs.used += int64(used)
	sp.state = spanFull
	if free != 0 || fresh+size <= bytes {
		sp.state = spanPartial
		a.list(cs, id)
	}
	return true
}

// Holds tells whether a block of n bytes can be at a reference that was read from somewhere: whether its pages are in use.
func (a *Arena) Holds(r Ref, n uint64) bool {
	top := a.pages.top << pageBits
	return uint64(r)&(1<<RefAlign-1) == 0 && uint64(r) >= pageSize && uint64(r) < top && n <= top-uint64(r)
}
