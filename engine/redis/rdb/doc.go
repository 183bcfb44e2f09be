// What the package is: Redis's serialized values, taken apart and put together.

// Package rdb is the codec of Redis's serialized values, as DUMP gives them, RESTORE takes them and RDB files hold them. It reads every
// encoding of the versions 1 to 12 and writes version 10, which redis-server 7.0 reads. It knows no store and no protocol.
//
// The nouns: a Kind says what a value is and how it is encoded. A Decoder takes one value apart, a Writer puts one together. A frame is what
// DUMP lays around a value: the kind in front, version and checksum behind; a file has other frames around the same values.
//
// Decoding has two phases. Open walks over the whole value and believes nothing: structure, lengths, packed bytes in depth, members
// that come twice, scores that are no numbers, the bookkeeping of streams. Only when all of that holds does the caller get at the
// elements, by walking a second time into a sink (Members, Fields and so on) or, where Redis's packed bytes are what a store
// keeps too, by taking those as they are.
//
// Memory: no allocation follows from a number that a payload announces. An LZF string is measured before it is unpacked; a table of
// members seen grows with members that are there. What a sink is given is valid during the call only: it aliases the
// payload or a scratch buffer of the Decoder.
package rdb
