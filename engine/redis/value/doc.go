// What the package is: the collections of Redis over the store.

// Package value is what the Redis commands work with: a Hash, List, Set, SortedSet or Stream under a key, whether it is small and packed
// in its item (core/pack) or big and a structure of its own in the arena (core/dict, core/deque, core/sorted, core/stream). It decides
// when one becomes the other, by thresholds that it is given, deletes the key when the last element goes, and knows nothing of the protocol.
//
// A handle is opened for one command under the lock of its key's shard and holds no memory of its own. What it gives out aliases the store and is valid
// until the next change of that key. Errors are the store's; after one, nothing has changed.
package value
