// slot: one word of a bucket.

package table

import "github.com/cachesrv/cachesrv/core/arena"

// A slot's bits: 37 of reference (it is a multiple of 8 below 2^40), the chain bit, the mark, 25 of the hash. An empty slot is 0.
const (
	refBits  = arena.RefBits - arena.RefAlign
	refMask  = 1<<refBits - 1
	chainBit = 1 << refBits
	markBit  = 1 << (refBits + 1)
	tagShift = refBits + 2
	TagBits  = 64 - tagShift // low bits of the hash that a slot keeps
	tagMask  = (1<<TagBits - 1) << tagShift
)

func pack(h uint64, r arena.Ref, mark bool) uint64 {
	s := h<<tagShift | uint64(r)>>arena.RefAlign
	if mark {
		s |= markBit
	}
	return s
}

func chainTo(r arena.Ref) uint64 { return chainBit | uint64(r)>>arena.RefAlign }

func refOf(s uint64) arena.Ref { return arena.Ref(s&refMask) << arena.RefAlign }
