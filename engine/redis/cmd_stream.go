// The stream commands: their rows, and those about single entries and ids.

package redis

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/stream"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

const trimSyntax = `{strategy:<MAXLEN | MINID^6.2.0> [operator:<equal="=" | approximately="~">] threshold ["LIMIT" count:int]^6.2.0}`

func streamCommands() []*command {
	const since = "5.0.0"
	chance := []string{"nondeterministic_output"}
	ranges := func(name, syntax, sum string, run func(*client) error) *command {
		return &command{name: name, arity: -4, flags: readonly, cats: catStream, keys: oneKey(ro | reads), run: run,
			group: "stream", since: since, syntax: syntax, sum: sum, past: []change{{"6.2.0", "Exclusive ranges."}},
			cost: "O(N), N being the number of entries returned; finding the first of them costs the logarithm of the number of nodes"}
	}
	return []*command{
		{name: "xadd", arity: -5, flags: write | denyoom | fast, cats: catStream, run: cmdXADD, tips: chance,
			keys:  []keySpec{{notes: "updates, as it may also trim", access: rw | updates, first: 1, step: 1}},
			past:  []change{{"6.2.0", "`NOMKSTREAM`, `MINID` and `LIMIT`."}, {"7.0.0", "Ids of the form `<ms>-*`."}},
			group: "stream", since: since, cost: "O(1), and O(N) for the N entries that go when it trims", sum: "Adds an entry at the end of a stream, creating it if need be.",
			syntax: "key:key0 [NOMKSTREAM]^6.2.0 [trim:" + trimSyntax + `] id_or_auto:<auto_id="*" | id> field_value:{field value}...`},
		{name: "xtrim", arity: -4, flags: write, cats: catStream, keys: oneKey(rw | deletes), run: cmdXTRIM, tips: chance,
			past: []change{{"6.2.0", "`MINID` and `LIMIT`."}}, group: "stream", since: since, syntax: "key:key0 trim:" + trimSyntax,
			cost: "O(N), N being the number of entries that go; whole nodes go at once", sum: "Takes entries out at the front of a stream, to a length or up to an id."},
		{name: "xlen", arity: 2, flags: readonly | fast, cats: catStream, keys: oneKey(ro), run: cmdXLEN,
			group: "stream", since: since, syntax: "key:key0", cost: "O(1)", sum: "Tells how many entries a stream has."},
		ranges("xrange", `key:key0 start end ["COUNT" count:int]`, "Reads the entries of a range of ids.", cmdXRANGE),
		ranges("xrevrange", `key:key0 end start ["COUNT" count:int]`, "Reads the entries of a range of ids, the last one first.", cmdXREVRANGE),
		{name: "xdel", arity: -3, flags: write | fast, cats: catStream, keys: oneKey(rw | deletes), run: cmdXDEL,
			group: "stream", since: since, syntax: "key:key0 id...", cost: "O(1) for every entry", sum: "Deletes entries."},
		{name: "xread", arity: -4, flags: readonly | blocking, cats: catStream, run: cmdXREAD, ready: hasEntries,
			keys:  []keySpec{{access: ro | reads, keyword: "streams", first: 1, last: -1, step: 1, limit: 2}},
			group: "stream", since: since, syntax: `["COUNT" count:int] ["BLOCK" milliseconds:int] "STREAMS" streams:{key:key0... id...}`,
			cost: "O(N) for every stream, N being the number of entries returned", sum: "Reads what came to several streams after given ids."},
		{name: "xreadgroup", arity: -7, flags: write | blocking | keyless, cats: catStream, run: cmdXREADGROUP, ready: hasNews,
			keys:  []keySpec{{access: ro | reads, keyword: "streams", first: 4, last: -1, step: 1, limit: 2}},
			group: "stream", since: since, syntax: `"GROUP" group_consumer:{group consumer} ["COUNT" count:int] ["BLOCK" milliseconds:int] [NOACK] "STREAMS" streams:{key:key0... id...}`,
			cost: "O(N) for every stream, N being the number of entries returned", sum: "Reads what no consumer of a group has got yet, or what one has got and not acknowledged."},
		streamGroupRow(),
		{name: "xack", arity: -4, flags: write | fast, cats: catStream, keys: oneKey(rw | updates), run: cmdXACK,
			group: "stream", since: since, syntax: "key:key0 group id...", cost: "O(log N) for every id, N being the number of pending entries", sum: "Notes that entries were processed and tells of how many that was due."},
		{name: "xpending", arity: -3, flags: readonly, cats: catStream, keys: oneKey(ro | reads), run: cmdXPENDING, tips: chance,
			past: []change{{"6.2.0", "`IDLE` and exclusive ranges."}}, group: "stream", since: since,
			syntax: `key:key0 group [filters:{["IDLE" min-idle-time:int]^6.2.0 start end count:int [consumer]}]`,
			cost:   "O(N), N being the number of pending entries looked at, or of consumers without a range", sum: "Tells what the consumers of a group have got and not acknowledged."},
		{name: "xclaim", arity: -6, flags: write | fast, cats: catStream, keys: oneKey(rw | updates), run: cmdXCLAIM, tips: chance,
			group: "stream", since: since, cost: "O(log N) for every id, N being the number of pending entries", sum: "Makes pending entries another consumer's.",
			syntax: `key:key0 group consumer min-idle-time id... ["IDLE" ms:int] ["TIME" unix-time-milliseconds:time] ["RETRYCOUNT" count:int] [force=FORCE] [justid=JUSTID] ["LASTID" id]`},
		{name: "xautoclaim", arity: -6, flags: write | fast, cats: catStream, keys: oneKey(rw | deletes), run: cmdXAUTOCLAIM, tips: chance,
			past: []change{{"7.0.0", "The reply names pending entries that are no longer there."}}, group: "stream", since: "6.2.0",
			syntax: `key:key0 group consumer min-idle-time start ["COUNT" count:int] [justid=JUSTID]`,
			cost:   "O(1) for a small COUNT", sum: "Makes pending entries of a range another consumer's."},
		streamInfoRow(),
		{name: "xsetid", arity: -3, flags: write | denyoom | fast, cats: catStream, keys: oneKey(rw | updates), run: cmdXSETID,
			past: []change{{"7.0.0", "`ENTRIESADDED` and `MAXDELETEDID`."}}, group: "stream", since: since,
			syntax: `key:key0 last-id ["ENTRIESADDED" entries_added:int]^7.0.0 ["MAXDELETEDID" max_deleted_entry_id]^7.0.0`,
			cost:   "O(1)", sum: "Sets what a stream remembers of entries that are gone; for replicas and files."},
	}
}

// readStream opens the stream of the n-th key for reading, findStream for a command that may change it.
func (c *client) readStream(n int) (value.Stream, error) { return c.openStream(n, false) }
func (c *client) findStream(n int) (value.Stream, error) { return c.openStream(n, true) }

func (c *client) openStream(n int, write bool) (s value.Stream, err error) {
	err = c.openStreamAt(&s, n, write)
	return s, err
}

// openStreamAt is openStream into a zero s, for what is called most: the copy of a stream at work is 4 % of XADD's CPU time.
func (c *client) openStreamAt(s *value.Stream, n int, write bool) error {
	p, err := c.place(n, core.Stream, write)
	if err == nil {
		s.Open(p)
	}
	return err
}

// someIDs is for how many ids of one command there is room on the stack.
const someIDs = 16

// parseIDs reads ids into ids, or into more room if that is not enough.
func parseIDs(ids []stream.ID, args [][]byte) ([]stream.ID, error) {
	for _, a := range args {
		id, err := parseID(a, 0)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// XLEN key
func cmdXLEN(c *client) error {
	s, err := c.readStream(0)
	if err != nil {
		return err
	}
	c.integer(int64(s.Length))
	return nil
}

// XDEL key id [id …]
func cmdXDEL(c *client) error {
	s, err := c.findStream(0)
	if err != nil {
		return err
	}
	if !s.Ok() {
		c.integer(0)
		return nil
	}
	var room [someIDs]stream.ID
	ids, err := parseIDs(room[:0], c.args[2:])
	if err != nil {
		return err
	}
	s.Edit()
	n, first := 0, false
	for _, id := range ids {
		if !s.Delete(id) {
			continue
		}
		n++
		first = first || id == s.First
		if s.MaxDeleted.Less(id) {
			s.MaxDeleted = id
		}
	}
	if first || s.Length == 0 {
		s.Settle()
	}
	if err := s.Done(nil); err != nil {
		return storeError(err)
	}
	if n > 0 {
		c.changed(n)
		c.event(classStream, "xdel", c.keys[0])
	}
	c.integer(int64(n))
	return nil
}

// XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]
func cmdXSETID(c *client) error {
	id, err := parseID(c.args[2], 0)
	if err != nil {
		return err
	}
	added, deleted := int64(-1), stream.ID{}
	for sc := (scanner{args: c.args[3:]}); len(sc.args) > 0; {
		if v, ok := sc.option("entriesadded"); ok {
			if added, err = integer(v); err == nil && added < 0 {
				err = errSetIDNegative
			}
		} else if v, ok := sc.option("maxdeletedid"); ok {
			if deleted, err = parseID(v, 0); err == nil && id.Less(deleted) {
				err = errSetIDDeleted
			}
		} else {
			err = errSyntax
		}
		if err != nil {
			return err
		}
	}
	s, err := c.findStream(0)
	if err != nil {
		return err
	}
	switch {
	case !s.Ok():
		return errNoKey
	case id.Less(s.MaxDeleted):
		return errSetIDNow
	case s.Length > 0 && id.Less(s.Edge(true)):
		return errSetIDTop
	case s.Length > 0 && added != -1 && s.Length > uint64(added):
		return errSetIDAdded
	}
	s.Edit()
	s.Last = id
	if added != -1 {
		s.Added = uint64(added)
	}
	if !deleted.Zero() {
		s.MaxDeleted = deleted
	}
	if err := s.Done(nil); err != nil {
		return storeError(err)
	}
	c.changed(1)
	c.notice(classStream, "xsetid", c.keys[0])
	c.ok()
	return nil
}
