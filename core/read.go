// Reading: Find, Read, Touch.

package core

import "github.com/cachesrv/cachesrv/core/table"

// Find looks a key up without counting it as an access. Expired items are never returned: they are removed when met.
func (t *Tx) Find(db int, k Key) Item {
	_, _, it := t.find(db, k)
	return it
}

// Read is Find and counts as an access for the eviction policy, unless NoTouch.
func (t *Tx) Read(db int, k Key) Item {
	_, _, it := t.find(db, k)
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
	_, _, it := t.find(db, k)
	if it.Ok() && !t.NoTouch {
		it.setAccess(t.s.evictor.current().Hit(k.Hash, it.Access()))
	}
	return it.Ok()
}

// find gives the keyspace, the slot and the item of a key that is there and not expired.
func (t *Tx) find(db int, k Key) (*keyspace, table.Probe, Item) {
	t.mustHold(k)
	ks := t.s.space(db, k)
	if ks == nil {
		return nil, table.Probe{}, Item{}
	}
	p, it := t.s.lookup(ks, k)
	if it.Ok() && p.Marked() && it.ExpireAt() <= t.now {
		t.s.gone(ks, db, &p, it, Expired)
		t.s.counts.expired.Add(1)
		t.s.counts.expiredLazily.Add(1)
		return ks, p, Item{}
	}
	return ks, p, it
}
