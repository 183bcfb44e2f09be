// Writing: Put, Resize, SetExpire, SetCAS, Delete, Move, Copy.

package core

import (
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/table"
)

// Add is Put for a name that is not there, else ErrExists.
func (t *Tx) Add(db int, k Key, v Value) error {
	return t.place(db, k, &v, false)
}

// Put stores v under k and replaces everything that was there, expiry, flags and version too. An ExpireAt in the past is stored like
// any other: the item is then gone for every reader. ErrTooLarge, ErrNoMemory: nothing has changed.
func (t *Tx) Put(db int, k Key, v Value) error {
	return t.place(db, k, &v, true)
}

func (t *Tx) place(db int, k Key, v *Value, replace bool) error {
	if len(k.Name) > MaxName || len(v.Bytes) > MaxValue {
		return ErrTooLarge
	}
	ks, p, it := t.find(db, k)
	sh := shapeOf(len(k.Name), v, len(v.Bytes))
	if it.Ok() && !replace {
		return ErrExists
	}
	if it.Ok() {
		return t.replace(ks, &p, it, k, v, sh)
	}
	if ks == nil {
		if ks = t.s.makeSpace(db, k); ks == nil {
			return ErrNoMemory
		}
	}
	err := t.insert(ks, k, v, sh)
	if err == nil && t.s.tellNew.Load() {
		t.s.listener.Added(db, k.Name)
	}
	return err
}

func (t *Tx) insert(ks *keyspace, k Key, v *Value, sh shape) error {
	s, n := t.s, sh.bytes()
	ref := s.mem.Alloc(n, arena.Movable)
	if ref == 0 {
		return ErrNoMemory
	}
	it := Item{b: s.mem.Bytes(ref, n), ref: ref}
	sh.writeHead(it.b, v)
	sh.fill(it.b, k.Name, v.Bytes)
	it.setAccess(s.evictor.current().Insert(k.Hash, uint32(n), v.ExpireAt))
	ks.changing(ks.tab.Index(k.Hash))
	before := ks.tab.Bytes()
	if !ks.tab.Insert(k.Hash, ref, v.ExpireAt != 0) {
		s.mem.Free(ref, n)
		return ErrNoMemory
	}
	s.tableChanged(ks, before)
	ks.comes(it)
	if items := ks.count.items.Add(1); items&(items-1) == 0 { // the shard has doubled
		s.evictor.grown(s, items)
	}
	t.expiryChanged(ks, k.Hash, 0, v.ExpireAt)
	return nil
}

// replace gives an item another value; what the old one owned goes.
func (t *Tx) replace(ks *keyspace, p *table.Probe, it Item, k Key, v *Value, sh shape) error {
	var root []byte
	if it.Owns() {
		root = append(root, it.Value()...)
	}
	old := it.Type()
	if _, err := t.rewrite(ks, p, it, k, v, sh); err != nil {
		return err
	}
	if root != nil {
		t.s.freeRoot(old, root)
	}
	return nil
}

// rewrite gives an item new content: in its block when the class stays the same, else in another. v.Bytes may alias the
// item; where it is shorter than sh.value, zeroes follow. It returns the value's bytes for writing.
func (t *Tx) rewrite(ks *keyspace, p *table.Probe, it Item, k Key, v *Value, sh shape) ([]byte, error) {
	s, old, n := t.s, len(it.b), sh.bytes()
	access, expiry, at := s.evictor.current().overwritten(k.Hash, it.Access(), n, v.ExpireAt), it.ExpireAt(), sh.valueAt()
	ref := it.ref
	ks.leaves(it)
	if arena.SizeOf(old) == arena.SizeOf(n) {
		ks.changing(p.Index())
		if n > old {
			s.mem.Resized(ref, old, n)
		}
		it.b = s.mem.Bytes(ref, n)
		sh.fill(it.b, k.Name, v.Bytes)
		if n < old {
			s.mem.Resized(ref, old, n)
		}
	} else {
		if ref = s.mem.Alloc(n, arena.Movable); ref == 0 {
			ks.comes(it)
			return nil, ErrNoMemory
		}
		ks.changing(p.Index())
		b := s.mem.Bytes(ref, n)
		sh.fill(b, k.Name, v.Bytes)
		s.mem.Free(it.ref, old)
		it = Item{b: b, ref: ref}
	}
	sh.writeHead(it.b, v)
	ks.comes(it)
	it.setAccess(access)
	p.Set(ref, v.ExpireAt != 0)
	t.expiryChanged(ks, k.Hash, expiry, v.ExpireAt)
	return it.b[at:], nil
}

// expiryChanged keeps the counts and the wheel. An entry that fires too early is queued again, so only an earlier expiry needs a new one.
func (t *Tx) expiryChanged(ks *keyspace, hash uint64, old, at int64) {
	switch {
	case old == at:
		return
	case at == 0:
		ks.count.expiring.Add(-1)
		return
	case old == 0:
		ks.count.expiring.Add(1)
	case at > old:
		return
	}
	t.s.plan(ks, hash, at)
}

// Resize makes the value of an item n bytes long: its content, expiry, flags and version stay, zeroes follow when it grows.
// It returns the value's bytes for writing (see Patch where the length stays). ErrNotFound,
// ErrTooLarge, ErrNoMemory: nothing has changed.
func (t *Tx) Resize(db int, k Key, n int, enc Enc) ([]byte, error) {
	if n > MaxValue {
		return nil, ErrTooLarge
	}
	ks, p, it := t.find(db, k)
	if !it.Ok() {
		return nil, ErrNotFound
	}
	v := it.value()
	v.Enc = enc
	if len(v.Bytes) > n {
		v.Bytes = v.Bytes[:n]
	}
	return t.rewrite(ks, &p, it, k, &v, shapeOf(len(k.Name), &v, n))
}

// SetExpire changes when an item is gone (0: never); false if it is not there.
func (t *Tx) SetExpire(db int, k Key, at int64) bool {
	ks, p, it := t.find(db, k)
	if !it.Ok() {
		return false
	}
	old := it.ExpireAt()
	if old != 0 && at != 0 {
		t.moveExpire(ks, p.Index(), k, it, at)
		return true
	}
	v := it.value()
	v.ExpireAt = at
	return old == at || t.reshape(ks, &p, it, k, &v)
}

// moveExpire changes the expiry of an item that has one.
func (t *Tx) moveExpire(ks *keyspace, bucket int, k Key, it Item, at int64) {
	old := it.ExpireAt()
	ks.changing(bucket)
	binary.LittleEndian.PutUint64(it.b[it.optAt():], uint64(at))
	t.expiryChanged(ks, k.Hash, old, at)
}

// SetCAS changes an item's version (0: none); false if it is not there.
func (t *Tx) SetCAS(db int, k Key, cas uint64) bool {
	ks, p, it := t.find(db, k)
	if !it.Ok() {
		return false
	}
	old := it.CAS()
	if old != 0 && cas != 0 {
		ks.changing(p.Index())
		binary.LittleEndian.PutUint64(it.b[it.optAt()+int(it.b[1]&hasExpiry)*8:], cas)
		return true
	}
	v := it.value()
	v.CAS = cas
	return old == cas || t.reshape(ks, &p, it, k, &v)
}

// reshape rewrites an item whose optional fields change; its access field is left alone. false: no memory.
func (t *Tx) reshape(ks *keyspace, p *table.Probe, it Item, k Key, v *Value) bool {
	access := it.Access()
	_, err := t.rewrite(ks, p, it, k, v, shapeOf(len(k.Name), v, len(v.Bytes)))
	if err == nil {
		t.s.item(p.Ref()).setAccess(access)
	}
	return err == nil
}

// Delete removes an item; false if it was not there.
func (t *Tx) Delete(db int, k Key) bool {
	ks, p, it := t.find(db, k)
	if !it.Ok() {
		return false
	}
	t.s.remove(ks, &p, it)
	return true
}

// Move gives an item with all it has another name or database, replacing what is there; false if there is no source. Both
// shards must be locked. On an error nothing has changed.
func (t *Tx) Move(db int, k Key, toDB int, to Key) (bool, error) {
	if db == toDB && string(k.Name) == string(to.Name) {
		return t.Find(db, k).Ok(), nil
	}
	_, _, it := t.find(db, k)
	if !it.Ok() {
		return false, nil
	}
	if err := t.put(toDB, to, it.value(), it.Access()); err != nil {
		return true, err
	}
	ks, p, it := t.find(db, k)
	if it.Owns() {
		ks.changing(p.Index())
		ks.leaves(it)
		it.b[1] &^= ownsBlocks // the blocks are the other item's
		ks.comes(it)
	}
	t.s.remove(ks, &p, it)
	return true, nil
}

// Copy is Move that leaves the source; it costs what is copied.
func (t *Tx) Copy(db int, k Key, toDB int, to Key) (bool, error) {
	_, _, it := t.find(db, k)
	if !it.Ok() {
		return false, nil
	}
	v := it.value()
	if !v.Owns {
		return true, t.put(toDB, to, v, it.Access())
	}
	twin, ok := cloneBody(t.s.body(it))
	if !ok {
		return true, ErrNoMemory
	}
	v.Bytes = make([]byte, len(v.Bytes))
	twin.Encode(v.Bytes)
	err := t.put(toDB, to, v, it.Access())
	if err != nil {
		t.s.freeRoot(v.Type, v.Bytes)
	}
	return true, err
}

// put is Put with an access field.
func (t *Tx) put(db int, k Key, v Value, access uint32) error {
	if err := t.Put(db, k, v); err != nil {
		return err
	}
	if _, _, it := t.find(db, k); it.Ok() { // not if it has expired this very moment
		it.setAccess(access)
		if v.Timed {
			t.PlanParts(db, k)
		}
	}
	return nil
}
