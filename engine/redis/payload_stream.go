// Streams as serialized values.

package redis

import (
	"strconv"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/core/stream"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func (c *client) writeStream(w *rdb.Writer, it core.Item) {
	s := value.OpenStream(c.placed(it))
	w.Kind(rdb.KindStream2)
	w.Length(uint64(s.Nodes()))
	cur := s.SeekNode(0)
	for id, lp, ok := s.NextNode(&cur); ok; id, lp, ok = s.NextNode(&cur) {
		w.StreamNode(rdb.ID(id), lp)
	}
	w.StreamHead(int(s.Length), rdb.StreamHead{Last: rdb.ID(s.Last), First: rdb.ID(s.First), MaxDeleted: rdb.ID(s.MaxDeleted), Added: s.Added})
	w.Length(uint64(s.Groups()))
	for i := range s.Groups() {
		writeGroup(w, s.GroupAt(i))
	}
}

func writeGroup(w *rdb.Writer, g stream.Group) {
	w.Group(rdb.Group{Name: g.Name(), Last: rdb.ID(g.Last()), Read: g.Read()})
	all := g.Pending()
	w.Length(uint64(all.Len()))
	cur := all.Seek(stream.ID{})
	for n := all.Next(&cur); n.Ok(); n = all.Next(&cur) {
		w.GroupPending(rdb.Pending{ID: rdb.ID(n.ID()), Delivered: n.Time(), Count: n.Count()})
	}
	w.Length(uint64(g.Consumers()))
	for i := range g.Consumers() {
		k := g.ConsumerAt(i)
		w.Consumer(rdb.Consumer{Name: k.Name(), Seen: k.Seen()})
		mine := k.Pending()
		w.Length(uint64(mine.Len()))
		cur := mine.Seek(stream.ID{})
		for n := mine.Next(&cur); n.Ok(); n = mine.Next(&cur) {
			w.ConsumerPending(rdb.ID(n.ID()))
		}
	}
}

// streamBuilder adds nodes, groups, consumers and what these have pending.
type streamBuilder struct {
	s        value.Stream
	group    stream.Group
	consumer stream.Consumer
}

func (c *client) buildStream(d *rdb.Decoder, p value.Place) error {
	b := &streamBuilder{s: value.OpenStream(p)}
	b.s.Edit()
	return b.s.Done(d.Stream(b))
}

// full is the error of a change that found no memory.
func full(ok bool) error {
	if ok {
		return nil
	}
	return core.ErrNoMemory
}

func (b *streamBuilder) Node(master rdb.ID, lp []byte, _ int) error {
	return full(b.s.AddNode(stream.ID(master), pack.Listpack(lp)))
}

func (b *streamBuilder) Head(h rdb.StreamHead) error {
	b.s.Last, b.s.First, b.s.MaxDeleted, b.s.Added = stream.ID(h.Last), stream.ID(h.First), stream.ID(h.MaxDeleted), h.Added
	return nil
}

func (b *streamBuilder) Group(g rdb.Group) (err error) {
	var ok bool
	b.group, ok = b.s.AddGroup(g.Name, stream.ID(g.Last), g.Read)
	return full(ok)
}

func (b *streamBuilder) Consumer(k rdb.Consumer) error {
	var ok bool
	if b.consumer, ok = b.group.AddConsumer(k.Name, k.Seen); ok {
		b.consumer.SetActive(k.Active)
	}
	return full(ok)
}

func (b *streamBuilder) Pending(p rdb.Pending) error {
	n := b.group.Hand(b.consumer, stream.ID(p.ID), p.Delivered, p.Count)
	return full(n.Ok())
}

// mixStream mixes ids, fields and values in their order; groups are not part of it.
func (c *client) mixStream(d *digest, it core.Item) {
	s := value.OpenStream(c.placed(it))
	var buf [48]byte
	for w := s.Walk(stream.ID{}, stream.MaxID, false); w.Next(); {
		id := append(strconv.AppendUint(buf[:0], w.ID.Ms, 10), '.')
		d.mix(strconv.AppendUint(id, w.ID.Seq, 10))
		for range w.Fields {
			name, text := w.Field()
			d.mixElem(name)
			d.mixElem(text)
		}
	}
}
