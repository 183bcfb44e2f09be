// MEMORY: what memory is used for, and how to get some back.

package redis

import (
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
)

func memoryCommands() []*command {
	const anywhere = "request_policy:all_shards"
	sub := func(name, cost, sum string, run func(*client) error, tips ...string) *command {
		return &command{name: name, arity: 2, since: "4.0.0", cost: cost, sum: sum, run: run, tips: tips}
	}
	return []*command{
		{name: "memory", arity: -2, group: "server", since: "4.0.0", cost: "That of the subcommand.", sum: "Commands about the use of memory.", subs: []*command{
			sub("doctor", "O(1)", "Says what is conspicuous about the use of memory.", cmdMEMORYDOCTOR, "nondeterministic_output", anywhere, "response_policy:special"),
			{name: "help", arity: 2, flags: loading | stale | free, since: "4.0.0", cost: "O(1)", sum: "Lists the subcommands.", run: cmdMEMORYHELP},
			sub("malloc-stats", "O(1)", "Shows the figures of the allocator.", cmdMEMORYMALLOCSTATS, "nondeterministic_output", anywhere, "response_policy:special"),
			sub("purge", "O(N), N being the number of values", "Gives memory that is not needed back to the system.", cmdMEMORYPURGE, anywhere, "response_policy:all_succeeded"),
			sub("stats", "O(1)", "Shows what memory is used for.", cmdMEMORYSTATS, "nondeterministic_output", anywhere, "response_policy:special"),
			{name: "usage", arity: -3, flags: readonly, keys: keyAt(2, ro), run: cmdMEMORYUSAGE, since: "4.0.0",
				syntax: `key:key0 ["SAMPLES" count:int]`, cost: "O(1)", sum: "Tells how many bytes a key and its value take."},
		}},
	}
}

// MEMORY USAGE key [SAMPLES count]
func cmdMEMORYUSAGE(c *client) error {
	s := scanner{args: c.args[3:]}
	for s.more() {
		v, ok := s.option("samples")
		if !ok {
			return errSyntax
		}
		if n := s.integer(v, errNotInt); s.err == nil && n < 0 {
			s.fail(errSyntax)
		}
	}
	if s.err != nil {
		return s.err
	}
	it := c.tx.Find(c.db, c.keys[0])
	if !it.Ok() {
		c.null()
		return nil
	}
	c.integer(it.Bytes() + slotBytes)
	return nil
}

// slotBytes is an item's share of the hash table: a 64-byte bucket of eight slots, about two thirds full.
const slotBytes = 13

// MEMORY HELP
func cmdMEMORYHELP(c *client) error {
	c.help(
		"DOCTOR", "    Say what is conspicuous about the use of memory.",
		"MALLOC-STATS", "    Figures of the allocator.",
		"PURGE", "    Give memory that is not needed back to the system.",
		"STATS", "    What memory is used for.",
		"USAGE <key> [SAMPLES <count>]", "    Bytes that <key> and its value take; they are known, nothing is sampled.")
	return nil
}

// figures is one look at the memory of the whole process.
type figures struct {
	used, peak, startup      int64 // as the limit counts
	blocks, mapped, resident int64 // of values, of the arena's pages, of the process
	clients                  int64
	overhead, dataset        int64
	keys                     int64
}

func (e *Engine) figures() figures {
	m := e.store.Memory()
	f := figures{used: m.Used, peak: max(m.Peak, m.Used), startup: m.Startup, blocks: m.Items, mapped: m.Mapped, resident: residentBytes(), clients: e.store.Foreign()}
	f.overhead = m.Startup + m.Tables + m.Wheels + m.Policy + m.Foreign
	f.dataset = max(f.used-f.overhead, 0)
	for db := range e.store.Databases() {
		f.keys += int64(e.store.Len(db))
	}
	return f
}

// part is a/b, 0 if there is no b.
func part64(a, b int64) float64 {
	if b <= 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// MEMORY STATS
func cmdMEMORYSTATS(c *client) error {
	f, e := c.e.figures(), c.e
	var dbs []int
	for db := range e.store.Databases() {
		if e.store.Len(db) > 0 {
			dbs = append(dbs, db)
		}
	}
	c.mapping(27 + len(dbs))
	number := func(name string, n int64) {
		c.bulkString(name)
		c.integer(n)
	}
	share := func(name string, v float64) {
		c.bulkString(name)
		c.double(v)
	}
	number("peak.allocated", f.peak)
	number("total.allocated", f.used)
	number("startup.allocated", f.startup)
	number("replication.backlog", 0)
	number("clients.slaves", 0)
	number("clients.normal", f.clients)
	number("cluster.links", 0)
	number("aof.buffer", 0)
	number("lua.caches", 0)
	number("functions.caches", 0)
	for _, db := range dbs {
		c.bulkString("db." + strconv.Itoa(db))
		c.mapping(3)
		number("overhead.hashtable.main", int64(e.store.Len(db))*slotBytes)
		number("overhead.hashtable.expires", 0) // a mark in the same table
		number("overhead.hashtable.slot-to-keys", 0)
	}
	number("overhead.total", f.overhead)
	number("keys.count", f.keys)
	number("keys.bytes-per-key", int64(part64(max(f.used-f.startup, 0), f.keys)))
	number("dataset.bytes", f.dataset)
	share("dataset.percentage", 100*part64(f.dataset, f.used-f.startup))
	share("peak.percentage", 100*part64(f.used, f.peak))
	number("allocator.allocated", f.blocks)
	number("allocator.active", f.mapped)
	number("allocator.resident", f.mapped)
	share("allocator-fragmentation.ratio", part64(f.mapped, f.blocks))
	number("allocator-fragmentation.bytes", max(f.mapped-f.blocks, 0))
	share("allocator-rss.ratio", 1)
	number("allocator-rss.bytes", 0)
	share("rss-overhead.ratio", part64(f.resident, f.mapped))
	number("rss-overhead.bytes", f.resident-f.mapped)
	share("fragmentation", part64(f.resident, f.used))
	number("fragmentation.bytes", f.resident-f.used)
	return nil
}

// little is how much data there must be for its figures to mean something.
const little = 5 << 20

// MEMORY DOCTOR
func cmdMEMORYDOCTOR(c *client) error {
	f := c.e.figures()
	var found []string
	if f.used-f.startup < little {
		c.verbatim("There is too little data for a diagnosis.")
		return nil
	}
	if part64(f.peak, f.used) > 1.5 {
		found = append(found, fmt.Sprintf("Peak: %s were in use once, %s are now. Some of the difference may still be resident; MEMORY PURGE gives it back.", human(f.peak), human(f.used)))
	}
	if part64(f.mapped, f.blocks) > 1.25 && f.mapped-f.blocks > little {
		found = append(found, fmt.Sprintf("Fragmentation: values of %s lie on pages of %s. The compactor works at it once a second; MEMORY PURGE does so at once.", human(f.blocks), human(f.mapped)))
	}
	if part64(f.resident, f.used) > 1.4 && f.resident-f.used > 2*little {
		found = append(found, fmt.Sprintf("Resident size: %s, of which %s are data and its overhead.", human(f.resident), human(f.used)))
	}
	if f.clients > f.used/4 {
		found = append(found, fmt.Sprintf("Clients: their buffers take %s. See CLIENT LIST for those with much unread, and the setting maxmemory-clients.", human(f.clients)))
	}
	if len(found) == 0 {
		c.verbatim("Nothing is conspicuous about the use of memory.")
		return nil
	}
	c.verbatim(strings.Join(found, "\n"))
	return nil
}

// MEMORY PURGE
func cmdMEMORYPURGE(c *client) error {
	purged := c.tx.Outside(func() { // compacting takes the shards one by one, and must not wait for us
		c.e.store.Compact()
		debug.FreeOSMemory()
	})
	if !purged { // in a transaction
		c.e.store.CompactSoon()
	}
	c.ok()
	return nil
}

// MEMORY MALLOC-STATS
func cmdMEMORYMALLOCSTATS(c *client) error {
	c.verbatim(c.e.memoryMap())
	return nil
}

// memoryMap lists what the store's memory is used for, and the arena's classes.
func (e *Engine) memoryMap() string {
	m := e.store.Memory()
	var b strings.Builder
	fmt.Fprintf(&b, "used %d\nitems %d\ntables %d\nwheels %d\npolicy %d\nforeign %d\nmapped %d\n", m.Used, m.Items, m.Tables, m.Wheels, m.Policy, m.Foreign, m.Mapped)
	for _, k := range e.store.Classes() {
		fmt.Fprintf(&b, "class %d spans %d pages %d blocks %d used %d\n", k.Size, k.Spans, k.SpanPages, k.Total, k.Used)
	}
	return b.String()
}
