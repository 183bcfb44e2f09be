//go:build arenadebug

// What tests ask of the store's memory: to end when they want it, the most that was used of it, and how many steps something took.

package core

// RefuseAfter makes the store get n more blocks of memory and then none; a negative n ends that.
func (s *Store) RefuseAfter(n int64) { s.mem.RefuseAfter(n) }

// Refused tells whether the next block would be refused, which most probably one was.
func (s *Store) Refused() bool { return s.mem.Refuses() }

// PeakUsed is the most that was used, by Memory().Used, since it was asked last.
func (s *Store) PeakUsed() int64 { return s.mem.Peak() + s.used() - s.mem.Used() }

// Steps is how often blocks of memory have been looked at, given out and taken back.
func (s *Store) Steps() int64 { return s.mem.Steps() }
