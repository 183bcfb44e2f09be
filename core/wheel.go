// wheel: when the items of a keyspace expire, as a hierarchical timing wheel.

package core

import (
	"math/bits"

	"github.com/cachesrv/cachesrv/core/arena"
)

// A wheel (Varghese, Lauck 1987) has six levels of 64 slots. Time is counted in units of 128 ms; an entry lies at the level of the
// highest 6-bit digit in which its time differs from the wheel's, in the slot of that digit. When the wheel's time reaches a slot of
// a higher level, its entries move down; at the lowest they fire.
//
// An entry is 8 bytes: the low half of the key's hash and the time. It names no item: when it fires, the items in the bucket
// whose hash agrees are looked at, those that are due go, those that are due later are queued again. So moving or overwriting an item costs nothing
// here, nor does pushing an expiry back, and a deleted item's entry finds nothing.
const (
	wheelUnit   = 128 // ms
	wheelLevels = 6
	wheelSlots  = 64

	chunkBytes   = 128 // a slot's entries are a list of chunks: one word of link and count, then entries
	chunkEntries = chunkBytes/8 - 1
	chunkCount   = arena.RefBits // the count is above the link

	headsBytes = wheelLevels*wheelSlots*8 + wheelLevels*8 + 32 // of the wheel itself, on the Go heap, without pointers
)

type wheel struct {
	heads   [wheelLevels][wheelSlots]arena.Ref // newest chunk of every slot
	filled  [wheelLevels]uint64                // bit per slot that is not empty
	now     uint32                             // units; no filled slot lies before it
	entries int
	chunks  int
	lost    bool // an entry could not be stored for want of memory: see renewal
}

// add queues an entry for a time, the next unit at the earliest. false: no memory.
func (w *wheel) add(s *Store, hash, at uint32) bool {
	at = max(at, w.now+1)
	level := (bits.Len32(at^w.now) - 1) / 6
	slot := at >> (6 * level) & (wheelSlots - 1)
	ref := w.heads[level][slot]
	n := chunkEntries
	if ref != 0 {
		n = int(*s.mem.Word(ref) >> chunkCount)
	}
	if n == chunkEntries {
		more := s.mem.Alloc(chunkBytes, arena.Fixed)
		if more == 0 {
			w.lost = true
			return false
		}
		s.sizes.wheels.Add(chunkBytes)
		w.chunks++
		*s.mem.Word(more) = uint64(ref)
		ref, n = more, 0
		w.heads[level][slot] = ref
		w.filled[level] |= 1 << slot
	}
	*s.mem.Word(ref + arena.Ref(8+8*n)) = uint64(hash)<<32 | uint64(at)
	*s.mem.Word(ref) += 1 << chunkCount
	w.entries++
	return true
}

// next is where the first filled slot is and when it begins; false if all are empty. A slot of a higher level that has begun and is
// not yet emptied comes first: entries in it may be due before those of any other.
func (w *wheel) next() (level, slot int, at uint32, ok bool) {
	for level := wheelLevels - 1; level > 0; level-- {
		if slot := w.now >> (6 * level) & (wheelSlots - 1); w.filled[level]>>slot&1 != 0 {
			return level, int(slot), w.now, true
		}
	}
	for level := range wheelLevels {
		if w.filled[level] != 0 {
			slot := bits.TrailingZeros64(w.filled[level])
			above := uint64(w.now) >> (6 * (level + 1)) << (6 * (level + 1))
			return level, slot, uint32(above | uint64(slot)<<(6*level)), true
		}
	}
	return 0, 0, 0, false
}

// pop takes one chunk whose slot begins by unit to, and copies its entries to buf. false: there is none, and the wheel's time is to.
func (w *wheel) pop(s *Store, to uint32, buf *[chunkEntries]uint64) ([]uint64, bool) {
	level, slot, at, ok := w.next()
	if !ok || at > to {
		w.now = max(w.now, to)
		return nil, false
	}
	w.now = max(w.now, at)
	ref := w.heads[level][slot]
	n := int(*s.mem.Word(ref) >> chunkCount)
	for i := range n {
		buf[i] = *s.mem.Word(ref + arena.Ref(8+8*i))
	}
	w.take(s, level, slot)
	return buf[:n], true
}

// take gives the newest chunk of a slot back.
func (w *wheel) take(s *Store, level, slot int) {
	ref := w.heads[level][slot]
	head := *s.mem.Word(ref)
	w.heads[level][slot] = arena.Ref(head & (1<<chunkCount - 1))
	if w.heads[level][slot] == 0 {
		w.filled[level] &^= 1 << slot
	}
	s.mem.Free(ref, chunkBytes)
	s.sizes.wheels.Add(-chunkBytes)
	w.chunks--
	w.entries -= int(head >> chunkCount)
}

// bytes is what the chunks take; the caller of free counts them off.
func (w *wheel) bytes() int64 { return int64(w.chunks) * chunkBytes }

// free gives the chunks back; the wheel is empty then.
func (w *wheel) free(s *Store) {
	for level := range w.heads {
		for slot, ref := range w.heads[level] {
			for ref != 0 {
				next := arena.Ref(*s.mem.Word(ref) & (1<<chunkCount - 1))
				s.mem.Free(ref, chunkBytes)
				ref = next
			}
			w.heads[level][slot] = 0
		}
		w.filled[level] = 0
	}
	w.entries, w.chunks, w.lost = 0, 0, false
}
