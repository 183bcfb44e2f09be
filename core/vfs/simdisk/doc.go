// A disk that loses power, for tests of everything that must outlive it.

// Package simdisk is a file system in memory that knows what a real disk would still have after the power went.
//
// The nouns. A Disk is a vfs.FS. A node is a file or a directory and holds two pictures of itself: what the running system sees, and what is safe.
// Between the two lie the changes since the last Sync or SyncDir, in their order. A Moment is the disk between two steps.
//
// The model, for a file: what was there at the last Sync that succeeded is safe. Of the changes since, any may have reached the disk and any may not, in
// units of sectors of 512 bytes and in any order: a file may have its last bytes and not those in the middle, be longer than what was written into it (zeroes), or be as it was. For
// a directory: names that were made, renamed or removed since its last SyncDir may be there or not, each for itself; a rename within one
// directory happens whole or not at all. A directory that was made is itself a name in its parent. A Sync that failed
// has lost what it should have written: a later Sync that succeeds does not bring it back, though readers go on seeing it until the cut.
//
// Every operation that changes something is a step. CutAfter takes the power away after so many, OnStep looks at the disk before each,
// PowerCut gives the disk as it is found afterwards: another Disk, since what ran on the old one may still hold it and gets only errors. The same seed gives the same disk.
package simdisk
