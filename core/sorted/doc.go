// What the package is: big sorted sets in an arena.

// Package sorted is the big sorted set: one block for each member, a core/rank tree that keeps the members in the order of their scores, and
// a core/table that finds them by name. Both refer to the same blocks, so a score is read without the tree and a rank without a copy of
// the name. A set of a million members of 15 bytes takes 55 MB (BenchmarkBytesPerMember).
//
// The nouns, one file each: a Set is a root at work, a small value for the stack; whoever changed it encodes its root again. A Member names
// one member's block. A Draft collects members without keeping them in order and becomes a Set in one go: what a union is made with.
//
// Names come with the hash that their owner gives them, always the same one for the same name. Nothing here locks: a set is guarded by its
// owner's lock. Names that are given out alias the arena and are valid until the set's next change. What runs out of memory returns
// false and has changed nothing.
package sorted
