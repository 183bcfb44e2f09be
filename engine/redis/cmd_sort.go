// SORT and SORT_RO: a list, set or sorted set in another order, its elements replaced by what other keys say about them.

package redis

import (
	"bytes"

	"github.com/cachesrv/cachesrv/core"
)

func sortCommands() []*command {
	const cost = "O(N+M*log(M)), N being the number of elements, M that of those returned; O(N) where nothing is sorted"
	const syntax = `key:key0 ["BY" by-pattern:pattern] [limit:{"LIMIT" offset:int count:int}] ["GET" get-pattern:pattern+...] [order:<ASC | DESC>] [sorting=ALPHA]`
	of := catSet | catSortedSet | catList | catDangerous
	keys := []keySpec{{access: ro | reads, first: 1, step: 1},
		{notes: "what `BY` and `GET` read follows from the elements", access: ro | reads, find: func([][]byte) (int, int, bool) { return 0, 0, false }}}
	store := keySpec{notes: "behind `STORE`, which may stand anywhere", access: ow | updates, find: storeAt}
	return []*command{
		{name: "sort", arity: -2, flags: write | denyoom, cats: of, keys: append(keys[:2:2], store), roams: sortRoams, run: cmdSORT,
			group: "generic", since: "1.0.0", syntax: syntax + ` ["STORE" destination:key2]`, cost: cost,
			sum: "Sorts the elements of a list, set or sorted set, and replies or stores them."},
		{name: "sort_ro", arity: -2, flags: readonly, cats: of, keys: keys, roams: sortRoams, run: cmdSORT,
			group: "generic", since: "7.0.0", syntax: syntax, cost: cost, sum: "Sorts the elements of a list, set or sorted set; it can store nothing."},
	}
}

// sortWords gives the option that a request's argument is, and how many arguments go with it.
func sortWords(word []byte) (name string, more int) {
	switch {
	case equalFold(word, "limit"):
		return "limit", 2
	case equalFold(word, "get"):
		return "get", 1
	case equalFold(word, "by"):
		return "by", 1
	case equalFold(word, "store"):
		return "store", 1
	}
	return "", 0
}

// storeAt is where the destination stands.
func storeAt(args [][]byte) (at, same int, bad bool) {
	for i := 2; i < len(args); i++ {
		name, more := sortWords(args[i])
		if name == "store" && i+1 < len(args) {
			at = i + 1
		}
		i += more
	}
	return at, at, false
}

// sortRoams tells that elements lead to other keys.
func sortRoams(args [][]byte) bool {
	for i := 2; i < len(args); i++ {
		name, more := sortWords(args[i])
		if (name == "by" || name == "get") && i+1 < len(args) && bytes.IndexByte(args[i+1], '*') >= 0 {
			return true
		}
		i += more
	}
	return false
}

// sorting is a SORT at work.
type sorting struct {
	c           *client
	desc, alpha bool
	asIs        bool // nothing is sorted
	skip, count int64
	by          sortPattern
	byValue     bool
	gets        []sortPattern
	store       bool

	from, to int // what is wanted of the vector
	vector   []sortable
	text     []byte // where elements are copied to that have no bytes of their own
	name     []byte // of the key that is looked up
}

// SORT key [BY pattern] [LIMIT offset count] [GET pattern …] [ASC|DESC] [ALPHA] [STORE destination]
func cmdSORT(c *client) error {
	s := sorting{c: c, count: -1}
	if err := s.options(); err != nil {
		return err
	}
	it := c.read(0)
	if it.Ok() && it.Type() != core.Set && it.Type() != core.List && it.Type() != core.SortedSet {
		return errWrongType
	}
	if s.asIs && s.store && it.Ok() && it.Type() == core.Set {
		s.asIs, s.alpha, s.byValue = false, true, false // or the order would be another on every server
	}
	s.load(it)
	if !s.asIs {
		if !s.weigh() {
			return errSortScore
		}
		s.sort()
	}
	if s.store {
		return s.storeAll()
	}
	return s.reply()
}

func (s *sorting) options() error {
	sc := scanner{args: s.c.args[2:]}
	free := s.c.readsAnything() // elements lead BY and GET to keys that nobody can check one by one
	for sc.more() {
		if sc.word("asc") {
			s.desc = false
		} else if sc.word("desc") {
			s.desc = true
		} else if sc.word("alpha") {
			s.alpha = true
		} else if len(sc.args) > 2 && equalFold(sc.args[0], "limit") {
			s.skip = sc.integer(sc.args[1], errNotInt)
			s.count = sc.integer(sc.args[2], errNotInt)
			sc.args = sc.args[3:]
		} else if _, ok := s.storing(&sc); ok {
			s.store = true
		} else if v, ok := sc.option("by"); ok {
			s.by, s.byValue = newSortPattern(v), true
			s.asIs = s.asIs || !s.by.leads
			if s.by.leads && !free {
				sc.fail(errSortBy)
			}
		} else if v, ok := sc.option("get"); ok {
			s.gets = append(s.gets, newSortPattern(v))
			if !free {
				sc.fail(errSortGet)
			}
		} else {
			sc.fail(errSyntax)
		}
	}
	return sc.err
}

// storing takes STORE, which the command that only reads does not know.
func (s *sorting) storing(sc *scanner) ([]byte, bool) {
	if s.c.cmd.flags&readonly != 0 {
		return nil, false
	}
	return sc.option("store")
}

// window sets which of n elements are wanted.
func (s *sorting) window(n int) {
	size := int64(n)
	from := min(max(s.skip, 0), size)
	to := size
	if s.count >= 0 {
		to = min(from+min(s.count, size), size)
	}
	s.from, s.to = int(from), int(to)
}

// reply writes what is wanted. What GET multiplies is bounded: a number of patterns is soon sent.
func (s *sorting) reply() error {
	c := s.c
	if len(s.gets) > c.e.maxReply/leastReply/max(s.to-s.from, 1) {
		return errOutOfRange
	}
	c.array((s.to - s.from) * max(len(s.gets), 1))
	for i := s.from; i < s.to; i++ {
		e := &s.vector[i]
		if len(s.gets) == 0 {
			c.bulk(e.text)
		}
		for g := range s.gets {
			if v, ok := s.look(&s.gets[g], e.text); ok {
				c.bulk(v)
			} else {
				c.null()
			}
		}
		if len(s.gets) > 0 && len(c.w.Out) > c.e.maxReply {
			return errOutOfRange
		}
	}
	return nil
}

// storeAll makes what is wanted a list.
func (s *sorting) storeAll() error {
	const each = 24 // bytes that a value takes here besides its own
	c, size := s.c, 0
	if len(s.gets) > c.e.maxReply/each/max(s.to-s.from, 1) {
		return errOutOfRange
	}
	values := make([][]byte, 0, (s.to-s.from)*max(len(s.gets), 1))
	for i := s.from; i < s.to; i++ {
		e := &s.vector[i]
		if len(s.gets) == 0 {
			values = append(values, e.text)
		}
		for g := range s.gets {
			v, _ := s.look(&s.gets[g], e.text)
			values = append(values, v)
			if size += len(v); size > c.e.maxReply {
				return errOutOfRange
			}
		}
	}
	k := c.keys[1]
	if len(s.gets) == 0 {
		for _, v := range values {
			size += len(v)
		}
	}
	if err := c.room(int64(size + size/8 + listEach*len(values))); err != nil {
		return err
	}
	if len(values) > 0 {
		if err := c.storeList(k, values); err != nil {
			return storeError(err)
		}
		c.changed(len(values))
		c.event(classList, "sortstore", k)
	} else if c.tx.Delete(c.db, k) {
		c.changed(1)
		c.event(classGeneric, "del", k)
	}
	c.integer(int64(len(values)))
	return nil
}

// sortPattern is what BY or GET say.
type sortPattern struct {
	self          bool // "#": the element itself
	leads         bool // it has a star, in whose place the element is put
	before, after []byte
	field         []byte // of the hash at that key; empty: the key is a string
}

// newSortPattern reads one, up to the first NUL as the original does.
func newSortPattern(b []byte) (p sortPattern) {
	if string(b) == "#" {
		return sortPattern{self: true}
	}
	plain := b
	if i := bytes.IndexByte(b, 0); i >= 0 {
		plain = b[:i]
	}
	star := bytes.IndexByte(plain, '*')
	if star < 0 {
		return p
	}
	p.leads, p.before, p.after = true, b[:star], b[star+1:]
	if arrow := bytes.Index(plain[star+1:], []byte("->")); arrow >= 0 && star+1+arrow+2 < len(plain) {
		p.after, p.field = b[star+1:star+1+arrow], b[star+1+arrow+2:]
	}
	return p
}

// look finds what a pattern means for an element; the bytes are valid until the store changes.
func (s *sorting) look(p *sortPattern, element []byte) ([]byte, bool) {
	if p.self {
		return element, true
	}
	if !p.leads {
		return nil, false
	}
	c := s.c
	s.name = append(append(append(s.name[:0], p.before...), element...), p.after...)
	k := c.e.store.Key(s.name)
	it := c.tx.Read(c.db, k)
	c.countRead(it, k)
	switch {
	case !it.Ok():
		return nil, false
	case len(p.field) > 0 && it.Type() == core.Hash:
		return s.fieldOf(k, it, p.field)
	case len(p.field) > 0 || it.Type() != core.String:
		return nil, false
	}
	return it.Value(), true
}
