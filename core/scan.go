// Scan, Each and Random: looking over a whole database, one shard's lock at a time.

package core

import (
	"math/bits"
	"math/rand/v2"

	"github.com/cachesrv/cachesrv/core/table"
)

// Scan visits about count items from a cursor on and returns the next cursor; 0 starts and ends. A key that is there from start to
// end is visited, however the database grows or shrinks meanwhile; one may be visited twice. No lock may be held but LockAll's; f
// runs under the shard's lock and must not use the Tx. A cursor nobody gave is no harm.
func (t *Tx) Scan(db int, cursor uint64, count int, f func(Item)) uint64 {
	shardBits := bits.TrailingZeros(uint(len(t.s.shards)))
	index, at := int(cursor)&(len(t.s.shards)-1), cursor>>shardBits
	for visited := 0; index < len(t.s.shards); {
		t.within(index, func(sh *shard) {
			ks := sh.spaces[t.s.dbs[db].Load()]
			for steps := 0; ; steps++ {
				if ks == nil {
					at = 0
				} else {
					at = ks.tab.Scan(at, func(p *table.Probe) {
						visited++
						if it := t.s.item(p.Ref()); !t.expired(it) {
							f(it)
						}
					})
				}
				if at == 0 || visited >= count || steps > 10*count {
					return
				}
			}
		})
		if at == 0 {
			index++
		}
		if visited >= max(count, 1) {
			break
		}
	}
	if index == len(t.s.shards) {
		return 0
	}
	return at<<shardBits | uint64(index)
}

func (t *Tx) expired(it Item) bool {
	at := it.ExpireAt()
	return at != 0 && at <= t.now
}

// eachBatch is how many buckets Each visits under one hold of a shard's lock: some 500 items.
const eachBatch = 96

// Each visits every item that is not expired once, until f says false. Between batches others may change what comes next, unless
// LockAll is held; what is there from start to end is visited. f runs under the shard's lock and must not use the Tx.
func (t *Tx) Each(db int, f func(Item) bool) {
	for i, on := 0, true; on && i < len(t.s.shards); i++ {
		for b, more := 0, true; more; b += eachBatch {
			t.within(i, func(sh *shard) { on, more = t.eachSome(sh, db, b, f) })
		}
	}
}

// eachSome visits a batch of buckets. From the first to the last batch of a shard its table is frozen, so that buckets keep their items; nobody
// can take it away meanwhile, because that needs the store exclusively. on: f wants more; more: the shard has more.
func (t *Tx) eachSome(sh *shard, db, from int, f func(Item) bool) (on, more bool) {
	ks := sh.spaces[t.s.dbs[db].Load()]
	if ks == nil {
		return true, false
	}
	if from == 0 {
		ks.tab.Freeze()
	}
	defer func() {
		if !more { // or f panicked
			before := ks.tab.Bytes()
			ks.tab.Thaw()
			t.s.tableChanged(ks, before)
		}
	}()
	on = true
	to := min(from+eachBatch, ks.tab.Buckets())
	for b := from; on && b < to; b++ {
		for p := ks.tab.At(b); on && p.Next(); {
			if it := t.s.item(p.Ref()); !t.expired(it) {
				on = f(it)
			}
		}
	}
	return on, on && to < ks.tab.Buckets()
}

// Random appends the name of a random item to dst; false if there is none that is not expired.
func (t *Tx) Random(db int, dst []byte) ([]byte, bool) {
	found := false
	start := rand.IntN(len(t.s.shards))
	for i := range t.s.shards {
		if found {
			break
		}
		t.within((start+i)%len(t.s.shards), func(sh *shard) {
			if ks := sh.spaces[t.s.dbs[db].Load()]; ks != nil && ks.tab.Len() > 0 {
				dst, found = t.randomOf(ks, dst)
			}
		})
	}
	return dst, found
}

// randomOf takes a random item of the first bucket, from a random one on, that has any.
func (t *Tx) randomOf(ks *keyspace, dst []byte) ([]byte, bool) {
	n := ks.tab.Buckets()
	start := rand.IntN(n)
	for i := range n {
		var chosen Item
		seen := 0
		for p := ks.tab.At((start + i) % n); p.Next(); {
			if it := t.s.item(p.Ref()); !t.expired(it) {
				if seen++; rand.IntN(seen) == 0 {
					chosen = it
				}
			}
		}
		if chosen.Ok() {
			return append(dst, chosen.Name()...), true
		}
	}
	return dst, false
}

// AvgTTL is the mean remaining time in ms of some items of a database that have an expiry, 0 if there are none.
func (t *Tx) AvgTTL(db int) int64 {
	sum, n := int64(0), int64(0)
	for i, start := 0, rand.IntN(len(t.s.shards)); i < len(t.s.shards) && n < 32; i++ {
		t.within((start+i)%len(t.s.shards), func(sh *shard) {
			ks := sh.spaces[t.s.dbs[db].Load()]
			if ks == nil || ks.count.expiring.Load() == 0 {
				return
			}
			size := ks.tab.Buckets()
			from := rand.IntN(size)
			for b := 0; b < min(size, 64) && n < 32; b++ {
				for p := ks.tab.At((from + b) % size); p.Next(); {
					if p.Marked() {
						sum += max(0, t.s.item(p.Ref()).ExpireAt()-t.now)
						n++
					}
				}
			}
		})
	}
	return sum / max(n, 1)
}
