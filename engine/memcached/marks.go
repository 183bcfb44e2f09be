// marks: what the meta commands remember of an item besides its value.

package memcached

import "github.com/cachesrv/cachesrv/core"

// The four marks of an item take the place of the data type in its header: all values of this personality are strings.
// So they cost nothing, and an item that is stored anew has none.
const (
	markRead   core.Type = 1 << iota // it was read since it was stored
	markStale                        // md with I: the value may be used while somebody makes a new one
	markWon                          // a client was told that it is the one to make a new value
	markBinary                       // the key was sent in base64 and is shown so
)

// wasRead notes that an item was read, with its shard locked. It writes only at the first read after the item was stored.
func wasRead(it core.Item) {
	if marks := it.Type(); marks&markRead == 0 {
		it.SetType(marks | markRead)
	}
}

// unmark forgets what was known of an item whose value is another one now, but not how its key is written.
func unmark(it core.Item) {
	if marks := it.Type(); marks&^markBinary != 0 {
		it.SetType(marks & markBinary)
	}
}
