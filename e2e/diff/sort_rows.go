// SORT under comparison, in all the order that the original defines.

package diff

import (
	"slices"
	"strings"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// sortRows work on sets, sorted sets and lists, and on keys that elements lead to. What must not depend on the order of a hash table is compared to the byte.
var (
	sortKey     = one(setKey, setKey, word("q1", "q2"), word("l1", "l2", "l3"))
	sortBy      = opt("by", word("w*", "w*", "h*->f", "nosort", "#", "*", "w*->", "*w", "nosuch*", "->*"))
	sortGet     = opt("get", word("#", "w*", "h*->f", "h*->g", "k1", "*", "w*->", "h*->"))
	sortLimit   = opt("limit", one(word("0", "1", "-1", "2"), number), one(word("0", "1", "-1", "5", "100"), number))
	sortOrder   = some(word("asc", "desc", "ALPHA", "alpha"))
	sortStore   = opt("store", word("sr1", "sr2")) // which nobody reads: the original's order is another where texts have a NUL
	sortKeep    = opt("store", word("l1", "l2"))
	sortWeighed = one(weighed("w*"), weighed("h*->f")) // what they went by, beside the elements
	sortTarget  = word("w1", "w2", "w3", "w-5", "wa", "wb", "wfoo", "w32767")
)

var sortRows = []row{
	{name: "sort", tame: true, weight: 3, args: seq(sortKey, sortOrder, some(sortLimit, sortGet)), same: inSortOrder, why: sortWhy},
	{name: "sort", tame: true, weight: 3, args: seq(sortKey, lit("alpha"), some(sortLimit, sortGet, lit("desc"))), same: inSortOrder, why: sortWhy},
	{name: "sort", tame: true, weight: 3, args: seq(sortKey, sortBy, sortOrder, rep(0, 2, sortGet)), same: inSortOrder, why: sortWhy},
	{name: "sort", tame: true, weight: 2, args: seq(sortKey, sortOrder, rep(0, 2, one(sortBy, sortGet, sortLimit, lit("foo")))), same: inSortOrder, why: sortWhy},
	{name: "sort_ro", tame: true, weight: 3, args: seq(sortKey, sortOrder, some(sortLimit, sortGet, sortStore)), same: inSortOrder, why: sortWhy},
	{name: "sort", tame: true, weight: 3, args: seq(sortKey, lit("alpha"), some(sortLimit, sortGet), sortStore)},
	{name: "sort", tame: true, weight: 2, args: seq(word("l1", "l2", "l3", "q1", "q2"), lit("by", "nosort"), some(sortOrder, sortLimit, sortGet, sortKeep))},
	{name: "sort", tame: true, weight: 2, args: seq(sortKey, sortWeighed), same: inSortOrder, why: sortWhy},
	{name: "rpush", args: seq(word("l1", "l2", "l3"), rep(1, 6, one(setInt, setInt, member)))},
	{name: "rpush", args: seq(word("l1", "l2"), manyInts)},
	{name: "lrange", weight: 2, args: seq(word("l1", "l2"), lit("0", "-1"))},
	{name: "object encoding", args: seq(word("l1", "l2"))},
	{name: "zadd", args: seq(word("q1", "q2"), rep(1, 4, seq(number, member)))},
	{name: "set", weight: 2, args: seq(sortTarget, value)},
	{name: "hset", weight: 2, args: seq(word("h1", "h2", "h3", "ha", "hfoo"), word("f", "g"), value)},
}

// weighed sorts texts by a pattern and asks for the element and the weight.
func weighed(pattern string) gen {
	return seq(lit("alpha", "by", pattern), some(sortLimit, lit("desc")), lit("get", "#", "get", pattern))
}

const sortWhy = "it compares texts up to a NUL; equal weights, and sets that are not sorted, go by the order of the hash table"

// inSortOrder asks for all that the original defines. Numbers are in a total order, as equal ones go by their texts, and so are texts without a NUL, and
// elements of lists and sorted sets that are not sorted: there the bytes must be equal. A NUL ends a text that is compared, and texts by weights that are
// equal may come in any order.
func inSortOrder(args []string, a, b harness.Reply) bool {
	if a.Kind != b.Kind || len(a.Elems) != len(b.Elems) || len(args) < 2 {
		return false
	}
	o := sortOptionsOf(args[2:])
	switch ordered := slices.Contains([]string{"q1", "q2", "l1", "l2", "l3"}, args[1]); {
	case o.asIs && ordered, !o.asIs && !o.alpha:
		return false
	case o.asIs, o.by != "" && len(o.gets) != 2:
		return o.limit || sorted(args, a, b)
	case o.by != "":
		if o.gets[0] != "#" || o.gets[1] != o.by {
			return o.limit || sorted(args, a, b)
		}
		return sameToNUL(a, b, 1, 2) && (o.limit || sorted(args, a, b))
	case slices.Contains(setNames, args[1]): // no NUL gets there
		return false
	case len(o.gets) > 0:
		return o.limit || sorted(args, a, b)
	}
	return sameToNUL(a, b, 0, 1)
}

// sameToNUL wants every step-th element the same up to its first NUL.
func sameToNUL(a, b harness.Reply, from, step int) bool {
	for i := from; i < len(a.Elems); i += step {
		x, _, _ := strings.Cut(a.Elems[i].Str, "\x00")
		y, _, _ := strings.Cut(b.Elems[i].Str, "\x00")
		if x != y || a.Elems[i].Null != b.Elems[i].Null {
			return false
		}
	}
	return true
}

// sortOptions are what the words of a SORT say of its order.
type sortOptions struct {
	alpha, asIs, limit bool
	by                 string
	gets               []string
}

func sortOptionsOf(words []string) (o sortOptions) {
	for i := 0; i < len(words); i++ {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch strings.ToLower(words[i]) {
		case "alpha":
			o.alpha = true
		case "limit":
			o.limit = true
			i += 2
		case "by":
			o.by = next
			o.asIs = o.asIs || !strings.Contains(next, "*")
			i++
		case "get":
			o.gets = append(o.gets, next)
			i++
		case "store":
			i++
		}
	}
	return o
}
