// Delete: taking single entries out. They are marked, and a node goes when its last one does.

package stream

import "github.com/cachesrv/cachesrv/core/pack"

// Delete takes an entry out; false if there is none of that id. It cannot fail for want of memory. After a run of deletions the caller calls Settle.
func (s *Stream) Delete(id ID) bool {
	w := s.Walk(id, id, false)
	if !w.Next() {
		return false
	}
	s.Length--
	lp := w.lp
	if lp.Get(lp.First()).Num <= 1 {
		s.dropNode(w.node)
		return true
	}
	lp = mark(lp, w.flags, w.mark)
	recount(lp, 1)
	return true
}

// mark marks an entry as deleted; the listpack keeps its length.
func mark(lp pack.Listpack, at int, flags uint8) pack.Listpack {
	return lp.Replace(at, pack.Number(int64(flags|flagDeleted)))
}

// recount tells the head of a node that n more of its entries are deleted. The block has room for the longer number.
func recount(lp pack.Listpack, n int64) {
	at := lp.First()
	lp = lp.Replace(at, pack.Number(lp.Get(at).Num-n))
	at = lp.Next(at)
	lp.Replace(at, pack.Number(lp.Get(at).Num+n))
}

// Settle finds the first entry again after deletions.
func (s *Stream) Settle() { s.First = s.Edge(false) }
