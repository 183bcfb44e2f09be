// Digests of data, equal to those of Redis for equal data: DEBUG DIGEST and DEBUG DIGEST-VALUE.

package redis

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"

	"github.com/cachesrv/cachesrv/core"
)

// digest is a sum of SHA-1 hashes. What is added is without order, what is mixed in is with.
type digest [sha1.Size]byte

// add takes b in so that the order of calls does not matter.
func (d *digest) add(b []byte) {
	sum := sha1.Sum(b)
	for i, x := range sum {
		d[i] ^= x
	}
}

// mix takes b in so that the order does.
func (d *digest) mix(b []byte) {
	d.add(b)
	*d = sha1.Sum(d[:])
}

// mixNumber mixes 32 bits.
func (d *digest) mixNumber(n uint32) {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], n)
	d.mix(b[:])
}

// mixItem mixes the value of an item and that it has an expiry, but not which.
func (c *client) mixItem(d *digest, it core.Item) {
	d.mixNumber(typeNumbers[it.Type()])
	switch it.Type() {
	case core.String:
		d.mix(it.Value())
	case core.List:
		c.mixList(d, it)
	case core.Set:
		c.mixSet(d, it)
	case core.SortedSet:
		c.mixSortedSet(d, it)
	case core.Hash:
		c.mixHash(d, it)
	case core.Stream:
		c.mixStream(d, it)
	}
	if it.ExpireAt() != 0 {
		d.add([]byte("!!expire!!"))
	}
}

// typeNumbers are the types as Redis numbers them.
var typeNumbers = [...]uint32{core.String: 0, core.List: 1, core.Set: 2, core.SortedSet: 3, core.Hash: 4, core.Stream: 6}

// debugDIGEST holds all shards: a digest of data in motion would mean nothing.
func debugDIGEST(c *client) error {
	var all digest
	c.tx.LockAll()
	defer c.tx.Unlock()
	for db := range c.e.store.Databases() {
		if c.e.store.Len(db) == 0 {
			continue
		}
		all.mixNumber(uint32(db))
		c.tx.Each(db, func(it core.Item) bool {
			var one digest
			one.mix(it.Name())
			c.mixItem(&one, it)
			all.add(one[:])
			return true
		})
	}
	c.status(hex.EncodeToString(all[:]))
	return nil
}

func debugDIGESTVALUE(c *client) error {
	c.array(len(c.args) - 2)
	for _, name := range c.args[2:] {
		var one digest
		k := c.e.store.Key(name)
		c.tx.Lock1(k)
		if it := c.tx.Find(c.db, k); it.Ok() {
			c.mixItem(&one, it)
		}
		c.tx.Unlock()
		c.status(hex.EncodeToString(one[:]))
	}
	return nil
}
