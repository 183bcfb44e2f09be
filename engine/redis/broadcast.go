// broadcast: invalidations of all keys with a prefix, whoever has read them.

package redis

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

// broadcasts are the prefixes that clients want to hear of. A change looks a key's prefixes up by their lengths, so it costs as many
// look-ups as there are different lengths, however many prefixes and clients. Keys are collected by prefix and told to all its clients
// in one message when the client that changed them has had its turn.
type broadcasts struct {
	e       *Engine
	waiting atomic.Bool // some prefix has keys
	running atomic.Bool // a goroutine is about to tell what the store changed by itself

	mu       sync.RWMutex // guards what follows; below the shards' mutexes
	prefixes map[string]*broadcast
	lengths  []prefixLength // ascending

	late sync.Mutex // guards dirty; below mu and the broadcasts'
	full []*broadcast
}

// prefixLength is how many prefixes have one length.
type prefixLength struct{ length, count int }

// broadcast is one prefix. Its clients are guarded by broadcasts.mu.
type broadcast struct {
	prefix  string
	clients []*tracker

	mu   sync.Mutex // guards keys
	keys []byte     // records: who changed it, eight bytes; length of the name, four; the name
}

// mostKeys is how many bytes are collected before they are told at once.
const mostKeys = 64 << 10

// join adds a client to the clients of some prefixes.
func (b *broadcasts) join(t *tracker, prefixes []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range prefixes {
		if i, there := slices.BinarySearch(t.prefixes, p); !there {
			t.prefixes = slices.Insert(t.prefixes, i, p)
		} else {
			continue
		}
		one := b.prefixes[p]
		if one == nil {
			one = &broadcast{prefix: p}
			b.prefixes[p] = one
			b.count(len(p), 1)
		}
		one.clients = append(one.clients, t)
		b.e.store.AddForeign(prefixBytes + 2*int64(len(p)))
	}
	b.e.store.TellChanges(true)
}

// prefixBytes is about what a client's prefix costs besides its bytes.
const prefixBytes = 64

// leave takes a client out of everything.
func (b *broadcasts) leave(t *tracker) {
	if len(t.prefixes) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range t.prefixes {
		one := b.prefixes[p]
		at := slices.Index(one.clients, t)
		last := len(one.clients) - 1
		one.clients[at], one.clients[last] = one.clients[last], nil
		if one.clients = one.clients[:last]; last == 0 {
			delete(b.prefixes, p)
			b.count(len(p), -1)
		}
		b.e.store.AddForeign(-prefixBytes - 2*int64(len(p)))
	}
	t.prefixes = nil
	if len(b.prefixes) == 0 {
		b.e.store.TellChanges(false)
	}
}

// count keeps lengths. mu is held.
func (b *broadcasts) count(length, n int) {
	i, there := slices.BinarySearchFunc(b.lengths, length, func(l prefixLength, n int) int { return cmp.Compare(l.length, n) })
	if !there {
		b.lengths = slices.Insert(b.lengths, i, prefixLength{length: length})
	}
	if b.lengths[i].count += n; b.lengths[i].count == 0 {
		b.lengths = slices.Delete(b.lengths, i, i+1)
	}
}

// size is the number of prefixes.
func (b *broadcasts) size() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.prefixes)
}

// changed collects a key, under the lock of its shard.
func (b *broadcasts) changed(by uint64, key []byte) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	found := false
	for _, l := range b.lengths {
		if l.length > len(key) {
			break
		}
		if one := b.prefixes[string(key[:l.length])]; one != nil {
			b.collect(one, by, key)
			found = true
		}
	}
	if !found {
		return
	}
	b.waiting.Store(true)
	if by == 0 && b.running.CompareAndSwap(false, true) { // it is nobody's turn
		engine.Go("broadcast", b.e.log, func() {
			b.running.Store(false)
			b.tell()
		})
	}
}

func (b *broadcasts) collect(one *broadcast, by uint64, key []byte) {
	one.mu.Lock()
	first := len(one.keys) == 0
	one.keys = binary.LittleEndian.AppendUint64(one.keys, by)
	one.keys = binary.LittleEndian.AppendUint32(one.keys, uint32(len(key)))
	one.keys = append(one.keys, key...)
	tooMuch := len(one.keys) > mostKeys
	one.mu.Unlock()
	if tooMuch {
		one.tell()
	} else if first {
		b.late.Lock()
		b.full = append(b.full, one)
		b.late.Unlock()
	}
}

// tell sends what was collected. Nothing may be locked.
func (b *broadcasts) tell() {
	if !b.waiting.Swap(false) {
		return
	}
	b.late.Lock()
	full := b.full
	b.full = nil
	b.late.Unlock()
	slices.SortFunc(full, func(x, y *broadcast) int { return cmp.Compare(x.prefix, y.prefix) })
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, one := range full {
		one.tell()
	}
}

// changedKey is a key with who changed it last.
type changedKey struct {
	by   uint64
	name []byte
}

// tell sends the collected keys of one prefix to its clients, each key once and in order. broadcasts.mu is held for reading.
func (one *broadcast) tell() {
	one.mu.Lock()
	records := one.keys
	one.keys = nil
	one.mu.Unlock()
	var keys []changedKey
	for len(records) > 0 {
		n := binary.LittleEndian.Uint32(records[8:])
		keys = append(keys, changedKey{binary.LittleEndian.Uint64(records), records[12 : 12+n]})
		records = records[12+n:]
	}
	slices.Reverse(keys) // stable sorting and compacting keep the last change
	slices.SortStableFunc(keys, func(x, y changedKey) int { return slices.Compare(x.name, y.name) })
	keys = slices.CompactFunc(keys, func(x, y changedKey) bool { return slices.Equal(x.name, y.name) })
	if len(keys) == 0 {
		return
	}
	all := appendKeys(nil, keys, 0)
	for _, t := range one.clients {
		switch mode := t.mode.Load(); {
		case mode&trackNoLoop == 0:
			t.many(all)
		default:
			if others := appendKeys(nil, keys, t.id); others != nil {
				t.many(others)
			}
		}
	}
}

// appendKeys appends the names that were not changed by one client as an array, nothing if there are none.
func appendKeys(b []byte, keys []changedKey, but uint64) []byte {
	n := len(keys)
	for i := range keys {
		if but != 0 && keys[i].by == but {
			n--
		}
	}
	if n == 0 {
		return b
	}
	b = resp.AppendArray(b, n)
	for i := range keys {
		if but == 0 || keys[i].by != but {
			b = resp.AppendBulk(b, keys[i].name)
		}
	}
	return b
}
