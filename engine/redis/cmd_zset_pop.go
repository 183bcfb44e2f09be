// Sorted sets: taking members from the ends, members by chance, scanning.

package redis

import (
	"math/rand/v2"
	"strconv"

	"github.com/cachesrv/cachesrv/engine/redis/resp"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func zpopCommands() []*command {
	const cost = "O(M log N) for M of N members"
	return []*command{
		{name: "zmpop", arity: -4, flags: write, cats: catSortedSet, keys: countedAt(1, rw|reads|deletes), run: cmdZMPOP,
			group: "sorted-set", since: "7.0.0", syntax: `numkeys:int key:key0... where:<MIN | MAX> ["COUNT" count:int]`,
			cost: "O(K + M log N) for M of N members and K keys", sum: "Removes the members at one end of the first sorted set that there is."},
		{name: "zpopmax", arity: -2, flags: write | fast, cats: catSortedSet, keys: oneKey(rw | reads | deletes), run: cmdZPOPMAX,
			group: "sorted-set", since: "5.0.0", syntax: "key:key0 [count:int]", cost: cost, sum: "Removes the members with the highest scores."},
		{name: "zpopmin", arity: -2, flags: write | fast, cats: catSortedSet, keys: oneKey(rw | reads | deletes), run: cmdZPOPMIN,
			group: "sorted-set", since: "5.0.0", syntax: "key:key0 [count:int]", cost: cost, sum: "Removes the members with the lowest scores."},
		{name: "zrandmember", arity: -2, flags: readonly, cats: catSortedSet, keys: oneKey(ro | reads), run: cmdZRANDMEMBER, tips: []string{"nondeterministic_output"},
			group: "sorted-set", since: "6.2.0", syntax: "key:key0 [options:{count:int [WITHSCORES]}]", cost: "O(N), N being the number of members returned",
			sum: "Reads members by chance."},
		{name: "zscan", arity: -3, flags: readonly, cats: catSortedSet, keys: oneKey(ro | reads), run: cmdZSCAN, tips: []string{"nondeterministic_output"},
			group: "sorted-set", since: "2.8.0", syntax: `key:key0 cursor:int ["MATCH" pattern:pattern] ["COUNT" count:int]`,
			cost: "O(1) a call, O(N) for the N members in all", sum: "Walks over the members, a few at each call."},
	}
}

// ZPOPMIN key [count]
func cmdZPOPMIN(c *client) error { return zpop(c, false) }

// ZPOPMAX key [count]
func cmdZPOPMAX(c *client) error { return zpop(c, true) }

func zpop(c *client, highest bool) error {
	count, given := int64(1), len(c.args) > 2
	if len(c.args) > 3 {
		return errSyntax
	}
	if given {
		n, ok := resp.ParseInt(c.args[2])
		if !ok || n < 0 {
			return errPositive
		}
		count = n
	}
	z, err := c.findSorted(0)
	if err != nil {
		return err
	}
	return c.popEnd(0, &z, highest, count, given && c.v3)
}

// popEnd replies the first or last members of the k-th key's set and removes them.
func (c *client) popEnd(k int, z *value.SortedSet, highest bool, count int64, nested bool) error {
	size := z.Len()
	n := int(min(count, int64(size)))
	s := value.Span{From: 0, To: n}
	w := z.From(0, false)
	if highest {
		s = value.Span{From: size - n, To: size}
		w = z.From(size-1, true)
	}
	c.scored(&w, n, true, nested)
	return c.popSpan(k, z, highest, s)
}

// popSpan removes members of the k-th key's set that have been replied, those at one end.
func (c *client) popSpan(k int, z *value.SortedSet, highest bool, s value.Span) error {
	if _, err := z.RemoveSpan(s); err != nil {
		return storeError(err)
	}
	z.Finish()
	if n := s.To - s.From; n > 0 {
		c.changed(n)
		event := "zpopmin"
		if highest {
			event = "zpopmax"
		}
		c.shrunk(classSorted, event, c.keys[k])
	}
	return nil
}

// ZMPOP numkeys key [key …] MIN|MAX [COUNT count]
func cmdZMPOP(c *client) error {
	found, err := c.zmpop(1)
	if err == nil && !found {
		c.nullArray()
	}
	return err
}

// zmpop reads the arguments from the number of keys on, which is argument at, and replies what there is.
func (c *client) zmpop(at int) (found bool, err error) {
	n, ok := resp.ParseInt(c.args[at])
	switch {
	case !ok || n < 1:
		return false, errNumKeys
	case n > int64(len(c.args)-at-2):
		return false, errSyntax
	}
	count, counted, highest := int64(1), false, false
	s := scanner{args: c.args[at+1+int(n):]}
	switch {
	case s.word("min"):
	case s.word("max"):
		highest = true
	default:
		return false, errSyntax
	}
	for s.more() {
		v, ok := s.option("count")
		if !ok || counted {
			return false, errSyntax
		}
		if count, ok = resp.ParseInt(v); !ok || count < 1 {
			return false, errCountPositive
		}
		counted = true
	}
	for i := range c.keys {
		z, err := c.findSorted(i)
		if err != nil {
			return false, err
		}
		if !z.Ok() {
			continue
		}
		c.array(2)
		c.bulk(c.keys[i].Name)
		return true, c.mpopped(i, &z, highest, count)
	}
	return false, nil
}

// zpopWord is the command that takes from one end of a sorted set.
func zpopWord(highest bool) []byte {
	if highest {
		return []byte("ZPOPMAX")
	}
	return []byte("ZPOPMIN")
}

// mpopped pops from the i-th key. For the journal it is the command that names only this key.
func (c *client) mpopped(i int, z *value.SortedSet, highest bool, count int64) error {
	if c.tx.Journalling() {
		c.record(zpopWord(highest), c.keys[i].Name, strconv.AppendInt(nil, min(count, int64(z.Len())), 10))
	}
	return c.popEnd(i, z, highest, count, true)
}

// ZRANDMEMBER key [count [WITHSCORES]]
func cmdZRANDMEMBER(c *client) error {
	if len(c.args) == 2 {
		z, err := c.readSorted(0)
		switch {
		case err != nil:
			return err
		case !z.Ok():
			c.null()
		default:
			w := z.From(rand.IntN(z.Len()), false)
			e, _ := w.Next()
			c.elem(e)
		}
		return nil
	}
	count, err := integer(c.args[2])
	const least = -1 << 63
	switch {
	case err != nil:
		return err
	case count == least:
		return errRange64
	case len(c.args) > 4 || len(c.args) == 4 && !equalFold(c.args[3], "withscores"):
		return errSyntax
	}
	withScores := len(c.args) == 4
	if withScores && (count < least/2 || count > -(least/2+1)) {
		return errOutOfRange
	}
	z, err := c.readSorted(0)
	if err != nil {
		return err
	}
	switch size := int64(z.Len()); {
	case size == 0 || count == 0:
		c.array(0)
	case count < 0:
		return c.randomAgain(&z, -count, withScores)
	case count >= size:
		w := z.From(0, false)
		c.scored(&w, int(size), withScores, withScores && c.v3)
	case count > size/3:
		c.randomMost(&z, int(count), withScores)
	default:
		c.randomFew(&z, int(count), withScores)
	}
	return nil
}

// scoredHead begins a reply of n members; scoredOne is one of them, at a rank.
func (c *client) scoredHead(n int, withScores bool) {
	if withScores && !c.v3 {
		n *= 2
	}
	c.array(n)
}

func (c *client) scoredOne(z *value.SortedSet, rank int, withScores bool) {
	w := z.From(rank, false)
	e, _ := w.Next()
	if withScores && c.v3 {
		c.array(2)
	}
	c.elem(e)
	if withScores {
		c.double(w.Score())
	}
}

// randomAgain replies members of which each may come again. How many is for the client to say, but not to what length of a reply.
func (c *client) randomAgain(z *value.SortedSet, count int64, withScores bool) error {
	if count > int64(c.e.maxReply/leastReply) {
		return errOutOfRange
	}
	c.scoredHead(int(count), withScores)
	for range count {
		c.scoredOne(z, rand.IntN(z.Len()), withScores)
		if len(c.w.Out) > c.e.maxReply {
			return errOutOfRange
		}
	}
	return nil
}

// randomFew replies different members, few of those that there are.
func (c *client) randomFew(z *value.SortedSet, count int, withScores bool) {
	c.scoredHead(count, withScores)
	seen := make(map[int]struct{}, count)
	for len(seen) < count {
		rank := rand.IntN(z.Len())
		if _, again := seen[rank]; !again {
			seen[rank] = struct{}{}
			c.scoredOne(z, rank, withScores)
		}
	}
}

// randomMost replies different members in order, each of those left with the same chance.
func (c *client) randomMost(z *value.SortedSet, count int, withScores bool) {
	c.scoredHead(count, withScores)
	for rank, left := 0, z.Len(); count > 0; rank, left = rank+1, left-1 {
		if rand.IntN(left) < count {
			c.scoredOne(z, rank, withScores)
			count--
		}
	}
}

// ZSCAN key cursor [MATCH pattern] [COUNT count]
func cmdZSCAN(c *client) error {
	cursor, ok := scanCursor(c.args[2])
	if !ok {
		return errCursor
	}
	z, err := c.readSorted(0)
	if err != nil {
		return err
	}
	if !z.Ok() {
		c.array(2)
		c.bulkString("0")
		c.array(0)
		return nil
	}
	o := scanOptions{count: 10}
	s := scanner{args: c.args[3:]}
	for s.more() {
		if !o.option(&s) {
			s.fail(errSyntax)
		}
	}
	if s.err != nil {
		return s.err
	}
	n, pairs := 0, c.w.Scratch[:0]
	cursor = z.Scan(cursor, o.count, func(member, score []byte) {
		if o.matches(member) {
			n += 2
			pairs = resp.AppendBulk(resp.AppendBulk(pairs, member), score)
		}
	})
	c.array(2)
	c.bulkString(strconv.FormatUint(cursor, 10))
	c.array(n)
	c.w.Out = append(c.w.Out, pairs...)
	c.keepScratch(pairs)
	return nil
}
