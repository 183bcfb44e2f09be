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

// eachBatch is how many buckets Each visits under one hold of a shard's lock: some 120 items, 20 µs, less than lock spins for.
const eachBatch = 24

// eachWalk is how far Each is in one shard. While space is set, its table is frozen, so that buckets keep their items; nobody
// can take it away meanwhile, because that needs the store exclusively.
type eachWalk struct {
	space *keyspace
	next  int // bucket
	done  bool
}

// Each visits every item that is not expired once, until f says false. It goes round the shards, a batch in each, so that nobody
// finds the same shard taken again and again. Between batches others may change what comes next, unless LockAll is held; what is there from
// start to end is visited. f runs under the shard's lock and must not use the Tx.
func (t *Tx) Each(db int, f func(Item) bool) {
	walks := make([]eachWalk, len(t.s.shards))
	defer t.endEach(walks)
	for left := len(walks); left > 0; {
		for i := range walks {
			w, on := &walks[i], true
			if w.done {
				continue
			}
			t.within(i, func(sh *shard) { on = t.eachSome(sh, db, w, f) })
			if !on {
				return
			}
			if w.done {
				left--
			}
		}
	}
}

// eachSome visits a batch of buckets; false: f wants no more.
func (t *Tx) eachSome(sh *shard, db int, w *eachWalk, f func(Item) bool) bool {
	if w.space == nil {
		if w.space = sh.spaces[t.s.dbs[db].Load()]; w.space == nil {
			w.done = true
			return true
		}
		w.space.tab.Freeze()
	}
	to := min(w.next+eachBatch, w.space.tab.Buckets())
	for ; w.next < to; w.next++ {
		for p := w.space.tab.At(w.next); p.Next(); {
			if it := t.s.item(p.Ref()); !t.expired(it) && !f(it) {
				return false
			}
		}
	}
	if w.done = w.next == w.space.tab.Buckets(); w.done {
		t.thaw(w)
	}
	return true
}

func (t *Tx) thaw(w *eachWalk) {
	before := w.space.tab.Bytes()
	w.space.tab.Thaw()
	t.s.tableChanged(w.space, before)
	w.space = nil
}

// endEach thaws what an early end, or a panic of f with its shard locked, has left frozen.
func (t *Tx) endEach(walks []eachWalk) {
	if t.one != nil {
		t.Unlock()
	}
	for i := range walks {
		if w := &walks[i]; w.space != nil {
			t.within(i, func(*shard) { t.thaw(w) })
		}
	}
}

// TableBlocks tells f of the blocks that hold the tables of all databases and not items: how many of how many bytes. It takes one shard after the other.
func (t *Tx) TableBlocks(f func(bytes, n int)) {
	t.eachSpace(func(ks *keyspace) { ks.tab.Blocks(f) })
}

// eachSpace calls f for the keyspaces of all databases, each under the lock of its shard.
func (t *Tx) eachSpace(f func(ks *keyspace)) {
	for i := range t.s.shards {
		t.within(i, func(sh *shard) {
			for _, ks := range sh.spaces {
				if ks != nil {
					f(ks)
				}
			}
		})
	}
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
