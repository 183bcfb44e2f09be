// The list commands under comparison. Lists have keys of their own, so that they grow, and share some with the other types.

package diff

import "strings"

var (
	listEnd    = word("left", "right", "LEFT", "Right")
	listEndOdd = one(listEnd, listEnd, listEnd, word("middle", "", "lef"))
	popMany    = opt("count", one(number, number, edge))
	lposOption = some(opt("rank", listRank), opt("count", listCount), opt("maxlen", listCount), opt("rank", listRank))
)

// listKey is one of a few lists, now and then any key.
func listKey(s *source) []string {
	if s.chance(10) {
		return key(s)
	}
	return word("l1", "l2", "l3", "{t}l", "nolist")(s)
}

// element is mostly one of a few values, so that they are found again; some are long, so that lists become many packs.
func element(s *source) []string {
	switch s.IntN(12) {
	case 0, 1, 2, 3, 4:
		return word("a", "b", "c", "1", "2", "-1", "300", "70000", "", "1234567890123", "two words", "01")(s)
	case 5:
		return []string{strings.Repeat("element ", 20+s.IntN(300))}
	case 6:
		if s.chance(12) {
			return []string{strings.Repeat("a very long element ", 200+s.IntN(600))}
		}
	}
	return value(s)
}

// listIndex is a position in a list of some hundred elements, from either end.
func listIndex(s *source) []string {
	switch s.IntN(8) {
	case 0:
		return edge(s)
	case 1, 2:
		return number(s)
	}
	return word("0", "1", "2", "3", "-1", "-2", "-3", "5", "-5")(s)
}

func listRank(s *source) []string {
	if s.chance(5) {
		return edge(s)
	}
	return word("1", "2", "-1", "-2", "3", "-4", "0")(s)
}

func listCount(s *source) []string {
	if s.chance(5) {
		return edge(s)
	}
	return word("0", "1", "2", "3", "10", "-1", "100")(s)
}

var listRows = []row{
	{name: "lpush", weight: 8, args: seq(listKey, rep(1, 12, element))},
	{name: "rpush", weight: 8, args: seq(listKey, rep(1, 12, element))},
	{name: "lpushx", weight: 2, args: seq(listKey, rep(1, 3, element))},
	{name: "rpushx", weight: 2, args: seq(listKey, rep(1, 3, element))},
	{name: "lpop", weight: 4, args: seq(listKey, maybe(listCount))},
	{name: "rpop", weight: 4, args: seq(listKey, maybe(listCount))},
	{name: "lpop", args: one(seq(listKey, number, number), seq(listKey))},
	{name: "llen", weight: 4, args: seq(listKey)},
	{name: "lindex", weight: 4, args: seq(listKey, listIndex)},
	{name: "lrange", weight: 5, args: seq(listKey, listIndex, listIndex)},
	{name: "lrange", weight: 3, args: seq(listKey, lit("0", "-1"))},
	{name: "linsert", weight: 4, args: seq(listKey, one(word("before", "after", "BEFORE", "After"), word("before", "after", "at")), element, element)},
	{name: "lset", weight: 4, args: seq(listKey, listIndex, element)},
	{name: "lrem", weight: 4, args: seq(listKey, word("0", "1", "2", "3", "-1", "100", "9223372036854775807", "-9223372036854775807", "9223372036854775808", "x", ""), element), tame: true},
	{name: "lrem", weight: 2, args: seq(listKey, word("-1", "-2", "-10"), element), tame: true},
	{name: "ltrim", weight: 2, args: seq(listKey, word("0", "1", "2", "-100", "-1000"), listIndex)},
	{name: "ltrim", args: seq(listKey, listIndex, listIndex)},
	{name: "lpos", weight: 5, args: seq(listKey, element, lposOption)},
	{name: "lmove", weight: 4, args: seq(listKey, listKey, listEndOdd, listEndOdd)},
	{name: "rpoplpush", weight: 2, args: seq(listKey, listKey)},
	{name: "lmpop", weight: 3, args: one(
		seq(lit("1"), listKey, listEndOdd, maybe(popMany)), seq(lit("2"), listKey, listKey, listEndOdd, maybe(popMany)),
		seq(lit("3"), listKey, listKey, listKey, listEnd, maybe(popMany), maybe(popMany)), seq(one(number, edge), listKey, listEnd))},
	{name: "object encoding", args: seq(listKey)},
	{name: "type", args: seq(listKey)},
	{name: "copy", args: seq(listKey, listKey, maybe(opt("replace")))},
	{name: "rename", args: seq(listKey, listKey)},
	{name: "expire", args: seq(listKey, seconds), timed: true},
	{name: "ttl", args: seq(listKey), same: near(2), why: "counted in seconds"},
	{name: "del", args: seq(listKey)},
}
