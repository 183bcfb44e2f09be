// The RDB file: a header, records, an end with a checksum.

package rdb

import "fmt"

// The opcodes: what a record of a file begins with, where it is not the kind of a key's value.
const (
	opSlot       = 244 // of a cluster's slot: its number, how many keys it has, how many of them expire
	opEarlyLib   = 246 // a library as release candidates of 7.0 wrote it
	opModule     = 247 // what a module keeps beside keys
	opIdle       = 248 // of the next key: seconds since it was used
	opFreq       = 249 // or how often it is
	opAux        = 250 // a name and its value, both texts
	opResize     = 251 // how many keys the database has, and how many of them expire
	opExpireMs   = 252 // of the next key
	opExpireSecs = 253
	opDatabase   = 254 // to which what follows belongs
	opEnd        = 255 // before the checksum
)

const (
	magic       = "REDIS" // and four digits of version
	headerBytes = len(magic) + 4
	sumFrom     = 5 // the version that brought the checksum
	sumBytes    = 8
)

// Damage says that a file is not what it should be. At is the offset in the file where that showed.
type Damage struct {
	At   int64
	What string
	Key  string // in the record of which key, if that is known
}

func (e *Damage) Error() string {
	if e.Key != "" {
		return fmt.Sprintf("offset %d, key %.200q: %s", e.At, e.Key, e.What)
	}
	return fmt.Sprintf("offset %d: %s", e.At, e.What)
}
