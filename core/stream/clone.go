// Clone: a deep copy.

package stream

// Clone copies the stream with all it has. false: the arena is full, and nothing is kept.
func (s *Stream) Clone() (Stream, bool) {
	c, _ := New(s.a)
	if c.copyNodes(s) && c.copyGroups(s) {
		c.Length, c.Added, c.Last, c.First, c.MaxDeleted = s.Length, s.Added, s.Last, s.First, s.MaxDeleted
		return c, true
	}
	for !c.FreeStep(1 << 30) {
	}
	return Stream{}, false
}

func (s *Stream) copyNodes(from *Stream) bool {
	for c := from.SeekNode(0); ; {
		id, list, ok := from.NextNode(&c)
		if !ok {
			return true
		}
		if !s.AddNode(id, list) {
			return false
		}
	}
}

func (s *Stream) copyGroups(from *Stream) bool {
	c := from.groups.Seek(0)
	for m, _, ok := from.groups.Ascend(&c); ok; m, _, ok = from.groups.Ascend(&c) {
		old := Group{from, m}
		g, ok := s.AddGroup(old.Name(), old.Last(), old.Read())
		if !ok || !g.copyConsumers(old) {
			return false
		}
	}
	return true
}

func (g Group) copyConsumers(from Group) bool {
	t := from.consumers()
	c := t.Seek(0)
	for m, _, ok := t.Ascend(&c); ok; m, _, ok = t.Ascend(&c) {
		old := Consumer{from.s, m}
		to, ok := g.AddConsumer(old.Name(), old.Seen())
		if !ok {
			return false
		}
		to.SetActive(old.Active())
		p := old.Pending()
		at := p.tree.Seek(0)
		for n := p.Next(&at); n.Ok(); n = p.Next(&at) {
			if !g.Hand(to, n.ID(), n.Time(), n.Count()).Ok() {
				return false
			}
		}
	}
	return true
}
