// Ahead: bringing a bucket, and what it refers to, into the cache before it is looked at.

package table

import "github.com/cachesrv/cachesrv/core/arena"

// trailBits are for the number of buckets; what has more is not looked ahead in.
const trailBits = 64 - refBits

// Trail is where the buckets are, in a word that those who look ahead may read without a lock; 0 if it does not fit.
func (t *Table) Trail() uint64 {
	if t.n >= 1<<trailBits {
		return 0
	}
	return uint64(t.dir)>>arena.RefAlign<<trailBits | uint64(t.n)
}

// Place is the bucket of a hash in the table that has, or had, that trail: a guess. 0: none.
func Place(a *arena.Arena, trail, h uint64) arena.Ref {
	n, dir := uint32(trail&(1<<trailBits-1)), arena.Ref(trail>>trailBits<<arena.RefAlign)
	if n == 0 {
		return 0
	}
	i := index(h, n, levelOf(n))
	if n > segBuckets {
		dir = arena.Ref(a.Glimpse(dir, i>>segBits))
	}
	return dir + arena.Ref(i&(segBuckets-1))*bucketBytes
}

// AheadOf begins to load bucket i.
func (t *Table) AheadOf(i int) {
	t.a.Prefetch(t.seg(uint32(i)>>segBits) + arena.Ref(i&(segBuckets-1))*bucketBytes)
}

// Beyond is the block that a bucket has under a hash, and the bucket with which its chain goes on, 0 for none. It needs no lock, and both are guesses: the
// bucket may have changed, or be none any more. There is no branch to guess wrong on what the slots hold, which may still be on its way.
func Beyond(a *arena.Arena, b arena.Ref, h uint64) (block, chain arena.Ref) {
	tag := h << tagShift >> tagShift
	var found, s uint64
	for i := range uint32(width) {
		s = a.Glimpse(b, i)
		found |= s & uint64(int64(s>>tagShift^tag-1)>>63) // all ones where the tags agree
	}
	return refOf(found), refOf(s) & -arena.Ref(s>>refBits&1)
}

// AheadIn begins to load what bucket i refers to, and the bucket two behind it.
func (t *Table) AheadIn(i int) {
	if i+2 < t.Buckets() {
		t.AheadOf(i + 2)
	}
	if i >= t.Buckets() {
		return
	}
	for _, s := range t.bucket(uint32(i)) {
		t.a.Prefetch(refOf(s))
	}
}

// AheadOfLast begins to load what the bucket before the last one refers to, which DropLast will hand out next.
func (t *Table) AheadOfLast() {
	if t.n > 1 {
		for _, s := range t.bucket(t.n - 2) {
			t.a.Prefetch(refOf(s))
		}
	}
}
