// Arena: blocks by Ref; Alloc, Free, and the two ways to look at a block's bytes.

package arena

import (
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Ref names a block: its offset in the arena, a multiple of 8 below 2^40. Zero names none.
type Ref uint64

// RefBits is how many bits a Ref needs; the lowest RefAlign of them are zero.
const (
	RefBits  = 40
	RefAlign = 3
)

// Kind tells blocks apart that must not share spans.
type Kind uint8

const (
	Movable Kind = iota // the owner can move the block when its span is evacuated
	Fixed               // the owner cannot
	kinds
)

// Arena is one reserved range and its allocator. Its methods may be called from any goroutine.
type Arena struct {
	base    unsafe.Pointer // of the reserved range
	limit   uint64         // its length in bytes
	mapping []byte         // the range as the system gave it
	file    *backing       // nil: the range is in no file

	used  atomic.Int64 // bytes of live blocks, rounding included
	sets  [kinds][classes]classState
	pages pageHeap
	debug debugState

	huge   bool   // HugePages; pages.mu guards both
	filled uint64 // where Filling began; 0: it does not
}

// classState is one class of one kind. mu guards it and the spans of it.
type classState struct {
	mu      sync.Mutex
	current spanID // where blocks come from; 0 none
	partial spanID // list of other spans with room
	spans   int32
	empty   int32 // of those, spans without a live block (at most one is kept)
	used    int64 // live blocks

	evacuating int // spans marked since the last Settle
}

// New reserves size bytes of addresses, fewer if the system does not grant as many (but at least 64 MB). Nothing of it is
// resident until it is used.
func New(size int64) (*Arena, error) { return open(size, nil, reserve) }

// open is New with a way to get the range.
func open(size int64, file *backing, reserve func(n int) ([]byte, error)) (*Arena, error) {
	if size <= 0 || size > 1<<RefBits {
		size = 1 << RefBits
	}
	for ; ; size /= 2 {
		m, err := reserve(int(size))
		if err == nil {
			a := &Arena{mapping: m, base: unsafe.Pointer(unsafe.SliceData(m)), limit: uint64(len(m)), file: file}
			if err := a.pages.init(a, uint64(size)>>pageBits); err != nil {
				release(m)
				return nil, err
			}
			return a, nil
		}
		if size < 128<<20 {
			return nil, fmt.Errorf("arena: reserving %d bytes of address space: %w", size, err)
		}
	}
}

// Close gives everything back. No Ref is valid afterwards.
func (a *Arena) Close() {
	a.pages.close()
	release(a.mapping)
	a.mapping, a.base, a.limit = nil, nil, 0
}

// Alloc gives a block of at least n bytes with undefined content; 0 if the range is used up. That the system has no memory left shows only
// when the block is written to, and ends the process: the store's limit has to be set below that.
func (a *Arena) Alloc(n int, kind Kind) Ref {
	if a.debugRefuses() {
		return 0
	}
	if n > classMax {
		return a.allocLarge(n, kind)
	}
	c := classOf(n)
	cs := &a.sets[kind][c]
	cs.mu.Lock()
	r := a.take(cs, kind, c)
	cs.mu.Unlock()
	if r != 0 {
		a.used.Add(int64(sizes[c]))
		a.debugAlloc(r, n)
	}
	return r
}

// Free gives a block back that was allocated with (or last Resized to) n bytes.
func (a *Arena) Free(r Ref, n int) {
	a.debugFree(r, n)
	id := a.pages.spanOf(r)
	sp := a.pages.span(id)
	if sp.class == classLarge {
		a.used.Add(-int64(sp.pages) << pageBits)
		a.pages.giveBack(id)
		return
	}
	a.used.Add(-int64(sizes[sp.class]))
	cs := &a.sets[sp.kind][sp.class]
	cs.mu.Lock()
	a.put(cs, id, sp, r)
	cs.mu.Unlock()
}

// Resized tells that the owner of a block now uses n of its bytes, not old; SizeOf of both must be equal. It costs nothing
// outside of debug builds.
func (a *Arena) Resized(r Ref, old, n int) { a.debugResized(r, old, n) }

// Bytes is the first n bytes of a block.
func (a *Arena) Bytes(r Ref, n int) []byte {
	if uint64(r)+uint64(n) > a.limit {
		panic("arena: reference outside of the arena")
	}
	a.debugAccess(r, n)
	return unsafe.Slice((*byte)(unsafe.Add(a.base, r)), n)
}

// Words is the first 64 bytes of a block as eight words: a cache line where the class aligns it.
func (a *Arena) Words(r Ref) *[8]uint64 {
	if uint64(r)+64 > a.limit {
		panic("arena: reference outside of the arena")
	}
	a.debugAccess(r, 64)
	return (*[8]uint64)(unsafe.Add(a.base, r))
}

// Word is the first 8 bytes of a block as one word.
func (a *Arena) Word(r Ref) *uint64 {
	if uint64(r)+8 > a.limit {
		panic("arena: reference outside of the arena")
	}
	return (*uint64)(unsafe.Add(a.base, r))
}

// Used is how many bytes live blocks take, rounding included.
func (a *Arena) Used() int64 { return a.used.Load() }

// Mapped is how many bytes of pages hold spans or were freed a moment ago and not yet given back: what the resident size should show.
func (a *Arena) Mapped() int64 { return a.pages.mapped() + a.pages.metaBytes() }

// Class is the state of one size class of one kind.
type Class struct {
	Kind      Kind
	Size      int // bytes of a block
	SpanPages int // pages of a span
	Spans     int
	Total     int64 // blocks that the spans hold
	Used      int64 // of those, live
}

// Classes gives the classes that have spans, in ascending size.
func (a *Arena) Classes() (all []Class) {
	for c := range sizes {
		for k := range a.sets {
			cs := &a.sets[k][c]
			cs.mu.Lock()
			if cs.spans > 0 {
				all = append(all, Class{Kind: Kind(k), Size: int(sizes[c]), SpanPages: int(spanPages[c]), Spans: int(cs.spans),
					Total: int64(cs.spans) * perSpan(c), Used: cs.used})
			}
			cs.mu.Unlock()
		}
	}
	return all
}
