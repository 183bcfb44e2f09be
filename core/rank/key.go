// key: a score as an integer of the same order, and searching in a run of them.

package rank

import "math"

const signBit = 1 << 63

// keyOf gives integers in the order of scores; the two zeroes, which compare equal, give the same.
func keyOf(score float64) uint64 {
	if score == 0 {
		return signBit
	}
	b := math.Float64bits(score)
	if b&signBit != 0 {
		return ^b
	}
	return b | signBit
}

// scoreOf is the score of a key; of the two zeroes the positive one.
func scoreOf(key uint64) float64 {
	if key&signBit != 0 {
		return math.Float64frombits(key &^ signBit)
	}
	return math.Float64frombits(^key)
}

// below is how many of the ascending keys are less than k. The steps do not depend on what is compared, so none is mispredicted.
func below(keys []uint64, k uint64) int {
	at, n := 0, len(keys)
	for n > 1 {
		half := n >> 1
		if keys[at+half-1] < k {
			at += half
		}
		n -= half
	}
	if n == 1 && keys[at] < k {
		at++
	}
	return at
}
