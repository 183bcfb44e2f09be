// What the package is: the store under both protocol engines.

// Package core is the store: databases of keys over locked shards, expiry, eviction, scan, journal and snapshot. It knows no
// protocol; it gives values, bools and a few errors.
//
// The nouns, one file each: a Store owns everything; a shard is the part of it that one mutex guards, chosen by the top bits of
// a key's hash; a keyspace is one database's part of a shard: a table of references, a count, a timing wheel. An item is one
// block of the arena: header, key, value. A Tx is a worker's handle: it enters the store for a batch of commands, locks the shards of a
// command's keys, reads and writes.
//
// The request path: Tx.TryEnter → Tx.MakeRoom (writes) → Tx.Lock → Find, Read, Put, … → Record → Unlock → … → Leave.
//
// Lock order: the exclusive side (Store.gate, an xsync.RBMutex; every Tx holds its shared side between Enter and Leave) → the evictor → shard mutexes in
// ascending order → the mutex of a snapshot's sink → arena class → arena page heap. The background workers (sweeper, compactor,
// snapshot) take the shared side and one shard at a time like any Tx.
//
// Who owns bytes: the store copies keys and values in. What Item gives out aliases the arena and is valid under the shard's
// lock until the next change of that key.
package core
