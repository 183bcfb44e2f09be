// OBJECT: how a value is kept.

package redis

import (
	"math"
	"strings"

	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis/resp"
)

func objectCommands() []*command {
	sub := func(name, since, sum string, run func(*client) error) *command {
		return &command{name: name, arity: 3, flags: readonly, cats: catKeyspace, keys: keyAt(2, ro), run: run,
			tips: []string{"nondeterministic_output"}, since: since, syntax: "key:key0", cost: "O(1)", sum: sum}
	}
	return []*command{
		{name: "object", arity: -2, group: "generic", since: "2.2.3", cost: "That of the subcommand.", sum: "Commands that look at how a value is kept.", subs: []*command{
			sub("encoding", "2.2.3", "Names the encoding of a value.", cmdOBJECTENCODING),
			sub("freq", "4.0.0", "Tells a key's access frequency on a logarithmic scale.", cmdOBJECTFREQ),
			sub("idletime", "2.2.3", "Tells how many seconds ago a key was last used.", cmdOBJECTIDLETIME),
			sub("refcount", "2.2.3", "Tells how many keys share a value.", cmdOBJECTREFCOUNT),
			{name: "help", arity: 2, flags: loading | stale | free, cats: catKeyspace, since: "6.2.0", cost: "O(1)", sum: "Lists the subcommands.", run: cmdOBJECTHELP},
		}},
	}
}

// embedded is the longest text that Redis keeps in one block with its header.
const embedded = 44

// encodings names how a value of each type but strings is kept, by its encoding word.
var encodings = [core.Types][4]string{
	core.List:      {"listpack", "", "quicklist"},
	core.Set:       {"intset", "listpack", "hashtable"},
	core.SortedSet: {"listpack", "", "skiplist"},
	core.Hash:      {"listpack", "listpackex", "hashtable"},
	core.Stream:    {"stream", "stream", "stream"},
}

// encoding names the encoding of a value: for a string the one that Redis would have chosen.
func encoding(it core.Item) string {
	if it.Type() != core.String {
		return encodings[it.Type()][it.Enc()]
	}
	v := it.Value()
	if it.Enc() == core.EncPlain {
		if _, ok := resp.ParseInt(v); ok {
			return "int"
		}
	}
	if it.Enc() == core.EncRaw || len(v) > embedded {
		return "raw"
	}
	return "embstr"
}

// OBJECT ENCODING key
func cmdOBJECTENCODING(c *client) error {
	if it := c.inspect(0); it.Ok() {
		c.bulkString(encoding(it))
	} else {
		c.null()
	}
	return nil
}

// sharedInts is how many small numbers Redis keeps once for all keys that hold them.
const sharedInts = 10000

// refcount is what Redis would report: small numbers are shared for ever, unless every key needs its own access clock.
func (e *Engine) refcount(it core.Item) int64 {
	policy := e.store.Policy()
	own := e.store.MaxMemory() > 0 && (strings.HasSuffix(policy, "lru") || strings.HasSuffix(policy, "lfu"))
	if it.Type() != core.String {
		return 1
	}
	if n, ok := resp.ParseInt(it.Value()); ok && n >= 0 && n < sharedInts && it.Enc() == core.EncPlain && !own {
		return math.MaxInt32
	}
	return 1
}

// OBJECT REFCOUNT key
func cmdOBJECTREFCOUNT(c *client) error {
	if it := c.inspect(0); it.Ok() {
		c.integer(c.e.refcount(it))
	} else {
		c.null()
	}
	return nil
}

// OBJECT IDLETIME key
func cmdOBJECTIDLETIME(c *client) error {
	it := c.inspect(0)
	if !it.Ok() {
		c.null()
		return nil
	}
	n, ok := c.e.store.IdleSeconds(it)
	if !ok {
		return errIsLFU
	}
	c.integer(n)
	return nil
}

// OBJECT FREQ key
func cmdOBJECTFREQ(c *client) error {
	it := c.inspect(0)
	if !it.Ok() {
		c.null()
		return nil
	}
	n, ok := c.e.store.Frequency(it)
	if !ok {
		return errNotLFU
	}
	c.integer(int64(n))
	return nil
}

// OBJECT HELP
func cmdOBJECTHELP(c *client) error {
	c.help(
		"ENCODING <key>", "    Name the encoding of the value at <key>.",
		"FREQ <key>", "    Access frequency of <key> on a logarithmic scale; needs an LFU policy.",
		"IDLETIME <key>", "    Seconds since <key> was last used; needs a policy other than LFU.",
		"REFCOUNT <key>", "    Number of references to the value at <key>.")
	return nil
}
