// span: a run of pages cut into blocks of one class. Its free blocks are linked through their first bytes.

package arena

import "unsafe"

// spanID is an index into the page heap's span table; 0 is none.
type spanID uint32

const classLarge = 0xff // the span is one block

type spanState uint8

const (
	spanCurrent    spanState = iota // blocks of its class come from here
	spanPartial                     // in the list of spans with room
	spanFull                        // in no list
	spanEvacuating                  // in no list: its blocks are asked to move, none is given out
	spanLarge                       // one block
)

// span is 56 bytes outside the Go heap. The mutex of its class guards it; the page heap's guards what pageHeap lists.
type span struct {
	first uint64 // first page
	pages uint32
	dirty uint32 // free: how many of its pages may be resident; they lie between
	lo    uint32 // … this one
	hi    uint32 // … and the one before this
	next  spanID // of the list it is in
	prev  spanID
	free  uint32 // first free block, as its offset in the span / 8 + 1; 0 none
	fresh uint32 // offset of the first block never given out
	used  uint32 // live blocks
	class uint8
	kind  Kind
	state spanState
	run   bool // pages without an owner, known to the page heap
}

const spanBytes = int(unsafe.Sizeof(span{}))

// take gives a block of class c. cs.mu is held.
func (a *Arena) take(cs *classState, kind Kind, c int) Ref {
	size := sizes[c]
	sp := a.pages.span(cs.current)
	if cs.current == 0 || sp.free == 0 && sp.fresh+size > sp.pages<<pageBits {
		if !a.refill(cs, kind, c) {
			return 0
		}
		sp = a.pages.span(cs.current)
	}
	if sp.used == 0 {
		cs.empty--
	}
	sp.used++
	cs.used++
	start := Ref(sp.first << pageBits)
	if sp.free != 0 {
		r := start + Ref(sp.free-1)<<RefAlign
		a.debugReuse(r, int(size))
		sp.free = uint32(*a.Word(r))
		return r
	}
	r := start + Ref(sp.fresh)
	sp.fresh += size
	return r
}

// refill makes a span with room the current one: a partial one if there is, else a new one.
func (a *Arena) refill(cs *classState, kind Kind, c int) bool {
	if cs.current != 0 {
		a.pages.span(cs.current).state = spanFull
		cs.current = 0
	}
	if id := cs.partial; id != 0 {
		a.unlist(cs, id)
		a.pages.span(id).state = spanCurrent
		cs.current = id
		return true
	}
	id := a.pages.obtain(spanPages[c], kind, uint8(c), spanCurrent)
	if id == 0 {
		return false
	}
	cs.current = id
	cs.spans++
	cs.empty++
	return true
}

// put takes a block back. cs.mu is held.
func (a *Arena) put(cs *classState, id spanID, sp *span, r Ref) {
	*a.Word(r) = uint64(sp.free)
	sp.free = uint32((r-Ref(sp.first<<pageBits))>>RefAlign) + 1
	sp.used--
	cs.used--
	switch {
	case sp.used > 0:
		if sp.state == spanFull {
			sp.state = spanPartial
			a.list(cs, id)
		}
		return
	case cs.empty == 0 && sp.state != spanEvacuating:
		cs.empty++ // one empty span per class is kept, so that a class going up and down by one block costs no pages
		if sp.state == spanFull {
			sp.state = spanPartial
			a.list(cs, id)
		}
		sp.free, sp.fresh = 0, 0
		return
	}
	switch sp.state {
	case spanCurrent:
		cs.current = 0
	case spanPartial:
		a.unlist(cs, id)
	}
	cs.spans--
	a.pages.giveBack(id)
}

func (a *Arena) list(cs *classState, id spanID) {
	sp := a.pages.span(id)
	sp.prev, sp.next = 0, cs.partial
	if cs.partial != 0 {
		a.pages.span(cs.partial).prev = id
	}
	cs.partial = id
}

func (a *Arena) unlist(cs *classState, id spanID) {
	sp := a.pages.span(id)
	if sp.prev != 0 {
		a.pages.span(sp.prev).next = sp.next
	} else {
		cs.partial = sp.next
	}
	if sp.next != 0 {
		a.pages.span(sp.next).prev = sp.prev
	}
	sp.next, sp.prev = 0, 0
}

// allocLarge gives a block that is a span of its own.
func (a *Arena) allocLarge(n int, kind Kind) Ref {
	pages := uint32((uint64(n) + pageSize - 1) >> pageBits)
	id := a.pages.obtain(pages, kind, classLarge, spanLarge)
	if id == 0 {
		return 0
	}
	sp := a.pages.span(id)
	a.used.Add(int64(sp.pages) << pageBits)
	r := Ref(sp.first << pageBits)
	a.debugAlloc(r, n)
	return r
}
