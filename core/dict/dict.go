// Dict: finding, inserting, changing and removing entries.

package dict

import (
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/rank"
	"github.com/cachesrv/cachesrv/core/table"
)

// Kind says whether entries have values.
type Kind uint8

const (
	Set Kind = iota // names only
	Map
)

// RootBytes is what Encode writes and Open reads: the bytes of all blocks, the table's root, that of the tree of expiries.
const RootBytes = 8 + table.RootBytes + rank.RootBytes

// MaxExpire is the last Unix ms that an entry can expire at: expiries are ordered as floats, which hold whole numbers up to it.
const MaxExpire = 1<<53 - 1

// Dict is a root at work.
type Dict struct {
	a       *arena.Arena
	tab     table.Table
	due     rank.Root
	entries int64 // bytes of the entries' blocks, rounding included
	kind    Kind
}

// New makes an empty dict; false if the arena is full.
func New(a *arena.Arena, kind Kind) (Dict, bool) {
	tab, ok := table.New(a)
	return Dict{a: a, tab: tab, kind: kind}, ok
}

// Open makes a dict of its root.
func Open(a *arena.Arena, root []byte, kind Kind) Dict {
	d := Dict{a: a, tab: table.Open(a, table.Decode(root[8:])), due: rank.Decode(root[8+table.RootBytes:]), kind: kind}
	d.entries = int64(binary.LittleEndian.Uint64(root)) - int64(d.tab.Bytes()+d.due.NodeBytes())
	return d
}

// Names is the table alone, for looking ahead.
func Names(a *arena.Arena, root []byte) table.Table { return table.Open(a, table.Decode(root[8:])) }

// Encode writes the root.
func (d *Dict) Encode(root []byte) {
	binary.LittleEndian.PutUint64(root, uint64(d.Bytes()))
	d.tab.Encode(root[8:])
	d.due.Encode(root[8+table.RootBytes:])
}

// Bytes is the memory of all blocks, rounding included.
func (d *Dict) Bytes() int64 { return d.entries + int64(d.tab.Bytes()+d.due.NodeBytes()) }

// Len is the number of entries, those included that are due and still there.
func (d *Dict) Len() int { return d.tab.Len() }

// Buckets is how many parts the dict has for At.
func (d *Dict) Buckets() int { return d.tab.Buckets() }

// Find looks a name up.
func (d *Dict) Find(hash uint64, name []byte) (e Entry) {
	p := d.tab.Find(hash)
	for p.Next() {
		if r := p.Ref(); d.named(r, p.Marked(), name) {
			e = d.read(r, p.Marked())
			e.p = p
			return e
		}
	}
	return e
}

// Has tells whether a name is there, expired or not.
func (d *Dict) Has(hash uint64, name []byte) bool {
	for p := d.tab.Find(hash); p.Next(); {
		if d.named(p.Ref(), p.Marked(), name) {
			return true
		}
	}
	return false
}

// Insert adds a name that the caller knows is not there. expireAt is in Unix ms up to MaxExpire, 0 never.
func (d *Dict) Insert(hash uint64, name, value []byte, expireAt int64) bool {
	r := d.write(name, value, expireAt)
	if r == 0 {
		return false
	}
	n := d.entryBytes(len(name), len(value), expireAt != 0)
	if expireAt != 0 && !d.plan(r) {
		d.free(r, n)
		return false
	}
	if !d.tab.Insert(hash, r, expireAt != 0) {
		d.unplan(r, expireAt != 0)
		d.free(r, n)
		return false
	}
	return true
}

// plan puts a block with an expiry into the tree.
func (d *Dict) plan(r arena.Ref) bool {
	t := d.dues()
	ok := t.Insert(r)
	d.due = t.Root
	return ok
}

func (d *Dict) unplan(r arena.Ref, due bool) {
	if due {
		t := d.dues()
		t.Delete(r)
		d.due = t.Root
	}
}

// replan has the tree know block r, which expires at another time, instead of the entry's old one. Both are whole.
func (d *Dict) replan(from, r arena.Ref, old, expireAt int64) bool {
	if old == expireAt { // two of the same name and time at once would confuse the tree
		if old != 0 {
			t := d.dues()
			t.Replace(from, r)
			d.due = t.Root
		}
		return true
	}
	if expireAt != 0 && !d.plan(r) {
		return false
	}
	d.unplan(from, old != 0)
	return true
}

// Update gives an entry another value and expiry. The entry is valid afterwards, and value may alias its old value.
func (d *Dict) Update(e *Entry, value []byte, expireAt int64) bool {
	old := e.ExpireAt()
	if n := d.entryBytes(len(e.name), len(value), expireAt != 0); old == expireAt && arena.SizeOf(n) == arena.SizeOf(len(e.b)) {
		d.rewrite(e, value, n)
		return true
	}
	r := d.write(e.name, value, expireAt)
	if r == 0 {
		return false
	}
	if !d.replan(e.ref, r, old, expireAt) {
		d.free(r, d.entryBytes(len(e.name), len(value), true))
		return false
	}
	d.free(e.ref, len(e.b))
	e.p.Set(r, expireAt != 0)
	p := e.p
	*e = d.read(r, expireAt != 0)
	e.p = p
	return true
}

// rewrite puts a value into the entry's own block, which has room for its n bytes.
func (d *Dict) rewrite(e *Entry, value []byte, n int) {
	if d.kind == Set {
		return
	}
	old := len(e.b)
	if n > old {
		d.a.Resized(e.ref, old, n)
	}
	at := old - len(e.value) - lengthBytes(len(e.value))
	e.b = d.a.Bytes(e.ref, n)
	moved := e.b[at+lengthBytes(len(value)):]
	copy(moved, value) // the value may lie there already, in part
	b := e.b[at:]
	if b[0] = byte(min(len(value), longMark)); b[0] == longMark {
		binary.LittleEndian.PutUint32(b[1:], uint32(len(value)))
	}
	if n < old {
		d.a.Resized(e.ref, old, n)
	}
	e.value = moved[:len(value):len(value)]
}

// Remove takes an entry out and frees it; e is used up.
func (d *Dict) Remove(e *Entry) {
	d.unplan(e.ref, e.p.Marked())
	d.tab.Remove(&e.p)
	d.free(e.ref, len(e.b))
	*e = Entry{}
}

// NextDue is the first expiry, 0 if there is none.
func (d *Dict) NextDue() int64 {
	t := d.dues()
	c := t.Seek(0)
	_, at, _ := t.Ascend(&c)
	return int64(at)
}

// Expiring is how many entries have an expiry, Due how many of them are gone by a time.
func (d *Dict) Expiring() int { return d.due.Len() }
func (d *Dict) Due(now int64) int {
	t := d.dues()
	return t.Below(float64(now), true)
}

// First is the entry that expires first, to be removed; not there if none has an expiry. hash is the owner's hash function.
func (d *Dict) First(hash func(name []byte) uint64) (e Entry) {
	t := d.dues()
	c := t.Seek(0)
	if r, _, ok := t.Ascend(&c); ok {
		name := rank.Name(d.a, r)
		return d.Find(hash(name), name)
	}
	return e
}
