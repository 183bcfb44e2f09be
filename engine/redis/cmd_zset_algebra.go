// Unions, intersections and differences of sorted sets and sets.

package redis

import (
	"cmp"
	"slices"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/sorted"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func zalgebraCommands() []*command {
	const (
		options = ` ["WEIGHTS" weight:int...] ["AGGREGATE" aggregate:<SUM | MIN | MAX>]`
		union   = "O(N + M log M), N being the sum of the inputs' sizes and M the size of the result"
		inter   = "O(N K + M log M), N being the size of the smallest of K inputs and M the size of the result"
		diff    = "O(N K + M log M), N being the size of the first of K inputs and M the size of the result"
	)
	row := func(name string, arity int, since, syntax, cost, sum string, run func(*client) error) *command {
		cmd := &command{name: name, arity: arity, flags: readonly, cats: catSortedSet, keys: countedAt(1, ro|reads), run: run,
			group: "sorted-set", since: since, syntax: "numkeys:int key:key0..." + syntax, cost: cost, sum: sum}
		return cmd
	}
	store := func(name, since, syntax, cost, sum string, run func(*client) error) *command {
		return &command{name: name, arity: -4, flags: write | denyoom, cats: catSortedSet, keys: toCounted(ow|updates, ro|reads), run: run,
			group: "sorted-set", since: since, syntax: "destination:key0 numkeys:int key:key1..." + syntax, cost: cost, sum: sum}
	}
	return []*command{
		row("zdiff", -3, "6.2.0", " [WITHSCORES]", diff, "Reads the members of one sorted set that no other has.", cmdZDIFF),
		row("zinter", -3, "6.2.0", options+" [WITHSCORES]", inter, "Reads the members that all of several sorted sets have.", cmdZINTER),
		row("zintercard", -3, "7.0.0", ` ["LIMIT" limit:int]`, "O(N K), N being the size of the smallest of K inputs", "Counts the members that all of several sorted sets have.", cmdZINTERCARD),
		row("zunion", -3, "6.2.0", options+" [WITHSCORES]", union, "Reads the members that any of several sorted sets has.", cmdZUNION),
		store("zdiffstore", "6.2.0", "", diff, "Stores the members of one sorted set that no other has.", cmdZDIFFSTORE),
		store("zinterstore", "2.0.0", options, inter, "Stores the members that all of several sorted sets have.", cmdZINTERSTORE),
		store("zunionstore", "2.0.0", options, union, "Stores the members that any of several sorted sets has.", cmdZUNIONSTORE),
	}
}

// operation is what is done with several inputs.
type operation uint8

const (
	unite operation = iota
	intersect
	subtract
	countCommon
)

// aggregation is how the scores of one member become one.
type aggregation uint8

const (
	sumScores aggregation = iota
	minScore
	maxScore
)

// join adds the score of another input. A sum of opposite infinities is 0.
func (a aggregation) join(score, more float64) float64 {
	switch {
	case a == sumScores:
		return orZero(score + more)
	case a == minScore && more < score, a == maxScore && more > score:
		return more
	}
	return score
}

// orZero makes 0 of what is not a number: infinity times a weight of 0.
func orZero(f float64) float64 {
	if f != f {
		return 0
	}
	return f
}

// input is one key of an operation.
type input struct {
	value.Source
	weight float64
}

// algebra is an operation's arguments.
type algebra struct {
	op         operation
	storing    bool
	inputs     []input
	how        aggregation
	withScores bool
	limit      int64 // of countCommon; 0 none
}

// parse reads everything from the number of keys on. The inputs' keys are the last of the command's.
func (x *algebra) parse(c *client, args [][]byte) error {
	n, err := integer(args[0])
	switch {
	case err != nil:
		return err
	case n < 1:
		return errorf("ERR at least 1 input key is needed for '%s' command", c.cmd.full)
	case n > int64(len(args)-1):
		return errSyntax
	}
	x.inputs = make([]input, n)
	from := len(c.keys) - int(n)
	for i := range x.inputs {
		src, ok := value.OpenSource(value.At(c.tx, c.e.limits, c.db, c.keys[from+i], c.read(from+i)))
		if !ok {
			return errWrongType
		}
		x.inputs[i] = input{src, 1}
	}
	s := scanner{args: args[1+n:]}
	for s.more() {
		x.option(&s)
	}
	return s.err
}

func (x *algebra) option(s *scanner) {
	scored := x.op == unite || x.op == intersect
	switch {
	case scored && len(s.args) > len(x.inputs) && s.word("weights"):
		for i := range x.inputs {
			w, err := float(s.args[i], errWeight)
			if err != nil {
				s.fail(err)
				return
			}
			x.inputs[i].weight = w
		}
		s.args = s.args[len(x.inputs):]
	case scored && len(s.args) > 1 && s.word("aggregate"):
		switch {
		case s.word("sum"):
			x.how = sumScores
		case s.word("min"):
			x.how = minScore
		case s.word("max"):
			x.how = maxScore
		default:
			s.fail(errSyntax)
		}
	case !x.storing && x.op != countCommon && s.word("withscores"):
		x.withScores = true
	case x.op == countCommon && len(s.args) > 1 && s.word("limit"):
		n, ok := resp.ParseInt(s.args[0])
		if !ok || n < 0 {
			s.fail(errLimitNegative)
		}
		x.limit, s.args = n, s.args[1:]
	default:
		s.fail(errSyntax)
	}
}

// run collects the result. false: no memory.
func (x *algebra) run(c *client) (d sorted.Draft, ok bool) {
	if d, ok = sorted.NewDraft(c.tx.Arena()); !ok {
		return d, false
	}
	if x.op != subtract {
		slices.SortStableFunc(x.inputs, func(a, b input) int { return cmp.Compare(a.Len(), b.Len()) })
	}
	switch x.op {
	case unite:
		ok = x.union(c, &d)
	case intersect:
		x.common(c, func(hash uint64, name []byte, score float64) bool {
			ok = d.Insert(hash, name, score)
			return ok
		})
	case subtract:
		ok = x.difference(c, &d)
	}
	return d, ok
}

func (x *algebra) union(c *client, d *sorted.Draft) bool {
	for i := range x.inputs {
		in := &x.inputs[i]
		w := in.Members()
		for name, score, ok := w.Next(); ok; name, score, ok = w.Next() {
			hash := c.tx.Hash(name)
			score = orZero(score * in.weight)
			if i > 0 {
				if m := d.Find(hash, name); m != 0 {
					d.SetScore(m, x.how.join(d.Score(m), score))
					continue
				}
			}
			if !d.Insert(hash, name, score) {
				return false
			}
		}
	}
	return true
}

// common hands out what all inputs have, until found says false.
func (x *algebra) common(c *client, found func(hash uint64, name []byte, score float64) bool) {
	first := &x.inputs[0]
	w := first.Members()
next:
	for name, score, ok := w.Next(); ok; name, score, ok = w.Next() {
		hash := c.tx.Hash(name)
		score = orZero(score * first.weight)
		for i := range x.inputs[1:] {
			in := &x.inputs[1+i]
			more, ok := in.Score(hash, name)
			if !ok {
				continue next
			}
			score = x.how.join(score, more*in.weight)
		}
		if !found(hash, name, score) {
			return
		}
	}
}

func (x *algebra) difference(c *client, d *sorted.Draft) bool {
	w := x.inputs[0].Members()
next:
	for name, score, ok := w.Next(); ok; name, score, ok = w.Next() {
		hash := c.tx.Hash(name)
		for i := range x.inputs[1:] {
			if _, there := x.inputs[1+i].Score(hash, name); there {
				continue next
			}
		}
		if !d.Insert(hash, name, score) {
			return false
		}
	}
	return true
}

// ZUNION numkeys key [key …] [WEIGHTS weight …] [AGGREGATE SUM|MIN|MAX] [WITHSCORES]
func cmdZUNION(c *client) error { return zalgebra(c, unite) }

// ZINTER numkeys key [key …] [WEIGHTS weight …] [AGGREGATE SUM|MIN|MAX] [WITHSCORES]
func cmdZINTER(c *client) error { return zalgebra(c, intersect) }

// ZDIFF numkeys key [key …] [WITHSCORES]
func cmdZDIFF(c *client) error { return zalgebra(c, subtract) }

func zalgebra(c *client, op operation) error {
	x := algebra{op: op}
	if err := x.parse(c, c.args[1:]); err != nil {
		return err
	}
	d, ok := x.run(c)
	z, err := c.result(&d, ok)
	if err != nil {
		return err
	}
	n, at := z.Len(), z.Seek(0)
	if x.withScores && !c.v3 {
		c.array(2 * n)
	} else {
		c.array(n)
	}
	for range n {
		m, score, _ := z.Ascend(&at)
		if x.withScores && c.v3 {
			c.array(2)
		}
		c.bulk(z.Name(m))
		if x.withScores {
			c.double(score)
		}
	}
	for !z.FreeStep(1 << 20) {
	}
	return nil
}

// result finishes a draft; ok tells that it is complete.
func (c *client) result(d *sorted.Draft, ok bool) (z sorted.Set, err error) {
	if ok {
		z, ok = d.Finish()
	} else {
		d.Drop()
	}
	if !ok {
		return z, errNoMemory
	}
	return z, nil
}

// ZUNIONSTORE destination numkeys key [key …] [WEIGHTS weight …] [AGGREGATE SUM|MIN|MAX]
func cmdZUNIONSTORE(c *client) error { return zalgebraStore(c, unite) }

// ZINTERSTORE destination numkeys key [key …] [WEIGHTS weight …] [AGGREGATE SUM|MIN|MAX]
func cmdZINTERSTORE(c *client) error { return zalgebraStore(c, intersect) }

// ZDIFFSTORE destination numkeys key [key …]
func cmdZDIFFSTORE(c *client) error { return zalgebraStore(c, subtract) }

func zalgebraStore(c *client, op operation) error {
	x := algebra{op: op, storing: true}
	if err := x.parse(c, c.args[2:]); err != nil {
		return err
	}
	if err := x.room(c); err != nil {
		return err
	}
	d, ok := x.run(c)
	return c.storeDraft(&d, ok)
}

// room asks for what the result can take. The inputs are still in the order of the keys.
func (x *algebra) room(c *client) error {
	if !c.limited() {
		return nil
	}
	need, from := int64(0), len(c.keys)-len(x.inputs)
	for i := range x.inputs {
		n := int64(0)
		if it := c.tx.Find(c.db, c.keys[from+i]); it.Ok() {
			n = sortedBound(it, x.inputs[i].Len())
		}
		switch {
		case x.op == unite:
			need += n
		case i == 0 || x.op == intersect && n < need:
			need = n
		}
	}
	return c.room(need)
}

// storeDraft makes a draft the value of the first key and replies with its size; ok tells that it is complete. An empty one deletes the key.
func (c *client) storeDraft(d *sorted.Draft, ok bool) error {
	z, err := c.result(d, ok)
	if err != nil {
		return err
	}
	n := z.Len()
	p := value.At(c.tx, c.e.limits, c.db, c.keys[0], c.tx.Find(c.db, c.keys[0]))
	changed, err := p.ReplaceSorted(z)
	if err != nil {
		return storeError(err)
	}
	if changed {
		c.changed(1)
		c.stored(n, c.cmd.name, c.keys[0])
	}
	c.integer(int64(n))
	return nil
}

// stored tells that a result of n elements has become a key's value; an empty one has deleted it.
func (c *client) stored(n int, event string, k core.Key) {
	if n > 0 {
		c.event(classSorted, event, k)
	} else {
		c.event(classGeneric, "del", k)
	}
}

// ZINTERCARD numkeys key [key …] [LIMIT limit]
func cmdZINTERCARD(c *client) error {
	x := algebra{op: countCommon}
	if err := x.parse(c, c.args[1:]); err != nil {
		return err
	}
	slices.SortStableFunc(x.inputs, func(a, b input) int { return cmp.Compare(a.Len(), b.Len()) })
	n := int64(0)
	x.common(c, func(uint64, []byte, float64) bool {
		n++
		return n != x.limit
	})
	c.integer(n)
	return nil
}
