// Observing: who wants to know when a key changes.

package core

import (
	"bytes"
	"slices"
	"sync"
	"sync/atomic"
)

// observers hang on a shard from the first moment that somebody wants to know of changes of its keys. mu guards what is in them, below the
// shard's mutex in the order of locks: who stops watching does not enter the store for it.
type observers struct {
	n  atomic.Int32 // entries: without any, a change costs a branch
	mu sync.Mutex

	watches map[uint64][]watching // by the key's hash; an entry names the key
	lines   map[uint64]*line      // of those who wait for a key; as watches
	idle    int                   // lines without anybody

	tracked tracked // guarded by the shard's mutex
}

// watching is one Watch's interest in one key.
type watching struct {
	db   int
	name []byte // the Watch's
	by   *Watch
}

// Watch is one client's optimistic lock on some keys (Redis's WATCH). It belongs to one goroutine; only Broken may be asked by any.
type Watch struct {
	broken atomic.Bool
	keys   []watched
}

type watched struct {
	db   int
	hash uint64
	name []byte
}

// Broken tells that a watched key has changed, expired or was evicted since it was added.
func (w *Watch) Broken() bool { return w.broken.Load() }

// Keys is how many keys are watched.
func (w *Watch) Keys() int { return len(w.keys) }

// Append adds the watched keys to those of a transaction, for locking. Their names stay the Watch's.
func (w *Watch) Append(keys []Key) []Key {
	for i := range w.keys {
		keys = append(keys, Key{Name: w.keys[i].name, Hash: w.keys[i].hash})
	}
	return keys
}

// Watch adds a key, of which the shard must be locked. The name is copied.
func (t *Tx) Watch(w *Watch, db int, k Key) {
	t.Find(db, k) // what is already due does not count as expiring later
	o := t.s.observersOf(k)
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, x := range o.watches[k.Hash] {
		if x.by == w && x.db == db && bytes.Equal(x.name, k.Name) {
			return
		}
	}
	name := slices.Clone(k.Name)
	o.watches[k.Hash] = append(o.watches[k.Hash], watching{db, name, w})
	o.n.Add(1)
	w.keys = append(w.keys, watched{db, k.Hash, name})
}

// observersOf gives the observers of a key's shard, which is locked; they are made when they are needed first.
func (s *Store) observersOf(k Key) *observers {
	sh := s.shardOf(k)
	if sh.observers == nil {
		sh.observers = &observers{watches: map[uint64][]watching{}, lines: map[uint64]*line{}}
		s.observed.Store(true)
	}
	return sh.observers
}

// Kept looks, under the locks of all watched keys, for those that are due, and tells whether the watch is unbroken.
func (t *Tx) Kept(w *Watch) bool {
	for i := range w.keys {
		if w.Broken() {
			return false
		}
		t.find(w.keys[i].db, Key{Name: w.keys[i].name, Hash: w.keys[i].hash})
	}
	return !w.Broken()
}

// Unwatch ends the interest in all keys. The caller need neither hold locks nor have entered the store.
func (s *Store) Unwatch(w *Watch) {
	for i := range w.keys {
		o, hash := s.shardOf(Key{Hash: w.keys[i].hash}).observers, w.keys[i].hash
		o.mu.Lock()
		before := len(o.watches[hash])
		rest := slices.DeleteFunc(o.watches[hash], func(x watching) bool { return x.by == w })
		if o.watches[hash] = rest; len(rest) == 0 {
			delete(o.watches, hash)
		}
		o.n.Add(int32(len(rest) - before))
		o.mu.Unlock()
	}
	w.keys = nil
	w.broken.Store(false)
}

// Announce tells those who observe a key that it has changed. Its shard must be locked. Without observers in the shard it costs a branch.
func (t *Tx) Announce(db int, k Key) {
	t.mustHold(k)
	if l := t.s.announce(t.By, db, k); l != nil {
		t.note(l)
	}
}

// announce tells those who watch the key or hold copies of it, and gives the line of those who wait for it, nil without any. by is the client
// that changed it, 0 the store itself.
func (s *Store) announce(by uint64, db int, k Key) *line {
	if s.tracking.telling.Load() {
		s.tracking.readers.Changed(by, k.Name)
	}
	o := s.shardOf(k).observers
	if o == nil || o.n.Load() == 0 {
		return nil
	}
	if o.tracked.made {
		o.tracked.announce(s, o, by, k)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, x := range o.watches[k.Hash] {
		if x.db == db && bytes.Equal(x.name, k.Name) {
			x.by.broken.Store(true)
		}
	}
	if l := o.lineOf(db, k); l != nil && l.first != nil {
		return l
	}
	return nil
}

// announceAll tells the observers of a database's keys (-1: of all) which are there, or will be by the content of another database,
// that they change: by flushing or swapping. The store is held exclusively.
func (t *Tx) announceAll(db int, other ...int) {
	for i := range t.s.shards {
		o := t.s.shards[i].observers
		if o == nil || o.n.Load() == 0 {
			continue
		}
		o.mu.Lock()
		for hash, list := range o.watches {
			for _, x := range list {
				if (db < 0 || x.db == db) && t.isThere(Key{x.name, hash}, append(other, x.db)) {
					x.by.broken.Store(true)
				}
			}
		}
		for _, l := range o.lines {
			for ; l != nil; l = l.same {
				if l.first != nil && (db < 0 || l.db == db) {
					t.note(l)
				}
			}
		}
		o.mu.Unlock()
	}
}

// isThere looks for a key that is not due in some databases.
func (t *Tx) isThere(k Key, in []int) bool {
	for _, db := range in {
		if ks := t.s.space(db, k); ks != nil {
			if _, it := t.s.lookup(ks, k); it.Ok() && (it.ExpireAt() == 0 || it.ExpireAt() > t.now) {
				return true
			}
		}
	}
	return false
}
