// Sorted sets: members with scores, one by one.

package redis

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func zsetCommands() []*command {
	many := []change{{"2.4.0", "Several members."}}
	rankPast := []change{{"7.2.0", "`WITHSCORE`."}}
	return []*command{
		{name: "zadd", arity: -4, flags: write | denyoom | fast, cats: catSortedSet, keys: oneKey(rw | updates), run: cmdZADD,
			past:  []change{{"2.4.0", "Several members."}, {"3.0.2", "`XX`, `NX`, `CH` and `INCR`."}, {"6.2.0", "`GT` and `LT`."}},
			group: "sorted-set", since: "1.2.0", cost: "O(log N) for each member, N being the number of members",
			syntax: `key:key0 [condition:<NX | XX>]^3.0.2 [comparison:<GT | LT>]^6.2.0 [change=CH]^3.0.2 [increment=INCR]^3.0.2 score_member:{score:double member}...`,
			sum:    "Adds members, or changes their scores."},
		{name: "zcard", arity: 2, flags: readonly | fast, cats: catSortedSet, keys: oneKey(ro), run: cmdZCARD,
			group: "sorted-set", since: "1.2.0", syntax: "key:key0", cost: "O(1)", sum: "Counts the members."},
		{name: "zincrby", arity: 4, flags: write | denyoom | fast, cats: catSortedSet, keys: oneKey(rw | reads | updates), run: cmdZINCRBY,
			group: "sorted-set", since: "1.2.0", syntax: "key:key0 increment:int member", cost: "O(log N), N being the number of members",
			sum: "Adds to a member's score."},
		{name: "zmscore", arity: -3, flags: readonly | fast, cats: catSortedSet, keys: oneKey(ro | reads), run: cmdZMSCORE,
			group: "sorted-set", since: "6.2.0", syntax: "key:key0 member...", cost: "O(N), N being the number of members asked for", sum: "Reads the scores of several members."},
		{name: "zrank", arity: -3, flags: readonly | fast, cats: catSortedSet, keys: oneKey(ro | reads), run: cmdZRANK, past: rankPast,
			group: "sorted-set", since: "2.0.0", syntax: "key:key0 member [WITHSCORE]", cost: "O(log N), N being the number of members", sum: "Tells how many members have a lower place."},
		{name: "zrem", arity: -3, flags: write | fast, cats: catSortedSet, keys: oneKey(rw | deletes), run: cmdZREM, past: many,
			group: "sorted-set", since: "1.2.0", syntax: "key:key0 member...", cost: "O(M log N) for M of N members", sum: "Removes members."},
		{name: "zrevrank", arity: -3, flags: readonly | fast, cats: catSortedSet, keys: oneKey(ro | reads), run: cmdZREVRANK, past: rankPast,
			group: "sorted-set", since: "2.0.0", syntax: "key:key0 member [WITHSCORE]", cost: "O(log N), N being the number of members", sum: "Tells how many members have a higher place."},
		{name: "zscore", arity: 3, flags: readonly | fast, cats: catSortedSet, keys: oneKey(ro | reads), run: cmdZSCORE,
			group: "sorted-set", since: "1.2.0", syntax: "key:key0 member", cost: "O(1)", sum: "Reads a member's score."},
	}
}

// readSorted opens the n-th key's sorted set for a command that reads; findSorted for one that will write, which counts as no hit or miss.
func (c *client) readSorted(n int) (value.SortedSet, error) { return c.openSorted(n, c.read(n)) }
func (c *client) findSorted(n int) (value.SortedSet, error) {
	return c.openSorted(n, c.tx.Read(c.db, c.keys[n]))
}

func (c *client) openSorted(n int, it core.Item) (value.SortedSet, error) {
	if it.Ok() && it.Type() != core.SortedSet {
		return value.SortedSet{}, errWrongType
	}
	return value.OpenSortedSet(value.At(c.tx, c.e.limits, c.db, c.keys[n], it)), nil
}

// float reads an argument as a double.
func float(b []byte, err error) (float64, error) {
	f, ok := resp.ParseFloat(b)
	if !ok {
		return 0, err
	}
	return f, nil
}

// ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member [score member …]
func cmdZADD(c *client) error { return zadd(c, 0) }

// ZINCRBY key increment member
func cmdZINCRBY(c *client) error { return zadd(c, value.Increment) }

func zadd(c *client, how value.Change) error {
	countChanged := false
	s := scanner{args: c.args[2:]}
	for options := true; options; {
		switch {
		case s.word("nx"):
			how |= value.IfNew
		case s.word("xx"):
			how |= value.IfThere
		case s.word("ch"):
			countChanged = true
		case s.word("incr"):
			how |= value.Increment
		case s.word("gt"):
			how |= value.IfGreater
		case s.word("lt"):
			how |= value.IfLess
		default:
			options = false
		}
	}
	if err := zaddClash(how, len(s.args)); err != nil {
		return err
	}
	first, err := float(s.args[0], errNotFloat)
	for i := 2; i < len(s.args) && err == nil; i += 2 {
		_, err = float(s.args[i], errNotFloat)
	}
	if err != nil {
		return err
	}
	z, err := c.findSorted(0)
	if err != nil {
		return err
	}
	if !z.Ok() && how&value.IfThere != 0 {
		if how&value.Increment != 0 {
			c.null()
		} else {
			c.integer(0)
		}
		return nil
	}
	if how&value.Increment != 0 {
		return c.zincr(&z, how, first, s.args[1])
	}
	added, updated, err := c.putScores(&z, how, first, s.args, 2, givenScore)
	return c.scoresPut(added, updated, countChanged, err)
}

// scoresPut tells what putScores has done, also of an error that came midway.
func (c *client) scoresPut(added, updated int, countChanged bool, err error) error {
	if n := added + updated; n > 0 {
		c.changed(n)
		c.event(classSorted, "zadd", c.keys[0])
	}
	if err != nil {
		return err
	}
	if countChanged {
		added += updated
	}
	c.integer(int64(added))
	return nil
}

// zaddClash finds what contradicts itself in a ZADD with so many words behind its options.
func zaddClash(how value.Change, words int) error {
	const nx, xx, gt, lt = value.IfNew, value.IfThere, value.IfGreater, value.IfLess
	switch {
	case words == 0 || words%2 != 0:
		return errSyntax
	case how&nx != 0 && how&xx != 0:
		return errZaddNXXX
	case how&gt != 0 && how&(nx|lt) != 0, how&lt != 0 && how&nx != 0:
		return errZaddGTLT
	case how&value.Increment != 0 && words > 2:
		return errZaddIncr
	}
	return nil
}

// zincr adds to one member's score and replies with it.
func (c *client) zincr(z *value.SortedSet, how value.Change, by float64, member []byte) error {
	if err := z.Expect(1, len(member)); err != nil {
		return storeError(err)
	}
	score, outcome, err := z.Put(member, by, how)
	z.Finish()
	switch {
	case err == value.ErrNaN:
		return errScoreNaN
	case err != nil:
		return storeError(err)
	case outcome == value.Refused:
		c.null()
		return nil
	case outcome != value.Same:
		c.changed(1)
		c.event(classSorted, "zincr", c.keys[0])
	}
	c.double(score)
	return nil
}

// putScores gives scores to members. Each stands behind what its score follows from, width words in all; first is the first score. When memory ends in
// between, the journal gets what was done.
func (c *client) putScores(z *value.SortedSet, how value.Change, first float64, words [][]byte, width int, scoreOf func(words [][]byte) float64) (added, updated int, err error) {
	if err = z.Expect(len(words)/width, len(words[width-1])); err != nil {
		return 0, 0, storeError(err)
	}
	score := first
	for i := 0; i < len(words); i += width {
		if i > 0 {
			score = scoreOf(words[i:])
		}
		var outcome value.Outcome
		if _, outcome, err = z.Put(words[i+width-1], score, how); err != nil {
			if c.tx.Journalling() {
				c.record(c.args[:len(c.args)-len(words)+i]...)
			}
			break
		}
		switch outcome {
		case value.Added:
			added++
		case value.Updated:
			updated++
		}
	}
	z.Finish()
	return added, updated, storeError(err)
}

// givenScore is a score that was checked before.
func givenScore(words [][]byte) float64 {
	score, _ := resp.ParseFloat(words[0])
	return score
}

// ZCARD key
func cmdZCARD(c *client) error {
	z, err := c.readSorted(0)
	if err != nil {
		return err
	}
	c.integer(int64(z.Len()))
	return nil
}

// ZSCORE key member
func cmdZSCORE(c *client) error {
	z, err := c.readSorted(0)
	if err != nil {
		return err
	}
	c.scoreOf(&z, c.args[2])
	return nil
}

// ZMSCORE key member [member …]
func cmdZMSCORE(c *client) error {
	z, err := c.readSorted(0)
	if err != nil {
		return err
	}
	c.array(len(c.args) - 2)
	for _, member := range c.args[2:] {
		c.scoreOf(&z, member)
	}
	return nil
}

func (c *client) scoreOf(z *value.SortedSet, member []byte) {
	if score, ok := z.Score(member); ok {
		c.double(score)
	} else {
		c.null()
	}
}

// ZREM key member [member …]
func cmdZREM(c *client) error {
	z, err := c.findSorted(0)
	if err != nil {
		return err
	}
	n := 0
	for _, member := range c.args[2:] {
		var ok bool
		if ok, err = z.Remove(member); err != nil || !z.Ok() && !ok {
			break
		}
		if ok {
			n++
		}
	}
	z.Finish()
	if n > 0 {
		c.changed(n)
		c.shrunk(classSorted, "zrem", c.keys[0])
	}
	c.integer(int64(n))
	return storeError(err)
}

// ZRANK key member [WITHSCORE]
func cmdZRANK(c *client) error { return zrank(c, false) }

// ZREVRANK key member [WITHSCORE]
func cmdZREVRANK(c *client) error { return zrank(c, true) }

func zrank(c *client, reverse bool) error {
	withScore := len(c.args) == 4
	switch {
	case len(c.args) > 4:
		return errArity(c.cmd)
	case withScore && !equalFold(c.args[3], "withscore"):
		return errSyntax
	}
	z, err := c.readSorted(0)
	if err != nil {
		return err
	}
	rank, score, ok := z.Rank(c.args[2])
	if reverse {
		rank = z.Len() - 1 - rank
	}
	switch {
	case !ok && withScore:
		c.nullArray()
	case !ok:
		c.null()
	case withScore:
		c.array(2)
		c.integer(int64(rank))
		c.double(score)
	default:
		c.integer(int64(rank))
	}
	return nil
}
