// XINFO: what streams, groups and consumers are like.

package redis

import (
	"github.com/cachesrv/cachesrv/core/stream"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func streamInfoRow() *command {
	sub := func(name string, arity int, syntax, sum string, run func(*client) error) *command {
		return &command{name: name, arity: arity, flags: readonly, cats: catStream, keys: keyAt(2, ro|reads), since: "5.0.0", syntax: "key:key0" + syntax,
			cost: "O(1)", sum: sum, run: run}
	}
	consumers := sub("consumers", 4, " groupname", "Lists the consumers of a group.", cmdXINFOCONSUMERS)
	consumers.tips, consumers.past = []string{"nondeterministic_output"}, []change{{"7.2.0", "The field `inactive`, and `idle` counts attempts that got nothing."}}
	consumers.cost = "O(N), N being the number of consumers"
	groups := sub("groups", 3, "", "Lists the groups of a stream.", cmdXINFOGROUPS)
	groups.past = []change{{"7.0.0", "The fields `entries-read` and `lag`."}}
	groups.cost = "O(N), N being the number of groups"
	info := sub("stream", -3, ` ["FULL" full:{["COUNT" count:int]}]`, "Describes a stream.", cmdXINFOSTREAM)
	info.past = []change{{"6.0.0", "`FULL`."}, {"7.0.0", "The fields `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and `lag`."},
		{"7.2.0", "The fields `active-time` and `seen-time`."}}
	return &command{name: "xinfo", arity: -2, group: "stream", since: "5.0.0", cost: "That of the subcommand.", sum: "Commands that describe streams.", subs: []*command{
		consumers, groups, info,
		{name: "help", arity: 2, flags: loading | stale | free, cats: catStream, since: "5.0.0", cost: "O(1)", sum: "Lists the subcommands.", run: cmdXINFOHELP},
	}}
}

// infoStream opens the stream of an XINFO, which must exist.
func (c *client) infoStream() (value.Stream, error) {
	s, err := c.readStream(0)
	if err == nil && !s.Ok() {
		err = errNoKey
	}
	return s, err
}

// infoNumber, infoID and infoName are fields of a description.
func (c *client) infoNumber(field string, n int64) {
	c.bulkString(field)
	c.integer(n)
}

func (c *client) infoID(field string, id stream.ID) {
	c.bulkString(field)
	c.streamID(id)
}

func (c *client) infoName(name []byte) {
	c.bulkString("name")
	c.bulk(name)
}

// infoProgress are the fields that tell how far a group has read.
func (c *client) infoProgress(g stream.Group) {
	c.infoID("last-delivered-id", g.Last())
	c.bulkString("entries-read")
	if n := g.Read(); n != stream.UnknownRead {
		c.integer(n)
	} else {
		c.null()
	}
	c.bulkString("lag")
	if n, ok := g.Lag(); ok {
		c.integer(n)
	} else {
		c.null()
	}
}

// XINFO CONSUMERS key group
func cmdXINFOCONSUMERS(c *client) error {
	s, err := c.infoStream()
	if err != nil {
		return err
	}
	g, ok := s.Group(c.args[3])
	if !ok {
		return errNoGroupOf(c.args[2], c.args[3])
	}
	now := c.tx.Now()
	c.array(g.Consumers())
	for i := range g.Consumers() {
		who := g.ConsumerAt(i)
		p := who.Pending()
		inactive := who.Active()
		if inactive != stream.NeverActive {
			inactive = now - inactive
		}
		c.mapping(4)
		c.infoName(who.Name())
		c.infoNumber("pending", int64(p.Len()))
		c.infoNumber("idle", max(now-who.Seen(), 0))
		c.infoNumber("inactive", inactive)
	}
	return nil
}

// XINFO GROUPS key
func cmdXINFOGROUPS(c *client) error {
	s, err := c.infoStream()
	if err != nil {
		return err
	}
	c.array(s.Groups())
	for i := range s.Groups() {
		g := s.GroupAt(i)
		p := g.Pending()
		c.mapping(6)
		c.infoName(g.Name())
		c.infoNumber("consumers", int64(g.Consumers()))
		c.infoNumber("pending", int64(p.Len()))
		c.infoProgress(g)
	}
	return nil
}

// infoCount is how many entries and pending ones a full description shows, where COUNT does not say.
const infoCount = 10

// XINFO STREAM key [FULL [COUNT count]]
func cmdXINFOSTREAM(c *client) error {
	s, err := c.infoStream()
	if err != nil {
		return err
	}
	full, count := len(c.args) > 3, int64(infoCount)
	if full {
		args := c.args[3:]
		if len(args) != 1 && len(args) != 3 || !equalFold(args[0], "full") || len(args) == 3 && !equalFold(args[1], "count") {
			return errSubcommand(c)
		}
		if len(args) == 3 {
			if count, err = integer(args[2]); err != nil {
				return err
			}
			if count < 0 {
				count = infoCount
			}
		}
	}
	if full {
		c.mapping(9)
	} else {
		c.mapping(10)
	}
	c.infoNumber("length", int64(s.Length))
	c.infoNumber("radix-tree-keys", int64(s.Nodes()))
	c.infoNumber("radix-tree-nodes", int64(s.Nodes())+1)
	c.infoID("last-generated-id", s.Last)
	c.infoID("max-deleted-entry-id", s.MaxDeleted)
	c.infoNumber("entries-added", int64(s.Added))
	c.infoID("recorded-first-entry-id", s.First)
	if full {
		c.infoFull(&s, count)
		return nil
	}
	c.infoNumber("groups", int64(s.Groups()))
	c.infoEdge(&s, "first-entry", false)
	c.infoEdge(&s, "last-entry", true)
	return nil
}

// infoEdge is a field with the entry at one end of a stream.
func (c *client) infoEdge(s *value.Stream, field string, last bool) {
	c.bulkString(field)
	if w := s.Walk(stream.ID{}, stream.MaxID, last); w.Next() {
		c.streamEntry(&w)
	} else {
		c.null()
	}
}

// infoFull are the fields of a full description, with up to count of everything.
func (c *client) infoFull(s *value.Stream, count int64) {
	c.bulkString("entries")
	c.streamRange(s, stream.ID{}, stream.MaxID, count, false)
	c.bulkString("groups")
	c.array(s.Groups())
	for i := range s.Groups() {
		g := s.GroupAt(i)
		p := g.Pending()
		c.mapping(7)
		c.infoName(g.Name())
		c.infoProgress(g)
		c.infoPending(&p, count, true)
		c.bulkString("consumers")
		c.array(g.Consumers())
		for i := range g.Consumers() {
			who := g.ConsumerAt(i)
			p := who.Pending()
			c.mapping(5)
			c.infoName(who.Name())
			c.infoNumber("seen-time", who.Seen())
			c.infoNumber("active-time", who.Active())
			c.infoPending(&p, count, false)
		}
	}
}

// infoPending are two fields: how many entries are pending, and those, with their consumers if owners.
func (c *client) infoPending(p *stream.Pending, count int64, owners bool) {
	c.infoNumber("pel-count", int64(p.Len()))
	c.bulkString("pending")
	n := int64(p.Len())
	if count > 0 {
		n = min(n, count)
	}
	c.array(int(n))
	at := p.Seek(stream.ID{})
	for range n {
		k := p.Next(&at)
		if owners {
			c.array(4)
		} else {
			c.array(3)
		}
		c.streamID(k.ID())
		if owners {
			c.bulk(k.Consumer().Name())
		}
		c.integer(k.Time())
		c.integer(k.Count())
	}
}

// XINFO HELP
func cmdXINFOHELP(c *client) error {
	c.help(
		"CONSUMERS <key> <groupname>",
		"    Lists the consumers of a group.",
		"GROUPS <key>",
		"    Lists the groups of a stream.",
		"STREAM <key> [FULL [COUNT <count>]",
		"    Describes a stream.",
	)
	return nil
}
