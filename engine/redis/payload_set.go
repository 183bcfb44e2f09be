// Sets as serialized values.

package redis

import (
	"math"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// writeSet writes integers as they are kept, other members one by one: a packed set is more than version 10 knows.
func (c *client) writeSet(w *rdb.Writer, it core.Item) {
	s := value.OpenSet(c.placed(it))
	if !it.Owns() && s.Enc() == value.SetInts {
		w.Kind(rdb.KindIntset)
		w.Text(pack.OpenIntset(it.Value()))
		return
	}
	w.Kind(rdb.KindSet)
	w.Length(uint64(s.Len()))
	for i := s.Iter(); i.Next(); {
		w.Elem(i.Elem)
	}
}

// setBuilder adds members.
type setBuilder struct {
	s   value.Set
	big bool // from the first one on, as in Redis: which asks for no more than the setting for integers allows, and gives up packed ones at once
}

func (c *client) buildSet(d *rdb.Decoder, p value.Place) error {
	_, packed := d.Packed()
	b := &setBuilder{s: value.OpenSet(p), big: packed || int64(d.Len()) > c.e.limits.SetInts.Int()}
	err := d.Set(b)
	b.s.Done()
	return err
}

func (b *setBuilder) Member(text []byte) error {
	if b.big {
		b.big = false
		if err := b.s.Expect(text, math.MaxInt); err != nil {
			return err
		}
	}
	_, err := b.s.Add(text)
	return err
}

func (c *client) mixSet(d *digest, it core.Item) {
	s := value.OpenSet(c.placed(it))
	for i := s.Iter(); i.Next(); {
		d.add(i.Text())
	}
}
