// Consumer: one reader of a group.

package stream

import (
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/rank"
)

// Behind the name of a consumer's block, little endian: when it was seen, when it last got something (64 bits each), the tree of its nacks.
const (
	consumerActiveAt  = 8
	consumerPendingAt = 16
	consumerBytes     = consumerPendingAt + rank.RootBytes
)

// NeverActive is the time at which a consumer got something that never did.
const NeverActive = -1

// Consumer is a consumer of a group, valid until it is dropped.
type Consumer struct {
	s   *Stream
	ref arena.Ref
}

func (c Consumer) extra() []byte { return rank.Extra(c.s.a, c.ref, consumerBytes) }

// Name aliases the block.
func (c Consumer) Name() []byte { return rank.Name(c.s.a, c.ref) }

// Seen is when the consumer last asked for something, Active when it got something, in Unix ms.
func (c Consumer) Seen() int64 { return int64(binary.LittleEndian.Uint64(c.extra())) }
func (c Consumer) Active() int64 {
	return int64(binary.LittleEndian.Uint64(c.extra()[consumerActiveAt:]))
}
func (c Consumer) SetSeen(ms int64) { binary.LittleEndian.PutUint64(c.extra(), uint64(ms)) }
func (c Consumer) SetActive(ms int64) {
	binary.LittleEndian.PutUint64(c.extra()[consumerActiveAt:], uint64(ms))
}

func (c Consumer) root() []byte       { return c.extra()[consumerPendingAt:] }
func (c Consumer) pending() rank.Tree { return treeAt(c.s.a, c.root()) }

// Consumers is how many consumers the group has.
func (g Group) Consumers() int {
	r := rank.Decode(g.extra()[groupConsumersAt:])
	return r.Len()
}

// ConsumerAt is the i-th consumer in the order of names.
func (g Group) ConsumerAt(i int) Consumer {
	t := g.consumers()
	c := t.Seek(i)
	m, _, _ := t.Ascend(&c)
	return Consumer{g.s, m}
}

// Consumer finds a consumer; false if there is none of that name.
func (g Group) Consumer(name []byte) (Consumer, bool) {
	t := g.consumers()
	_, m := t.RankOf(0, name)
	return Consumer{g.s, m}, m != 0
}

// AddConsumer makes a consumer of a name that is not there yet, just seen and never active. false: the arena is full.
func (g Group) AddConsumer(name []byte, now int64) (Consumer, bool) {
	s := g.s
	c := Consumer{s, s.newNamed(name, consumerBytes)}
	if c.ref == 0 {
		return Consumer{}, false
	}
	c.SetSeen(now)
	c.SetActive(NeverActive)
	if !s.insertAt(g.extra()[groupConsumersAt:], c.ref) {
		s.freeNamed(c.ref, consumerBytes)
		return Consumer{}, false
	}
	return c, true
}

// DropConsumer takes a consumer out with what it has pending. It costs that.
func (g Group) DropConsumer(c Consumer) {
	for g.s.freeConsumer(g, c, 1<<30) <= 0 {
	}
}

// freeConsumer frees about budget nacks of a consumer and, when there are none left, the consumer: then something of the budget is left.
func (s *Stream) freeConsumer(g Group, c Consumer, budget int) (left int) {
	for t := c.pending(); budget > 0; budget-- {
		n := t.Len()
		if n == 0 {
			s.removeAt(g.extra()[groupConsumersAt:], c.ref)
			s.freeNamed(c.ref, consumerBytes)
			return budget
		}
		at := t.Seek(n - 1)
		m, _, _ := t.Ascend(&at)
		g.Ack(Nack{s, m})
		t = c.pending()
	}
	return budget
}
