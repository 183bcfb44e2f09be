// Bodies: values that are structures of blocks in the arena, as the store sees them: to free, to move and to copy.

package core

import (
	"encoding/binary"
	"sync"
	"sync/atomic"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/deque"
	"github.com/cachesrv/cachesrv/core/dict"
	"github.com/cachesrv/cachesrv/core/sorted"
	"github.com/cachesrv/cachesrv/core/stream"
)

// body is a structure that an item owns, opened from its root: the item's value, whose first word is always the bytes of its blocks. Commands
// open the structure's own type instead; this is what the store does with any of them.
type body interface {
	Encode(root []byte)
	Bytes() int64                                             // of all blocks, rounding included
	FreeStep(budget int) (done bool)                          // frees about budget elements; when done, nothing is left
	Compact(from uint64, budget int) (next uint64, moved int) // moves what lies in evacuated spans; 0 starts and ends
}

// openBody is the structure of each type that can be one.
func openBody(a *arena.Arena, t Type, root []byte) body {
	switch t {
	case List:
		d := deque.Open(a, root)
		return &d
	case Set:
		d := dict.Open(a, root, dict.Set)
		return &d
	case Hash:
		d := dict.Open(a, root, dict.Map)
		return &d
	case SortedSet:
		z := sorted.Open(a, root)
		return &z
	case Stream:
		s := stream.Open(a, root)
		return &s
	}
	panic("core: an item of this type cannot own blocks")
}

// cloneBody copies a structure; false: no memory.
func cloneBody(b body) (body, bool) {
	switch b := b.(type) {
	case *deque.Deque:
		d, ok := b.Clone()
		return &d, ok
	case *dict.Dict:
		d, ok := b.Clone()
		return &d, ok
	case *sorted.Set:
		z, ok := b.Clone()
		return &z, ok
	case *stream.Stream:
		s, ok := b.Clone()
		return &s, ok
	}
	panic("core: a structure that cannot be copied")
}

func (s *Store) body(it Item) body { return openBody(s.mem, it.Type(), it.Value()) }

// Arena is where structures keep their blocks.
func (t *Tx) Arena() *arena.Arena { return t.s.mem }

// Hash is the keyed hash of a name inside of a value, so that nobody outside can choose colliding ones.
func (t *Tx) Hash(name []byte) uint64 { return t.s.hash(name) }

// Edit is a change of what an item owns. Between Tx.Edit and Done the structure is decoded from Root, changed, and encoded to it again; nothing
// else of the store may be changed meanwhile.
type Edit struct {
	Root   []byte
	ks     *keyspace
	before int64
}

// Edit begins a change of the structure that an item owns, found under the same lock.
func (t *Tx) Edit(db int, k Key, it Item) Edit {
	t.mustHold(k)
	ks := t.s.space(db, k)
	ks.changing(ks.tab.Index(k.Hash))
	return Edit{Root: it.Value(), ks: ks, before: it.Owned()}
}

// Done ends it.
func (e *Edit) Done() { e.ks.bytes += int64(binary.LittleEndian.Uint64(e.Root)) - e.before }

// Adopt gives an item that is there another value, the root of a structure that it owns from now on; its expiry, flags and version stay. On
// an error the structure is still the caller's.
func (t *Tx) Adopt(db int, k Key, root []byte, enc Enc) error {
	return t.become(db, k, root, enc, true)
}

// Repack gives an item that is there plain bytes as its value; what it owned goes. Its expiry, flags and version stay.
func (t *Tx) Repack(db int, k Key, value []byte, enc Enc) error {
	return t.become(db, k, value, enc, false)
}

func (t *Tx) become(db int, k Key, value []byte, enc Enc, owns bool) error {
	if len(value) > MaxValue {
		return ErrTooLarge
	}
	ks, p, it := t.find(db, k)
	if !it.Ok() {
		return ErrNotFound
	}
	v := it.value()
	v.Bytes, v.Enc, v.Owns = value, enc, owns
	return t.replace(ks, &p, it, k, &v, shapeOf(len(k.Name), &v, len(value)))
}

const (
	freeAtOnce = 64 << 10 // bytes of a structure that are freed on the spot: 0.1 to 0.2 ms
	freeStep   = 2048     // elements that the background frees in one go
)

// disown frees what an item owns, in the background if it is much. The item goes, or gets another value.
func (s *Store) disown(it Item) {
	if it.Owns() {
		s.freeRoot(it.Type(), it.Value())
	}
}

// freeRoot frees a structure that nobody knows any more. root is copied.
func (s *Store) freeRoot(t Type, root []byte) {
	bytes := int64(binary.LittleEndian.Uint64(root))
	if bytes <= freeAtOnce {
		for b := openBody(s.mem, t, root); !b.FreeStep(freeStep); {
		}
		return
	}
	s.sizes.dying.Add(bytes)
	s.freer.pending.Add(1)
	s.freer.mu.Lock()
	defer s.freer.mu.Unlock()
	s.freer.queue = append(s.freer.queue, openBody(s.mem, t, append([]byte(nil), root...)))
	if !s.freer.busy {
		s.freer.busy = true
		s.start("lazyfree", s.freeBodies)
	}
}

// freer is what waits to be freed in the background. mu guards it.
type freer struct {
	mu    sync.Mutex
	queue []body
	busy  bool // somebody works at it

	pending, freed atomic.Int64 // structures that wait, the one in work included; that have been freed
}

// Freeing tells how many structures wait to be freed in the background, and how many have been.
func (s *Store) Freeing() (pending, freed int64) {
	return s.freer.pending.Load(), s.freer.freed.Load()
}

func (f *freer) next() (b body) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue) == 0 {
		f.queue, f.busy = nil, false
		return nil
	}
	b, f.queue = f.queue[0], f.queue[1:]
	return b
}

func (s *Store) freeBodies() {
	pause := s.pauses()
	for b := s.freer.next(); b != nil; b = s.freer.next() {
		if !s.freeBody(b, pause) {
			return // the store closes: all memory goes at once
		}
		s.freer.pending.Add(-1)
		s.freer.freed.Add(1)
	}
}

// freeBody frees a structure that counts as dying. pause is called between pieces; it ends the work by saying false.
func (s *Store) freeBody(b body, pause func() bool) bool {
	for {
		before := b.Bytes()
		done := b.FreeStep(freeStep)
		if done {
			s.sizes.dying.Add(-before)
			return true
		}
		s.sizes.dying.Add(b.Bytes() - before)
		if !pause() {
			return false
		}
	}
}

// place is where a big structure is, for the compactor, which comes back to it several times.
type place struct {
	db  int
	key Key // with a name of its own
}

// compactNow is the most bytes of a structure that are compacted together with its bucket.
const compactNow = 16 << 10

// compactBodies compacts what the items of some buckets own. Big structures are left for later.
func (s *Store) compactBodies(ks *keyspace, pos, bucket, to int, later *[]place) (moved int) {
	for i := bucket; i < to; i++ {
		for p := ks.tab.At(i); p.Next(); {
			it := s.item(p.Ref())
			if !it.Owns() {
				continue
			}
			if it.Owned() > compactNow {
				*later = append(*later, place{s.database(pos), s.Key(append([]byte(nil), it.Name()...))})
				continue
			}
			_, n := s.compactBody(it, 0, 1<<30)
			moved += n
		}
	}
	return moved
}

func (s *Store) compactBody(it Item, from uint64, budget int) (next uint64, moved int) {
	b := s.body(it)
	next, moved = b.Compact(from, budget)
	b.Encode(it.Value())
	return next, moved
}

// compactBig compacts one big structure, with its shard locked for some 50 µs at a time and left to others for as long in between: taking the
// lock again at once would keep them from it, who only look now and then.
func (s *Store) compactBig(at place) (moved int) {
	const budget = 256
	pause := s.pauses()
	for from := uint64(0); ; {
		var n int
		if from, n = s.compactPiece(at, from, budget); from == 0 || !pause() {
			return moved + n
		}
		moved += n
	}
}

func (s *Store) compactPiece(at place, from uint64, budget int) (next uint64, moved int) {
	token := s.gate.RLock()
	defer s.gate.RUnlock(token)
	sh := s.shardOf(at.key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	ks := s.space(at.db, at.key)
	if ks == nil {
		return 0, 0
	}
	if p, it := s.lookup(ks, at.key); it.Ok() && it.Owns() && !ks.apart(p.Index()) {
		return s.compactBody(it, from, budget)
	}
	return 0, 0
}
