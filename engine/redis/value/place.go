// place: where a collection lies, which every handle carries.

package value

import "github.com/cachesrv/cachesrv/core"

// Place is a key of a database, under the lock of its shard, and the item that is there, if any.
type Place struct {
	tx  *core.Tx
	lim *Limits
	db  int
	key core.Key
	it  core.Item
}

// At is the place of a key; it is what Find or Read gave under the same lock.
func At(tx *core.Tx, lim *Limits, db int, key core.Key, it core.Item) Place {
	return Place{tx: tx, lim: lim, db: db, key: key, it: it}
}

// Ok tells whether there is an item. Its type is the caller's to check.
func (p *Place) Ok() bool { return p.it.Ok() }

// big tells that the item is the root of a structure.
func (p *Place) big() bool { return p.it.Ok() && p.it.Owns() }

// find looks the item up again, after a change that may have moved it.
func (p *Place) find() { p.it = p.tx.Find(p.db, p.key) }

// put makes the item, or replaces all of it.
func (p *Place) put(v core.Value) error {
	err := p.tx.Put(p.db, p.key, v)
	if err == nil {
		p.find()
	}
	return err
}

// delete removes the item.
func (p *Place) delete() {
	p.tx.Delete(p.db, p.key)
	p.it = core.Item{}
}

// resize makes a packed value n bytes long and gives it for writing; what was there stays, as far as it fits.
func (p *Place) resize(n int, enc core.Enc) ([]byte, error) {
	b, err := p.tx.Resize(p.db, p.key, n, enc)
	if err == nil {
		p.find()
	}
	return b, err
}
