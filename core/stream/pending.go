// Nack: an entry that was handed to a consumer and not yet acknowledged. Pending: those of a group or a consumer.

package stream

import (
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/rank"
)

// A nack's block is a member by the id of the entry; behind that, little endian: when it was handed out, how often (64 bits each), and
// the block of its consumer.
const (
	nackCountAt    = 8
	nackConsumerAt = 16
	nackExtra      = 24
)

var nackBytes = rank.MemberBytes(idBytes) + nackExtra

// Nack is one of them; the zero Nack is "not there". It is valid until it is acknowledged.
type Nack struct {
	s   *Stream
	ref arena.Ref
}

// Ok tells whether there is one.
func (n Nack) Ok() bool { return n.ref != 0 }

func (n Nack) extra() []byte { return rank.Extra(n.s.a, n.ref, nackExtra) }

// ID is that of the entry, which may have been deleted.
func (n Nack) ID() ID { return idOf(rank.Name(n.s.a, n.ref)) }

// Time is when the entry was last handed out, in Unix ms; Count is how often that was.
func (n Nack) Time() int64      { return int64(binary.LittleEndian.Uint64(n.extra())) }
func (n Nack) Count() int64     { return int64(binary.LittleEndian.Uint64(n.extra()[nackCountAt:])) }
func (n Nack) SetTime(ms int64) { binary.LittleEndian.PutUint64(n.extra(), uint64(ms)) }
func (n Nack) SetCount(count int64) {
	binary.LittleEndian.PutUint64(n.extra()[nackCountAt:], uint64(count))
}

// Consumer is who has it; not to be used after Note before Give.
func (n Nack) Consumer() Consumer {
	return Consumer{n.s, arena.Ref(binary.LittleEndian.Uint64(n.extra()[nackConsumerAt:]))}
}

func (n Nack) setConsumer(c Consumer) {
	binary.LittleEndian.PutUint64(n.extra()[nackConsumerAt:], uint64(c.ref))
}

// Owned tells whether it has a consumer.
func (n Nack) Owned() bool { return n.Consumer().ref != 0 }

// Has tells whether the nack is of this consumer.
func (c Consumer) Has(n Nack) bool { return n.Consumer().ref == c.ref }

// Nack finds what is pending of an entry.
func (g Group) Nack(id ID) Nack {
	name := id.name()
	t := g.pending()
	_, m := t.RankOf(id.score(), name[:])
	return Nack{g.s, m}
}

// Hand notes that an entry, of which nothing is pending, was handed to a consumer of the group. The zero Nack: the arena is full.
func (g Group) Hand(c Consumer, id ID, now, count int64) Nack {
	n := g.Note(id, now, count)
	if n.Ok() && !g.Give(n, c) {
		g.Ack(n)
		return Nack{}
	}
	return n
}

// Note is Hand without a consumer: reading a file gives the group's nacks first. Give has to follow; Orphans tells whether it did.
func (g Group) Note(id ID, now, count int64) Nack {
	s, name := g.s, id.name()
	n := Nack{s, rank.NewMemberWith(s.a, id.score(), name[:], nackExtra, arena.Movable)}
	if n.ref == 0 {
		return n
	}
	n.SetTime(now)
	n.SetCount(count)
	n.setConsumer(Consumer{})
	s.count(arena.SizeOf(nackBytes))
	if !s.insertAt(g.extra()[groupPendingAt:], n.ref) {
		s.freeNack(n)
		return Nack{}
	}
	return n
}

// Give makes a nack another consumer's. false, and nothing changed: the arena is full.
func (g Group) Give(n Nack, c Consumer) bool {
	old := n.Consumer()
	if old.ref == c.ref {
		return true
	}
	if !g.s.insertAt(c.root(), n.ref) {
		return false
	}
	if old.ref != 0 {
		g.s.removeAt(old.root(), n.ref)
	}
	n.setConsumer(c)
	return true
}

// Ack takes a nack out.
func (g Group) Ack(n Nack) {
	g.s.removeAt(g.extra()[groupPendingAt:], n.ref)
	if c := n.Consumer(); c.ref != 0 {
		g.s.removeAt(c.root(), n.ref)
	}
	g.s.freeNack(n)
}

// Orphans is how many nacks have no consumer. It looks at every consumer.
func (g Group) Orphans() int {
	all := g.pending()
	n := all.Len()
	t := g.consumers()
	c := t.Seek(0)
	for m, _, ok := t.Ascend(&c); ok; m, _, ok = t.Ascend(&c) {
		of := Consumer{g.s, m}.pending()
		n -= of.Len()
	}
	return n
}

func (s *Stream) freeNack(n Nack) {
	s.a.Free(n.ref, nackBytes)
	s.count(-arena.SizeOf(nackBytes))
}

// Pending is all that a group or a consumer has pending, in the order of ids, as it was when this was asked for: after a change ask again.
type Pending struct {
	s    *Stream
	tree rank.Tree
}

// Pending is what the consumers of the group have.
func (g Group) Pending() Pending { return Pending{g.s, g.pending()} }

// Pending is what the consumer has.
func (c Consumer) Pending() Pending { return Pending{c.s, c.pending()} }

// Len is how many there are.
func (p *Pending) Len() int { return p.tree.Len() }

// At is the i-th of them.
func (p *Pending) At(i int) Nack {
	c := p.tree.Seek(i)
	m, _, _ := p.tree.Ascend(&c)
	return Nack{p.s, m}
}

// Seek is a cursor on the first that does not come before id.
func (p *Pending) Seek(id ID) rank.Cursor {
	name := id.name()
	i, _ := p.tree.RankOf(id.score(), name[:])
	return p.tree.Seek(i)
}

// Next gives the one at the cursor and steps on; the zero Nack after the last.
func (p *Pending) Next(c *rank.Cursor) Nack {
	m, _, _ := p.tree.Ascend(c)
	return Nack{p.s, m}
}
