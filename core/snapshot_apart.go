// Apart: big items of a snapshot, which are read while nothing is locked.

package core

import "slices"

// Apart is how a snapshot's walk has items read that own more than From bytes: with nothing locked, so that only who wants to change one of them, or a neighbour in
// its bucket, waits until it is through (see Tx.StepBack). Where the walk has not come to one yet, it is asked to read that next.
type Apart struct {
	From int64 // bytes, the item's own included

	// Begin and End bracket each Read, called under the snapshot's lock: what sink gets in between is not to end up in the midst of it. After an error of Read the
	// snapshot is over.
	Begin, End func()
	Read       func(db int, it Item) error // nil: no item is read apart
}

func (a *Apart) takes(it Item) bool { return a.Read != nil && it.Bytes() > a.From }

// ask is a bucket with a big item that somebody wants to change. Until it has been read he is one of those who wait for OnFree.
type ask struct {
	of     *keyspaceAt
	bucket int
}

// StepBack unlocks, and says so, if one of the keys, or a neighbour in its bucket, is big and a snapshot reads it, or has yet to, with nothing locked. To change it would wait
// for that, and have all others wait who want its shard; try again when OnFree calls. The keys are locked.
func (t *Tx) StepBack(db int, keys []Key) bool {
	if t.s.walk == nil {
		return false
	}
	back := false
	for _, k := range keys {
		if ks := t.s.space(db, k); ks != nil && t.s.askFor(ks, ks.tab.Index(k.Hash)) {
			back = true
		}
	}
	if back {
		t.Unlock()
	}
	return back
}

// askFor tells that a bucket should not be changed now, since a snapshot reads it apart or is going to; the walk then does that next. The shard is locked.
func (s *Store) askFor(ks *keyspace, bucket int) bool {
	if ks.apart(bucket) {
		select {
		case <-ks.walk.done:
			return false
		default:
			return true
		}
	}
	if !s.toBeApart(ks, bucket) {
		return false
	}
	n, a := ks.walk.snap, ask{ks.walk.of, bucket}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.Contains(n.asks, a) {
		n.asks = append(n.asks, a)
		s.waiters.begin()
	}
	return true
}

// toBeApart tells that a snapshot is going to read items of the bucket with nothing locked.
func (s *Store) toBeApart(ks *keyspace, bucket int) bool {
	w := ks.walk
	if w == nil || w.snap.apart.Read == nil || w.has(bucket) {
		return false
	}
	for p := ks.tab.At(bucket); p.Next(); {
		if w.snap.apart.takes(s.item(p.Ref())) {
			return true
		}
	}
	return false
}

// readAsked reads what was asked for. Nothing is locked.
func (n *Snapshot) readAsked() {
	for {
		n.mu.Lock()
		if len(n.asks) == 0 {
			n.mu.Unlock()
			return
		}
		a := n.asks[0]
		n.asks = slices.Delete(n.asks, 0, 1)
		n.mu.Unlock()
		if w := n.openAsked(a); w != nil {
			n.readApart(w)
		}
		n.s.waiters.end()
	}
}

// openAsked begins what readApart ends. nil: the walk is through with all of that keyspace, or somebody could not wait and has handed the bucket over.
func (n *Snapshot) openAsked(a ask) *walk {
	token := n.s.gate.RLock()
	defer n.s.gate.RUnlock(token)
	a.of.shard.mu.Lock()
	defer a.of.shard.mu.Unlock()
	if w := a.of.walk; w != nil && n.open(w, a.bucket) {
		return w
	}
	return nil
}

// open gives a bucket to the sink but for what is big; if it has such items, readApart is to follow. The shard is locked.
func (n *Snapshot) open(w *walk, bucket int) bool {
	w.big = w.big[:0]
	w.give(w.of.keyspace, bucket, true)
	if len(w.big) == 0 {
		return false
	}
	w.done = make(chan struct{})
	n.s.waiters.begin()
	return true
}

// readApart reads what open has left in big. The bucket cannot change meanwhile: see hand, and compact, which passes it by.
func (n *Snapshot) readApart(w *walk) {
	if len(w.big) == 0 {
		return
	}
	defer func() {
		close(w.done)
		n.s.waiters.end()
	}()
	for _, it := range w.big {
		n.bracket(n.apart.Begin)
		if !n.failed() {
			if err := n.apart.Read(w.db, it); err != nil {
				n.fail(err)
			}
		}
		n.bracket(n.apart.End)
	}
}

func (n *Snapshot) bracket(f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f()
}

// apart tells that the walk reads items of the bucket without a lock, or has just done so.
func (ks *keyspace) apart(bucket int) bool {
	return ks.walk != nil && len(ks.walk.big) > 0 && bucket == ks.walk.bigAt
}
