// Item: one key with its value, as one block of the arena.

package core

import (
	"bytes"
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core/arena"
)

// The block of an item, little endian:
//
//	0  type (4 bits), encoding (2 bits)
//	1  flags: which of the optional fields there are
//	2  access field of the eviction policy (24 bits)
//	5  length of the key   (0 in a long item)
//	6  length of the value (16 bits, 0 in a long item)
//	8  long item only: length of the key, length of the value (32 bits each)
//	   optional: expiry in Unix ms (64 bits)
//	   optional: version (64 bits)
//	   optional: caller's flags (32 bits)
//	   key, value
//
// A small string costs 8 bytes over its key and value, and what its class rounds.
const (
	headBytes = 8

	hasExpiry  = 1 << 0
	hasVersion = 1 << 1
	hasFlags   = 1 << 2
	isLong     = 1 << 3

	ownsBlocks = 1 << 4 // the value is the root of a structure, see body.go
	hasParts   = 1 << 5 // parts of the value have an expiry of their own, see parts.go
)

// Item is an item as seen under its shard's lock: its bytes alias the store and are valid until Unlock, or until the next change of the
// same key. The zero Item is "not there".
type Item struct {
	b   []byte // the block, as long as the item
	ref arena.Ref
}

// Ok tells whether there is an item.
func (it Item) Ok() bool { return it.b != nil }

// Type and Enc are what Put and Resize were given.
func (it Item) Type() Type { return Type(it.b[0] & 15) }
func (it Item) Enc() Enc   { return Enc(it.b[0] >> 4 & 3) }

// SetType changes the type in place, under the shard's lock. It is for callers to whom all values are of one kind and who keep four marks
// in the bits; a snapshot may see a mark that was set after it began.
func (it Item) SetType(t Type) { it.b[0] = it.b[0]&^15 | byte(t)&15 }

// Name is the key, Value the value; both alias the store and must not be written to.
func (it Item) Name() []byte  { o, k := it.nameAt(); return it.b[o : o+k : o+k] }
func (it Item) Value() []byte { o, k := it.nameAt(); return it.b[o+k:] }

// ExpireAt is when the item is gone, in Unix ms; 0 is never.
func (it Item) ExpireAt() int64 {
	if it.b[1]&hasExpiry == 0 {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(it.b[it.optAt():]))
}

// CAS is the item's version, 0 if it has none.
func (it Item) CAS() uint64 {
	if it.b[1]&hasVersion == 0 {
		return 0
	}
	return binary.LittleEndian.Uint64(it.b[it.optAt()+int(it.b[1]&hasExpiry)*8:])
}

// Flags is the caller's 32 bits.
func (it Item) Flags() uint32 {
	if it.b[1]&hasFlags == 0 {
		return 0
	}
	o, _ := it.nameAt()
	return binary.LittleEndian.Uint32(it.b[o-4:])
}

// Access is the 24-bit field of the eviction policy.
func (it Item) Access() uint32 {
	return uint32(it.b[2]) | uint32(it.b[3])<<8 | uint32(it.b[4])<<16
}

func (it Item) setAccess(a uint32) { it.b[2], it.b[3], it.b[4] = byte(a), byte(a>>8), byte(a>>16) }

// Owns tells that the value is the root of a structure, whose blocks are the item's. Timed tells that parts of the value have an expiry.
func (it Item) Owns() bool  { return it.b[1]&ownsBlocks != 0 }
func (it Item) Timed() bool { return it.b[1]&hasParts != 0 }

// Size is the bytes of the item's block, rounding included; neither its table slot nor what it owns.
func (it Item) Size() int { return arena.SizeOf(len(it.b)) }

// Owned is the bytes of the blocks that the item owns besides its own, rounding included: the first word of every root.
func (it Item) Owned() int64 {
	if !it.Owns() {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(it.Value()))
}

// Bytes is all memory of the item but its table slot.
func (it Item) Bytes() int64 { return int64(it.Size()) + it.Owned() }

// optAt is where the optional fields begin.
func (it Item) optAt() int { return headBytes + int(it.b[1]&isLong) } // isLong is 8: the width of the long lengths

// optBytes is the width of the optional fields for every combination of the flags (long lengths included).
var optBytes = [16]uint8{0, 8, 8, 16, 4, 12, 12, 20, 8, 16, 16, 24, 12, 20, 20, 28}

// nameAt is where the key begins, and its length.
func (it Item) nameAt() (at, n int) {
	at = headBytes + int(optBytes[it.b[1]&15])
	if it.b[1]&isLong == 0 {
		return at, int(it.b[5])
	}
	return at, int(binary.LittleEndian.Uint32(it.b[headBytes:]))
}

// shape is how long the parts of an item are: what its block's layout follows from.
type shape struct {
	flags byte
	name  int
	value int
}

func shapeOf(name int, v *Value, value int) shape {
	sh := shape{name: name, value: value}
	if v.ExpireAt != 0 {
		sh.flags |= hasExpiry
	}
	if v.CAS != 0 {
		sh.flags |= hasVersion
	}
	if v.Flags != 0 {
		sh.flags |= hasFlags
	}
	if name > 255 || value > 65535 {
		sh.flags |= isLong
	}
	if v.Owns {
		sh.flags |= ownsBlocks
	}
	if v.Timed {
		sh.flags |= hasParts
	}
	return sh
}

// ItemBytes is what an item takes of the memory: a name of so many bytes and v.
func ItemBytes(name int, v *Value) int { return shapeOf(name, v, len(v.Bytes)).bytes() }

func (sh shape) nameAt() int  { return headBytes + int(optBytes[sh.flags&15]) }
func (sh shape) valueAt() int { return sh.nameAt() + sh.name }
func (sh shape) bytes() int   { return sh.valueAt() + sh.value }

// writeHead writes everything but the key, the value and the access field.
func (sh shape) writeHead(b []byte, v *Value) {
	b[0] = byte(v.Type)&15 | byte(v.Enc)&3<<4
	b[1] = sh.flags
	b[5], b[6], b[7] = byte(sh.name), byte(sh.value), byte(sh.value>>8)
	at := headBytes
	if sh.flags&isLong != 0 {
		b[5], b[6], b[7] = 0, 0, 0
		binary.LittleEndian.PutUint32(b[at:], uint32(sh.name))
		binary.LittleEndian.PutUint32(b[at+4:], uint32(sh.value))
		at += 8
	}
	if sh.flags&hasExpiry != 0 {
		binary.LittleEndian.PutUint64(b[at:], uint64(v.ExpireAt))
		at += 8
	}
	if sh.flags&hasVersion != 0 {
		binary.LittleEndian.PutUint64(b[at:], v.CAS)
		at += 8
	}
	if sh.flags&hasFlags != 0 {
		binary.LittleEndian.PutUint32(b[at:], v.Flags)
	}
}

// fill writes the key and the value; where the value is shorter than its place, zeroes follow. The value goes first: it may lie in the same
// block, where the key is to be. Mostly it lies where it belongs already: what grows in its block is not copied onto itself.
func (sh shape) fill(b, name, value []byte) {
	at := sh.valueAt()
	if len(value) > 0 && &value[0] != &b[at] {
		copy(b[at:], value)
	}
	clear(b[at+len(value):])
	copy(b[sh.nameAt():], name)
}

// item reads the item at a reference.
func (s *Store) item(r arena.Ref) Item {
	h := *s.mem.Word(r)
	flags := byte(h>>8) & 15
	n := headBytes + int(optBytes[flags])
	if flags&isLong == 0 {
		n += int(h>>40&0xff) + int(h>>48)
	} else {
		w := binary.LittleEndian.Uint64(s.mem.Bytes(r, 16)[8:])
		n += int(uint32(w)) + int(w>>32)
	}
	return Item{b: s.mem.Bytes(r, n), ref: r}
}

// is tells whether the item has that name, without a call for most that have not.
func (it Item) is(name []byte) bool {
	o, k := it.nameAt()
	return k == len(name) && bytes.Equal(it.b[o:o+k], name)
}

// value is everything about the item but its access field, for rewriting it; Bytes aliases the item.
func (it Item) value() Value {
	return Value{Bytes: it.Value(), ExpireAt: it.ExpireAt(), Flags: it.Flags(), CAS: it.CAS(), Type: it.Type(), Enc: it.Enc(),
		Owns: it.Owns(), Timed: it.Timed()}
}
