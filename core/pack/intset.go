// Intset: a sorted set of integers, all of one width.

package pack

import (
	"encoding/binary"
	"math"
)

// Layout: 4 bytes of width (2, 4 or 8), 4 of count, the integers in ascending order, all little endian.
const intsetHeader = 8

// EmptyIntset is the length of an intset without members.
const EmptyIntset = intsetHeader

// Intset is a whole intset; the slice's length is the set's.
type Intset []byte

// NewIntset writes an empty intset at the start of block, which holds EmptyIntset bytes at least, and returns it.
func NewIntset(block []byte) Intset {
	s := Intset(block[:intsetHeader])
	binary.LittleEndian.PutUint32(s, 2)
	s.setLen(0)
	return s
}

// OpenIntset is the intset at the start of a longer block, whose capacity it keeps.
func OpenIntset(block []byte) Intset {
	s := Intset(block)
	return s[:intsetHeader+s.Len()*s.width()]
}

// Len is the number of members.
func (s Intset) Len() int { return int(binary.LittleEndian.Uint32(s[4:])) }

// At is the member with this index in ascending order. With a random index it is a random member.
func (s Intset) At(i int) int64 { return s.at(i, s.width()) }

// Has says whether v is a member.
func (s Intset) Has(v int64) bool {
	_, found := s.Search(v)
	return found
}

// Search is the index of v, or if it is no member the index at which it would stand. Binary search.
func (s Intset) Search(v int64) (i int, found bool) {
	width, n := s.width(), s.Len()
	if widthOf(v) > width {
		if v < 0 {
			return 0, false
		}
		return n, false
	}
	low, high := 0, n
	// Members are often added in order: one look at the last one saves the search.
	if n > 0 && s.at(n-1, width) < v {
		return n, false
	}
	for low < high {
		mid := int(uint(low+high) >> 1)
		if s.at(mid, width) < v {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < n && s.at(low, width) == v
}

// SizeWith is the length that the set will have with v, which is not in it.
func (s Intset) SizeWith(v int64) int {
	return intsetHeader + (s.Len()+1)*max(s.width(), widthOf(v))
}

// Insert puts v, which is not in the set, at the index that Search gave. The capacity must be at least SizeWith(v).
// Where v is wider than the set, all members are rewritten: O(n), as moving them is.
func (s Intset) Insert(i int, v int64) Intset {
	size := s.SizeWith(v)
	if size > cap(s) {
		panic("pack: an intset is edited beyond its block")
	}
	n, width := s.Len(), s.width()
	s = s[:size]
	if w := widthOf(v); w > width {
		s.widen(i, n, width, w)
		width = w
	} else {
		at := intsetHeader + i*width
		copy(s[at+width:], s[at:intsetHeader+n*width])
	}
	s.set(i, width, v)
	s.setLen(n + 1)
	return s
}

// widen rewrites n members from one width to a larger one, leaving a gap at index gap, which is 0 or n: a member that needs more
// room than all others is the least or the greatest.
func (s Intset) widen(gap, n, from, to int) {
	shift := 0
	if gap == 0 {
		shift = 1
	}
	for i := n - 1; i >= 0; i-- {
		s.set(i+shift, to, s.at(i, from))
	}
	binary.LittleEndian.PutUint32(s, uint32(to))
}

// RemoveAt removes the member with this index. The width stays, as in Redis.
func (s Intset) RemoveAt(i int) Intset {
	n, width := s.Len(), s.width()
	at := intsetHeader + i*width
	copy(s[at:], s[at+width:])
	s.setLen(n - 1)
	return s[:len(s)-width]
}

// Add inserts v if it is not a member and says whether it did. The capacity must be at least SizeWith(v).
func (s Intset) Add(v int64) (Intset, bool) {
	i, found := s.Search(v)
	if found {
		return s, false
	}
	return s.Insert(i, v), true
}

// Remove removes v and says whether it was a member.
func (s Intset) Remove(v int64) (Intset, bool) {
	i, found := s.Search(v)
	if !found {
		return s, false
	}
	return s.RemoveAt(i), true
}

// Valid says that the bytes are an intset with at least one member: header and length only, or deep that members ascend.
// A width larger than members need is good: removing leaves it so.
func (s Intset) Valid(deep bool) bool {
	if len(s) < intsetHeader {
		return false
	}
	width := binary.LittleEndian.Uint32(s)
	if width != 2 && width != 4 && width != 8 {
		return false
	}
	n := uint64(binary.LittleEndian.Uint32(s[4:]))
	if n == 0 || intsetHeader+n*uint64(width) != uint64(len(s)) {
		return false
	}
	for i := 1; deep && i < int(n); i++ {
		if s.at(i-1, int(width)) >= s.at(i, int(width)) {
			return false
		}
	}
	return true
}

func (s Intset) width() int { return int(binary.LittleEndian.Uint32(s)) }

func (s Intset) setLen(n int) { binary.LittleEndian.PutUint32(s[4:], uint32(n)) }

func (s Intset) at(i, width int) int64 {
	b := s[intsetHeader+i*width:]
	switch width {
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(b)))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	default:
		return int64(binary.LittleEndian.Uint64(b))
	}
}

func (s Intset) set(i, width int, v int64) {
	b := s[intsetHeader+i*width:]
	switch width {
	case 2:
		binary.LittleEndian.PutUint16(b, uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(b, uint32(v))
	default:
		binary.LittleEndian.PutUint64(b, uint64(v))
	}
}

// widthOf is the width that v needs.
func widthOf(v int64) int {
	switch {
	case v >= math.MinInt16 && v <= math.MaxInt16:
		return 2
	case v >= math.MinInt32 && v <= math.MaxInt32:
		return 4
	default:
		return 8
	}
}
