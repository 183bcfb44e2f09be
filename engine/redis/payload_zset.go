// Sorted sets as serialized values.

package redis

import (
	"math"
	"strconv"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// writeSortedSet writes a big one from its greatest member down, which is the order in which Redis is fastest to read it.
func (c *client) writeSortedSet(w *rdb.Writer, it core.Item) {
	if !it.Owns() {
		w.Kind(rdb.KindZsetListpack)
		w.Text(pack.OpenListpack(it.Value()))
		return
	}
	z := value.OpenSortedSet(c.placed(it))
	w.Kind(rdb.KindZset2)
	w.Length(uint64(z.Len()))
	walk := z.From(z.Len()-1, true)
	for member, ok := walk.Next(); ok; member, ok = walk.Next() {
		w.Elem(member)
		w.Score(walk.Score())
	}
}

// sortedSetBuilder puts members.
type sortedSetBuilder struct {
	z value.SortedSet
	n int // that will come, 0 once one has
}

func (c *client) buildSortedSet(d *rdb.Decoder, p value.Place) error {
	b := &sortedSetBuilder{z: value.OpenSortedSet(p), n: d.Len()}
	err := d.SortedSet(b)
	b.z.Finish()
	return err
}

func (b *sortedSetBuilder) Score(member []byte, score float64) error {
	if b.n > 0 {
		if err := b.z.Expect(b.n, len(member)); err != nil {
			return err
		}
		b.n = 0
	}
	_, _, err := b.z.Put(member, score, 0)
	return err
}

func (c *client) mixSortedSet(d *digest, it core.Item) {
	z := value.OpenSortedSet(c.placed(it))
	walk := z.From(0, false)
	var buf [32]byte
	for member, ok := walk.Next(); ok; member, ok = walk.Next() {
		var one digest
		one.mixElem(member)
		one.mix(appendDigits(buf[:0], walk.Score()))
		d.add(one[:])
	}
}

// appendDigits writes a score as C's %.17g does.
func appendDigits(b []byte, f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return append(b, "inf"...)
	case math.IsInf(f, -1):
		return append(b, "-inf"...)
	}
	return strconv.AppendFloat(b, f, 'g', 17, 64)
}
