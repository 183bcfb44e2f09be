// Changing an item that was found under the same lock and has not moved since: Patch, SetExpireFound, DeleteFound.

package core

import "github.com/cachesrv/cachesrv/core/table"

// Patch announces a change inside the value of an item that was found, and gives its bytes for writing. Its
// length stays: where Resize looks the key up again, this costs next to nothing.
func (t *Tx) Patch(db int, k Key, it Item) []byte {
	t.mustHold(k)
	ks := t.s.space(db, k)
	ks.changing(ks.tab.Index(k.Hash))
	return it.Value()
}

// SetExpireFound is SetExpire for an item that was found. An item that has an expiry and keeps one stays where it is and is not looked
// up; any other may move.
func (t *Tx) SetExpireFound(db int, k Key, it Item, at int64) bool {
	if at == 0 || it.ExpireAt() == 0 {
		return t.SetExpire(db, k, at)
	}
	t.mustHold(k)
	ks := t.s.space(db, k)
	t.moveExpire(ks, ks.tab.Index(k.Hash), k, it, at)
	return true
}

// DeleteFound removes an item that was found. Its slot is found by where the item is: no name is compared again.
func (t *Tx) DeleteFound(db int, k Key, it Item) {
	ks, p := t.slotOf(db, k, it)
	t.s.remove(ks, &p, it)
}

// slotOf gives the slot of an item that is there.
func (t *Tx) slotOf(db int, k Key, it Item) (*keyspace, table.Probe) {
	t.mustHold(k)
	ks := t.s.space(db, k)
	p := ks.tab.Find(k.Hash)
	for p.Next() {
		if p.Ref() == it.ref {
			return ks, p
		}
	}
	panic("core: the item is not where it was found")
}
