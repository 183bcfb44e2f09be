// Package evict decides which item leaves the store when memory is short.
//
// The nouns: a Policy gives every item a 24-bit access word (on Insert and on
// Hit) and later chooses a victim among a handful of randomly sampled
// Candidates. There are no queues, no locks and no I/O in here; what a policy
// remembers beside the access words is a fixed table whose size Bytes tells.
//
// The path: the store is over its limit -> it samples Samples() items from
// random shards -> Pick names one -> the store removes it and calls Evicted ->
// the newcomer gets its word from Insert. A read calls Hit under the lock of the
// item's shard and keeps the word that comes back.
//
// Locks: Hit, Insert, Miss, Evicted, Idle and Freq may be called from any number of
// goroutines at once, each under the lock of its own shard; what they share is
// updated with atomics, and an update lost between two of them is tolerated. Pick only
// reads, but for the limits that memcached-lru corrects by it. Resize may run beside all of them, but not beside itself.
package evict
