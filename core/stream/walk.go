// Walk: reading entries between two ids, from either end.

package stream

import (
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/pack"
	"github.com/cachesrv/cachesrv/core/rank"
)

// Walk stands on an entry after each Next that was true: its id, how many fields it has, and with Field one after the other. It is valid
// until the next change of the stream. Names and values alias the stream.
type Walk struct {
	ID     ID
	Fields int

	s          *Stream
	start, end ID
	rev        bool

	nodes  rank.Cursor
	node   arena.Ref
	lp     pack.Listpack
	master ID
	names  int // position of the first name in the node's head
	common int // how many there are

	flags int   // position of the current entry's flags
	at    int   // of what Field reads next; of the next entry's flags when left is 0 and the count is skipped
	name  int   // of the next name in the head, 0 if the entry has its own
	left  int   // fields not read yet
	mark  uint8 // the current entry's flags
}

// Walk begins before the first entry from start to end, both included, or behind the last one if rev.
func (s *Stream) Walk(start, end ID, rev bool) Walk {
	w := Walk{s: s, start: start, end: end, rev: rev}
	if s.tail == 0 || end.Less(start) {
		return w
	}
	if rev {
		w.nodes = s.nodes.Seek(s.place(end))
	} else {
		w.nodes = s.nodes.Seek(s.place(start))
	}
	w.enter()
	return w
}

// enter reads the head of the node at the cursor; false if there is none.
func (w *Walk) enter() bool {
	if w.node = w.s.step(&w.nodes, w.rev); w.node == 0 {
		return false
	}
	w.master = w.s.nodeID(w.node)
	w.lp = w.s.list(w.node)
	p := w.lp.Skip(w.lp.First(), 2)
	w.common = int(w.lp.Get(p).Num)
	w.names = w.lp.Next(p)
	w.left = 0
	if w.rev {
		w.at = w.lp.End()
	} else {
		w.at = w.lp.Skip(w.names, w.common) // the head ends as an entry does, with one more number
	}
	w.flags = w.at
	return true
}

// Next steps to the next entry; false if there is none.
func (w *Walk) Next() bool {
	for w.node != 0 {
		var ok bool
		if w.rev {
			ok = w.back()
		} else {
			ok = w.forth()
		}
		switch {
		case !ok:
			if !w.enter() {
				return false
			}
		case w.mark&flagDeleted != 0:
		case w.rev && w.ID.Less(w.start), !w.rev && w.end.Less(w.ID):
			w.node = 0
		case w.rev && w.end.Less(w.ID), !w.rev && w.ID.Less(w.start):
		default:
			return true
		}
	}
	return false
}

// forth steps to the next entry of the node, deleted or not; false at its end.
func (w *Walk) forth() bool {
	p := w.at
	if w.left > 0 {
		n := w.left
		if w.name == 0 {
			n *= 2
		}
		p = w.lp.Skip(p, n)
	}
	if p = w.lp.Next(p); p >= w.lp.End() { // over the entry's count of elements
		return false
	}
	w.open(p)
	return true
}

// back steps to the entry before; false at the start of the node.
func (w *Walk) back() bool {
	p := w.lp.Prev(w.flags)
	n := w.lp.Get(p).Num
	if n == 0 { // the end of the head
		return false
	}
	for ; n > 0; n-- {
		p = w.lp.Prev(p)
	}
	w.open(p)
	return true
}

// open reads the head of the entry whose flags stand at p.
func (w *Walk) open(p int) {
	w.flags = p
	w.mark = uint8(w.lp.Get(p).Num)
	p = w.lp.Next(p)
	w.ID.Ms = w.master.Ms + uint64(w.lp.Get(p).Num)
	p = w.lp.Next(p)
	w.ID.Seq = w.master.Seq + uint64(w.lp.Get(p).Num)
	p = w.lp.Next(p)
	if w.mark&flagSame != 0 {
		w.Fields, w.name = w.common, w.names
	} else {
		w.Fields, w.name = int(w.lp.Get(p).Num), 0
		p = w.lp.Next(p)
	}
	w.at, w.left = p, w.Fields
}

// Field gives the next field of the entry; there are Fields of them.
func (w *Walk) Field() (name, value pack.Elem) {
	if w.name != 0 {
		name = w.lp.Get(w.name)
		w.name = w.lp.Next(w.name)
	} else {
		name = w.lp.Get(w.at)
		w.at = w.lp.Next(w.at)
	}
	value = w.lp.Get(w.at)
	w.at = w.lp.Next(w.at)
	w.left--
	return name, value
}

// Has tells whether there is an entry of that id.
func (s *Stream) Has(id ID) bool {
	w := s.Walk(id, id, false)
	return w.Next()
}

// Edge is the id of the first entry, or of the last; zero if there is none.
func (s *Stream) Edge(last bool) ID {
	if s.Length == 0 {
		return ID{}
	}
	w := s.Walk(ID{}, MaxID, last)
	w.Next()
	return w.ID
}
