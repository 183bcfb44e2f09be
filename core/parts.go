// Parts: values of which parts have an expiry of their own, such as the fields of a hash.

package core

// Parts is the caller's knowledge of such values. Both are called under the shard's lock.
type Parts interface {
	// NextDue is when the first part is gone, in Unix ms; 0: no part ever is.
	NextDue(it Item) int64
	// Expire removes parts that are due by t.Now, some hundred at most, records them, and deletes the item when nothing is left of it.
	Expire(t *Tx, db int, k Key, it Item)
}

// SetParts tells the store who knows about parts, before anybody uses it.
func (s *Store) SetParts(p Parts) { s.parts = p }

// PlanParts tells the store that the expiries of a value's parts have changed: it marks the item, and the sweeper will call Parts.Expire
// when the first is due. An item without such parts loses its mark.
func (t *Tx) PlanParts(db int, k Key) {
	ks, _, it := t.find(db, k)
	if !it.Ok() {
		return
	}
	at := t.s.parts.NextDue(it)
	ks.leaves(it)
	it.b[1] &^= hasParts
	if at != 0 {
		it.b[1] |= hasParts
	}
	ks.comes(it)
	if at != 0 {
		t.s.plan(ks, k.Hash, at)
	}
}

// due is when an item, or the first part of it, is gone; 0 never.
func (s *Store) due(it Item) int64 {
	at := it.ExpireAt()
	if it.Timed() {
		if part := s.parts.NextDue(it); part != 0 && (at == 0 || part < at) {
			return part
		}
	}
	return at
}

// partsCost is what one call of Parts.Expire counts for in the sweeper's budget: as much as the entries of a chunk.
const partsCost = chunkEntries

// fireOwed does some of what the last of the hashes owed asks for: it removes the items that are due, or some due parts of an item. When there is
// nothing any more, the hash is done.
func (s *Store) fireOwed(sh *shard, ks *keyspace, db int, now int64, budget *int) (removed int) {
	last := len(ks.owed) - 1
	hash := ks.owed[last]
	*budget--
	if s.postpone(ks, hash, now) {
		ks.owed = ks.owed[:last]
		return 0
	}
	removed = s.fireItems(ks, db, hash, now, budget)
	if it := s.timedDue(ks, hash, now); it.Ok() {
		*budget -= partsCost
		t := &Tx{s: s, in: true, one: sh, now: now}
		s.parts.Expire(t, db, s.Key(append([]byte(nil), it.Name()...)), it)
		return removed
	}
	if ks.owed = ks.owed[:last]; last == 0 {
		ks.owed = nil
	}
	s.requeue(ks, hash)
	return removed
}

// timedDue is an item of that hash with a part that is due.
func (s *Store) timedDue(ks *keyspace, hash uint32, now int64) Item {
	for p := ks.tab.Find(uint64(hash)); p.Next(); {
		if it := s.item(p.Ref()); it.Timed() {
			if at := s.parts.NextDue(it); at != 0 && at <= now {
				return it
			}
		}
	}
	return Item{}
}
