// The sorted sets under comparison: a few keys of their own, so that commands meet, in both encodings.

package diff

import (
	"strconv"
	"strings"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// zkey is a sorted set with scores of all kinds, lexKey one whose scores are all 0: only there are ranges of names defined. Now and then they
// are other keys.
func zkey(s *source) []string {
	if s.chance(15) {
		return key(s)
	}
	return word("z1", "z2", "z3", "z4", "{t}z")(s)
}

func lexKey(s *source) []string { return word("lex1", "lex2", "lex3")(s) }

// score is from a few values that meet, or any number.
func score(s *source) []string {
	switch s.IntN(10) {
	case 0:
		return edge(s)
	case 1, 2, 3:
		return float(s)
	case 4:
		return word("inf", "-inf", "+inf", "-0", "0.1", "3.5", "1e17", "5e18", "123456789012345680000", "1e-7", "2.5e-10", "12345.678901234")(s)
	}
	return []string{strconv.Itoa(s.IntN(30) - 8)}
}

func zmember(s *source) []string {
	switch s.IntN(12) {
	case 0:
		return value(s)
	case 1:
		return []string{strconv.Itoa(s.IntN(300) - 100)}
	case 2:
		if s.chance(4) {
			return []string{strings.Repeat("long", 14+s.IntN(5))}
		}
	}
	return []string{"m" + strconv.Itoa(s.IntN(60))}
}

// plenty is what takes a sorted set past the length of packed ones.
func plenty(pair gen) gen {
	return func(s *source) []string {
		var out []string
		for range 60 + s.IntN(120) {
			out = append(out, pair(s)...)
		}
		return out
	}
}

func someMembers(s *source) []string { return []string{"w" + strconv.Itoa(s.IntN(400))} }
func goodScore(s *source) []string   { return []string{strconv.Itoa(s.IntN(50))} }

func scoreEnd(s *source) []string {
	v := score(s)[0]
	switch s.IntN(8) {
	case 0, 1:
		v = "(" + v
	case 2:
		v = word("-inf", "+inf", "(inf", "(", "((1", " 1", "1 ")(s)[0]
	}
	return []string{v}
}

func nameEnd(s *source) []string {
	if s.chance(4) {
		return word("-", "+", "-x", "+x", "", "a", "[", "(", "+\x00y", "--")(s)
	}
	return []string{word("[", "(")(s)[0] + zmember(s)[0]}
}

// counted is a number of keys and the keys, mostly as many as it says.
func counted(k gen) gen {
	return func(s *source) []string {
		n := 1 + s.IntN(3)
		out := []string{strconv.Itoa(n)}
		if s.chance(12) {
			out = []string{edge(s)[0]}
		}
		for range n {
			out = append(out, k(s)...)
		}
		return out
	}
}

func weights(s *source) []string {
	out := []string{anyCase(s, "weights")}
	for range 1 + s.IntN(3) {
		out = append(out, word("1", "2", "-1", "0", "0.5", "inf", "-inf", "nan", "x", "1e300", "3")(s)...)
	}
	return out
}

// input is a sorted set or anything else that may be one.
var input = one(zkey, zkey, zkey, lexKey, plainSet, word("nosuch"))

// plainSet is a set, whose members have the score 1 where one is asked for.
func plainSet(s *source) []string { return word("zs1", "zs2")(s) }

var (
	zaddOptions = some(opt("nx"), opt("xx"), opt("gt"), opt("lt"), opt("ch"), opt("incr"))
	limitOption = opt("limit", index, index)
	aggregates  = opt("aggregate", word("sum", "min", "max", "MAX", "avg"))
	smallCount  = one(word("1", "2", "3", "0", "5", "200"), number)
	algebraic   = some(weights, aggregates)
	shown       = some(weights, aggregates, opt("withscores"))
	whyDigits   = "7.0 writes doubles with 17 digits, 7.2 with as few as tell them apart"
)

var zsetRows = []row{
	{name: "zadd", weight: 10, args: seq(zkey, zaddOptions, rep(1, 6, seq(score, zmember))), same: doubles, why: whyDigits},
	{name: "zadd", weight: 3, args: seq(zkey, plenty(seq(goodScore, someMembers)))},
	{name: "zadd", weight: 5, args: seq(lexKey, rep(1, 8, seq(lit("0"), zmember))), tame: true},
	{name: "zadd", weight: 2, args: seq(lexKey, plenty(seq(lit("0"), someMembers))), tame: true},
	{name: "zincrby", weight: 5, args: seq(zkey, score, zmember), same: doubles, why: whyDigits},
	{name: "zcard", weight: 2, args: input},
	{name: "zscore", weight: 4, args: seq(input, zmember), same: doubles, why: whyDigits},
	{name: "zmscore", weight: 2, args: seq(input, rep(1, 6, zmember)), same: doubles, why: whyDigits},
	{name: "zrem", weight: 4, args: seq(one(zkey, lexKey), rep(1, 5, zmember))},
	{name: "zrem", weight: 1, args: seq(one(zkey, lexKey), plenty(someMembers))},
	{name: "zrank", weight: 2, args: seq(input, zmember)},
	{name: "zrevrank", weight: 2, args: seq(input, zmember)},
	{name: "zcount", weight: 3, args: seq(input, scoreEnd, scoreEnd)},
	{name: "zlexcount", weight: 3, args: seq(lexKey, nameEnd, nameEnd)},
	{name: "zrange", weight: 4, args: seq(input, index, index, some(opt("withscores"), opt("rev"), limitOption)), same: doubles, why: whyDigits},
	{name: "zrange", weight: 4, args: seq(input, scoreEnd, scoreEnd, opt("byscore"), some(opt("withscores"), opt("rev"), limitOption, opt("bylex"))), same: doubles, why: whyDigits},
	{name: "zrange", weight: 4, args: seq(lexKey, nameEnd, nameEnd, opt("bylex"), some(opt("withscores"), opt("rev"), limitOption)), same: doubles, why: whyDigits},
	{name: "zrevrange", weight: 2, args: seq(input, index, index, some(opt("withscores"), opt("rev"))), same: doubles, why: whyDigits},
	{name: "zrangebyscore", weight: 3, args: seq(input, scoreEnd, scoreEnd, some(opt("withscores"), limitOption)), same: doubles, why: whyDigits},
	{name: "zrevrangebyscore", weight: 3, args: seq(input, scoreEnd, scoreEnd, some(opt("withscores"), limitOption)), same: doubles, why: whyDigits},
	{name: "zrangebylex", weight: 3, args: seq(lexKey, nameEnd, nameEnd, maybe(limitOption))},
	{name: "zrevrangebylex", weight: 3, args: seq(lexKey, nameEnd, nameEnd, maybe(limitOption))},
	{name: "zrangestore", weight: 2, args: seq(zkey, input, index, index, some(opt("rev"), limitOption, opt("withscores")))},
	{name: "zrangestore", weight: 2, args: seq(zkey, input, scoreEnd, scoreEnd, opt("byscore"), some(opt("rev"), limitOption))},
	{name: "zrangestore", weight: 2, args: seq(zkey, lexKey, nameEnd, nameEnd, opt("bylex"), some(opt("rev"), limitOption))},
	{name: "zremrangebyrank", weight: 1, args: seq(one(zkey, lexKey), index, index)},
	{name: "zremrangebyscore", weight: 1, args: seq(one(zkey, lexKey), scoreEnd, scoreEnd)},
	{name: "zremrangebylex", weight: 1, args: seq(lexKey, nameEnd, nameEnd)},
	{name: "zunion", weight: 3, args: seq(counted(input), shown), same: doubles, why: whyDigits},
	{name: "zinter", weight: 3, args: seq(counted(input), shown), same: doubles, why: whyDigits},
	{name: "zdiff", weight: 3, args: seq(counted(input), maybe(opt("withscores"))), same: doubles, why: whyDigits},
	{name: "zunionstore", weight: 3, args: seq(zkey, counted(input), algebraic)},
	{name: "zinterstore", weight: 3, args: seq(zkey, counted(input), algebraic)},
	{name: "zdiffstore", weight: 2, args: seq(zkey, counted(input))},
	{name: "zintercard", weight: 3, args: seq(counted(input), maybe(opt("limit", smallCount)))},
	{name: "zpopmin", weight: 2, args: seq(one(zkey, lexKey), maybe(smallCount)), same: doubles, why: whyDigits},
	{name: "zpopmax", weight: 2, args: seq(one(zkey, lexKey), maybe(smallCount)), same: doubles, why: whyDigits},
	{name: "zmpop", weight: 2, args: seq(counted(one(zkey, lexKey)), word("min", "MAX", "mid"), maybe(opt("count", smallCount))), same: doubles, why: whyDigits},
	{name: "zrandmember", weight: 2, args: seq(input, maybe(seq(word("1", "3", "-4", "0", "500", "-500", "9223372036854775808", "-9223372036854775808", "x"), maybe(opt("withscores"))))),
		same: sameLength, why: "it is random", tame: true},
	{name: "zscan", weight: 3, args: seq(input, lit("0"), some(opt("match", word("*", "m*", "m1?", "w[1-3]*", "nosuch")), opt("count", lit("1000"))), lit("COUNT", "1000")), same: scannedScores, why: "order of the hash table; " + whyDigits},
	{name: "zscan", weight: 1, args: seq(input, edge, some(opt("match", word("*", "m*")), opt("count", edge))), same: kindOnly, why: "cursors are the server's own", tame: true},

	{name: "sadd", weight: 3, args: seq(plainSet, rep(1, 6, zmember))},
	{name: "sadd", weight: 1, args: seq(plainSet, plenty(someMembers))},
	{name: "srem", weight: 2, args: seq(plainSet, rep(1, 4, zmember))},
	{name: "object encoding", weight: 6, args: one(zkey, lexKey)},
	{name: "type", weight: 1, args: zkey},
	{name: "del", weight: 2, args: rep(1, 2, one(zkey, lexKey, plainSet))},
	{name: "copy", weight: 2, args: seq(zkey, zkey, maybe(opt("replace")))},
	{name: "rename", weight: 1, args: seq(zkey, zkey)},
	{name: "persist", weight: 1, args: zkey},
	{name: "config set", weight: 1, args: seq(word("zset-max-listpack-entries", "zset-max-ziplist-entries"), word("128", "128", "5", "0", "20")), tame: true},
	{name: "config set", weight: 1, args: seq(word("zset-max-listpack-value", "ZSET-MAX-ZIPLIST-VALUE"), word("64", "64", "3", "0")), tame: true},
}

// doubles wants equal replies but for the digits of numbers that are equal.
func doubles(_ []string, a, b harness.Reply) bool { return equalNumbers(a, b) }

func equalNumbers(a, b harness.Reply) bool {
	if a.Raw == b.Raw {
		return true
	}
	if a.Kind != b.Kind || len(a.Elems) != len(b.Elems) || a.Null != b.Null {
		return false
	}
	if len(a.Elems) > 0 {
		for i := range a.Elems {
			if !equalNumbers(a.Elems[i], b.Elems[i]) {
				return false
			}
		}
		return true
	}
	x, err1 := strconv.ParseFloat(a.Str, 64)
	y, err2 := strconv.ParseFloat(b.Str, 64)
	return (a.Kind == '$' || a.Kind == ',') && err1 == nil && err2 == nil && x == y && (len(b.Str) > 3 || x == 0)
}

// scannedScores is scanned for members with scores.
func scannedScores(args []string, a, b harness.Reply) bool {
	if len(a.Elems) != 2 || len(b.Elems) != 2 || a.Elems[1].Kind != b.Elems[1].Kind {
		return false
	}
	if len(args) < 3 || args[2] != "0" || a.Elems[0].Str != "0" || b.Elems[0].Str != "0" {
		return true
	}
	scores := map[string]harness.Reply{}
	for i := 0; i+1 < len(a.Elems[1].Elems); i += 2 {
		scores[a.Elems[1].Elems[i].Str] = a.Elems[1].Elems[i+1]
	}
	for i := 0; i+1 < len(b.Elems[1].Elems); i += 2 {
		if !equalNumbers(scores[b.Elems[1].Elems[i].Str], b.Elems[1].Elems[i+1]) {
			return false
		}
	}
	return len(a.Elems[1].Elems) == len(b.Elems[1].Elems)
}
