// Ranges of sorted sets: by rank, by score, by name; read, counted, stored, removed.

package redis

import (
	"bytes"

	"github.com/cachesrv/cachesrv/engine/redis/resp"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func zrangeCommands() []*command {
	const (
		group   = "sorted-set"
		cost    = "O(log N + M), N being the number of members and M of those returned"
		removal = "O(log N + M), N being the number of members and M of those removed"
		limit   = `["LIMIT" offset_count:{offset:int count:int}]`
	)
	return []*command{
		{name: "zcount", arity: 4, flags: readonly | fast, cats: catSortedSet, keys: oneKey(ro | reads), run: cmdZCOUNT,
			group: group, since: "2.0.0", syntax: "key:key0 min:double max:double", cost: "O(log N), N being the number of members", sum: "Counts the members with scores in a range."},
		{name: "zlexcount", arity: 4, flags: readonly | fast, cats: catSortedSet, keys: oneKey(ro | reads), run: cmdZLEXCOUNT,
			group: group, since: "2.8.9", syntax: "key:key0 min max", cost: "O(log N), N being the number of members", sum: "Counts the members with names in a range."},
		{name: "zrange", arity: -4, flags: readonly, cats: catSortedSet, keys: oneKey(ro | reads), run: cmdZRANGE,
			group: group, since: "1.2.0", cost: cost, past: []change{{"6.2.0", "`REV`, `BYSCORE`, `BYLEX` and `LIMIT`."}},
			syntax: `key:key0 start stop [sortby:<BYSCORE | BYLEX>]^6.2.0 [REV]^6.2.0 ["LIMIT" offset_count:{offset:int count:int}]^6.2.0 [WITHSCORES]`,
			sum:    "Reads the members of a range."},
		{name: "zrangebylex", arity: -4, flags: readonly, cats: catSortedSet, keys: oneKey(ro | reads), run: cmdZRANGEBYLEX,
			group: group, since: "2.8.9", syntax: "key:key0 min max " + limit, cost: cost, gone: deprecation{"6.2.0", "`ZRANGE` with the `BYLEX` argument"},
			sum: "Reads the members with names in a range."},
		{name: "zrangebyscore", arity: -4, flags: readonly, cats: catSortedSet, keys: oneKey(ro | reads), run: cmdZRANGEBYSCORE,
			group: group, since: "1.0.5", syntax: "key:key0 min:double max:double [WITHSCORES]^2.0.0 " + limit, cost: cost,
			past: []change{{"2.0.0", "`WITHSCORES`."}}, gone: deprecation{"6.2.0", "`ZRANGE` with the `BYSCORE` argument"},
			sum: "Reads the members with scores in a range."},
		{name: "zrangestore", arity: -5, flags: write | denyoom, cats: catSortedSet, keys: fromTo(ow|updates, ro|reads), run: cmdZRANGESTORE,
			group: group, since: "6.2.0", syntax: "dst:key0 src:key1 min max [sortby:<BYSCORE | BYLEX>] [REV] " + limit,
			cost: "O(log N + M), N being the number of members and M of those stored", sum: "Stores the members of a range as another sorted set."},
		{name: "zremrangebylex", arity: 4, flags: write, cats: catSortedSet, keys: oneKey(rw | deletes), run: cmdZREMRANGEBYLEX,
			group: group, since: "2.8.9", syntax: "key:key0 min max", cost: removal, sum: "Removes the members with names in a range."},
		{name: "zremrangebyrank", arity: 4, flags: write, cats: catSortedSet, keys: oneKey(rw | deletes), run: cmdZREMRANGEBYRANK,
			group: group, since: "2.0.0", syntax: "key:key0 start:int stop:int", cost: removal, sum: "Removes the members with ranks in a range."},
		{name: "zremrangebyscore", arity: 4, flags: write, cats: catSortedSet, keys: oneKey(rw | deletes), run: cmdZREMRANGEBYSCORE,
			group: group, since: "1.2.0", syntax: "key:key0 min:double max:double", cost: removal, sum: "Removes the members with scores in a range."},
		{name: "zrevrange", arity: -4, flags: readonly, cats: catSortedSet, keys: oneKey(ro | reads), run: cmdZREVRANGE,
			group: group, since: "1.2.0", syntax: "key:key0 start:int stop:int [WITHSCORES]", cost: cost, gone: deprecation{"6.2.0", "`ZRANGE` with the `REV` argument"},
			sum: "Reads the members of a range of ranks from the end."},
		{name: "zrevrangebylex", arity: -4, flags: readonly, cats: catSortedSet, keys: oneKey(ro | reads), run: cmdZREVRANGEBYLEX,
			group: group, since: "2.8.9", syntax: "key:key0 max min " + limit, cost: cost, gone: deprecation{"6.2.0", "`ZRANGE` with the `REV` and `BYLEX` arguments"},
			sum: "Reads the members with names in a range, last first."},
		{name: "zrevrangebyscore", arity: -4, flags: readonly, cats: catSortedSet, keys: oneKey(ro | reads), run: cmdZREVRANGEBYSCORE,
			group: group, since: "2.2.0", syntax: "key:key0 max:double min:double [WITHSCORES] " + limit, cost: cost,
			past: []change{{"2.1.6", "Ends that are left out."}}, gone: deprecation{"6.2.0", "`ZRANGE` with the `REV` and `BYSCORE` arguments"},
			sum: "Reads the members with scores in a range, last first."},
	}
}

// rangeKind is what a range is of.
type rangeKind uint8

const (
	anyRange rangeKind = iota // the options will tell; ranks if they do not
	ofRanks
	ofScores
	ofNames
)

// rangeQuery is a range command's arguments.
type rangeQuery struct {
	kind       rangeKind
	reverse    bool
	fixed      bool // the command's name tells the direction
	storing    bool
	withScores bool

	offset, limit int64 // a limit below 0 is none
	start, stop   int64
	scores        value.ScoreRange
	names         value.NameRange
}

// parse reads min, max and the options behind them, in the order in which errors come.
func (q *rangeQuery) parse(args [][]byte) error {
	q.limit = -1
	s := scanner{args: args[2:]}
	for s.more() {
		switch {
		case !q.storing && s.word("withscores"):
			q.withScores = true
		case len(s.args) > 2 && s.word("limit"):
			q.offset = s.integer(s.args[0], errNotInt)
			q.limit = s.integer(s.args[1], errNotInt)
			s.args = s.args[2:]
		case !q.fixed && !q.reverse && s.word("rev"):
			q.reverse = true
		case q.kind == anyRange && s.word("bylex"):
			q.kind = ofNames
		case q.kind == anyRange && s.word("byscore"):
			q.kind = ofScores
		default:
			s.fail(errSyntax)
		}
	}
	switch {
	case s.err != nil:
		return s.err
	case q.kind <= ofRanks && q.limit != -1:
		return errLimitRank
	case q.kind == ofNames && q.withScores:
		return errScoresLex
	}
	return q.parseEnds(args[0], args[1])
}

func (q *rangeQuery) parseEnds(low, high []byte) (err error) {
	if q.reverse && q.kind > ofRanks {
		low, high = high, low
	}
	switch q.kind {
	case ofScores:
		q.scores, err = scoreRange(low, high)
	case ofNames:
		q.names, err = nameRange(low, high)
	default:
		if q.start, err = integer(low); err == nil {
			q.stop, err = integer(high)
		}
	}
	return err
}

func scoreRange(low, high []byte) (r value.ScoreRange, err error) {
	var ok1, ok2 bool
	r.Min, r.MinEx, ok1 = scoreEnd(low)
	r.Max, r.MaxEx, ok2 = scoreEnd(high)
	if !ok1 || !ok2 {
		err = errNotScores
	}
	return r, err
}

func scoreEnd(b []byte) (f float64, ex, ok bool) {
	if len(b) > 0 && b[0] == '(' {
		b, ex = b[1:], true
	}
	f, ok = resp.ParseBound(b)
	return f, ex, ok
}

func nameRange(low, high []byte) (r value.NameRange, err error) {
	if !nameEnd(&r.Min, low) || !nameEnd(&r.Max, high) {
		err = errNotNames
	}
	return r, err
}

func nameEnd(e *value.NameEnd, b []byte) bool {
	if len(b) == 0 {
		return false
	}
	switch b[0] {
	case '[', '(':
		e.Name, e.Ex = b[1:], b[0] == '('
		return true
	case '+', '-':
		e.Most, e.Least = b[0] == '+', b[0] == '-'
		return len(b) == 1 || b[1] == 0 // a text of C ends at its NUL
	}
	return false
}

// empty tells that a range of names has its ends the wrong way round.
func emptyNames(r *value.NameRange) bool {
	switch {
	case r.Min.Least || r.Max.Most:
		return r.Min.Least && r.Max.Least || r.Min.Most && r.Max.Most
	case r.Min.Most || r.Max.Least:
		return true
	}
	d := bytes.Compare(r.Min.Name, r.Max.Name)
	return d > 0 || d == 0 && (r.Min.Ex || r.Max.Ex)
}

// rankSpan is the span of start…stop, each counted from the end if negative.
func rankSpan(start, stop int64, n int) value.Span {
	if start < 0 {
		start = max(0, start+int64(n))
	}
	if stop < 0 {
		stop += int64(n)
	}
	if stop = min(stop, int64(n)-1); start > stop {
		return value.Span{}
	}
	return value.Span{From: int(start), To: int(stop) + 1}
}

// span is the part of a set that the query asks for.
func (q *rangeQuery) span(z *value.SortedSet) (s value.Span) {
	switch q.kind {
	case ofScores:
		s = z.ScoreSpan(&q.scores)
	case ofNames:
		if !emptyNames(&q.names) {
			s = z.NameSpan(&q.names, q.reverse)
		}
	default:
		n := z.Len()
		if s = rankSpan(q.start, q.stop, n); q.reverse && s.Len() > 0 {
			s = value.Span{From: n - s.To, To: n - s.From}
		}
		return s
	}
	n := int64(s.Len())
	if q.offset < 0 || q.offset >= n {
		return value.Span{}
	}
	left := n - q.offset
	if q.limit >= 0 {
		left = min(left, q.limit)
	}
	if q.reverse {
		s.To -= int(q.offset)
		s.From = s.To - int(left)
	} else {
		s.From += int(q.offset)
		s.To = s.From + int(left)
	}
	return s
}

// walk begins at the first member that the query asks for.
func (q *rangeQuery) walk(z *value.SortedSet, s value.Span) value.Scores {
	if q.reverse {
		return z.From(s.To-1, true)
	}
	return z.From(s.From, false)
}

// ZRANGE key start stop [BYSCORE|BYLEX] [REV] [LIMIT offset count] [WITHSCORES]
func cmdZRANGE(c *client) error { return zrange(c, rangeQuery{}) }

// ZREVRANGE key start stop [WITHSCORES]
func cmdZREVRANGE(c *client) error {
	return zrange(c, rangeQuery{kind: ofRanks, reverse: true, fixed: true})
}

// ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]
func cmdZRANGEBYSCORE(c *client) error { return zrange(c, rangeQuery{kind: ofScores, fixed: true}) }

// ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]
func cmdZREVRANGEBYSCORE(c *client) error {
	return zrange(c, rangeQuery{kind: ofScores, reverse: true, fixed: true})
}

// ZRANGEBYLEX key min max [LIMIT offset count]
func cmdZRANGEBYLEX(c *client) error { return zrange(c, rangeQuery{kind: ofNames, fixed: true}) }

// ZREVRANGEBYLEX key max min [LIMIT offset count]
func cmdZREVRANGEBYLEX(c *client) error {
	return zrange(c, rangeQuery{kind: ofNames, reverse: true, fixed: true})
}

func zrange(c *client, q rangeQuery) error {
	if err := q.parse(c.args[2:]); err != nil {
		return err
	}
	z, err := c.readSorted(0)
	if err != nil {
		return err
	}
	s := q.span(&z)
	w := q.walk(&z, s)
	c.scored(&w, s.Len(), q.withScores, q.withScores && c.v3)
	return nil
}

// scored replies n members of a walk; with scores in one row, or nested in pairs.
func (c *client) scored(w *value.Scores, n int, withScores, nested bool) {
	if withScores && !nested {
		c.array(2 * n)
	} else {
		c.array(n)
	}
	for range n {
		e, _ := w.Next()
		if nested {
			c.array(2)
		}
		c.elem(e)
		if withScores {
			c.double(w.Score())
		}
	}
}

// ZRANGESTORE dst src min max [BYSCORE|BYLEX] [REV] [LIMIT offset count]
func cmdZRANGESTORE(c *client) error {
	q := rangeQuery{storing: true}
	if err := q.parse(c.args[3:]); err != nil {
		return err
	}
	z, err := c.readSorted(1)
	if err != nil {
		return err
	}
	s := q.span(&z)
	if c.limited() {
		need := int64((sortedEach + sortEach) * s.Len())
		w := q.walk(&z, s)
		for range s.Len() {
			e, _ := w.Next()
			need += int64(e.Len())
		}
		if err := c.room(need); err != nil {
			return err
		}
	}
	w := q.walk(&z, s)
	d, ok := z.Draft()
	for i := 0; ok && i < s.Len(); i++ {
		e, _ := w.Next()
		var digits [32]byte
		name := e.Text
		if e.IsNum() {
			name = e.Append(digits[:0])
		}
		ok = d.Insert(c.tx.Hash(name), name, w.Score())
	}
	return c.storeDraft(&d, ok)
}

// ZCOUNT key min max
func cmdZCOUNT(c *client) error {
	return zcount(c, rangeQuery{kind: ofScores})
}

// ZLEXCOUNT key min max
func cmdZLEXCOUNT(c *client) error {
	return zcount(c, rangeQuery{kind: ofNames})
}

func zcount(c *client, q rangeQuery) error {
	if err := q.parse(c.args[2:4]); err != nil {
		return err
	}
	z, err := c.readSorted(0)
	if err != nil {
		return err
	}
	c.integer(int64(q.span(&z).Len()))
	return nil
}

// ZREMRANGEBYRANK key start stop
func cmdZREMRANGEBYRANK(c *client) error { return zremrange(c, rangeQuery{kind: ofRanks}) }

// ZREMRANGEBYSCORE key min max
func cmdZREMRANGEBYSCORE(c *client) error { return zremrange(c, rangeQuery{kind: ofScores}) }

// ZREMRANGEBYLEX key min max
func cmdZREMRANGEBYLEX(c *client) error { return zremrange(c, rangeQuery{kind: ofNames}) }

func zremrange(c *client, q rangeQuery) error {
	if err := q.parse(c.args[2:4]); err != nil {
		return err
	}
	z, err := c.findSorted(0)
	if err != nil {
		return err
	}
	n, err := z.RemoveSpan(q.span(&z))
	if err != nil {
		return storeError(err)
	}
	z.Finish()
	if n > 0 {
		c.changed(n)
		c.shrunk(classSorted, c.cmd.name, c.keys[0])
	}
	c.integer(int64(n))
	return nil
}
