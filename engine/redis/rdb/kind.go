// Kind: the byte that says what a value is and how it is encoded.

package rdb

import "strconv"

// Kind is a value's type byte.
type Kind byte

// The kinds, under the numbers that they have in payloads.
const (
	KindString        Kind = 0
	KindList          Kind = 1 // linked list: texts
	KindSet           Kind = 2 // texts
	KindZset          Kind = 3 // texts and scores in decimal
	KindHash          Kind = 4 // texts in pairs
	KindZset2         Kind = 5 // texts and scores in binary
	KindModule        Kind = 6
	KindModule2       Kind = 7
	KindZipmap        Kind = 9 // hash
	KindListZiplist   Kind = 10
	KindIntset        Kind = 11
	KindZsetZiplist   Kind = 12
	KindHashZiplist   Kind = 13
	KindQuicklist     Kind = 14 // ziplists
	KindStream        Kind = 15
	KindHashListpack  Kind = 16
	KindZsetListpack  Kind = 17
	KindQuicklist2    Kind = 18 // listpacks and long texts
	KindStream2       Kind = 19 // counts what was ever added
	KindSetListpack   Kind = 20
	KindStream3       Kind = 21 // tells when a consumer was last active
	KindHashTTLEarly  Kind = 22 // fields with expiry, as release candidates wrote them
	KindHashPackEarly Kind = 23
	KindHashTTL       Kind = 24 // fields with expiry, relative to the first one
	KindHashPackTTL   Kind = 25
)

// Type is what a value is, whatever its encoding.
type Type uint8

// The types. None is what no kind has.
const (
	None Type = iota
	String
	List
	Set
	SortedSet
	Hash
	Stream
	Module
)

// form is how the elements of a value lie in it.
type form uint8

const (
	texts    form = iota // one after another in the value
	listpack             // all in one
	ziplist
	zipmap
	intset
	nodes // a number of packs
	tree  // a stream
)

// kinds has a row for every kind. since is the version that brought it.
var kinds = [...]struct {
	typ   Type
	form  form
	since int
}{
	KindString: {String, texts, 1}, KindList: {List, texts, 1}, KindSet: {Set, texts, 1}, KindZset: {SortedSet, texts, 1},
	KindHash: {Hash, texts, 1}, KindZset2: {SortedSet, texts, 8}, KindModule: {Module, texts, 8}, KindModule2: {Module, texts, 8},
	KindZipmap: {Hash, zipmap, 2}, KindListZiplist: {List, ziplist, 2}, KindIntset: {Set, intset, 2},
	KindZsetZiplist: {SortedSet, ziplist, 2}, KindHashZiplist: {Hash, ziplist, 4}, KindQuicklist: {List, nodes, 7},
	KindStream: {Stream, tree, 9}, KindHashListpack: {Hash, listpack, 10}, KindZsetListpack: {SortedSet, listpack, 10},
	KindQuicklist2: {List, nodes, 10}, KindStream2: {Stream, tree, 10}, KindSetListpack: {Set, listpack, 11}, KindStream3: {Stream, tree, 11},
	KindHashTTLEarly: {Hash, texts, 12}, KindHashPackEarly: {Hash, listpack, 12}, KindHashTTL: {Hash, texts, 12}, KindHashPackTTL: {Hash, listpack, 12},
}

// Type is what values of this kind are, None if there is no such kind.
func (k Kind) Type() Type {
	if int(k) >= len(kinds) {
		return None
	}
	return kinds[k].typ
}

// Version is the lowest version of files and payloads in which the kind may appear, 0 if there is no such kind.
func (k Kind) Version() int {
	if k.Type() == None {
		return 0
	}
	return kinds[k].since
}

func (k Kind) form() form { return kinds[k].form }

func (k Kind) String() string { return "kind " + strconv.Itoa(int(k)) }
