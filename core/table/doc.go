// What the package is: a hash table of references to blocks of an arena.

// Package table is the index of the store: a hash table whose buckets are cache lines in the arena, eight slots each. A slot
// is one word: the reference of an item, 25 bits of its hash, and a mark that the owner may set (the store marks items
// with an expiry, so that sampling those needs no look at the others). A bucket that runs over chains to another through its last slot.
//
// The table grows and shrinks by linear hashing (Litwin 1980): one bucket is split, or joined with the one it was split from, at a
// time, so no operation ever pays for the whole table and there are never two of them. Splitting looks only at the
// hash bits in the slots, never at items.
//
// With 5.25 items a bucket a table costs about 13.7 bytes an item, overflow buckets included (BenchmarkBytesPerItem);
// a lookup touches one bucket and then items whose 25 bits agree.
//
// A Table is guarded by its owner's lock. References it gives out are valid until its next change.
package table
