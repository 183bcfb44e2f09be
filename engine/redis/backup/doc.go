// Backups: copies of the data that live elsewhere, each complete and checked, or not there at all.

// Package backup makes backups, and lists, verifies, restores and removes them. It knows files, bytes and stores; the data comes from a server through
// SYNC, from a data directory that nobody uses, or from whoever fills a draft.
//
// The nouns. A Store keeps objects: a directory, or a bucket of an S3-compatible service. A Manifest says what a backup consists of: files, in parts with a SHA-256
// each. A Draft is a backup on its way: its files lie in the spool, a directory of this machine, until everything is in the store. A Meter counts, slows
// down and notices when nothing moves.
//
// In the store a backup is ID/backup.json and beside it a part an object. The name of a part holds its hash, and stores put objects in place
// whole, so a part that is there under its name is right and is not sent again. The manifest is written last and removed first: a backup without it does
// not count.
//
// Files are kept as they are on the disk. With encryption at rest that is the encrypted container, and the ring of wrapped keys goes along: whoever holds the
// key that wraps can read the backup, and nobody else.
package backup
