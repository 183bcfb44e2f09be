// XGROUP: making, changing and dropping groups and consumers.

package redis

import (
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/stream"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

func streamGroupRow() *command {
	sub := func(name string, arity int, f flags, a access, since, syntax, sum string, run func(*client) error) *command {
		return &command{name: name, arity: arity, flags: write | f, cats: catStream, keys: keyAt(2, a), since: since, syntax: "key:key0 groupname" + syntax,
			cost: "O(1)", sum: sum, run: run}
	}
	const idSyntax = ` id:<id | new_id="$">`
	create := sub("create", -5, denyoom, rw|inserts, "5.0.0", idSyntax+` [MKSTREAM] ["ENTRIESREAD" entries_read:int]`, "Makes a group.", cmdXGROUPCREATE)
	create.past = []change{{"7.0.0", "`ENTRIESREAD`."}}
	setid := sub("setid", -5, 0, rw|updates, "5.0.0", idSyntax+` ["ENTRIESREAD" entries_read:int]`, "Sets up to where a group has read.", cmdXGROUPSETID)
	setid.past = []change{{"7.0.0", "`ENTRIESREAD`."}}
	destroy := sub("destroy", 4, 0, rw|deletes, "5.0.0", "", "Drops a group.", cmdXGROUPDESTROY)
	destroy.cost = "O(N), N being the number of its pending entries"
	return &command{name: "xgroup", arity: -2, group: "stream", since: "5.0.0", cost: "That of the subcommand.", sum: "Commands about groups of consumers.", subs: []*command{
		create,
		sub("createconsumer", 5, denyoom, rw|inserts, "6.2.0", " consumername", "Makes a consumer.", cmdXGROUPCREATECONSUMER),
		sub("delconsumer", 5, 0, rw|deletes, "5.0.0", " consumername", "Drops a consumer with its pending entries, and tells how many those were.", cmdXGROUPDELCONSUMER),
		destroy, setid,
		{name: "help", arity: 2, flags: loading | stale | free, cats: catStream, since: "5.0.0", cost: "O(1)", sum: "Lists the subcommands.", run: cmdXGROUPHELP},
	}}
}

// groupArgs are the options of CREATE and SETID.
type groupArgs struct {
	create bool
	read   int64
}

func (a *groupArgs) parse(c *client, create bool) (err error) {
	a.read = stream.UnknownRead
	for sc := (scanner{args: c.args[5:]}); len(sc.args) > 0; {
		if create && sc.word("mkstream") {
			a.create = true
		} else if v, ok := sc.option("entriesread"); ok {
			if a.read, err = integer(v); err != nil {
				return err
			}
			if a.read < 0 && a.read != stream.UnknownRead {
				return errGroupCount
			}
		} else {
			return errSubcommand(c)
		}
	}
	return nil
}

// groupStream opens the stream of an XGROUP, which must exist.
func (c *client) groupStream() (value.Stream, error) {
	s, err := c.findStream(0)
	if err == nil && !s.Ok() {
		err = errGroupKey
	}
	return s, err
}

// namedGroup opens the stream of an XGROUP and finds the group in it; both must exist.
func (c *client) namedGroup() (s value.Stream, g stream.Group, err error) {
	if s, err = c.groupStream(); err != nil {
		return s, g, err
	}
	g, ok := s.Group(c.args[3])
	if !ok {
		err = errNoGroupOf(c.args[2], c.args[3])
	}
	return s, g, err
}

// XGROUP CREATE key group id|$ [MKSTREAM] [ENTRIESREAD count]
func cmdXGROUPCREATE(c *client) error {
	var a groupArgs
	if err := a.parse(c, true); err != nil {
		return err
	}
	s, err := c.findStream(0)
	if err != nil {
		return err
	}
	if !s.Ok() && !a.create {
		return errGroupKey
	}
	if len(c.args) > 8 {
		return errSubcommand(c)
	}
	id := s.Last
	if string(cut(c.args[4])) != "$" {
		if id, err = parseID(c.args[4], 0); err != nil {
			return err
		}
	}
	if _, ok := s.Group(c.args[3]); ok {
		return errGroupBusy
	}
	made := !s.Ok()
	s.Edit()
	if _, ok := s.AddGroup(c.args[3], id, a.read); !ok {
		err = core.ErrNoMemory
	}
	if err := s.Done(err); err != nil {
		return storeError(err)
	}
	c.changed(1)
	if c.notice(classStream, "xgroup-create", c.keys[0]); made {
		c.tx.Announce(c.db, c.keys[0])
	}
	if c.tx.Journalling() && string(cut(c.args[4])) == "$" {
		words := append([][]byte(nil), c.args...)
		words[4] = idWord(id)
		c.record(words...)
	}
	c.ok()
	return nil
}

// XGROUP SETID key group id|$ [ENTRIESREAD count]
func cmdXGROUPSETID(c *client) error {
	var a groupArgs
	if err := a.parse(c, false); err != nil {
		return err
	}
	s, g, err := c.namedGroup()
	if err != nil {
		return err
	}
	if len(c.args) != 5 && len(c.args) != 7 {
		return errSubcommand(c)
	}
	id := s.Last
	if string(cut(c.args[4])) != "$" {
		if id, err = parseBound(c.args[4], 0); err != nil {
			return err
		}
	}
	s.Edit()
	g.SetLast(id)
	g.SetRead(a.read)
	if err := s.Done(nil); err != nil {
		return storeError(err)
	}
	c.changed(1)
	c.notice(classStream, "xgroup-setid", c.keys[0])
	c.ok()
	return nil
}

// XGROUP DESTROY key group
func cmdXGROUPDESTROY(c *client) error {
	s, err := c.groupStream()
	if err != nil {
		return err
	}
	g, ok := s.Group(c.args[3])
	if ok {
		s.Edit()
		s.DropGroup(g)
		if err := s.Done(nil); err != nil {
			return storeError(err)
		}
		c.changed(1)
		c.notice(classStream, "xgroup-destroy", c.keys[0])
		c.tx.Reconsider(c.db, c.keys[0])
	}
	c.flag(ok)
	return nil
}

// XGROUP CREATECONSUMER key group consumer
func cmdXGROUPCREATECONSUMER(c *client) error {
	s, g, err := c.namedGroup()
	if err != nil {
		return err
	}
	if _, ok := g.Consumer(c.args[4]); ok {
		c.flag(false)
		return nil
	}
	s.Edit()
	if _, ok := g.AddConsumer(c.args[4], c.tx.Now()); !ok {
		err = core.ErrNoMemory
	}
	if err := s.Done(err); err != nil {
		return storeError(err)
	}
	c.changed(1)
	c.notice(classStream, "xgroup-createconsumer", c.keys[0])
	c.flag(true)
	return nil
}

// XGROUP DELCONSUMER key group consumer
func cmdXGROUPDELCONSUMER(c *client) error {
	s, g, err := c.namedGroup()
	if err != nil {
		return err
	}
	who, ok := g.Consumer(c.args[4])
	if !ok {
		c.integer(0)
		return nil
	}
	p := who.Pending()
	s.Edit()
	g.DropConsumer(who)
	if err := s.Done(nil); err != nil {
		return storeError(err)
	}
	c.changed(1)
	c.notice(classStream, "xgroup-delconsumer", c.keys[0])
	c.integer(int64(p.Len()))
	return nil
}

// XGROUP HELP
func cmdXGROUPHELP(c *client) error {
	c.help(
		"CREATE <key> <groupname> <id|$> [option]",
		"    Makes a group that reads what comes after the id. Options are:",
		"    * MKSTREAM",
		"      Makes the stream, without entries, if there is none.",
		"    * ENTRIESREAD entries_read",
		"      Sets how many entries the group has read.",
		"CREATECONSUMER <key> <groupname> <consumer>",
		"    Makes a consumer.",
		"DELCONSUMER <key> <groupname> <consumer>",
		"    Drops a consumer and what it has pending.",
		"DESTROY <key> <groupname>",
		"    Drops a group.",
		"SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
		"    Sets up to where the group has read.",
	)
	return nil
}
