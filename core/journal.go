// The journal: every change in one order, for whoever persists, replicates or announces it.

package core

// Journal reads the changes of the store. It is called under the shard locks of the change, so changes of one key come in
// their order, and changes of several keys that were locked together come as one. It must not block or call the store, and copies what it keeps.
type Journal interface {
	Command(db int, args [][]byte)                 // a command that has changed something, or what stands for it
	Removed(db int, name []byte, why RemoveReason) // an item that the store removed by itself
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
		j.Command(db, args)
	}
}
