// seen: finds out whether a text comes twice.

package rdb

import (
	"hash/maphash"
)

// seen is a set of texts that keeps only their hashes, two of 64 bits under keys of its own: a false alarm is less likely than
// a bit that flips in memory, and nobody can aim at one. A slot takes 16 bytes and the table is at least two fifths full, so that it
// takes at most 60 bytes a text while it grows, which is some twenty times what the shortest texts take in a payload.
type seen struct {
	slots [][2]uint64
	n     int
	keys  [2]maphash.Seed
	ready bool
}

const (
	seenFirst = 64   // slots at the start
	seenKeep  = 1024 // slots that are kept for the next value
)

// reset empties it.
func (s *seen) reset() {
	if !s.ready {
		s.keys, s.ready = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, true
	}
	if len(s.slots) > seenKeep || len(s.slots) == 0 {
		s.slots = make([][2]uint64, seenFirst)
	} else if s.n > 0 {
		clear(s.slots)
	}
	s.n = 0
}

// add puts a text in; false if it is there already.
func (s *seen) add(text []byte) bool {
	if s.n*5 >= len(s.slots)*4 {
		s.grow()
	}
	h := [2]uint64{maphash.Bytes(s.keys[0], text) | 1, maphash.Bytes(s.keys[1], text)} // never all zero, which is an empty slot
	return s.put(h)
}

func (s *seen) put(h [2]uint64) bool {
	mask := uint64(len(s.slots) - 1)
	for i := h[1] & mask; ; i = (i + 1) & mask {
		switch s.slots[i] {
		case h:
			return false
		case [2]uint64{}:
			s.slots[i] = h
			s.n++
			return true
		}
	}
}

func (s *seen) grow() {
	old := s.slots
	s.slots, s.n = make([][2]uint64, 2*len(old)), 0
	for _, h := range old {
		if h != ([2]uint64{}) {
			s.put(h)
		}
	}
}
