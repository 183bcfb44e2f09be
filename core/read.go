// Reading: Find, Read, Touch.

package core

import "github.com/cachesrv/cachesrv/core/table"

// Find looks a key up without counting it as an access. Expired items are never returned: they are removed when met (unless HoldExpiry).
func (t *Tx) Find(db int, k Key) Item {
	ks, p, it := t.meet(db, k)
	if t.isDue(&p, it) {
		t.dueForReader(ks, db, &p, it)
		return Item{}
	}
	return it
}

// Read is Find and counts as an access for the eviction policy, unless NoTouch.
func (t *Tx) Read(db int, k Key) Item {
	ks, p, it := t.meet(db, k)
	if t.isDue(&p, it) {
		t.dueForReader(ks, db, &p, it)
		it = Item{}
	}
	policy := t.s.evictor.current()
	if !it.Ok() {
		if policy.wantsMiss {
			policy.Miss(k.Hash)
		}
	} else if !t.NoTouch {
		it.setAccess(policy.Hit(k.Hash, it.Access()))
	}
	return it
}

// Touch counts an access; false if the key is not there.
func (t *Tx) Touch(db int, k Key) bool {
	it := t.Find(db, k)
	if it.Ok() && !t.NoTouch {
		it.setAccess(t.s.evictor.current().Hit(k.Hash, it.Access()))
	}
	return it.Ok()
}

// find gives the keyspace, the slot and the item of a key that is there and not expired. It is for those who write: what is expired is removed in any case.
func (t *Tx) find(db int, k Key) (*keyspace, table.Probe, Item) {
	ks, p, it := t.meet(db, k)
	if t.isDue(&p, it) {
		t.removeDue(ks, db, &p, it)
		return ks, p, Item{}
	}
	return ks, p, it
}

// meet is find for an item that may be expired.
func (t *Tx) meet(db int, k Key) (*keyspace, table.Probe, Item) {
	t.mustHold(k)
	ks := t.s.space(db, k)
	if ks == nil {
		return nil, table.Probe{}, Item{}
	}
	p, it := t.s.lookup(ks, k)
	return ks, p, it
}

// isDue tells whether an item, if there is one, is expired.
func (t *Tx) isDue(p *table.Probe, it Item) bool {
	return it.Ok() && p.Marked() && it.ExpireAt() <= t.now
}

func (t *Tx) removeDue(ks *keyspace, db int, p *table.Probe, it Item) {
	t.s.gone(ks, db, p, it, Expired)
	t.s.counts.expired.Add(1)
	t.s.counts.expiredLazily.Add(1)
}

// dueForReader is what happens to an expired item that somebody wanted to read. One that would have him wait for a snapshot stays for the sweeper.
func (t *Tx) dueForReader(ks *keyspace, db int, p *table.Probe, it Item) {
	if !t.s.held.Load() && !t.s.askFor(ks, p.Index()) {
		t.removeDue(ks, db, p, it)
	}
}
