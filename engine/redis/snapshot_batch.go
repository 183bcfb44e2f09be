// textBatch: strings on their way from a chunk of a snapshot into the store, some at a time, so that the memory they need is loaded in advance.

package redis

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

// textBatch collects strings. Their texts alias the chunk, their names are copies.
type textBatch struct {
	n     int
	recs  [core.Window]rdb.Record
	texts [core.Window]rdb.Text
	want  [core.Window]core.Wanted
	names []byte
	text  []byte // scratch for one that is packed
}

// longestHeld is the longest string that is unpacked on its way; longer ones are unpacked into the store.
const longestHeld = 64 << 10

// takes tells whether a value can be held back: a string that is not too long.
func (b *textBatch) takes(d *rdb.Decoder) bool {
	return d.Type() == rdb.String && d.Text().Len() <= longestHeld
}

func (b *textBatch) add(e *Engine, d *rdb.Decoder, rec *rdb.Record) {
	at := len(b.names)
	b.names = append(b.names, rec.Key...)
	b.recs[b.n], b.texts[b.n] = *rec, d.Text()
	b.want[b.n] = core.Wanted{Key: e.store.Key(b.names[at:len(b.names):len(b.names)])}
	b.n++
}

func (b *textBatch) full() bool { return b.n == len(b.recs) }

// store puts all into the store, and gives how many that were, or which one failed.
func (l *loader) storeBatch(c *client, b *textBatch) (n int, err error) {
	for from := 0; from < b.n; {
		to := from + 1
		for to < b.n && b.recs[to].DB == b.recs[from].DB {
			to++
		}
		c.tx.LookAhead(b.recs[from].DB, b.want[from:to])
		from = to
	}
	for i := range b.n {
		if err := l.putText(c, b, i); err != nil {
			return i, &rdb.Damage{At: b.recs[i].At, What: err.Error(), Key: string(b.want[i].Key.Name)}
		}
	}
	n, b.n, b.names = b.n, 0, b.names[:0]
	return n, nil
}

func (l *loader) putText(c *client, b *textBatch, i int) error {
	rec, k := &b.recs[i], b.want[i].Key
	v := core.Value{ExpireAt: rec.ExpireAt}
	var plain bool
	if v.Bytes, plain = b.texts[i].Plain(); !plain {
		n := b.texts[i].Len()
		if cap(b.text) < n {
			b.text = make([]byte, max(n, 4<<10))
		}
		v.Bytes = b.text[:n]
		b.texts[i].Fill(v.Bytes)
	}
	c.tx.Lock1(k)
	defer c.tx.Unlock()
	err := error(nil)
	if l.merge {
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
	c.setUse(rec, k)
	return nil
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
