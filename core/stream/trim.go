// Trim: taking entries out at the front, to a length or up to an id.

package stream

// Trim says what is to go. The zero Trim takes everything.
type Trim struct {
	ByID   bool
	Length uint64 // unless ByID: as many entries stay
	MinID  ID     // ByID: those before it go
	Nodes  bool   // only whole nodes go: costs no looking at entries
	Limit  int64  // at most as many go, 0: any number. It is only looked at between nodes
}

// Trim takes entries out and tells how many. It costs what goes, and one node.
func (s *Stream) Trim(t Trim) (gone int64) {
	for s.tail != 0 {
		if !t.ByID && s.Length <= t.Length {
			break
		}
		c := s.nodes.Seek(0)
		r := s.step(&c, false)
		lp := s.list(r)
		entries := lp.Get(lp.First()).Num
		if t.Limit != 0 && gone+entries > t.Limit {
			break
		}
		if s.wholly(t, entries) {
			s.dropNode(r)
			s.Length -= uint64(entries)
			gone += entries
			continue
		}
		if !t.Nodes {
			gone += s.trimNode(t)
		}
		break
	}
	if gone > 0 {
		s.Settle()
	}
	return gone
}

// wholly tells whether the first node, of so many entries, goes as a whole.
func (s *Stream) wholly(t Trim, entries int64) bool {
	if !t.ByID {
		return s.Length-uint64(entries) >= t.Length
	}
	w := s.Walk(ID{}, MaxID, false) // stands in the first node
	w.rev, w.flags = true, w.lp.End()
	return !w.back() || w.ID.Less(t.MinID)
}

// trimNode marks entries of the first node.
func (s *Stream) trimNode(t Trim) (gone int64) {
	w := s.Walk(ID{}, MaxID, false)
	for w.forth() {
		if t.ByID && !w.ID.Less(t.MinID) || !t.ByID && s.Length <= t.Length {
			break
		}
		if w.mark&flagDeleted == 0 {
			mark(w.lp, w.flags, w.mark)
			s.Length--
			gone++
		}
	}
	recount(w.lp, gone)
	return gone
}
