// Tracking: which keys were read by somebody who keeps copies of them, and telling them when a key changes.

package core

import (
	"encoding/binary"
	"math/rand/v2"
	"sort"
	"sync/atomic"

	"github.com/cachesrv/cachesrv/core/dict"
)

// Readers is told of changes by those who keep copies of keys elsewhere. It is called under the lock of the key's shard, or with the store
// held exclusively: it must neither block nor call the store, and copies what it keeps of key. by is who made the change (Tx.By), 0 the store itself.
type Readers interface {
	Changed(by uint64, key []byte)         // any key has changed; only after TellChanges
	Invalid(reader, by uint64, key []byte) // a key has changed that reader has read, or it is not tracked for him any more
	Flushed(by uint64)                     // a database was emptied; nothing is tracked any more
	Alive(reader uint64) bool              // false: he will never be heard of again
}

// tracking is what the store counts of all shards' tracked keys.
type tracking struct {
	readers Readers // set before use
	telling atomic.Bool

	keys, items, bytes atomic.Int64
}

// tracked are the readers of a shard's keys, whatever the database, guarded by the shard's mutex. It lies in the arena: an entry is the key's
// name and eight bytes per reader in ascending order, some 40 bytes for a name of 16 and one reader.
type tracked struct {
	dict.Dict
	made bool
}

const (
	readerBytes = 8
	pruneFrom   = 64 // readers of one key: from here on, doubling is the occasion to look for those that are gone
)

// SetReaders sets who is told of changes of tracked keys. Before the store is used.
func (s *Store) SetReaders(r Readers) { s.tracking.readers = r }

// TellChanges says whether Readers.Changed is wanted.
func (s *Store) TellChanges(on bool) {
	if on {
		s.observed.Store(true)
	}
	s.tracking.telling.Store(on)
}

// Tracked is how many keys are tracked, and for how many readers of them in all. It takes no lock.
func (s *Store) Tracked() (keys, items int64) {
	return s.tracking.keys.Load(), s.tracking.items.Load()
}

// Track remembers that reader has read a key, of which the shard must be locked, there or not. Where memory is used up, reader is told at
// once that the key is not tracked.
func (t *Tx) Track(k Key, reader uint64) {
	t.mustHold(k)
	o := t.s.observersOf(k)
	if !o.tracked.track(t, o, k, reader) {
		t.s.tracking.readers.Invalid(reader, 0, k.Name)
	}
}

func (d *tracked) track(t *Tx, o *observers, k Key, reader uint64) bool {
	c := &t.s.tracking
	if !d.made {
		var ok bool
		if d.Dict, ok = dict.New(t.s.mem, dict.Map); !ok {
			return false
		}
		d.made = true
		c.bytes.Add(d.Bytes())
	}
	before := d.Bytes()
	defer func() { c.bytes.Add(d.Bytes() - before) }()
	var one [readerBytes]byte
	binary.BigEndian.PutUint64(one[:], reader)
	e := d.Find(k.Hash, k.Name)
	if !e.Ok() {
		if !d.Insert(k.Hash, k.Name, one[:], 0) {
			return false
		}
		o.n.Add(1)
		c.keys.Add(1)
		c.items.Add(1)
		return true
	}
	list := e.Value()
	n := len(list) / readerBytes
	at := sort.Search(n, func(i int) bool { return readerAt(list, i) >= reader })
	if at < n && readerAt(list, at) == reader {
		return true
	}
	at *= readerBytes
	t.readers = append(append(append(t.readers[:0], list[:at]...), one[:]...), list[at:]...)
	if n++; n >= pruneFrom && n&(n-1) == 0 {
		t.readers = c.prune(t.readers)
	}
	if !d.Update(&e, t.readers, 0) {
		return false
	}
	c.items.Add(int64(len(t.readers)-len(list)) / readerBytes)
	return true
}

func readerAt(list []byte, i int) uint64 { return binary.BigEndian.Uint64(list[i*readerBytes:]) }

// prune takes those out of a list who are gone.
func (c *tracking) prune(list []byte) []byte {
	kept := list[:0]
	for i := range len(list) / readerBytes {
		if c.readers.Alive(readerAt(list, i)) {
			kept = append(kept, list[i*readerBytes:][:readerBytes]...)
		}
	}
	return kept
}

// announce tells the readers of a key, who are then forgotten: they are told once for what they have read.
func (d *tracked) announce(s *Store, o *observers, by uint64, k Key) {
	if e := d.Find(k.Hash, k.Name); e.Ok() {
		d.forget(s, o, by, k.Name, &e)
	}
}

func (d *tracked) forget(s *Store, o *observers, by uint64, name []byte, e *dict.Entry) {
	c, list, before := &s.tracking, e.Value(), d.Bytes()
	for i := range len(list) / readerBytes {
		c.readers.Invalid(readerAt(list, i), by, name)
	}
	c.items.Add(-int64(len(list) / readerBytes))
	c.keys.Add(-1)
	o.n.Add(-1)
	d.Remove(e)
	c.bytes.Add(d.Bytes() - before)
}

// TrimTracked forgets keys by chance, and tells their readers, where more than most are tracked. Nothing may be locked. One call does a
// bounded part of the work, so that lowering the limit costs nobody a pause.
func (t *Tx) TrimTracked(most int64) {
	over := t.s.tracking.keys.Load() - most
	if over <= 0 {
		return
	}
	budget := min(over, max(trimLeast, over/32))
	for first, i := rand.IntN(len(t.s.shards)), 0; i < len(t.s.shards) && budget > 0; i++ {
		t.within((first+i)%len(t.s.shards), func(sh *shard) {
			if sh.observers == nil {
				return
			}
			d := &sh.observers.tracked
			for n := 0; n < trimShard && budget > 0 && d.made && d.Len() > 0; n++ {
				e := d.Random()
				d.forget(t.s, sh.observers, 0, e.Name(), &e)
				budget--
			}
		})
	}
}

const (
	trimLeast = 100 // keys that one call forgets if there are too many
	trimShard = 16  // of those under one lock
)

// forgetTracked forgets all keys, because databases are emptied, and tells everybody. The store is held exclusively.
func (t *Tx) forgetTracked() {
	s := t.s
	if s.tracking.readers == nil {
		return
	}
	for i := range s.shards {
		o := s.shards[i].observers
		if o == nil || !o.tracked.made {
			continue
		}
		root := make([]byte, dict.RootBytes)
		o.tracked.Encode(root)
		o.n.Add(-int32(o.tracked.Len()))
		s.tracking.bytes.Add(-o.tracked.Bytes())
		s.freeRoot(Hash, root)
		o.tracked = tracked{}
	}
	s.tracking.keys.Store(0)
	s.tracking.items.Store(0)
	s.tracking.readers.Flushed(t.By)
}

// compactTracked moves what lies in evacuated spans, a piece at a time.
func (s *Store) compactTracked(sh *shard, from uint64) (next uint64, moved int) {
	token := s.gate.RLock()
	defer s.gate.RUnlock(token)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if o := sh.observers; o != nil && o.tracked.made {
		return o.tracked.Compact(from, compactTrackedStep)
	}
	return 0, 0
}

const compactTrackedStep = 128
