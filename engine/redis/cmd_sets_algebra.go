// The commands on several sets: intersection, union and difference, replied, counted or stored.

package redis

import (
	"slices"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func algebraCommands() []*command {
	anyOrder := []string{"nondeterministic_output_order"}
	const all = "O(N), N being the number of members in all sets"
	const smallest = "O(N*M), N being the number of members of the smallest set, M the number of sets"
	return []*command{
		{name: "sdiff", arity: -2, flags: readonly, cats: catSet, keys: allKeys(ro | reads), run: cmdSDIFF, tips: anyOrder,
			group: "set", since: "1.0.0", syntax: "key:key0...", cost: all, sum: "Lists what is in the first set and in none of the others."},
		{name: "sdiffstore", arity: -3, flags: write | denyoom, cats: catSet, keys: toAll(ow|updates, ro|reads), run: cmdSDIFFSTORE,
			group: "set", since: "1.0.0", syntax: "destination:key0 key:key1...", cost: all,
			sum: "Stores what is in the first set and in none of the others."},
		{name: "sinter", arity: -2, flags: readonly, cats: catSet, keys: allKeys(ro | reads), run: cmdSINTER, tips: anyOrder,
			group: "set", since: "1.0.0", syntax: "key:key0...", cost: smallest, sum: "Lists what is in all of the sets."},
		{name: "sintercard", arity: -3, flags: readonly, cats: catSet, keys: countedAt(1, ro|reads), run: cmdSINTERCARD,
			group: "set", since: "7.0.0", syntax: `numkeys:int key:key0... ["LIMIT" limit:int]`, cost: smallest,
			sum: "Counts what is in all of the sets, up to a limit."},
		{name: "sinterstore", arity: -3, flags: write | denyoom, cats: catSet, keys: toAll(rw|updates, ro|reads), run: cmdSINTERSTORE,
			group: "set", since: "1.0.0", syntax: "destination:key0 key:key1...", cost: smallest, sum: "Stores what is in all of the sets."},
		{name: "sunion", arity: -2, flags: readonly, cats: catSet, keys: allKeys(ro | reads), run: cmdSUNION, tips: anyOrder,
			group: "set", since: "1.0.0", syntax: "key:key0...", cost: all, sum: "Lists what is in any of the sets."},
		{name: "sunionstore", arity: -3, flags: write | denyoom, cats: catSet, keys: toAll(ow|updates, ro|reads), run: cmdSUNIONSTORE,
			group: "set", since: "1.0.0", syntax: "destination:key0 key:key1...", cost: all, sum: "Stores what is in any of the sets."},
	}
}

// openSets opens the sets at the keys from the n-th on; where there is none, it is an empty one.
func (c *client) openSets(n int) ([]value.Set, error) {
	sets := make([]value.Set, 0, len(c.keys)-n)
	for ; n < len(c.keys); n++ {
		s, err := c.openSet(n, false)
		if err != nil {
			return nil, err
		}
		sets = append(sets, s)
	}
	return sets, nil
}

// closeSet ends what openArray began as a set.
func (c *client) closeSet(mark, n int) {
	if c.closeArray(mark, n); c.v3 {
		c.w.Out[mark] = '~'
	}
}

// bySize orders the sets by their number of members.
func bySize(sets []value.Set) []*value.Set {
	order := make([]*value.Set, len(sets))
	for i := range sets {
		order[i] = &sets[i]
	}
	slices.SortStableFunc(order, func(a, b *value.Set) int { return a.Len() - b.Len() })
	return order
}

// eachShared calls f for what is in all sets, until f says false. They are in ascending order of size.
func eachShared(sets []*value.Set, f func(i *value.SetIter) bool) {
	i := sets[0].Iter()
next:
	for i.Next() {
		for _, s := range sets[1:] {
			if s != sets[0] && !i.In(s) {
				continue next
			}
		}
		if !f(&i) {
			return
		}
	}
}

// SINTER key [key …]
func cmdSINTER(c *client) error {
	sets, err := c.openSets(0)
	if err != nil {
		return err
	}
	n, mark := 0, c.openArray()
	eachShared(bySize(sets), func(i *value.SetIter) bool {
		c.elem(i.Elem)
		n++
		return true
	})
	c.closeSet(mark, n)
	return nil
}

// SINTERCARD numkeys key [key …] [LIMIT limit]
func cmdSINTERCARD(c *client) error {
	count, ok := resp.ParseInt(c.args[1])
	if !ok || count < 1 {
		return errNumKeys
	}
	if count > int64(len(c.args)-2) {
		return errManyKeys
	}
	limit := int64(0)
	s := scanner{args: c.args[2+count:]}
	for s.more() {
		v, ok := s.option("limit")
		if !ok {
			return errSyntax
		}
		if limit = s.integer(v, errLimitNegative); limit < 0 {
			s.fail(errLimitNegative)
		}
	}
	if s.err != nil {
		return s.err
	}
	sets, err := c.openSets(0)
	if err != nil {
		return err
	}
	n := int64(0)
	eachShared(bySize(sets), func(*value.SetIter) bool {
		n++
		return n != limit
	})
	c.integer(n)
	return nil
}

// SINTERSTORE destination key [key …]
func cmdSINTERSTORE(c *client) error {
	sets, err := c.openSets(1)
	if err != nil {
		return err
	}
	order := bySize(sets)
	if !order[0].Ok() {
		return c.storeSet(nil, nil)
	}
	if err := c.roomForSets(sets, intersect); err != nil {
		return err
	}
	d := value.NewDraft(c.tx, c.e.limits, min(order[0].Enc(), value.SetPacked))
	eachShared(order, func(i *value.SetIter) bool {
		err = d.Add(i, true)
		return err == nil
	})
	if err == nil {
		d.Settle()
	}
	return c.storeSet(&d, err)
}

// roomForSets asks for what the result of an operation on the sets at the keys behind the first can take.
func (c *client) roomForSets(sets []value.Set, op operation) error {
	if !c.limited() {
		return nil
	}
	need := int64(0)
	for i := range sets {
		n := c.setBound(1+i, &sets[i])
		switch {
		case op == unite:
			need += n
		case i == 0 || op == intersect && n < need:
			need = n
		}
	}
	return c.room(need)
}

// storeSet makes a draft the value of the first key and replies how many members that is; nil is an empty one. err is what went wrong before.
func (c *client) storeSet(d *value.Draft, err error) error {
	if d == nil || err == nil && d.Len() == 0 {
		if d != nil {
			d.Free()
		}
		if c.tx.Delete(c.db, c.keys[0]) {
			c.changed(1)
			c.event(classGeneric, "del", c.keys[0])
		}
		c.integer(0)
		return nil
	}
	if err == nil {
		at := value.At(c.tx, c.e.limits, c.db, c.keys[0], core.Item{})
		err = d.Store(&at)
	}
	if err != nil {
		d.Free()
		return storeError(err)
	}
	c.changed(1)
	c.event(classSet, c.cmd.name, c.keys[0])
	c.integer(int64(d.Len()))
	return nil
}

// SUNION key [key …]
func cmdSUNION(c *client) error {
	sets, err := c.openSets(0)
	if err != nil {
		return err
	}
	if len(sets) > fewSets {
		return c.unionOfMany(sets)
	}
	n, mark := 0, c.openArray()
	for j := range sets {
		i := sets[j].Iter()
	next:
		for i.Next() {
			for k := range j {
				if i.In(&sets[k]) {
					continue next
				}
			}
			c.elem(i.Elem)
			n++
		}
	}
	c.closeSet(mark, n)
	return nil
}

// fewSets is up to how many sets looking a member up in all sets before costs less than gathering the union.
const fewSets = 4

func (c *client) unionOfMany(sets []value.Set) error {
	d := value.NewDraft(c.tx, c.e.limits, value.SetInts)
	defer d.Free()
	if err := unionTo(&d, sets); err != nil {
		return storeError(err)
	}
	c.set(d.Len())
	for i := d.Iter(); i.Next(); {
		c.elem(i.Elem)
	}
	return nil
}

// unionTo adds the members of all sets to a draft that is empty.
func unionTo(d *value.Draft, sets []value.Set) error {
	for j := range sets {
		for i := sets[j].Iter(); i.Next(); {
			if err := d.Add(&i, j == 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// SUNIONSTORE destination key [key …]
func cmdSUNIONSTORE(c *client) error {
	sets, err := c.openSets(1)
	if err != nil {
		return err
	}
	if err := c.roomForSets(sets, unite); err != nil {
		return err
	}
	d := value.NewDraft(c.tx, c.e.limits, value.SetInts)
	return c.storeSet(&d, unionTo(&d, sets))
}

// eachLeft calls f for what is in the first set only, until f says false.
func eachLeft(sets []value.Set, f func(i *value.SetIter) bool) {
	for j := range sets[1:] {
		if sets[0].Same(&sets[1+j]) {
			return
		}
	}
	i := sets[0].Iter()
next:
	for i.Next() {
		for j := range sets[1:] {
			if i.In(&sets[1+j]) {
				continue next
			}
		}
		if !f(&i) {
			return
		}
	}
}

// SDIFF key [key …]
func cmdSDIFF(c *client) error {
	sets, err := c.openSets(0)
	if err != nil {
		return err
	}
	n, mark := 0, c.openArray()
	eachLeft(sets, func(i *value.SetIter) bool {
		c.elem(i.Elem)
		n++
		return true
	})
	c.closeSet(mark, n)
	return nil
}

// SDIFFSTORE destination key [key …]
func cmdSDIFFSTORE(c *client) error {
	sets, err := c.openSets(1)
	if err != nil {
		return err
	}
	if err := c.roomForSets(sets, subtract); err != nil {
		return err
	}
	d := value.NewDraft(c.tx, c.e.limits, value.SetInts)
	if copiesFirst(sets) {
		err = asIfCopied(&d, &sets[0])
	}
	if err == nil {
		eachLeft(sets, func(i *value.SetIter) bool {
			err = d.Add(i, true)
			return err == nil
		})
	}
	return c.storeSet(&d, err)
}

// copiesFirst tells that Redis would copy the first set and remove the others' members from the copy, instead of looking for each member in
// the others. We never do, but how the result is kept follows from it.
func copiesFirst(sets []value.Set) bool {
	look, remove := 0, 0
	for i := range sets {
		if i > 0 && sets[0].Same(&sets[i]) {
			return false
		}
		if sets[i].Ok() {
			look += sets[0].Len()
			remove += sets[i].Len()
		}
	}
	return look/2 > remove
}

// asIfCopied makes an empty draft be kept as a copy of the set would be.
func asIfCopied(d *value.Draft, s *value.Set) error {
	var copied = *d
	for i := s.Iter(); i.Next() && copied.Enc() != value.SetBig; {
		if err := copied.Add(&i, true); err != nil {
			copied.Free()
			return err
		}
	}
	copied.Free()
	return d.Become(copied.Enc())
}
