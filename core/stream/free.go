// FreeStep: taking a stream down in pieces.

package stream

// FreeStep frees about budget nodes, nacks and consumers and tells whether nothing is left. What is left is a stream.
func (s *Stream) FreeStep(budget int) (done bool) {
	for ; budget > 0 && s.groups.Len() > 0; budget-- {
		budget = s.freeGroup(s.GroupAt(s.groups.Len()-1), budget)
	}
	for ; budget > 0 && s.tail != 0; budget-- {
		lp := s.list(s.tail)
		s.Length -= uint64(lp.Get(lp.First()).Num)
		s.dropNode(s.tail)
	}
	if s.tail == 0 {
		s.First = ID{}
	}
	return s.tail == 0 && s.groups.Len() == 0
}
