// The journal: every change in one order, for whoever persists, replicates or announces it.

package core

// Journal reads the changes of the store. It is called under the shard locks of the change, so changes of one key come in
// their order, and changes of several keys that were locked together come as one. It must not block or call the store, and copies what it keeps.
type Journal interface {
	Command(db int, args [][]byte)                 // a command that has changed something, or what stands for it
	Removed(db int, name []byte, why RemoveReason) // an item that the store removed by itself
}

// GroupJournal is a Journal that takes the records of a group at once, so that nobody else's come in between.
type GroupJournal interface {
	Journal
	Group(records []Record)
}

// Record is one record of a group: a command, or the removal of an item.
type Record struct {
	DB      int
	Words   [][]byte // of a removal: the name alone
	Removed bool
	Why     RemoveReason
}

// RemoveReason is why the store removed an item by itself.
type RemoveReason uint8

// The reasons.
const (
	Expired RemoveReason = iota
	Evicted
)

// SetJournal sets the reader of changes, nil for none. It takes the store exclusively: not to be called between Enter and Leave.
func (s *Store) SetJournal(j Journal) {
	t := s.NewTx()
	t.Enter()
	defer t.Leave()
	t.Exclusive(func() { s.journal = j })
}

// Journalling tells whether anybody reads the journal.
func (t *Tx) Journalling() bool { return t.s.journal != nil }

// Record hands the journal a command, under the locks of what it changed.
func (t *Tx) Record(db int, args [][]byte) {
	if j := t.s.journal; j != nil {
		t.recorded = true
		if t.group.open {
			t.group.add(Record{DB: db}, args)
			return
		}
		j.Command(db, args)
	}
}

// Recorded tells whether anything was recorded since the last time it was asked.
func (t *Tx) Recorded() bool {
	was := t.recorded
	t.recorded = false
	return was
}

// group is what BeginGroup collects: copies of words in chunks that do not move.
type group struct {
	open    bool
	records []Record
	words   [][]byte
	chunk   []byte
}

const (
	groupChunk = 1 << 10
	keepGroup  = 64
)

func (g *group) add(r Record, words [][]byte) {
	at := len(g.words)
	for _, w := range words {
		if cap(g.chunk)-len(g.chunk) < len(w) {
			g.chunk = make([]byte, 0, max(groupChunk, len(w)))
		}
		from := len(g.chunk)
		g.chunk = append(g.chunk, w...)
		g.words = append(g.words, g.chunk[from:len(g.chunk):len(g.chunk)])
	}
	r.Words = g.words[at:len(g.words):len(g.words)]
	g.records = append(g.records, r)
}

// drop forgets what was collected.
func (g *group) drop() {
	g.open = false
	if cap(g.records) > keepGroup || cap(g.words) > 4*keepGroup || cap(g.chunk) > 4*groupChunk {
		*g = group{}
		return
	}
	clear(g.records)
	clear(g.words)
	g.records, g.words, g.chunk = g.records[:0], g.words[:0], g.chunk[:0]
}

// BeginGroup collects the records up to EndGroup, which hands them over as one, while the same locks are held: for what must not be torn apart. What the store removes
// by itself in between, while this Tx has it to itself, is a part of it.
func (t *Tx) BeginGroup() {
	if t.s.journal != nil {
		t.group.open = true
	}
}

// EndGroup ends what BeginGroup began, if it did.
func (t *Tx) EndGroup() {
	if !t.group.open {
		return
	}
	g := &t.group
	if j, ok := t.s.journal.(GroupJournal); ok {
		j.Group(g.records)
	} else if j := t.s.journal; j != nil {
		for _, r := range g.records {
			if r.Removed {
				j.Removed(r.DB, r.Words[0], r.Why)
			} else {
				j.Command(r.DB, r.Words)
			}
		}
	}
	g.drop()
}

// removed records that the store removed an item by itself.
func (s *Store) removed(db int, name []byte, why RemoveReason) {
	if t := s.alone; t != nil && t.group.open {
		t.group.add(Record{DB: db, Removed: true, Why: why}, [][]byte{name})
		return
	}
	s.journal.Removed(db, name, why)
}
