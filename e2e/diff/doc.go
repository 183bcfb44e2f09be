// Differential testing: the same random command lines go to our server and to the real one, and the replies are compared byte for byte.

// Package diff holds the generators, the pair of connections they drive, and the list of differences that are meant.
//
// The nouns: a row is one command with the grammar of its arguments and how its replies are compared; a source
// is the seeded randomness all grammars draw from; a pair is two servers that get the same requests; an exception is
// one difference that was looked at and has a reason.
//
// A mismatch is shrunk: its history is replayed on empty servers, and cut down as long as it still shows. The seed of
// every run is printed; CACHESRV_SEED repeats it or takes one from the clock ("random"), CACHESRV_DIFF_COMMANDS sets how many commands are sent in all, and
// CACHESRV_DIFF_REPORT names a file that gets the mismatches one per line.
package diff
