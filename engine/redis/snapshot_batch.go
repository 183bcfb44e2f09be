// keyBatch: short values on their way from a chunk of a snapshot into the store, some at a time, so that the memory they need is loaded in advance.

package redis

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// keyBatch collects strings, and collections that are kept in the bytes in which they come. Its values were checked in full. Texts alias the chunk; names
// are copies, and so are packs, since the Decoder's scratch may hold them.
type keyBatch struct {
	n     int
	recs  [core.Window]rdb.Record
	texts [core.Window]rdb.Text   // of strings
	packs [core.Window]core.Value // of collections: their type is not String
	timed [core.Window]bool       // parts of the collection expire
	want  [core.Window]core.Wanted
	bytes []byte // names and packs; should it move, those before keep theirs
	text  []byte // scratch for a text that is packed
}

const (
	// longestHeld is the longest string that is unpacked on its way; longer ones are unpacked into the store.
	longestHeld = 64 << 10
	// longestPack is the longest collection that is held back: to copy a longer one costs more than it gains.
	longestPack = 4 << 10
)

// takes holds the value back if that is worth it; false: it is to be stored by itself.
func (b *keyBatch) takes(c *client, d *rdb.Decoder, rec *rdb.Record) bool {
	if d.Type() == rdb.String {
		if d.Text().Len() > longestHeld {
			return false
		}
		b.texts[b.n], b.packs[b.n] = d.Text(), core.Value{}
		b.add(c.e, rec)
		return true
	}
	v, ok := c.packedValue(d)
	if !ok || len(v.Bytes) > longestPack {
		return false
	}
	v.Bytes = b.copy(v.Bytes)
	b.packs[b.n], b.timed[b.n] = v, d.HasTTL()
	b.add(c.e, rec)
	return true
}

func (b *keyBatch) add(e *Engine, rec *rdb.Record) {
	b.recs[b.n] = *rec
	b.want[b.n] = core.Wanted{Key: e.store.Key(b.copy(rec.Key))}
	b.n++
}

func (b *keyBatch) copy(s []byte) []byte {
	at := len(b.bytes)
	b.bytes = append(b.bytes, s...)
	return b.bytes[at:len(b.bytes):len(b.bytes)]
}

func (b *keyBatch) full() bool { return b.n == len(b.recs) }

// storeBatch puts all into the store, and gives how many that were, or which one failed.
func (l *loader) storeBatch(c *client, b *keyBatch) (n int, err error) {
	for from := 0; from < b.n; {
		to := from + 1
		for to < b.n && b.recs[to].DB == b.recs[from].DB {
			to++
		}
		c.tx.LookAhead(b.recs[from].DB, b.want[from:to])
		from = to
	}
	for i := range b.n {
		if err := l.putHeld(c, b, i); err != nil {
			return i, &rdb.Damage{At: b.recs[i].At, What: err.Error(), Key: string(b.want[i].Key.Name)}
		}
	}
	n, b.n, b.bytes = b.n, 0, b.bytes[:0]
	return n, nil
}

func (l *loader) putHeld(c *client, b *keyBatch, i int) error {
	rec, k, v := &b.recs[i], b.want[i].Key, b.packs[i]
	if v.Type == core.String {
		v.Bytes = b.plain(i)
	}
	v.ExpireAt = rec.ExpireAt
	c.tx.Lock1(k)
	defer c.tx.Unlock()
	err := error(nil)
	if l.merge {
		c.renewing(rec.DB, k)
		err = c.tx.Put(rec.DB, k, v)
	} else {
		err = c.tx.Add(rec.DB, k, v)
	}
	switch {
	case err == core.ErrExists:
		return errKeyTwice
	case err != nil:
		return storeError(err)
	}
	if v.Type != core.String && b.timed[i] {
		c.tx.PlanParts(rec.DB, k)
	}
	c.setUse(rec, k)
	return nil
}

// plain is the text of a string, in the chunk or in scratch.
func (b *keyBatch) plain(i int) []byte {
	if text, ok := b.texts[i].Plain(); ok {
		return text
	}
	n := b.texts[i].Len()
	if cap(b.text) < n {
		b.text = make([]byte, max(n, 4<<10))
	}
	b.texts[i].Fill(b.text[:n])
	return b.text[:n]
}

// setUse makes a key look as used as the file says.
func (c *client) setUse(rec *rdb.Record, k core.Key) {
	switch {
	case rec.Idle >= 0:
		c.tx.SetIdle(rec.DB, k, rec.Idle)
	case rec.Freq >= 0:
		c.tx.SetFrequency(rec.DB, k, int(rec.Freq))
	}
}
