// What SORT needs of the other types: the elements of lists and sorted sets, fields of hashes, and a list to store into.

package redis

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// loadOrdered loads a collection that has an order of its own.
func (s *sorting) loadOrdered(p value.Place, t core.Type) {
	panic("redis: SORT of a type that nothing makes yet")
}

// fieldOf is a field of a hash.
func (s *sorting) fieldOf(k core.Key, it core.Item, field []byte) ([]byte, bool) {
	return nil, false
}

// storeList makes a key a list of some values, whatever it was.
func (c *client) storeList(k core.Key, values [][]byte) error {
	panic("redis: SORT into a type that is not there yet")
}
