// What the package is: a file of numbers and bytes with a checksum, written once and read once.

// Package ledger is the form of what a store notes down beside its memory file: words in a row, named sections between
// them, and an end that says how long the whole is and what its checksum must be.
//
// A Reader has compared length and checksum before it gives the first word, so a file that was cut, grew or lost a bit is refused as a
// whole. What it gives is still nobody's promise: whoever reads checks every number before it is used. Nothing is allocated by an announced
// length that the file has no bytes for.
package ledger
