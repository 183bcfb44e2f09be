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
	var buckets [Window]arena.Ref
	for i := range want {
		if k := want[i].Key; i == 0 || k.Hash != want[i-1].Key.Hash {
			buckets[i] = t.ahead(db, k)
		}
	}
	for i, b := range buckets[:len(want)] {
		if b != 0 {
			table.Beyond(t.s.mem, b, want[i].Key.Hash, 64)
		}
	}
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

func (t *Tx) ahead(db int, k Key) (b arena.Ref) {
	sh := t.s.shardOf(k)
	if !sh.mu.TryLock() {
		return 0
	}
	if ks := t.s.space(db, k); ks != nil {
		b = ks.tab.Ahead(k.Hash)
	}
	sh.mu.Unlock()
	return b
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
	var buckets [Window]arena.Ref
	var hashes [Window]uint64
	for i := range want {
		name := want[i].Second
		if it.Type() == SortedSet {
			name = want[i].Last
		}
		if name != nil {
			hashes[i] = t.s.hash(name)
			buckets[i] = tab.Ahead(hashes[i])
		}
	}
	for i, b := range buckets[:len(want)] {
		if b != 0 {
			table.Beyond(t.s.mem, b, hashes[i], 32)
		}
	}
}
