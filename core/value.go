// Value: what a caller puts under a key, and the type and encoding words that the store keeps for it.

package core

// Type is the data type of an item, or what else the caller keeps in four bits. The store looks at it only where an item owns blocks.
// String is the zero value.
type Type uint8

// The data types.
const (
	String Type = iota
	List
	Set
	SortedSet
	Hash
	Stream
	Types int = iota
)

// Enc is how the bytes of a value came to be; the store only keeps it (four values, two bits).
type Enc uint8

const (
	EncPlain Enc = iota // set as a whole: what it looks like follows from the bytes
	EncRaw              // changed in place (append, setrange, setbit): a raw string whatever the bytes look like
)

// Value is everything Put stores under a key. Bytes is copied; it may alias the value of an Item that was
// read under the same lock, also that of the same key.
type Value struct {
	Bytes    []byte
	ExpireAt int64  // Unix time in ms at which the item is gone; 0 is never
	Flags    uint32 // opaque to the store, 0 costs nothing
	CAS      uint64 // version, 0 is none and costs nothing
	Type     Type
	Enc      Enc
	Owns     bool // Bytes is a root: the item owns the blocks that it names
	Timed    bool // the value has parts with an expiry of their own (see Tx.PlanParts)
}
