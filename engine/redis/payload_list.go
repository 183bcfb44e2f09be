// Lists as serialized values.

package redis

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// dumpedNode is how long a node of a serialized list gets, unless one element is longer: what Redis's default is.
const dumpedNode = 8 << 10

// writeList writes a list that is packed as its only node, others in nodes made anew.
func (c *client) writeList(w *rdb.Writer, it core.Item) {
	w.Kind(rdb.KindQuicklist2)
	if !it.Owns() {
		w.Length(1)
		w.PackedNode(pack.OpenListpack(it.Value()))
		return
	}
	var l value.List
	l.Open(c.placed(it), &c.w.Scratch)
	w.Length(uint64(dumpedNodes(&l)))
	buf := make([]byte, 0, dumpedNode)
	b := pack.NewBuilder(buf)
	for cur := l.Seek(0); ; {
		e, ok := cur.Next()
		if b.Len() > 0 && (!ok || b.Size()+pack.Size(e) > dumpedNode) {
			w.PackedNode(b.Done())
			b = pack.NewBuilder(buf)
		}
		if !ok {
			return
		}
		b.Add(e)
	}
}

// dumpedNodes is how many nodes that makes: the number comes before them, and what was written may be on its way already.
func dumpedNodes(l *value.List) (n int) {
	size := 0
	for cur := l.Seek(0); ; {
		e, ok := cur.Next()
		if !ok {
			return n
		}
		if more := pack.Size(e); n == 0 || size+more > dumpedNode {
			n, size = n+1, pack.EmptyListpack+more
		} else {
			size += more
		}
	}
}

// listBuilder pushes elements, many at a time.
type listBuilder struct {
	l     value.List
	texts [][]byte
	held  []byte // their bytes
}

const (
	pushTexts = 128
	pushBytes = 16 << 10
)

func (c *client) buildList(d *rdb.Decoder, p value.Place) error {
	b := &listBuilder{texts: make([][]byte, 0, pushTexts)}
	b.l.Open(p, &c.w.Scratch)
	if err := d.List(b); err != nil {
		return err
	}
	return b.flush()
}

func (b *listBuilder) Element(text []byte) error {
	if len(text) > pushBytes {
		if err := b.flush(); err != nil {
			return err
		}
		_, err := b.l.Push(false, [][]byte{text})
		return err
	}
	at := len(b.held)
	b.held = append(b.held, text...)
	b.texts = append(b.texts, b.held[at:])
	if len(b.texts) == pushTexts || len(b.held) >= pushBytes {
		return b.flush()
	}
	return nil
}

func (b *listBuilder) Node(lp []byte, _ int) error {
	var buf [24]byte
	node := pack.Listpack(lp)
	for p := node.First(); p < node.End(); p = node.Next(p) {
		text := node.Get(p).Text
		if text == nil {
			text = node.Get(p).Append(buf[:0])
		}
		if err := b.Element(text); err != nil {
			return err
		}
	}
	return nil
}

func (b *listBuilder) flush() error {
	if len(b.texts) == 0 {
		return nil
	}
	_, err := b.l.Push(false, b.texts)
	b.texts, b.held = b.texts[:0], b.held[:0]
	return err
}

// mixList mixes the elements in their order.
func (c *client) mixList(d *digest, it core.Item) {
	var l value.List
	l.Open(c.placed(it), &c.w.Scratch)
	cur := l.Seek(0)
	for e, ok := cur.Next(); ok; e, ok = cur.Next() {
		d.mixElem(e)
	}
}
