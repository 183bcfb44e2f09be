// The commands on sets under comparison.

package diff

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// Sets live under names of their own, so that they meet; strings get there now and then. Under the last two there is never more than one member, so
// that what SPOP takes is no chance.
var setNames = []string{"set1", "set2", "set3", "set4", "set5"}

func setKey(s *source) []string {
	if s.chance(15) {
		return key(s)
	}
	return setNames[s.IntN(len(setNames)):][:1]
}

// setTarget is where sets are made: never under the common names, where the encodings of other types are compared to the byte.
func setTarget(s *source) []string { return setNames[s.IntN(len(setNames)):][:1] }

func setInt(s *source) []string { return []string{strconv.Itoa(s.IntN(40) - 8)} }

// member is one of few, of every kind: integers of all widths, what only looks like one, texts around the longest that is packed.
func member(s *source) []string {
	switch s.IntN(10) {
	case 0, 1, 2, 3:
		return setInt(s)
	case 4:
		return word("32767", "32768", "-32769", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "-9223372036854775808")(s)
	case 5:
		return []string{strings.ReplaceAll(edge(s)[0], "\x00", "")} // the original's ALPHA stops at one: equal texts then stand by chance
	case 6:
		return []string{strings.Repeat("m", 61+s.IntN(6))}
	}
	return word("a", "b", "c", "d", "e", "foo", "bar", "", "A", "007", "1.5")(s)
}

// manyInts and manyTexts are runs that cross the lengths at which sets are kept another way.
func manyInts(s *source) []string  { return run(s, "", 700) }
func manyTexts(s *source) []string { return run(s, "t", 300) }

func run(s *source, prefix string, longest int) []string {
	out := make([]string, 1+s.IntN([...]int{10, 120, longest}[s.IntN(3)]))
	from := s.IntN(300)
	for i := range out {
		out[i] = prefix + strconv.Itoa(from+i)
	}
	return out
}

// drawn wants as many members; which, is chance.
func drawn(_ []string, a, b harness.Reply) bool {
	return a.Kind == b.Kind && a.Null == b.Null && len(a.Elems) == len(b.Elems)
}

// elementsScanned is scanned for the walks over one collection.
func elementsScanned(args []string, a, b harness.Reply) bool {
	if len(a.Elems) != 2 || len(b.Elems) != 2 || len(args) < 3 {
		return false
	}
	if a.Elems[0].Str != "0" || b.Elems[0].Str != "0" || args[2] != "0" {
		return true
	}
	return slices.Equal(slices.Compact(members(a.Elems[1])), slices.Compact(members(b.Elems[1])))
}

const tableOrder = "order of the hash table"

var setRows = []row{
	{name: "sadd", tame: true, weight: 8, args: seq(setTarget, rep(1, 5, member))},
	{name: "sadd", tame: true, weight: 2, args: seq(setTarget, rep(1, 10, setInt))},
	{name: "sadd", tame: true, weight: 2, args: seq(setTarget, manyInts)},
	{name: "sadd", tame: true, weight: 1, args: seq(setTarget, manyTexts)},
	{name: "sadd", weight: 1, args: seq(word("p1", "p2"), lit("only")), tame: true},
	{name: "sadd", args: seq(key), tame: true},
	{name: "scard", weight: 4, args: seq(setKey)},
	{name: "sdiff", weight: 3, args: rep(1, 4, setKey), same: sorted, why: tableOrder},
	{name: "sdiffstore", tame: true, weight: 3, args: seq(setTarget, rep(1, 4, setTarget))},
	{name: "sinter", weight: 3, args: rep(1, 4, setKey), same: sorted, why: tableOrder},
	{name: "sintercard", weight: 3, args: seq(one(word("1", "2", "3"), edge), rep(1, 4, setKey), some(opt("limit", one(word("0", "1", "2", "100"), edge))))},
	{name: "sinterstore", tame: true, weight: 3, args: seq(setTarget, rep(1, 4, setTarget))},
	{name: "sismember", weight: 4, args: seq(setKey, member)},
	{name: "smembers", weight: 4, args: seq(setKey), same: sorted, why: tableOrder},
	{name: "smismember", weight: 3, args: seq(setKey, rep(1, 5, member))},
	{name: "smove", tame: true, weight: 4, args: seq(setTarget, setTarget, member)},
	{name: "smove", tame: true, args: seq(key, setTarget, member)},
	{name: "spop", weight: 3, args: word("p1", "p2", "x1"), tame: true},
	{name: "spop", weight: 2, args: seq(word("p1", "p2", "x1"), one(edge, word("1", "5"))), tame: true, same: sorted, why: tableOrder},
	{name: "spop", args: seq(setKey, word("0", "-1", "x", "9223372036854775807", "9223372036854775808", "4294967296")), tame: true, same: sorted, why: tableOrder},
	{name: "spop", args: one(seq(setKey, number, number), lit()), tame: true},
	{name: "srandmember", weight: 2, args: seq(setKey), same: bothNull, why: "it is chance", tame: true},
	{name: "srandmember", weight: 2, args: seq(setKey, word("0", "1", "2", "5", "50", "1000", "9223372036854775807", "-1", "-5", "-300", "-9223372036854775808", "x", "1.5", "")),
		same: drawn, why: "it is chance", tame: true},
	{name: "srandmember", args: one(seq(setKey, word("1", "x"), number), lit()), tame: true},
	{name: "srem", weight: 4, args: seq(setKey, rep(1, 5, member))},
	{name: "srem", args: seq(setKey, manyInts)},
	{name: "sscan", weight: 2, args: seq(setKey, lit("0"), some(opt("match", one(pattern, word("1*", "t?", "*5")))), lit("COUNT", "5000")),
		same: elementsScanned, why: tableOrder},
	{name: "sscan", weight: 1, args: seq(setKey, one(lit("0"), edge), some(opt("match", pattern), opt("count", edge))), same: elementsScanned, why: tableOrder},
	{name: "sunion", weight: 3, args: rep(1, 6, setKey), same: sorted, why: tableOrder},
	{name: "sunionstore", tame: true, weight: 3, args: seq(setTarget, rep(1, 6, setTarget))},
	{name: "object encoding", weight: 3, args: seq(setTarget)},
	{name: "set", args: seq(setTarget, value)},
	{name: "del", args: seq(setTarget)},
	{name: "rename", args: seq(setTarget, setTarget)},
	{name: "copy", args: seq(setTarget, setTarget, maybe(lit("replace")))},
	{name: "expire", args: seq(setTarget, seconds), timed: true},
	{name: "config set set-max-intset-entries", args: word("512", "512", "10", "0", "100"), tame: true},
}

// keptRows are the commands about memory and about how one value is kept. Their figures and texts are our own.
var keptRows = []row{
	{name: "memory stats", args: lit(), same: kindOnly, why: "figures"},
	{name: "memory doctor", args: lit(), same: kindOnly, why: "in our own words"},
	{name: "memory malloc-stats", args: lit(), same: kindOnly, why: "another allocator"},
	{name: "memory purge", args: lit(), tame: true},
	{name: "debug htstats-key", args: seq(setTarget), same: kindOnly, why: "another table", tame: true},
	{name: "debug quicklist-packed-threshold", args: word("100", "1gb", "x", "", "-1", "0", "100b"), tame: true},
}
