// What the package is: Redis's packed byte formats as pure functions over byte slices.

// Package pack reads, edits and checks the packed sequences that small collections, list nodes and stream nodes are made of,
// byte for byte as Redis lays them out, so that a DUMP or RDB payload is a copy of the value. It knows no arena and no protocol.
//
// The nouns, one or two files each: an Elem is one element, text or number. A Listpack is a sequence of elements, an Intset a
// sorted set of integers; both are read, edited and checked. Ziplist and Zipmap are what older files hold: checked and read only.
// Beside them stand LZF, in which files and cold list nodes are squeezed, and the CRC-64 that ends a payload.
//
// Trust: only the Valid methods may see bytes from outside. They read nothing beyond the slice, take time linear in it and never panic.
// Every other method assumes bytes that were built here or found valid; on others it may panic or give nonsense.
//
// Who owns bytes: the caller, always. Editing methods work within the capacity of the slice they are called on, as it lies in an
// arena block, and return it with its new length; they never allocate and panic when the capacity is too small, since a copy on the
// Go heap would be lost to the block's owner. So an edit is three steps: ask for the new length (Size, Intset.SizeWith), see that
// the block holds it or take a larger one, edit (in place, or with SpliceTo from the old block into the new one). Owners on the
// Go heap call slices.Grow first. The Text of an Elem that was read aliases the pack and is valid until its next edit; what is
// inserted must not alias the pack it goes into.
package pack
