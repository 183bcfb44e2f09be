// Ahead: bringing a bucket, and what it refers to, into the cache before it is looked at.

package table

import "github.com/cachesrv/cachesrv/core/arena"

// Ahead begins to load the bucket of a hash and names it for Beyond.
func (t *Table) Ahead(h uint64) arena.Ref {
	return t.AheadOf(t.Index(h))
}

// AheadOf is Ahead for bucket i.
func (t *Table) AheadOf(i int) arena.Ref {
	b := t.seg(uint32(i)>>segBits) + arena.Ref(i&(segBuckets-1))*bucketBytes
	t.a.Prefetch(b)
	return b
}

// Beyond begins to load the first of n bytes of the blocks that the bucket, as Ahead gave it, has under a hash, and the last ones if they are
// in another line. It needs no lock: the bucket may have changed, then the wrong memory is loaded.
func Beyond(a *arena.Arena, b arena.Ref, h uint64, n int) {
	w := a.Glimpse(b)
	for _, s := range w {
		if s == 0 {
			return
		}
		if s&chainBit == 0 && (s^h<<tagShift)&tagMask == 0 {
			r := refOf(s)
			a.Prefetch(r)
			if r&63+arena.Ref(n) > 64 {
				a.Prefetch(r + arena.Ref(n) - 1)
			}
		}
	}
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
