// What the package is: names, with or without values, in an arena.

// Package dict is a big set of names, or a big map from names to values, any of which may have an expiry: what a set or a hash is once it
// is too big to be packed. It lives in the arena as a whole: a hash table (core/table) of entries, each a block of its own; what has an
// expiry is in a tree too (core/rank), so that what is due is found at once and nothing else pays for it.
//
// The nouns: a Dict is a root at work, a small value for the stack; an Entry is one name as found; an Iter walks. Whoever changed a Dict encodes its
// root again.
//
// Names come with a hash, always from the same keyed function; the table needs its low 25 bits. A set member of 15 bytes takes a block of
// 16 and 13.7 bytes of table, a field of 14 bytes with a value of 14 a block of 32 (BenchmarkBytesPerEntry).
//
// Nothing here locks: a dict is guarded by its owner's lock. Slices that it gives out alias the arena and are valid until the next
// change. If the arena is full, Insert and Update say so and have changed nothing.
package dict
