// The hash commands under comparison.

package diff

import (
	"slices"
	"strconv"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// hashKey is one of a few keys that mostly hold hashes, so that they grow beyond the thresholds.
func hashKey(s *source) []string {
	if s.chance(12) {
		return key(s)
	}
	return word("h1", "h2", "h3", "{t}h")(s)
}

// field is one of some that meet, now and then one of many, of odd ones, or one that is too long for a packed hash.
func field(s *source) []string {
	switch s.IntN(12) {
	case 0:
		return value(s)
	case 1:
		return []string{"field:" + strconv.Itoa(s.IntN(2000))}
	case 2:
		return word("1", "-1", "65536", "9223372036854775807", "007", "")(s)
	}
	return []string{"f" + strconv.Itoa(s.IntN(9))}
}

// fieldValue is what fields hold: numbers half of the time, so that HINCRBY finds some.
func fieldValue(s *source) []string {
	if s.chance(2) {
		return number(s)
	}
	return value(s)
}

// many is a whole hash in one command, at times more than stays packed. No field comes twice: 7.2 counts what is named, 7.0 what is there then.
func many(s *source) []string {
	var out []string
	n, step := [...]int{10, 40, 140, 520}[s.IntN(4)], 1+s.IntN(2)
	for i := range n {
		out = append(out, "field:"+strconv.Itoa(i*step), strconv.Itoa(s.IntN(1000)))
	}
	return out
}

var (
	fieldAndValue = seq(field, fieldValue)
	scanOptions   = some(opt("match", fieldPattern), opt("count", number))
	randomCount   = one(lit(), word("0", "1", "3", "1000", "-1", "-5", "-200"), edgeCount)
)

func fieldPattern(s *source) []string {
	return word("*", "f*", "f[1-3]", "field:1*", "", "1", "-1", "nosuch", "[")(s)
}

// edgeCount is a number that nobody can draw fields for, or none at all. Great negative ones are left out: the original would try.
func edgeCount(s *source) []string {
	return word("9223372036854775807", "-9223372036854775808", "9223372036854775808", "4611686018427387904", "abc", "", "1.0")(s)
}

var hashRows = []row{
	{name: "hset", weight: 12, args: seq(hashKey, rep(1, 4, fieldAndValue))},
	{name: "hset", weight: 2, args: seq(hashKey, many)},
	{name: "hmset", weight: 2, args: seq(hashKey, rep(1, 3, fieldAndValue))},
	{name: "hsetnx", weight: 3, args: seq(hashKey, fieldAndValue)},
	{name: "hget", weight: 5, args: seq(hashKey, field)},
	{name: "hmget", weight: 3, args: seq(hashKey, rep(1, 5, field))},
	{name: "hgetall", weight: 4, args: hashKey, same: sortedPairs, why: "order of the hash table"},
	{name: "hkeys", weight: 2, args: hashKey, same: sorted, why: "order of the hash table"},
	{name: "hvals", weight: 2, args: hashKey, same: sorted, why: "order of the hash table"},
	{name: "hlen", weight: 3, args: hashKey},
	{name: "hstrlen", weight: 2, args: seq(hashKey, field)},
	{name: "hexists", weight: 2, args: seq(hashKey, field)},
	{name: "hdel", weight: 5, args: seq(hashKey, rep(1, 4, field))},
	{name: "hincrby", weight: 5, args: seq(hashKey, field, number)},
	{name: "hincrbyfloat", weight: 5, args: seq(hashKey, field, float)},
	{name: "hrandfield", weight: 1, tame: true, args: hashKey, same: bothNull, why: "it is random"},
	{name: "hrandfield", weight: 3, tame: true, args: seq(hashKey, randomCount, maybe(opt("withvalues"))), same: sameLength, why: "it is random"},
	{name: "hscan", weight: 3, args: seq(hashKey, lit("0"), some(opt("match", fieldPattern)), lit("COUNT", "100000")), same: scannedPairs, why: "order of the hash table"},
	{name: "hscan", weight: 2, args: seq(hashKey, one(lit("0"), edge), scanOptions), same: kindOnly, why: "cursors are the server's own"},
	{name: "object encoding", weight: 4, args: hashKey},
	{name: "config set", weight: 1, tame: true, args: one(
		seq(lit("hash-max-listpack-entries"), word("512", "512", "128", "5", "0")),
		seq(lit("hash-max-ziplist-value"), word("64", "64", "10", "1kb", "0")))},
	{name: "del", weight: 1, args: hashKey},
	{name: "copy", weight: 2, args: seq(hashKey, hashKey, maybe(opt("replace")))},
	{name: "rename", weight: 1, args: seq(hashKey, hashKey)},
	{name: "pexpire", weight: 1, args: seq(hashKey, millis), timed: true},
	{name: "persist", weight: 1, args: hashKey},
	{name: "get", weight: 1, args: hashKey},
	{name: "append", weight: 1, args: seq(hashKey, value)},
	{name: "type", weight: 1, args: hashKey},
}

// sortedPairs wants the same pairs in any order, of a map or of a flat array.
func sortedPairs(_ []string, a, b harness.Reply) bool {
	return a.Kind == b.Kind && slices.Equal(pairsOf(a), pairsOf(b))
}

func pairsOf(v harness.Reply) []string {
	var out []string
	for i := 0; i+1 < len(v.Elems); i += 2 {
		out = append(out, v.Elems[i].Raw+v.Elems[i+1].Raw)
	}
	slices.Sort(out)
	return out
}

// scannedPairs is scanned for replies of pairs.
func scannedPairs(args []string, a, b harness.Reply) bool {
	if len(a.Elems) != 2 || len(b.Elems) != 2 || a.Elems[1].Kind != b.Elems[1].Kind {
		return false
	}
	if len(args) < 3 || args[2] != "0" || a.Elems[0].Str != "0" || b.Elems[0].Str != "0" {
		return true
	}
	return slices.Equal(slices.Compact(pairsOf(a.Elems[1])), slices.Compact(pairsOf(b.Elems[1])))
}
