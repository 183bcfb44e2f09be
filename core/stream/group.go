// Group: readers that share a stream, and up to where they have read.

package stream

import (
	"encoding/binary"

	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/rank"
)

// Behind the name of a group's block, little endian:
//
//	0   last id handed out (128 bits)
//	16  how many entries were read, or UnknownRead
//	24  the tree of nacks
//	64  the tree of consumers
const (
	groupReadAt      = 16
	groupPendingAt   = 24
	groupConsumersAt = groupPendingAt + rank.RootBytes
	groupBytes       = groupConsumersAt + rank.RootBytes
)

// UnknownRead is the count of entries read where it cannot be known.
const UnknownRead = -1

// Group is a group of a stream, valid until it is dropped. Its block does not move, as nacks refer to those of consumers.
type Group struct {
	s   *Stream
	ref arena.Ref
}

func (g Group) extra() []byte { return rank.Extra(g.s.a, g.ref, groupBytes) }

// Name aliases the block.
func (g Group) Name() []byte { return rank.Name(g.s.a, g.ref) }

// Last is the id of the last entry that was handed out.
func (g Group) Last() ID      { return idAt(g.extra()) }
func (g Group) SetLast(id ID) { putID(g.extra(), id) }

// Read is how many entries of the stream lie up to Last, deleted ones included; UnknownRead if that is not known.
func (g Group) Read() int64     { return int64(binary.LittleEndian.Uint64(g.extra()[groupReadAt:])) }
func (g Group) SetRead(n int64) { binary.LittleEndian.PutUint64(g.extra()[groupReadAt:], uint64(n)) }

func (g Group) pending() rank.Tree   { return treeAt(g.s.a, g.extra()[groupPendingAt:]) }
func (g Group) consumers() rank.Tree { return treeAt(g.s.a, g.extra()[groupConsumersAt:]) }

func treeAt(a *arena.Arena, b []byte) rank.Tree { return rank.Open(a, rank.Decode(b)) }

// insertAt and removeAt change a tree whose root stands in b.
func (s *Stream) insertAt(b []byte, m arena.Ref) bool {
	t := treeAt(s.a, b)
	ok := s.insert(&t, m)
	t.Encode(b)
	return ok
}

func (s *Stream) removeAt(b []byte, m arena.Ref) {
	t := treeAt(s.a, b)
	s.remove(&t, m)
	t.Encode(b)
}

// newNamed makes the block of a group or a consumer, cleared behind the name. 0: the arena is full.
func (s *Stream) newNamed(name []byte, extra int) arena.Ref {
	r := rank.NewMemberWith(s.a, 0, name, extra, arena.Fixed)
	if r != 0 {
		clear(rank.Extra(s.a, r, extra))
		s.count(arena.SizeOf(rank.MemberBytes(len(name)) + extra))
	}
	return r
}

func (s *Stream) freeNamed(r arena.Ref, extra int) {
	n := rank.MemberBytes(len(rank.Name(s.a, r))) + extra
	s.a.Free(r, n)
	s.count(-arena.SizeOf(n))
}

// Groups is how many groups there are.
func (s *Stream) Groups() int { return s.groups.Len() }

// GroupAt is the i-th group in the order of names.
func (s *Stream) GroupAt(i int) Group {
	c := s.groups.Seek(i)
	m, _, _ := s.groups.Ascend(&c)
	return Group{s, m}
}

// Group finds a group; false if there is none of that name.
func (s *Stream) Group(name []byte) (Group, bool) {
	_, m := s.groups.RankOf(0, name)
	return Group{s, m}, m != 0
}

// AddGroup makes a group of a name that is not there yet. false: the arena is full.
func (s *Stream) AddGroup(name []byte, last ID, read int64) (Group, bool) {
	g := Group{s, s.newNamed(name, groupBytes)}
	if g.ref == 0 {
		return Group{}, false
	}
	g.SetLast(last)
	g.SetRead(read)
	if !s.insert(&s.groups, g.ref) {
		s.freeNamed(g.ref, groupBytes)
		return Group{}, false
	}
	return g, true
}

// DropGroup takes a group out with all that it has. It costs that.
func (s *Stream) DropGroup(g Group) {
	for s.freeGroup(g, 1<<30) <= 0 {
	}
}

// freeGroup frees about budget nacks and consumers of a group and, when there are none left, the group: then something of the budget is left.
func (s *Stream) freeGroup(g Group, budget int) (left int) {
	t := g.consumers()
	for budget > 0 {
		if n := t.Len(); n > 0 {
			c := t.Seek(n - 1)
			m, _, _ := t.Ascend(&c)
			if budget = s.freeConsumer(g, Consumer{s, m}, budget); budget > 0 {
				t = g.consumers()
			}
			continue
		}
		orphans := g.Pending()
		if n := orphans.Len(); n > 0 {
			g.Ack(orphans.At(n - 1))
			budget--
			continue
		}
		s.remove(&s.groups, g.ref)
		s.freeNamed(g.ref, groupBytes)
		return budget
	}
	return budget
}

// Lag is how many entries are still to be read by the group; false if that is not known.
func (g Group) Lag() (n int64, known bool) {
	s := g.s
	if s.Added == 0 {
		return 0, true
	}
	if read := g.Read(); read != UnknownRead && !s.tombstonesFrom(g.Last()) {
		return int64(s.Added) - read, true
	}
	if read := s.Position(g.Last()); read != UnknownRead {
		return int64(s.Added) - read, true
	}
	return 0, false
}

// Advance moves the group's place to an entry that is just handed out, if it lies behind it.
func (g Group) Advance(id ID) (moved bool) {
	if !g.Last().Less(id) {
		return false
	}
	if read := g.Read(); read != UnknownRead && !g.s.tombstonesFrom(id) {
		g.SetRead(read + 1)
	} else if g.s.Added != 0 {
		g.SetRead(g.s.Position(id))
	}
	g.SetLast(id)
	return true
}

// tombstonesFrom tells whether an entry at id or behind it was deleted while one before it stayed.
func (s *Stream) tombstonesFrom(id ID) bool {
	return s.Length != 0 && !s.MaxDeleted.Zero() && !s.MaxDeleted.Less(s.First) && !s.MaxDeleted.Less(id)
}

// Position is how many entries there were, deleted ones included, up to an id: known where the id is that of the last entry or
// not behind the first, and nothing was deleted in between; else UnknownRead.
func (s *Stream) Position(id ID) int64 {
	switch {
	case s.Added == 0:
		return 0
	case s.Length == 0 && !s.Last.Less(id):
		return int64(s.Added)
	case id == s.Last:
		return int64(s.Added)
	case s.Last.Less(id):
		return UnknownRead
	case s.MaxDeleted.Zero() || s.MaxDeleted.Less(s.First):
		if id.Less(s.First) {
			return int64(s.Added - s.Length)
		}
		if id == s.First {
			return int64(s.Added-s.Length) + 1
		}
	}
	return UnknownRead
}
