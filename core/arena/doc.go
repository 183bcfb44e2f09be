// What the package is: memory for data outside the Go heap, with exact accounting.

// Package arena gives out blocks of one reserved range of addresses. A block is named by a Ref, its offset in
// the range, which the garbage collector does not see and which stays true if the range is mapped elsewhere.
//
// The nouns, one file each: a Class is a block size (at most 12.5 % above what was asked for); a span is a run of
// 4 KB pages cut into blocks of one class; the page heap keeps the runs that no span uses. Blocks longer than the biggest class
// get a span of their own. The allocator is shared by all shards of a store, so the waste of half-filled spans does not
// grow with their number.
//
// Locks: each class has a mutex (its spans and their free lists), the page heap has one. Order: class, then page heap.
// Who owns bytes: a block belongs to whoever allocated it until Free; the arena never moves it. A compactor
// empties sparse spans by asking the owners to move (Evacuate, Evacuating).
//
// All unsafe code of the store is here and in the structures that overlay blocks. Bytes and Words check bounds against the
// range always; built with the tag arenadebug they also check that the block lives and is long enough, freed blocks
// are poisoned, the end of every block is guarded, and a double free panics.
package arena
