// Ahead: the memory that the next requests of a batch will need is loaded while others are run.

package core

import (
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/dict"
	"github.com/cachesrv/cachesrv/core/sorted"
	"github.com/cachesrv/cachesrv/core/table"
)

// Window is how many requests are looked at together.
const Window = 16

// aheadFrom is the used memory below which all there is stays in the cache anyway.
const aheadFrom = 4 << 20

// Wanted is the key that a coming request names, and two of its other arguments, if it has any: one of them may be a name inside of a big
// value.
type Wanted struct {
	Key          Key
	Second, Last []byte
}

// WorthWhile tells whether LookAhead would gain anything.
func (t *Tx) WorthWhile() bool { return t.s.mem.Used() > aheadFrom }

// LookAhead loads the buckets and items of keys into the cache, and those of names inside of a value that several requests in a row ask
// for. It changes nothing and waits for nobody. Up to Window keys; call it between Enter and Leave, without locks.
func (t *Tx) LookAhead(db int, want []Wanted) {
	var f fetch
	for i := range want {
		if k := want[i].Key; i == 0 || k.Hash != want[i-1].Key.Hash {
			f.add(t.bucketOf(db, k), k.Hash)
		}
	}
	f.load(t.s.mem, 64)
	for i := 0; i < len(want); {
		n := 1
		for i+n < len(want) && want[i+n].Key.Hash == want[i].Key.Hash {
			n++
		}
		if n > 1 {
			t.aheadWithin(db, want[i:i+n])
		}
		i += n
	}
}

// bucketOf is the bucket in which a key was looked for last, or would have been; 0 if there is none. It locks nothing: a prefetch that waits for the
// translation of its address would hold up a locked instruction, and with it the next key's.
func (t *Tx) bucketOf(db int, k Key) arena.Ref {
	at := t.s.dbs[db].Load()
	return table.Place(t.s.mem, t.s.shardOf(k).count[at].trail.Load(), k.Hash)
}

// fetch is a list of buckets to be loaded with what they have under a hash each.
type fetch struct {
	buckets [Window]arena.Ref
	hashes  [Window]uint64
	n       int
}

// add takes a bucket that may be none.
func (f *fetch) add(b arena.Ref, hash uint64) {
	if b != 0 {
		f.buckets[f.n], f.hashes[f.n] = b, hash
		f.n++
	}
}

// load begins to load the first of so many bytes of each block, and the last ones where they are in another line. It follows a chain for
// some buckets, not without end: what looks like one may be anything.
func (f *fetch) load(mem *arena.Arena, bytes arena.Ref) {
	var lines [2 * Window]arena.Ref
	for range 4 {
		mem.PrefetchAll(f.buckets[:f.n])
		found, chained := 0, 0
		for i, b := range f.buckets[:f.n] {
			hash := f.hashes[i]
			block, chain := table.Beyond(mem, b, hash)
			if block != 0 {
				lines[found], lines[found+1] = block, block+bytes-1
				found += 2
			} else if chain != 0 {
				f.buckets[chained], f.hashes[chained] = chain, hash
				chained++
			}
		}
		mem.PrefetchAll(lines[:found])
		if f.n = chained; f.n == 0 {
			return
		}
	}
}

// aheadWithin is for requests that all name one key.
func (t *Tx) aheadWithin(db int, want []Wanted) {
	sh := t.s.shardOf(want[0].Key)
	if !sh.mu.TryLock() {
		return
	}
	defer sh.mu.Unlock()
	ks := t.s.space(db, want[0].Key)
	if ks == nil {
		return
	}
	_, it := t.s.lookup(ks, want[0].Key)
	if !it.Ok() || !it.Owns() {
		return
	}
	var tab table.Table
	switch it.Type() {
	case Set, Hash:
		tab = dict.Names(t.s.mem, it.Value())
	case SortedSet:
		tab = sorted.Names(t.s.mem, it.Value())
	default:
		return
	}
	var f fetch
	for i := range want {
		name := want[i].Second
		if it.Type() == SortedSet {
			name = want[i].Last
		}
		if name != nil {
			hash := t.s.hash(name)
			f.add(table.Place(t.s.mem, tab.Trail(), hash), hash)
		}
	}
	f.load(t.s.mem, 32)
}
