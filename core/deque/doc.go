// What the package is: a big list, as a chain of packed nodes in an arena.

// Package deque is a list that is cheap at both ends: a doubly linked chain of nodes, each one block of the arena with the links and a
// listpack in it. It knows the arena and the packed formats, no store and no protocol.
//
// The nouns, one file each: Limits say how much a node may hold and how many nodes at each end stay uncompressed; they are chosen when a
// deque is made and kept in its root. A node holds a listpack, or the listpack in compressed form, or one element that is too
// long to share a node (plain). A Deque is a root at work: a small value for the stack. A Cursor walks in either direction.
//
// What it costs: pushing and popping touch one node and move nothing but the element. The listpack of a node at the front lies at the end
// of its block and grows downwards. A node that pushes fill is allocated at its final size where the limit is in bytes, and
// doubles where it is a count, so a push does not reallocate. Inner nodes are cut to the size class of what they hold.
// Elements of 15 bytes take 17.1 bytes each (BenchmarkBytesPerElement). Finding an index walks the nodes from the nearer end.
//
// Who owns bytes: the deque owns its nodes. Elements that are read alias a node, or the scratch buffer if the node is compressed,
// and are valid until the next change or until a cursor goes on to the next node. What is inserted must not alias the deque.
// Nothing here locks. If the arena is full, a change says so and has changed nothing.
package deque
