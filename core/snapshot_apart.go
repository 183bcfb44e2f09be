// Apart: big items of a snapshot, which are read while nothing is locked.

package core

// Apart is how a snapshot's walk has items read that own more than From bytes: with nothing locked, so that only who wants to change one of them, or a neighbour in
// its bucket, waits until it is through (see Tx.StepBack). Who changes one that the walk has not come to hands it to the sink whole, under its locks.
type Apart struct {
	From int64 // bytes, the item's own included

	// Begin and End bracket each Read, called under the snapshot's lock: what sink gets in between is not to end up in the midst of it. After an error of Read the
	// snapshot is over.
	Begin, End func()
	Read       func(db int, it Item) error // nil: no item is read apart
}

func (a *Apart) takes(it Item) bool { return a.Read != nil && it.Bytes() > a.From }

// openApart begins what readApart ends. The shard is locked.
func (n *Snapshot) openApart(w *walk) {
	w.done = make(chan struct{})
	n.s.waiters.begin()
	n.s.reading.Add(1)
}

// readApart reads what step has left in big. The bucket cannot change meanwhile: see hand, and compact, which passes it by.
func (n *Snapshot) readApart(w *walk) {
	if len(w.big) == 0 {
		return
	}
	defer func() {
		close(w.done)
		n.s.reading.Add(-1)
		n.s.waiters.end()
	}()
	for _, it := range w.big {
		n.bracket(n.Apart.Begin)
		if !n.failed() {
			if err := n.Apart.Read(w.db, it); err != nil {
				n.fail(err)
			}
		}
		n.bracket(n.Apart.End)
	}
}

// StepBack unlocks, and says so, if a snapshot reads one of the keys, or a neighbour in its bucket, with nothing locked. To change it would wait for that, and have all
// others wait who want its shard; try again when OnFree calls. The keys are locked.
func (t *Tx) StepBack(db int, keys []Key) bool {
	if t.s.reading.Load() == 0 {
		return false
	}
	for _, k := range keys {
		if ks := t.s.space(db, k); ks != nil && ks.apart(ks.tab.Index(k.Hash)) {
			select {
			case <-ks.walk.done:
			default:
				t.Unlock()
				return true
			}
		}
	}
	return false
}

func (n *Snapshot) bracket(f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f()
}

// apart tells that the walk reads items of the bucket without a lock.
func (ks *keyspace) apart(bucket int) bool {
	return ks.walk != nil && len(ks.walk.big) > 0 && bucket == ks.walk.next-1
}
