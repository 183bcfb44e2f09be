// The stream commands under comparison. Ids are given, as the two servers' clocks differ, and go up with every command.

package diff

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// streamKey is one of few streams, now and then whatever else there is.
func streamKey(s *source) []string {
	if s.chance(25) {
		return key(s)
	}
	return word("x1", "x2", "x3", "x4")(s)
}

// newID goes up; nearID is around those of the last commands.
func newID(s *source) []string {
	s.lifetimes++
	ms := strconv.Itoa(1000 + s.lifetimes/3)
	switch s.IntN(12) {
	case 0:
		return []string{ms + "-*"}
	case 1:
		return []string{ms}
	case 2:
		return nearID(s)
	case 3:
		return oddID(s)
	}
	return []string{ms + "-" + strconv.Itoa(s.lifetimes%3+1)}
}

// freshID is greater than all before: 7.0 takes smaller ones where 7.2 does not, and the two would go on differently.
func freshID(s *source) []string {
	s.lifetimes++
	return []string{strconv.Itoa(1000+s.lifetimes/3) + "-9"}
}

func nearID(s *source) []string {
	n := max(0, s.lifetimes-s.IntN(1+s.IntN(600)))
	return []string{strconv.Itoa(1000+n/3) + "-" + strconv.Itoa(n%3+1)}
}

// oddID is what breaks parsers of ids, none of it so great that nothing could follow.
var oddID = word("", "-", "+", "$", ">", "0", "0-0", "0-1", "0-*", "5-", "-5", "5--5", "5-+1", "+5-1", " 5-1", "5- 1", "05-01", "1-1-1", "1-1 ", "a-1", "1-a", "(5-1", "(0-0", "(", "5-18446744073709551616", "18446744073709551616-1",
	"5\x00-1", "5-1\x00x", "5-**", "-0", "0--0", strings.Repeat("0", 126)+"7", strings.Repeat("0", 127)+"7", "\t7-7")

// knownID is one that a command may name, bound an end of a range.
func knownID(s *source) []string {
	if s.chance(14) {
		return one(oddID, lit("18446744073709551615-18446744073709551615"))(s)
	}
	return nearID(s)
}

func bound(s *source) []string {
	switch s.IntN(8) {
	case 0, 1:
		return []string{"-"}
	case 2, 3:
		return []string{"+"}
	case 4:
		return []string{"(" + knownID(s)[0]}
	case 5:
		return one(oddID, lit("(18446744073709551615-18446744073709551615"), lit("(-"), lit("(+"))(s)
	}
	return knownID(s)
}

var (
	streamField = seq(word("f", "temperature", "1", "-5", "name"), value)
	streamAdd   = one(seq(lit("f"), value), seq(lit("f"), value), seq(lit("f"), value, lit("g"), value), rep(1, 12, streamField))
	about       = one(lit(), word("~", "="), word("~", "=", ""))
	length      = one(word("0", "1", "5", "20", "50", "150"), number)
	trimming    = one(
		seq(opt("maxlen"), about, length), seq(opt("minid"), about, knownID),
		seq(opt("maxlen", lit("~")), length, opt("limit", one(word("0", "10", "100"), number))),
		seq(opt("minid", lit("~")), knownID, opt("limit", one(word("0", "10", "100"), number))),
		seq(opt("maxlen"), length, opt("limit", number)), opt("limit", number))
	streamGroup = word("g1", "g1", "g2", "g2", "nogroup", "", "g\x00x")
	consumer    = word("c1", "c2", "c3", "long\xff consumer", "")
	justCount   = opt("count", one(word("0", "1", "3", "10"), number))
	// Idle times are nothing or long: both servers see them the same.
	idle      = one(word("0", "-5", "5000000", "20000000"), one(lit("9223372036854775807"), word("", "a", "-9223372036854775808", "1.5", "9223372036854775808")))
	claimOpts = some(opt("idle", idle), opt("time", word("1000", "1000000000000", "-1", "x")), opt("retrycount", one(word("0", "3", "-2"), edge)), opt("force"), opt("justid"), opt("lastid", knownID), word("nosuch", "idle", ""))
)

var streamRows = []row{
	{name: "xadd", weight: 30, args: seq(streamKey, newID, streamAdd)},
	{name: "xadd", weight: 6, args: seq(streamKey, some(trimming, trimming, opt("nomkstream")), newID, streamAdd)},
	{name: "xlen", weight: 2, args: seq(streamKey)},
	{name: "xrange", weight: 5, args: seq(streamKey, bound, bound, maybe(justCount))},
	{name: "xrevrange", weight: 5, args: seq(streamKey, bound, bound, maybe(justCount))},
	{name: "xdel", weight: 6, args: seq(streamKey, rep(1, 6, knownID))},
	{name: "xtrim", weight: 3, args: seq(streamKey, one(trimming, trimming, seq(trimming, trimming), word("maxlen", "foo")))},
	{name: "xread", weight: 4, args: seq(maybe(justCount), lit("streams"), one(
		seq(streamKey, one(knownID, word("$", "0", ">", "-"))),
		seq(streamKey, streamKey, knownID, one(knownID, word("$", "0"))),
		seq(streamKey, streamKey, knownID), lit()))},
	{name: "xread", tame: true, args: seq(some(justCount, opt("block", word("x", "-1", "1.5", "9223372036854775808", "")), opt("noack"), opt("group", lit("g1", "c1")), word("foo", "block", "count")), lit("streams"), streamKey, word("0", "$"))},
	{name: "xgroup create", weight: 4, args: seq(streamKey, streamGroup, one(knownID, word("$", "0", "0-0", "-", "+")), some(opt("mkstream"), opt("entriesread", one(word("-1", "0", "5"), number)), word("foo", "entriesread")))},
	{name: "xgroup createconsumer", weight: 2, args: seq(streamKey, streamGroup, consumer), same: kindOnly, why: "7.2 makes consumers also where there was nothing to read"},
	{name: "xgroup delconsumer", weight: 1, args: seq(streamKey, streamGroup, consumer)},
	{name: "xgroup destroy", weight: 1, args: seq(streamKey, streamGroup)},
	{name: "xgroup setid", weight: 2, args: seq(streamKey, streamGroup, one(knownID, word("$", "0", "-", "+")), some(opt("entriesread", one(word("-1", "0", "5"), number)), word("foo", "entriesread")))},
	{name: "xgroup", args: one(lit(), lit("help"), word("foo", "create", ""))},
	{name: "xreadgroup", weight: 14, args: seq(opt("group", word("g1", "g2", "g1", "nogroup"), consumer), some(justCount, opt("noack")), lit("streams"), one(
		seq(streamKey, word(">", ">", ">", "0")),
		seq(streamKey, one(knownID, word(">", "0", "$", "+"))),
		seq(streamKey, streamKey, word(">", "0"), word(">", "0")),
		seq(streamKey, streamKey, word(">"))))},
	{name: "xreadgroup", args: seq(one(lit(), opt("group", lit("g1", "c1"))), some(word("foo", "count", "noack"), opt("count", number)), lit("streams"), streamKey, lit(">"))},
	{name: "xack", weight: 5, args: seq(streamKey, streamGroup, rep(1, 5, knownID))},
	{name: "xpending", weight: 3, args: seq(streamKey, streamGroup)},
	{name: "xpending", weight: 4, args: seq(streamKey, streamGroup, maybe(opt("idle", idle)), bound, bound, one(word("0", "1", "10", "100"), number), maybe(consumer)), same: streamsAlike, why: "time passes"},
	{name: "xclaim", weight: 6, args: seq(streamKey, streamGroup, consumer, idle, rep(1, 4, knownID), claimOpts)},
	{name: "xautoclaim", weight: 4, args: seq(streamKey, streamGroup, consumer, idle, bound, some(justCount, opt("count", word("1", "2", "576460752303423488", "1152921504606846975")), opt("justid"), word("foo", "count")))},
	{name: "xinfo stream", weight: 4, args: seq(streamKey, one(lit(), opt("full"), opt("full", justCount), word("full", "foo", "count"))), same: streamsAlike, why: "times, and what 7.2 adds"},
	{name: "xinfo groups", weight: 3, args: seq(streamKey), same: streamsAlike, why: "what 7.2 adds"},
	{name: "xinfo consumers", weight: 3, args: seq(streamKey, streamGroup), same: streamsAlike, why: "times, and what 7.2 adds"},
	{name: "xinfo", args: one(lit(), lit("help"), word("foo", "stream", ""))},
	{name: "xsetid", weight: 2, tame: true, args: seq(streamKey, one(freshID, freshID, oddID), some(opt("entriesadded", one(word("500", "100000"), number)), opt("maxdeletedid", knownID), word("foo", "entriesadded")))},
	{name: "del", weight: 1, args: seq(streamKey)},
	{name: "object encoding", args: seq(streamKey)},
	{name: "copy", args: seq(streamKey, streamKey, lit("replace"))},
	{name: "type", args: seq(streamKey)},
}

// streamsAlike compares descriptions of streams without what cannot be the same: times, the shape of an index, consumers that have nothing.
func streamsAlike(_ []string, a, b harness.Reply) bool { return essence(a) == essence(b) }

func essence(v harness.Reply) string {
	if len(v.Elems) == 0 && (v.Null || v.Kind != '*' && v.Kind != '%') {
		return v.Raw
	}
	if idleConsumer(v) {
		return ""
	}
	var out []string
	for i := 0; i < len(v.Elems); i++ {
		e := v.Elems[i]
		switch {
		case slices.Contains([]string{"seen-time", "active-time", "idle", "inactive", "radix-tree-nodes"}, e.Str):
			i++ // with its value
		case e.Str == "consumers" && i+1 < len(v.Elems) && v.Elems[i+1].Kind == ':':
			i++
		case e.Kind == ':' && i > 0 && i == len(v.Elems)-2 && v.Elems[i+1].Kind == ':':
			// when a pending entry was handed out, or how long ago
		default:
			out = append(out, essence(e))
		}
	}
	return "[" + strings.Join(out, "") + "]"
}

// idleConsumer tells whether this describes a consumer with nothing pending.
func idleConsumer(v harness.Reply) bool {
	_, seen := v.Get("seen-time")
	_, idle := v.Get("idle")
	n, ok := v.Get("pel-count")
	if !ok {
		n, ok = v.Get("pending")
	}
	return (seen || idle) && ok && n.Str == "0"
}
