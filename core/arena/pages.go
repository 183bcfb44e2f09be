// pageHeap: the runs of pages that no span uses, the map from page to span, and the table of spans.

package arena

import (
	"fmt"
	"math/bits"
	"sync"
	"unsafe"
)

const (
	bins      = 64 // free runs of 1…bins-1 pages have a list each, longer ones share the last
	slackMin  = 64 // pages that may stay resident without an owner, at least …
	slackPart = 64 // … or this part of the pages in use: DONTNEED and the fault after it cost about 0.5 µs a page

	// What is beyond that goes back when Decay finds that nobody needed it for a while, in long runs, because a call may cost 100 µs where it
	// has to reach other processors: one for each span took half the time of freeing a set of a million. Only more than this goes at once.
	hoardMin  = 4096
	hoardPart = 32
	tidyPages = 512 // given back in one call, some 100 µs
	tidyCalls = 8   // under one hold of the mutex

	decayCalls = 4 // calls of Decay that a free page outlives
)

// pageHeap hands out runs of pages. mu guards all of it, and of the span table first, pages, dirty, run, class and kind;
// the last two and the page map's entries of a span do not change while it has a live block.
type pageHeap struct {
	a    *Arena
	mu   sync.Mutex
	top  uint64 // first page never used
	end  uint64 // pages in the range
	bin  [bins]spanID
	full uint64 // bit per bin that is not empty

	inUse  int64 // pages of spans
	dirty  int64 // free pages that may be resident
	lowest int64 // … the fewest of them since Decay last looked back
	decays int   // calls of Decay since then

	spans     []byte // span table, one range of its own
	spanTop   uint32 // first index never used
	spareSpan spanID // list of unused indices
	pagemap   []byte // uint32 span id of the first and last page of a free run, of every page of a live span
}

func (h *pageHeap) init(a *Arena, pages uint64) (err error) {
	h.a, h.end, h.top, h.spanTop = a, pages, 1, 1 // page 0 is never given out: Ref 0 is "none"
	if h.spans, err = reserve(int(pages) / 4 * spanBytes); err != nil {
		return fmt.Errorf("arena: reserving the span table: %w", err)
	}
	if h.pagemap, err = reserve(int(pages) * 4); err != nil {
		release(h.spans)
		return fmt.Errorf("arena: reserving the page map: %w", err)
	}
	if !h.ready(h.spans, 0, spanBytes) || !h.ready(h.pagemap, 0, 4) {
		h.close()
		return fmt.Errorf("arena: no memory for the span table")
	}
	if a.file != nil {
		if err = h.begin(); err != nil {
			h.close()
		}
	}
	return err
}

// readyStep is how much of a table is made ready at once, where that has to be done.
const readyStep = 64 << 10

// ready makes bytes from to to of a table that grows usable. Bytes before have been made so already.
func (h *pageHeap) ready(table []byte, from, to int) bool {
	if !commits || from > 0 && (from-1)/readyStep == (to-1)/readyStep {
		return true
	}
	return commit(table[from/readyStep*readyStep : min((to+readyStep-1)/readyStep*readyStep, len(table))])
}

func (h *pageHeap) close() {
	release(h.spans)
	release(h.pagemap)
}

// span is the span of an id; the zero id has one too, that is never used.
func (h *pageHeap) span(id spanID) *span {
	return (*span)(unsafe.Pointer(&h.spans[int(id)*spanBytes]))
}

func (h *pageHeap) slot(page uint64) *spanID {
	return (*spanID)(unsafe.Pointer(&h.pagemap[page*4]))
}

// spanOf is the span that holds a live block.
func (h *pageHeap) spanOf(r Ref) spanID { return *h.slot(uint64(r) >> pageBits) }

// obtain gives a span of n pages for a class; 0 if the range is used up.
func (h *pageHeap) obtain(n uint32, kind Kind, class uint8, state spanState) spanID {
	id, clean := h.grab(n, kind, class, state)
	if clean && class != classLarge {
		at := h.span(id).first
		populate(h.a.mapping[at<<pageBits : (at+uint64(n))<<pageBits])
	}
	return id
}

// grab is obtain as far as the mutex is needed. clean: all pages of the span are known to be with the system.
func (h *pageHeap) grab(n uint32, kind Kind, class uint8, state spanState) (id spanID, clean bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if id = h.bestFit(n); id == 0 {
		if id = h.extend(n); id == 0 {
			return 0, false
		}
		clean = true
	} else {
		sp := h.span(id)
		if sp.dirty < sp.pages && !h.backed(sp.first, uint64(n)) {
			return 0, false
		}
		clean = sp.dirty == 0
		h.remove(id)
		h.trim(id, n)
	}
	sp := h.span(id)
	if commits && !commit(h.a.mapping[sp.first<<pageBits:(sp.first+uint64(sp.pages))<<pageBits]) {
		sp.dirty, sp.lo, sp.hi = 0, 0, 0
		h.insert(id) // a free run again, of pages that are not there
		return 0, false
	}
	*sp = span{first: sp.first, pages: sp.pages, class: class, kind: kind, state: state}
	for p := sp.first; p < sp.first+uint64(sp.pages); p++ {
		*h.slot(p) = id
	}
	h.inUse += int64(sp.pages)
	h.lowest = min(h.lowest, h.dirty)
	return id, clean
}

// bestFit finds the shortest free run of n pages or more; among the long ones the first that fits.
func (h *pageHeap) bestFit(n uint32) spanID {
	if n < bins {
		if m := h.full >> n << n; m != 0 {
			if b := bits.TrailingZeros64(m); b < bins-1 {
				return h.bin[b]
			}
		}
	}
	best := spanID(0)
	for id := h.bin[bins-1]; id != 0; id = h.span(id).next {
		if p := h.span(id).pages; p >= n && (best == 0 || p < h.span(best).pages) {
			best = id
		}
	}
	return best
}

// extend takes n pages never used.
func (h *pageHeap) extend(n uint32) spanID {
	if h.top+uint64(n) > h.end || !h.backed(h.top, uint64(n)) || !h.ready(h.pagemap, int(h.top)*4, int(h.top+uint64(n))*4) {
		return 0
	}
	id := h.newSpan()
	if id == 0 {
		return 0
	}
	sp := h.span(id)
	*sp = span{first: h.top, pages: n}
	h.top += uint64(n)
	return id
}

// trim cuts a run to n pages; the rest becomes a free run.
func (h *pageHeap) trim(id spanID, n uint32) {
	sp := h.span(id)
	rest, lo, hi := sp.pages-n, max(sp.lo, n)-n, max(sp.hi, n)-n
	taken := min(sp.dirty, n)
	h.dirty -= int64(taken)
	if rest == 0 {
		return
	}
	id2 := h.newSpan()
	if id2 == 0 {
		return // no index left: the span keeps the pages, which costs them but breaks nothing
	}
	if lo == hi {
		hi = rest // which of them are dirty is not known
	}
	*h.span(id2) = span{first: sp.first + uint64(n), pages: rest, dirty: sp.dirty - taken, lo: lo, hi: hi}
	sp.pages = n
	h.insert(id2)
}

// giveBack makes a span's pages a free run, joined with its free neighbours, and returns them to the system when far
// too many are resident without an owner.
func (h *pageHeap) giveBack(id spanID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	sp := h.span(id)
	h.inUse -= int64(sp.pages)
	h.dirty += int64(sp.pages)
	sp.dirty, sp.lo, sp.hi = sp.pages, 0, sp.pages
	if before := *h.slot(sp.first - 1); before != 0 && h.span(before).run {
		h.remove(before)
		sp.join(h.span(before), sp)
		h.dropSpan(before)
	}
	if end := sp.first + uint64(sp.pages); end < h.top {
		if after := *h.slot(end); after != 0 && h.span(after).run {
			h.remove(after)
			sp.join(sp, h.span(after))
			h.dropSpan(after)
		}
	}
	if h.dirty > max(hoardMin, h.inUse/hoardPart) {
		h.discard(sp, sp.pages)
	}
	h.insert(id)
}

// discard returns up to so many pages of a free run to the system. Only what lies between dirty pages is named to it: it walks all it is given.
func (h *pageHeap) discard(sp *span, most uint32) {
	n := min(sp.hi-sp.lo, most)
	at := sp.first + uint64(sp.lo)
	if m := h.a.mapping[at<<pageBits : (at+uint64(n))<<pageBits]; h.a.file == nil {
		discard(m)
	} else {
		punch(m)
	}
	clean := sp.dirty
	if sp.lo += n; sp.lo < sp.hi {
		clean = min(n, sp.dirty-1) // how many of them were dirty is not known
	}
	h.dirty -= int64(clean)
	h.lowest = min(h.lowest, h.dirty)
	sp.dirty -= clean
}

// Tidy returns free pages to the system until no more than the slack are left.
func (a *Arena) Tidy() { a.pages.tidyTo(0) }

// Decay is for the background, once a second: it returns the free pages that nobody needed during its last calls. What comes and goes in
// between keeps its pages, whose faults and returns would cost more than anything else that is done with them.
func (a *Arena) Decay() {
	if keep, look := a.pages.needed(); look {
		a.pages.tidyTo(keep)
	}
}

// needed gives how many of the free pages were in use at some time since it last looked back, and whether it did look back.
func (h *pageHeap) needed() (pages int64, look bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.decays++; h.decays < decayCalls {
		return 0, false
	}
	pages = h.dirty - h.lowest
	h.decays, h.lowest = 0, h.dirty
	return pages, true
}

func (h *pageHeap) tidyTo(keep int64) {
	for id := spanID(1); id != 0; {
		id = h.tidy(id, keep)
	}
}

// tidy goes on at a span, under one hold of the mutex, and gives the span where to go on, 0 at the end.
func (h *pageHeap) tidy(from spanID, keep int64) spanID {
	h.mu.Lock()
	defer h.mu.Unlock()
	calls := 0
	keep = max(keep, slackMin, h.inUse/slackPart)
	for id := from; id < spanID(h.spanTop) && h.dirty > keep; id++ {
		for sp := h.span(id); sp.run && sp.dirty > 0 && h.dirty > keep; calls++ {
			if calls == tidyCalls {
				return id
			}
			h.discard(sp, uint32(min(tidyPages, h.dirty-keep)))
		}
		if id-from == 4096 {
			return id + 1
		}
	}
	return 0
}

// join makes sp the run of x and y behind it; it is one of the two.
func (sp *span) join(x, y *span) {
	lo, hi := x.lo, x.pages+y.hi
	if x.dirty == 0 {
		lo = x.pages + y.lo
	}
	if y.dirty == 0 {
		hi = x.hi
	}
	sp.first, sp.pages, sp.dirty, sp.lo, sp.hi = x.first, x.pages+y.pages, x.dirty+y.dirty, lo, hi
}

func binOf(pages uint32) int { return int(min(pages, bins-1)) }

// insert puts a free run into its bin and marks its ends in the page map.
func (h *pageHeap) insert(id spanID) {
	sp := h.span(id)
	sp.run = true
	*h.slot(sp.first) = id
	*h.slot(sp.first + uint64(sp.pages) - 1) = id
	b := binOf(sp.pages)
	sp.prev, sp.next = 0, h.bin[b]
	if sp.next != 0 {
		h.span(sp.next).prev = id
	}
	h.bin[b] = id
	h.full |= 1 << b
}

// remove takes a free run out of its bin.
func (h *pageHeap) remove(id spanID) {
	sp := h.span(id)
	b := binOf(sp.pages)
	if sp.prev != 0 {
		h.span(sp.prev).next = sp.next
	} else {
		h.bin[b] = sp.next
	}
	if sp.next != 0 {
		h.span(sp.next).prev = sp.prev
	}
	if h.bin[b] == 0 {
		h.full &^= 1 << b
	}
}

func (h *pageHeap) newSpan() spanID {
	if id := h.spareSpan; id != 0 {
		h.spareSpan = h.span(id).next
		return id
	}
	if (int(h.spanTop)+1)*spanBytes > len(h.spans) || !h.ready(h.spans, int(h.spanTop)*spanBytes, (int(h.spanTop)+1)*spanBytes) {
		return 0
	}
	h.spanTop++
	return spanID(h.spanTop - 1)
}

func (h *pageHeap) dropSpan(id spanID) {
	*h.span(id) = span{next: h.spareSpan}
	h.spareSpan = id
}

// collect gives the spans of a class. The class's mutex is held, so that none comes or goes.
func (h *pageHeap) collect(kind Kind, class int) (ids []spanID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id := spanID(1); id < spanID(h.spanTop); id++ {
		if sp := h.span(id); sp.pages > 0 && !sp.run && int(sp.class) == class && sp.kind == kind {
			ids = append(ids, id)
		}
	}
	return ids
}

func (h *pageHeap) mapped() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return (h.inUse + h.dirty) << pageBits
}

// metaBytes is what the span table and the page map have resident.
func (h *pageHeap) metaBytes() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return int64(h.spanTop)*int64(spanBytes) + int64(h.top)*4
}
