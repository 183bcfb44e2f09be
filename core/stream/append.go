// Append: one more entry behind all others.

package stream

import (
	"github.com/cachesrv/cachesrv/core/arena"
	"github.com/cachesrv/cachesrv/core/pack"
)

// MaxEntry is how many bytes the fields of an entry may have together.
const MaxEntry = pack.MaxListpack

// chunk is how many elements are written at once: most entries fit.
const chunk = 16

// Append adds an entry of names and values, in turn, under an id that must be greater than Last. false, and nothing changed: the arena is
// full. It costs the copy of the entry; the node moves now and then, into a block half as large again.
func (s *Stream) Append(id ID, fields [][]byte, lim Limits) bool {
	w := writer{id: id, fields: fields}
	for _, f := range fields {
		w.text += len(f)
	}
	if !s.fits(w.text, lim) {
		if !s.begin(&w) {
			return false
		}
	} else if !s.extend(&w) {
		return false
	}
	if s.Length == 0 {
		s.First = id
	}
	s.Length++
	s.Added++
	s.Last = id
	return true
}

// fits tells whether the last node takes an entry of so many bytes.
func (s *Stream) fits(text int, lim Limits) bool {
	if s.tail == 0 {
		return false
	}
	most := lim.Bytes
	if most <= 0 || most > pack.MaxListpack {
		most = pack.MaxListpack
	}
	lp := s.list(s.tail)
	if len(lp)+text >= most {
		return false
	}
	if lim.Entries <= 0 {
		return true
	}
	at := lp.First()
	return lp.Get(at).Num+lp.Get(lp.Next(at)).Num < int64(lim.Entries)
}

// likelyNode is how long a node is made before its content is there.
const likelyNode = 16 << 10

// begin makes a new last node of the entry.
func (s *Stream) begin(w *writer) bool {
	w.master, w.same = w.id, true
	w.first = true
	n := pack.EmptyListpack + w.measure()
	if s.tail != 0 { // as long as the one before it became, which saves it from growing: 5 % of the CPU time of XADD, the network not counted
		n = max(n, min(len(s.list(s.tail))+countGrowth, likelyNode))
	}
	r, b := s.newNode(w.id, n)
	if r == 0 {
		return false
	}
	if s.tail != 0 {
		s.trimTail()
		if !s.insert(&s.nodes, s.tail) {
			s.freeNode(r)
			return false
		}
	}
	s.tail = r
	w.write(pack.NewListpack(b))
	return true
}

// trimTail moves the last node, which is full, to a block that is not longer than need be, if there is one.
func (s *Stream) trimTail() {
	n := len(s.list(s.tail))
	if arena.SizeOf(nodeHead+n+nodeSpare) < arena.SizeOf(s.nodeSize(s.tail)) {
		s.resizeTail(n)
	}
}

// extend adds the entry to the last node.
func (s *Stream) extend(w *writer) bool {
	w.master = s.nodeID(s.tail)
	lp := s.list(s.tail)
	w.same = sameNames(lp, w.fields)
	need := len(lp) + w.measure() + countGrowth
	if have := cap(lp); need+nodeSpare > have {
		if !s.resizeTail(max(need, have+have/2)) {
			return false
		}
		lp = s.list(s.tail)
	}
	at := lp.First()
	lp = lp.Replace(at, pack.Number(lp.Get(at).Num+1))
	w.write(lp)
	return true
}

// sameNames tells whether the names among fields are those of the node's first entry.
func sameNames(lp pack.Listpack, fields [][]byte) bool {
	at := lp.Skip(lp.First(), 2)
	if lp.Get(at).Num != int64(len(fields)/2) {
		return false
	}
	at = lp.Next(at)
	for i := 0; i < len(fields); i += 2 {
		if !lp.Get(at).Equal(fields[i]) {
			return false
		}
		at = lp.Next(at)
	}
	return true
}

// writer turns one entry into elements: first to learn how long they are, then to write them. An entry of few fields is done in one go.
type writer struct {
	id     ID
	master ID // of the node
	fields [][]byte
	text   int  // bytes of all fields
	same   bool // the names are left out
	first  bool // the node's head is to be written too

	lp    pack.Listpack // nil while measuring
	size  int           // of what was measured
	elems [chunk]pack.Elem
	n     int
	more  bool // not all elements fit into elems
}

// measure tells how many bytes the entry takes in the listpack.
func (w *writer) measure() int {
	w.entry()
	return w.size + pack.Size(w.elems[:w.n]...)
}

// write adds what was measured.
func (w *writer) write(lp pack.Listpack) {
	w.lp = lp
	if w.more {
		w.n = 0
		w.entry()
	}
	w.flush()
}

func (w *writer) put(e pack.Elem) {
	if w.n == chunk {
		w.flush()
	}
	w.elems[w.n] = e
	w.n++
}

func (w *writer) flush() {
	if w.lp == nil {
		w.more = true
		w.size += pack.Size(w.elems[:w.n]...)
	} else {
		w.lp = w.lp.Append(w.elems[:w.n]...)
	}
	w.n = 0
}

func (w *writer) number(n int64) { w.put(pack.Number(n)) }

// entry puts the elements, before them those of the node's head.
func (w *writer) entry() {
	fields := int64(len(w.fields) / 2)
	if w.first {
		w.number(1)
		w.number(0)
		w.number(fields)
		for i := 0; i < len(w.fields); i += 2 {
			w.put(pack.Text(w.fields[i]))
		}
		w.number(0)
	}
	flags, count := int64(0), 4+2*fields
	if w.same {
		flags, count = flagSame, 3+fields
	}
	w.number(flags)
	w.number(int64(w.id.Ms - w.master.Ms))
	w.number(int64(w.id.Seq - w.master.Seq))
	if !w.same {
		w.number(fields)
	}
	for i, f := range w.fields {
		if i&1 == 1 || !w.same {
			w.put(pack.Text(f))
		}
	}
	w.number(count)
}
