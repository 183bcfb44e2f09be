// Snapshot: a point-in-time walk over everything while writers go on.

package core

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
)

// ErrBusy says that a snapshot is running already.
var ErrBusy = errors.New("core: a snapshot is running")

// A Snapshot walks all items as they were when it began, bucket by bucket, without a copy of them. A writer that is about to change a bucket
// which the walk has not reached hands it to the sink first; so the extra memory is a bit per bucket, and while it runs tables do not
// split or join. Items that were expired but not yet removed are walked too.
type Snapshot struct {
	s    *Store
	mu   sync.Mutex // guards sink, err and asks; taken under shard mutexes
	sink func(db int, it Item) error
	err  error
	asks []ask
	all  []*keyspaceAt

	apart Apart

	// Between, if not nil, is called by Run between pieces of the walk, with nothing locked: it may wait for whatever the sink fills.
	Between func()
}

// keyspaceAt is a keyspace and where it was when the snapshot began.
type keyspaceAt struct {
	*keyspace
	shard *shard
}

// walk is what a snapshot still has to see of a keyspace. The shard's mutex guards it.
type walk struct {
	snap   *Snapshot
	of     *keyspaceAt
	db     int
	handed []uint64 // bit per bucket
	next   int      // first bucket that the walk has not looked at, unless it was asked to

	big   []Item        // those of a bucket that are read apart
	bigAt int           // the bucket
	done  chan struct{} // closed when they have been
}

// Snapshot begins one: what is in the store at this moment goes to sink, called by one goroutine at a time under a shard's lock, in no
// particular order. sink must copy what it keeps; a slow sink slows writers down, an error ends the snapshot. The caller then
// calls Run. began, if not nil, runs at the very moment of the snapshot: every change that the journal got before is in it, none that
// it gets later; it must be quick and leave the store alone. It takes the store exclusively for some µs per shard: not to be
// called between Enter and Leave.
func (s *Store) Snapshot(began func(), sink func(db int, it Item) error) (*Snapshot, error) {
	return s.SnapshotApart(Apart{}, began, sink)
}

// SnapshotApart is Snapshot that has big items read apart.
func (s *Store) SnapshotApart(apart Apart, began func(), sink func(db int, it Item) error) (*Snapshot, error) {
	n := &Snapshot{s: s, sink: sink, apart: apart}
	t := s.NewTx()
	t.Enter()
	defer t.Leave()
	t.Exclusive(func() {
		if s.walk != nil {
			n = nil
			return
		}
		s.walk = n
		for db := range s.dbs {
			for i := range s.shards {
				n.begin(db, &s.shards[i])
			}
		}
		if began != nil {
			began()
		}
	})
	if n == nil {
		return nil, ErrBusy
	}
	return n, nil
}

func (n *Snapshot) begin(db int, sh *shard) {
	ks := sh.spaces[n.s.dbs[db].Load()]
	if ks == nil || ks.tab.Len() == 0 {
		return
	}
	ks.tab.Freeze()
	at := &keyspaceAt{ks, sh}
	ks.walk = &walk{snap: n, of: at, db: db, handed: make([]uint64, (ks.tab.Buckets()+63)/64)}
	n.all = append(n.all, at)
}

// hand gives a bucket to the sink if it has not seen it, for somebody who is about to change it. What of it is being read apart is waited for.
func (w *walk) hand(ks *keyspace, bucket int) {
	if ks.apart(bucket) {
		<-w.done
		return
	}
	w.give(ks, bucket, false)
}

func (w *walk) has(bucket int) bool { return w.handed[bucket>>6]&(1<<(bucket&63)) != 0 }

// give gives a bucket to the sink if it has not seen it. apart: big items are left in big.
func (w *walk) give(ks *keyspace, bucket int, apart bool) {
	if w.has(bucket) {
		return
	}
	w.handed[bucket>>6] |= 1 << (bucket & 63)
	n := w.snap
	n.mu.Lock()
	defer n.mu.Unlock()
	for p := ks.tab.At(bucket); n.err == nil && p.Next(); {
		if it := n.s.item(p.Ref()); apart && n.apart.takes(it) {
			w.big, w.bigAt = append(w.big, it), bucket
		} else {
			n.err = n.sink(w.db, it)
		}
	}
}

// walkBatch is how many buckets are walked under one hold of a shard's lock.
const walkBatch = 32

// yieldEvery is after how many steps the walk lets other goroutines have its processor: about 250 µs. Go's scheduler takes it away only after ten ms, and a
// loop that wakes up waits for it.
const yieldEvery = 4

// Run walks until everything is handed to the sink, or until ctx ends or the sink fails. Either way the snapshot is over.
func (n *Snapshot) Run(ctx context.Context) error {
	for all := n.all; len(all) > 0; {
		same := slices.IndexFunc(all, func(ks *keyspaceAt) bool { return ks.walk.db != all[0].walk.db })
		if same < 0 {
			same = len(all)
		}
		n.walkShards(ctx, all[:same])
		all = all[same:]
	}
	t := n.s.NewTx()
	t.Enter()
	t.Exclusive(func() { n.s.walk = nil })
	t.Leave()
	n.readAsked()
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.err
}

// walkShards walks the shards of one database by turns. Who waits for a shard's lock gets it after one step; were it taken again at once, they would wait
// until the mutex notices that they starve, which was 10 to 20 ms for one request in a hundred.
func (n *Snapshot) walkShards(ctx context.Context, left []*keyspaceAt) {
	for len(left) > 0 {
		more := left[:0]
		for i, ks := range left {
			if err := ctx.Err(); err != nil {
				n.fail(err)
			}
			if n.Between != nil {
				n.Between()
			}
			n.readAsked()
			w := ks.walk
			if n.step(ks) {
				more = append(more, ks)
				n.readApart(w) // without a lock: nobody else touches big while it holds something
			}
			if i%yieldEvery == 0 {
				runtime.Gosched()
			}
		}
		left = more
	}
}

func (n *Snapshot) fail(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.err == nil {
		n.err = err
	}
}

func (n *Snapshot) failed() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.err != nil
}

// AnyTimed tells whether the snapshot has values with timed parts. Only for its began, and as exact as that moment.
func (s *Store) AnyTimed() bool {
	for i := range s.shards {
		for _, ks := range s.shards[i].spaces {
			if ks != nil && ks.timed > 0 {
				return true
			}
		}
	}
	return false
}

// step walks some buckets of a keyspace, up to one that has big items in it; at its end, or if the snapshot failed, it sets it free. more: there are buckets left.
func (n *Snapshot) step(ks *keyspaceAt) (more bool) {
	token := n.s.gate.RLock()
	defer n.s.gate.RUnlock(token)
	ks.shard.mu.Lock()
	defer ks.shard.mu.Unlock()
	w := ks.walk
	for range walkBatch {
		if w.next == ks.tab.Buckets() || n.failed() {
			ks.walk = nil
			if ks.detached { // its table stays frozen, as long as it was when it was counted as dying
				n.s.start("lazyfree", func() { n.s.freeSlowly([]*keyspace{ks.keyspace}) })
				return false
			}
			before := ks.tab.Bytes()
			ks.tab.Thaw()
			n.s.tableChanged(ks.keyspace, before)
			return false
		}
		ks.tab.AheadIn(w.next + 2)
		opened := n.open(w, w.next)
		if w.next++; opened {
			break
		}
	}
	return true
}
