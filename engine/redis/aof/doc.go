// Package aof is the append-only file as Redis 7 lays it out: a manifest that names a base and the increments behind it, and the records in them. It
// knows files (package vfs) and bytes; what a record means, and where the data is, others know.
//
// The nouns. A Manifest lists the files. A Log is the increment that grows: it takes records under the store's locks, hands them to the system and to the
// disk, and tells how far each has come. A Reader goes through the records of a file; Verify tells how far a file is good.
//
// Positions. Every record has one: the number of bytes that the log had taken when the record was in. They go up for as long as the log is open,
// through all changes of the file underneath, and are what a reply waits for.
//
// Lines that begin with # are annotations, which Redis and its tools skip. Three are written: #TS:seconds, as Redis does; a bare # before every
// SELECT, by which it is known as ours; and at the end of every write
//
//	#CRC:xxxxxxxx n synced
//
// which says that the n bytes before it have this CRC-32C, and that the first synced bytes of the file had reached the disk by then; that is left out
// where nothing has changed. So a changed bit is found, and told from a tail that the end of the process or a loss of power has torn: what no
// annotation covers was never acknowledged. Damage behind everything that was synced is such a tail, and is cut; damage before it is an error. Files
// that Redis has written, or gone on with, have no annotations there and are taken as Redis takes them.
//
// Locks of a Log, in the order in which they are taken: disk (syncing, and changing the file; held while a Sync runs, so only Settle, the syncer and Close take it),
// out (writing), then mu (taking records; a leaf below the store's shards, held for the copying of a record).
package aof
