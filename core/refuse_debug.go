//go:build arenadebug

// Memory that ends when a test wants it, and the most that was used of it.

package core

// RefuseAfter makes the store get n more blocks of memory and then none; a negative n ends that.
func (s *Store) RefuseAfter(n int64) { s.mem.RefuseAfter(n) }

// Refused tells whether the next block would be refused, which most probably one was.
func (s *Store) Refused() bool { return s.mem.Refuses() }

// PeakUsed is the most that was used, by Memory().Used, since it was asked last.
func (s *Store) PeakUsed() int64 { return s.mem.Peak() + s.used() - s.mem.Used() }
