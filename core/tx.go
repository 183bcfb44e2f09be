// Tx: a worker's way into the store: entering, locking, leaving.

package core

import (
	"slices"

	"github.com/puzpuzpuz/xsync/v3"

	"github.com/cachesrv/cachesrv/core/arena"
)

// Tx is one worker's handle on the store, used by one goroutine at a time and reused for ever. The order of calls is: Enter or
// TryEnter, then for every command Lock…, reads and writes, Unlock, and Leave at the end of the batch.
type Tx struct {
	// NoTouch makes Read leave the access field alone (CLIENT NO-TOUCH). The caller sets it per command.
	NoTouch bool

	// By is for whom the changes are made, as Readers are told. The caller sets it; 0 is nobody.
	By uint64

	s     *Store
	in    bool          // between Enter and Leave
	token *xsync.RToken // of the shared side; may be nil while in
	now   int64
	one   *shard  // locked by Lock1
	oneAt int     // its position
	held  []int32 // locked by Lock, ascending
	all   bool    // LockAll
	alone bool    // inside Exclusive
	long  bool    // HoldLong

	ready   []*line // of keys that have changed: to be served
	served  int     // so many of them have been
	serving *line   // the one that is
	readers []byte  // scratch of Track

	recorded bool // the journal has got something
	group    group
	timeless bool // Timeless
}

// NewTx makes a worker's handle.
func (s *Store) NewTx() *Tx { return &Tx{s: s, now: s.now()} }

// Enter takes the shared side of the store for a batch of commands, waiting while somebody holds it exclusively, and ticks.
func (t *Tx) Enter() {
	t.token, t.in = t.s.gate.RLock(), true
	t.Tick()
}

// TryEnter is Enter without waiting. false: the store is held exclusively; try again when Store.OnFree calls.
func (t *Tx) TryEnter() bool {
	ok, token := t.s.gate.TryRLock()
	if ok {
		t.token, t.in = token, true
		t.Tick()
	}
	return ok
}

// Leave gives the shared side back.
func (t *Tx) Leave() {
	if arena.Debug && t.locked() {
		panic("core: Leave with shards locked")
	}
	t.s.gate.RUnlock(t.token)
	t.token, t.in = nil, false
}

// Exclusive runs f while nobody else is in the store. Call it between Enter and Leave, without locks: it leaves, waits for all
// others to leave, runs f, which needs no locks, and enters again. Inside another Exclusive it just runs f.
func (t *Tx) Exclusive(f func()) {
	if t.alone {
		f()
		return
	}
	t.Leave()
	t.s.waiters.begin()
	t.s.gate.Lock()
	t.alone, t.s.alone = true, t
	defer func() {
		t.alone, t.s.alone = false, nil
		t.s.gate.Unlock()
		t.s.waiters.end()
		t.Enter()
	}()
	t.Tick()
	f()
}

// Outside runs f while this Tx is not in the store, for what takes long and holds up whoever wants the store to itself. false: it was not
// run, since shards are locked or the store is held exclusively.
func (t *Tx) Outside(f func()) bool {
	if t.alone || t.locked() {
		return false
	}
	t.Leave()
	defer t.Enter()
	f()
	return true
}

// Now is the time of the batch in Unix ms. Tick renews it.
func (t *Tx) Now() int64 { return t.now }

// Tick reads the clock.
func (t *Tx) Tick() {
	t.now = t.s.now()
	if t.s.clock.Load() != t.now {
		t.s.clock.Store(t.now)
	}
	if t.timeless {
		t.now = 0
	}
}

// Timeless is for replaying a journal: for this Tx nothing has expired, whatever time it is, since the journal says when what had. The sweeper should
// rest meanwhile. It holds until it is taken back.
func (t *Tx) Timeless(on bool) {
	t.timeless = on
	t.Tick()
}

// Lock1 locks the shard of one key.
func (t *Tx) Lock1(k Key) {
	t.mustBeFree()
	i := int(k.Hash >> t.s.shift)
	sh := &t.s.shards[i]
	sh.lock()
	t.one, t.oneAt = sh, i
}

// Lock locks the shards of several keys, each once, in ascending order.
func (t *Tx) Lock(keys []Key) {
	if len(keys) == 1 {
		t.Lock1(keys[0])
		return
	}
	t.mustBeFree()
	t.collect(keys)
	for _, i := range t.held {
		t.s.shards[i].lock()
	}
}

// collect puts the positions of the keys' shards into held, ascending, each once.
func (t *Tx) collect(keys []Key) {
	for _, k := range keys {
		t.held = append(t.held, int32(k.Hash>>t.s.shift))
	}
	slices.Sort(t.held)
	t.held = slices.Compact(t.held)
}

// LockAll locks every shard.
func (t *Tx) LockAll() {
	t.mustBeFree()
	for i := range t.s.shards {
		t.s.shards[i].lock()
	}
	t.all = true
}

// Also locks the shards of more keys, whatever is locked already, as far as that needs no waiting: anybody may hold them and wait for what is
// locked here. false: some shard is taken, and nothing has changed.
func (t *Tx) Also(keys []Key) bool {
	if t.all || t.alone {
		return true
	}
	if t.one != nil {
		if !slices.ContainsFunc(keys, func(k Key) bool { return t.s.shardOf(k) != t.one }) {
			return true
		}
		for i := range t.s.shards {
			if &t.s.shards[i] == t.one {
				t.held = append(t.held, int32(i))
			}
		}
		t.one = nil
	}
	had := len(t.held)
	for _, k := range keys {
		i := int32(k.Hash >> t.s.shift)
		if slices.Contains(t.held, i) {
			continue
		}
		if !t.s.shards[i].mu.TryLock() {
			for _, j := range t.held[had:] {
				t.s.shards[j].mu.Unlock()
			}
			t.held = t.held[:had]
			return false
		}
		t.held = append(t.held, i)
	}
	slices.Sort(t.held)
	return true
}

// Unlock releases what Lock1, Lock, Also or LockAll took.
func (t *Tx) Unlock() {
	if t.long {
		t.endLong()
		t.long = false
		defer t.s.waiters.end()
	}
	if t.one != nil {
		t.one.mu.Unlock()
		t.one = nil
		return
	}
	for _, i := range t.held {
		t.s.shards[i].mu.Unlock()
	}
	t.held = t.held[:0]
	if t.all {
		t.all = false
		for i := range t.s.shards {
			t.s.shards[i].mu.Unlock()
		}
	}
}

// Abandon releases whatever is held, after a panic in a handler. The Tx can be used again.
func (t *Tx) Abandon() {
	t.ready, t.served, t.serving = nil, 0, nil
	t.group.drop()
	t.Unlock()
	if t.in {
		t.Leave()
	}
}

func (t *Tx) locked() bool { return t.one != nil || len(t.held) > 0 || t.all }

// mustBeFree fails loudly where a deadlock would be silent.
func (t *Tx) mustBeFree() {
	if t.locked() || !t.in && !t.alone {
		panic("core: lock taken twice, or outside of Enter and Leave")
	}
}

// mustHold checks, in debug builds, that the shard of a key is locked by this Tx.
func (t *Tx) mustHold(k Key) {
	if arena.Debug && !t.Holds(k) {
		panic("core: access to a key whose shard is not locked")
	}
}

// within runs f under the lock of shard i, which Exclusive and LockAll hold already.
func (t *Tx) within(i int, f func(sh *shard)) {
	sh := &t.s.shards[i]
	if t.all || t.alone {
		f(sh)
		return
	}
	t.mustBeFree()
	sh.lock()
	t.one, t.oneAt = sh, i
	f(sh)
	t.Unlock()
}
