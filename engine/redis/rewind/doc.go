// Going back to a moment: a data directory as of then, built from what the append-only file of another one still holds.

// Package rewind builds a new data directory from an old one that has an append-only file as Redis 7 lays it out, cut at a moment. It only reads the old one,
// so a server may be running on it; files that the server removes meanwhile make a clean error.
//
// The nouns. An Archive is what a directory holds: generations, each a base and the increments behind it, and the snapshot. A Moment is what is asked for: a time, an
// offset, or the last place before a command. A Plan says which files make it up and where the last of them is cut; Write carries it out.
//
// A moment in time is as exact as the log's annotations (#TS, whole seconds): what was written up to the end of that second is in. A transaction is in it
// whole or not at all.
package rewind
