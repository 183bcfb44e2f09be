// Limits: how much a node may hold, and which nodes are compressed.

package deque

import "github.com/cachesrv/cachesrv/core/pack"

// Limits is the shape of a deque, fixed when it is made. Fill: a positive number is how many elements a node may hold (and no more than
// 8 KB); -1 to -5 are node sizes of 4, 8, 16, 32 and 64 KB. Depth is how many nodes at each end are not compressed; 0: none is.
type Limits struct {
	Fill  int16
	Depth uint16
}

// LimitsOf fits settings of any size into Limits.
func LimitsOf(fill, depth int64) Limits {
	return Limits{Fill: int16(min(max(fill, -5), 1<<15-1)), Depth: uint16(min(max(depth, 0), 1<<16-1))}
}

const safeBytes = 8 << 10 // of a node whose limit is a count

// blockBytes is the biggest block of a node with several elements.
func (l Limits) blockBytes() int {
	if l.Fill < 0 {
		return 2 << 10 << min(-l.Fill, 5)
	}
	return safeBytes
}

// maxBytes and maxCount are the most that a listpack in a node may have. The node's head is part of its block, so that the block is
// exactly of a size class.
func (l Limits) maxBytes() int { return l.blockBytes() - headBytes }

func (l Limits) maxCount() int {
	if l.Fill < 0 {
		return maxCount
	}
	return max(int(l.Fill), 1)
}

// tooBig says that an element must have a node of its own.
func (l Limits) tooBig(e pack.Elem) bool { return pack.EmptyListpack+pack.Size(e) > l.maxBytes() }

// fits says whether count elements may share a node when their listpack has size bytes.
func (l Limits) fits(size, count int) bool { return size <= l.maxBytes() && count <= l.maxCount() }

// Packs says whether a list of count elements whose listpack has size bytes need not be a deque at all.
func (l Limits) Packs(size, count int) bool { return size <= l.blockBytes() && count <= l.maxCount() }

// RepackBytes is the longest listpack that a deque of count elements is to become again, 0 if it is not: half of what a listpack may have
// before it becomes a deque, so that a list at the border does not go to and fro.
func (l Limits) RepackBytes(count int) int {
	if l.Fill < 0 {
		return l.blockBytes() / 2
	}
	if count > l.maxCount()/2 {
		return 0
	}
	return l.blockBytes()
}
