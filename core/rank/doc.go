// What the package is: members in the order of their scores, in an arena.

// Package rank is the order of a big sorted set: a B+tree that counts. It holds references to member blocks, ordered by score and,
// where scores are equal, by the member's bytes; it knows the rank of each and finds each by rank.
//
// The nouns, one file each: a member is a block with its score and its bytes, and both the tree and the owner's hash table refer to it,
// so finding a member's score needs no tree. A key is a score as a number that sorts as an integer. Leaves hold keys and references,
// so that a search looks at a member's bytes only where scores are equal. Inner nodes hold, for each child, its first entry and
// how many entries lie below it. A Root is all that there is of a tree outside its nodes: five words without a pointer, that
// the owner keeps in a block of its own; a Tree is a Root at work. A Cursor walks.
//
// A node which is full shares with its neighbours before there is one more, so nodes are 85 % full after random
// insertions, 80 % after random changes of score, all but full after sorted input: an entry takes 16 to 17 bytes of nodes, and a member of
// 15 bytes a block of 24 (BenchmarkBytesPerMember).
//
// Nothing here locks: a tree is guarded by its owner's lock. The tree never owns member blocks, except in FreeStep without a function.
// Slices that it gives out alias the arena and are valid until the member goes. If the arena is full, Insert and Update say so and
// have changed nothing.
package rank
