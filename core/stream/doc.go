// What the package is: a stream of entries in an arena, with its consumer groups.

// Package stream holds entries in the order of their ids, in nodes that are packed as Redis packs them, so that writing a stream to a file
// is a copy.
//
// The nouns, one file each: an ID is a time and a number. A node is one block: the id of its first entry and a listpack of up to a hundred
// entries or so. An entry lies in a node as differences to the node's first id, without the names of its fields where they are those of the
// first entry. A Stream is a root at work. A Walk reads entries, from either end. Trim and Delete take entries out. A Group has a
// place up to which it has read, Consumers, and what was handed out and not yet acknowledged: its Pending, one Nack each.
//
// All nodes but the last hang in a rank tree; the last one, where entries are added, is known to the root alone, so that adding costs no
// search and a stream of one node has no tree. Groups and consumers are members of trees by name, nacks of two trees by id: their
// group's and their consumer's. What a group, consumer or nack is lies behind its name in the block that the tree refers to.
//
// Nothing here locks, nothing is on the Go heap: a stream is guarded by its owner's lock, and its blocks are its own. What is read aliases
// the arena and is valid until the next change. Methods that report false for want of memory have changed nothing.
package stream
