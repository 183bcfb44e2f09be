// The HyperLogLog commands: PFADD, PFCOUNT, PFMERGE, and what Redis has for testing them.

package redis

import (
	"math"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/hll"
)

func hllCommands() []*command {
	const group, since = "hyperloglog", "2.8.9"
	return []*command{
		{name: "pfadd", arity: -2, flags: write | denyoom | fast, cats: catHyperLogLog, keys: oneKey(rw | inserts), run: cmdPFADD, grows: hllGrowth,
			group: group, since: since, syntax: "key:key0 [element...]", cost: "O(1) for each element", sum: "Adds elements to a HyperLogLog, creating it if need be."},
		{name: "pfcount", arity: -2, flags: readonly | mayReplicate, cats: catHyperLogLog, run: cmdPFCOUNT,
			keys:  []keySpec{{notes: "keeps the count in the value until that changes", access: rw | reads, first: 1, last: -1, step: 1}},
			group: group, since: since, syntax: "key:key0...", cost: "O(1) for one key, mostly from the count that the value keeps; O(N) for N keys",
			sum: "Estimates how many distinct elements were added."},
		{name: "pfmerge", arity: -2, flags: write | denyoom, cats: catHyperLogLog, run: cmdPFMERGE, grows: hllGrowth,
			keys:  []keySpec{{access: rw | reads | inserts, first: 1, step: 1}, {access: ro | reads, first: 2, last: -1, step: 1}},
			group: group, since: since, syntax: "destkey:key0 [sourcekey:key1...]", cost: "O(N), N being the number of keys", sum: "Merges HyperLogLogs into one."},
		{name: "pfdebug", arity: 3, flags: write | denyoom | admin | ownSubs, cats: catHyperLogLog, keys: keyAt(2, rw|reads), run: cmdPFDEBUG, grows: hllGrowth,
			group: group, since: since, syntax: "subcommand key:key0", cost: "O(1)", sum: "Shows the inside of a HyperLogLog."},
		{name: "pfselftest", arity: 1, flags: admin | ownSubs, cats: catHyperLogLog, run: cmdPFSELFTEST,
			group: group, since: since, cost: "O(1)", sum: "Checks the estimates of HyperLogLogs."},
	}
}

// hllGrowth is what becomes of a sparse one at most.
func hllGrowth([][]byte) int { return hll.DenseBytes }

// hllSparse is the length up to which one is kept sparse.
func (c *client) hllSparse() int { return int(min(c.e.hllLimit.Int(), math.MaxInt)) }

// sketch is a HyperLogLog that is being changed. A dense one is the value itself, which keeps its length; of a sparse or a new one it is a copy in the
// worker's scratch, which storeHLL has to store.
type sketch struct {
	b       []byte
	found   bool // the key was there
	inPlace bool
}

// editHLL opens the first key's value.
func (c *client) editHLL() (sketch, error) {
	it, err := c.findString(0)
	if err != nil {
		return sketch{}, err
	}
	if !it.Ok() {
		return sketch{b: hll.AppendNew(c.w.Scratch[:0])}, nil
	}
	b, err := c.rawHLL(it)
	if err != nil {
		return sketch{}, err
	}
	if hll.Dense(b) {
		return sketch{b: b, found: true, inPlace: true}, nil
	}
	if len(b) > hll.MaxBytes { // forged: no copy of it
		return sketch{}, errCorruptHLL
	}
	return sketch{b: append(c.w.Scratch[:0], b...), found: true}, nil
}

// rawHLL gives the bytes of the first key's item for writing; from then on it is a raw string, however it came to be.
func (c *client) rawHLL(it core.Item) ([]byte, error) {
	if !hll.Valid(it.Value()) {
		return nil, errNotHLL
	}
	return c.stretch(it, len(it.Value()))
}

// storeHLL stores what was changed.
func (c *client) storeHLL(s *sketch) error {
	if s.inPlace {
		c.changed(1)
		return nil
	}
	c.w.Scratch = s.b[:0]
	var err error
	if !s.found {
		err = c.tx.Put(c.db, c.keys[0], core.Value{Bytes: s.b, Enc: core.EncRaw})
	} else {
		var to []byte
		to, err = c.tx.Resize(c.db, c.keys[0], len(s.b), core.EncRaw)
		copy(to, s.b)
	}
	if err == nil {
		c.changed(1)
	}
	return storeError(err)
}

// PFADD key [element …]
func cmdPFADD(c *client) error {
	s, err := c.editHLL()
	if err != nil {
		return err
	}
	updated, limit := !s.found, c.hllSparse()
	for _, element := range c.args[2:] {
		var changed bool
		if s.b, changed, err = hll.Add(s.b, element, limit); err != nil {
			return errCorruptHLL
		}
		updated = updated || changed
	}
	if updated {
		hll.Forget(s.b)
		if err := c.storeHLL(&s); err != nil {
			return err
		}
		c.event(classString, "pfadd", c.keys[0])
	}
	c.flag(updated)
	return nil
}

// PFCOUNT key [key …]
func cmdPFCOUNT(c *client) error {
	if len(c.keys) > 1 {
		var u hll.Union
		if _, err := c.unite(&u); err != nil {
			return err
		}
		c.integer(int64(u.Count()))
		return nil
	}
	it, err := c.readString(0)
	if err != nil {
		return err
	}
	if !it.Ok() {
		c.integer(0)
		return nil
	}
	if it.Enc() == core.EncRaw && hll.Valid(it.Value()) { // nothing to write
		if n, ok := hll.Cached(it.Value()); ok {
			c.integer(int64(n))
			return nil
		}
	}
	b, err := c.rawHLL(it)
	if err != nil {
		return err
	}
	n, ok := hll.Cached(b)
	if !ok {
		if n, err = hll.Count(b); err != nil {
			return errCorruptHLL
		}
		hll.Remember(b, n)
		c.changed(1)
		c.tx.Announce(c.db, c.keys[0])
	}
	c.integer(int64(n))
	return nil
}

// unite merges the values of all keys; dense tells whether one of them is.
func (c *client) unite(u *hll.Union) (dense bool, err error) {
	for i := range c.keys {
		it, err := c.readString(i)
		if err != nil {
			return false, err
		}
		if !it.Ok() {
			continue
		}
		v := it.Value()
		if !hll.Valid(v) {
			return false, errNotHLL
		}
		dense = dense || hll.Dense(v)
		if u.Merge(v) != nil {
			return false, errCorruptHLL
		}
	}
	return dense, nil
}

// PFMERGE destkey [sourcekey …]
func cmdPFMERGE(c *client) error {
	var u hll.Union
	dense, err := c.unite(&u)
	if err != nil {
		return err
	}
	s, err := c.editHLL()
	if err != nil {
		return err
	}
	if dense && !s.inPlace {
		if s.b, err = hll.ToDense(s.b); err != nil {
			return errCorruptHLL
		}
	}
	if s.b, err = u.Into(s.b, c.hllSparse()); err != nil {
		return errCorruptHLL
	}
	if err := c.storeHLL(&s); err != nil {
		return err
	}
	c.event(classString, "pfadd", c.keys[0])
	c.ok()
	return nil
}

// PFDEBUG subcommand key
func cmdPFDEBUG(c *client) error {
	it, err := c.findString(0)
	if err != nil {
		return err
	}
	if !it.Ok() {
		return replyError("ERR The specified key does not exist")
	}
	s, err := c.editHLL()
	if err != nil {
		return err
	}
	word := c.args[1]
	switch {
	case equalFold(word, "encoding"):
		if s.inPlace {
			c.status("dense")
		} else {
			c.status("sparse")
		}
	case equalFold(word, "decode"):
		if s.inPlace {
			return replyError("ERR HLL encoding is not sparse")
		}
		c.bulk(hll.AppendText(nil, s.b))
	case equalFold(word, "todense"):
		c.flag(!s.inPlace)
		return c.makeDense(&s)
	case equalFold(word, "getreg"):
		if err := c.makeDense(&s); err != nil {
			return err
		}
		c.array(hll.Registers)
		for i := range hll.Registers {
			c.integer(int64(hll.Register(s.b, i)))
		}
	default:
		return errorf("ERR Unknown PFDEBUG subcommand '%s'", cstr(word, 128))
	}
	return nil
}

// makeDense stores a sparse value in the dense form.
func (c *client) makeDense(s *sketch) (err error) {
	if s.inPlace {
		return nil
	}
	if s.b, err = hll.ToDense(s.b); err != nil {
		return errCorruptHLL
	}
	return c.storeHLL(s)
}

// PFSELFTEST
func cmdPFSELFTEST(c *client) error {
	if err := hll.SelfTest(); err != nil {
		return errorf("ERR %v", err)
	}
	c.ok()
	return nil
}
