// Hashes as serialized values.

package redis

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// writeHash writes a hash in the kinds that version 10 knows unless one of its fields expires.
func (c *client) writeHash(w *rdb.Writer, it core.Item) {
	h := value.OpenHash(c.placed(it))
	first := value.NextDue(c.tx.Arena(), it)
	switch lp := h.Packed(); {
	case lp != nil:
		w.Kind(rdb.KindHashListpack)
		w.Text(lp)
	case first != 0 && !h.Big():
		w.Kind(rdb.KindHashPackTTL)
		w.HashPackTTL(first, pack.OpenListpack(it.Value()))
	case first != 0:
		w.Kind(rdb.KindHashTTL)
		w.HashTTL(first, h.Live())
		var field, text []byte
		walk := h.Iter()
		for f, ok := walk.Next(); ok; f, ok = walk.Next() {
			field, text = f.Name.Append(field[:0]), f.Value.Append(text[:0])
			w.FieldTTL(first, field, text, f.ExpireAt)
		}
	default:
		w.Kind(rdb.KindHash)
		w.Length(uint64(h.Len()))
		walk := h.Iter()
		for f, ok := walk.Next(); ok; f, ok = walk.Next() {
			w.Elem(f.Name)
			w.Elem(f.Value)
		}
	}
}

// hashBuilder sets fields.
type hashBuilder struct {
	h    value.Hash
	now  int64
	pair [2][]byte
}

func (c *client) buildHash(d *rdb.Decoder, p value.Place) error {
	return d.Hash(&hashBuilder{h: value.OpenHash(p), now: c.tx.Now()})
}

// Field leaves out what is due: it would only be removed again.
func (b *hashBuilder) Field(field, text []byte, expireAt int64) error {
	if expireAt != 0 && expireAt <= b.now {
		return nil
	}
	b.pair = [2][]byte{field, text}
	if _, _, err := b.h.Set(b.pair[:], false); err != nil || expireAt == 0 {
		return err
	}
	return b.h.ExpireAt(field, expireAt)
}

func (c *client) mixHash(d *digest, it core.Item) {
	h := value.OpenHash(c.placed(it))
	walk := h.Iter()
	for f, ok := walk.Next(); ok; f, ok = walk.Next() {
		var one digest
		one.mixElem(f.Name)
		one.mixElem(f.Value)
		d.add(one[:])
	}
}
