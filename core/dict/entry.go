// Entry: one name with its value and its expiry, as a block.

package dict

import (
	"encoding/binary"
	"math"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/rank"
	"github.com/cachesrv/cachesrv/core/table"
)

// The block of an entry, little endian:
//
//	   with an expiry only (the slot is marked): Unix ms, as the float that rank orders by (64 bits)
//	0  length of the name if below 255, else 255 and the length (32 bits)
//	   name
//	   in maps only: length of the value in the same form, value
//
// With an expiry it begins as a member of rank does, so that the tree of expiries refers to the same block.
const (
	longMark = 255
	dueBytes = 8
)

// Entry is a name that was found. The zero Entry is "not there".
type Entry struct {
	p     table.Probe
	b     []byte // the block
	ref   arena.Ref
	name  []byte
	value []byte
}

// Ok tells whether there is an entry.
func (e *Entry) Ok() bool { return e.b != nil }

// Name and Value alias the arena. A set's entries have no values.
func (e *Entry) Name() []byte  { return e.name }
func (e *Entry) Value() []byte { return e.value }

// Hash is as much of the name's hash as Find, Has and Insert look at: another dict with the same hash function needs no more.
func (e *Entry) Hash() uint64 { return uint64(e.p.Tag()) }

// Ref tells entries apart, until the next change.
func (e *Entry) Ref() arena.Ref { return e.ref }

// ExpireAt is when the entry is gone, in Unix ms; 0 is never.
func (e *Entry) ExpireAt() int64 {
	if !e.p.Marked() {
		return 0
	}
	return int64(math.Float64frombits(binary.LittleEndian.Uint64(e.b)))
}

// lengthBytes is how many bytes the length of n bytes takes.
func lengthBytes(n int) int {
	if n < longMark {
		return 1
	}
	return 5
}

// entryBytes is the length of a block.
func (d *Dict) entryBytes(name, value int, due bool) int {
	n := lengthBytes(name) + name
	if d.kind == Map {
		n += lengthBytes(value) + value
	}
	if due {
		n += dueBytes
	}
	return n
}

// putText writes a length and a text, and returns what is left of b.
func putText(b, s []byte) []byte {
	if len(s) < longMark {
		b[0] = byte(len(s))
		return b[1+copy(b[1:], s):]
	}
	b[0] = longMark
	binary.LittleEndian.PutUint32(b[1:], uint32(len(s)))
	return b[5+copy(b[5:], s):]
}

// span is where the text whose length stands at offset at begins and ends.
func (d *Dict) span(r arena.Ref, at int) (from, to int) {
	if n := int(d.a.Bytes(r, at+1)[at]); n < longMark {
		return at + 1, at + 1 + n
	}
	return at + 5, at + 5 + int(binary.LittleEndian.Uint32(d.a.Bytes(r, at+5)[at+1:]))
}

// read is the entry of a block; p stands on its slot.
func (d *Dict) read(r arena.Ref, due bool) (e Entry) {
	at := 0
	if due {
		at = dueBytes
	}
	from, to := d.span(r, at)
	e.ref = r
	if d.kind == Map {
		vfrom, vto := d.span(r, to)
		e.b = d.a.Bytes(r, vto)
		e.value = e.b[vfrom:vto:vto]
	} else {
		e.b = d.a.Bytes(r, to)
	}
	e.name = e.b[from:to:to]
	return e
}

// named tells whether the block's name is name, which for most that have not is one comparison.
func (d *Dict) named(r arena.Ref, due bool, name []byte) bool {
	at := 0
	if due {
		at = dueBytes
	}
	n := int(d.a.Bytes(r, at+1)[at])
	if n < longMark {
		return n == len(name) && string(d.a.Bytes(r, at+1+n)[at+1:]) == string(name)
	}
	from, to := d.span(r, at)
	return to-from == len(name) && string(d.a.Bytes(r, to)[from:]) == string(name)
}

// write makes a block; 0: the arena is full. name and value may alias the arena.
func (d *Dict) write(name, value []byte, expireAt int64) arena.Ref {
	n := d.entryBytes(len(name), len(value), expireAt != 0)
	r := d.a.Alloc(n, arena.Movable)
	if r == 0 {
		return 0
	}
	b := d.a.Bytes(r, n)
	if expireAt != 0 {
		binary.LittleEndian.PutUint64(b, math.Float64bits(float64(expireAt)))
		b = b[dueBytes:]
	}
	b = putText(b, name)
	if d.kind == Map {
		putText(b, value)
	}
	d.entries += int64(arena.SizeOf(n))
	return r
}

func (d *Dict) free(r arena.Ref, n int) {
	d.entries -= int64(arena.SizeOf(n))
	d.a.Free(r, n)
}

// dues is the tree of expiries at work.
func (d *Dict) dues() rank.Tree { return rank.Open(d.a, d.due) }
